"""The Draw workspace: a grid of cells, a canvas with tools, and what is generated into them.

May import ``ui.widgets``, ``app`` and ``core``. Tools decide, the canvas paints, the project
remembers; every change is a command that can be undone. UI thread only.
"""

from sprite_lab.ui.workspaces.draw.workspace import DrawWorkspace

__all__ = ["DrawWorkspace"]
