"""Data: browse the sprites that a model learns from.

May import what every workspace may. It changes nothing: it shows the data set that ``app.lab``
has open.
UI thread only.
"""

from sprite_lab.ui.data.workspace import DataWorkspace

__all__ = ["DataWorkspace"]
