"""Data: browse the sprites that a model learns from. UI thread only.

May import what every workspace may. It shows the data set that ``app.lab`` has open.
"""

from sprite_lab.ui.data.workspace import DataWorkspace

__all__ = ["DataWorkspace"]
