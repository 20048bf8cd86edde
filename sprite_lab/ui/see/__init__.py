"""See: watch sprites dissolve into noise and emerge from it again, frame by frame.

May import what every workspace may. It computes nothing: it shows recorded trajectories and
asks ``app.lab`` for new ones.
UI thread only.
"""

from sprite_lab.ui.see.workspace import SeeWorkspace

__all__ = ["SeeWorkspace"]
