"""See: watch sprites dissolve into noise and emerge from it again, frame by frame, as recorded."""

from sprite_lab.ui.see.workspace import SeeWorkspace

__all__ = ["SeeWorkspace"]
