"""Measure: how probable sprites are to a model, where their bits are, and what that means.

May import what every workspace may. It computes nothing: it asks ``app.lab`` for measurements
and shows what comes back.
UI thread only.
"""

from sprite_lab.ui.measure.workspace import MeasureWorkspace

__all__ = ["MeasureWorkspace"]
