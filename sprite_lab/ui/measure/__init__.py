"""Measure: how probable sprites are to a model, where their bits are, and what that means. UI
thread only.

May import what every workspace may. It computes nothing itself: ``app.lab`` does.
"""

from sprite_lab.ui.measure.workspace import MeasureWorkspace

__all__ = ["MeasureWorkspace"]
