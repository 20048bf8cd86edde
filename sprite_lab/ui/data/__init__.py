"""Data: browse the sprites that a model learns from, those of the open set of ``app.lab``."""

from sprite_lab.ui.data.workspace import DataWorkspace

__all__ = ["DataWorkspace"]
