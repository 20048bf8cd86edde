"""Measure: how probable sprites are to a model, where their bits are, and what that means."""

from sprite_lab.ui.measure.workspace import MeasureWorkspace

__all__ = ["MeasureWorkspace"]
