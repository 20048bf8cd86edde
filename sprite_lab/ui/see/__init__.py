"""See: watch how sprites dissolve into noise and emerge from it, frame by recorded frame."""

from sprite_lab.ui.see.workspace import SeeWorkspace

__all__ = ["SeeWorkspace"]
