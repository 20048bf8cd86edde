"""Data: browse the sprites that a model learns from, those of the set that ``app.lab`` has open."""

from sprite_lab.ui.data.workspace import DataWorkspace

__all__ = ["DataWorkspace"]
