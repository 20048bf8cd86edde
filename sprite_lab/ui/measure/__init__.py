"""Measure: how probable sprites are under a model, and where their bits are."""

from sprite_lab.ui.measure.workspace import MeasureWorkspace

__all__ = ["MeasureWorkspace"]
