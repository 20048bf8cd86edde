"""Data: browse the open data set, whose sprites models learn from."""

from sprite_lab.ui.data.workspace import DataWorkspace

__all__ = ["DataWorkspace"]
