"""See: watch sprites dissolve into noise and emerge from it again, frame by frame. UI thread only.

May import what every workspace may. It computes nothing itself: it shows recorded trajectories, and
asks ``app.lab`` for new ones.
"""

from sprite_lab.ui.see.workspace import SeeWorkspace

__all__ = ["SeeWorkspace"]
