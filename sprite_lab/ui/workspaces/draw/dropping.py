"""Pictures and palettes dropped on Draw: what will happen is said before the button is let go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.clipboard import drawing_file
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.opening import drops_in_draw
from sprite_lab.ui.drop import DropVeil
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.workspaces.draw.cell_grid import CellGrid


class Drops(QObject):
    """Takes what is dropped on a workspace, for the cell below the pointer or the current one.

    Data sets, projects and models are left to the window.

    Parameters
    ----------
    take : is called with the file and the index of the cell.
    """

    def __init__(
        self,
        workspace: QWidget,
        theme: ThemeManager,
        grid: CellGrid,
        session: DrawSession,
        take: Callable[[Path, int], None],
    ) -> None:
        super().__init__(workspace)
        self._workspace, self._grid = workspace, grid
        self._session, self._take = session, take
        self._veil = DropVeil(theme, workspace)
        workspace.setAcceptDrops(True)
        workspace.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self._veil.hide()
            return True
        if not isinstance(event, QDropEvent):  # of which entering and moving are kinds
            return False
        path = drawing_file(event.mimeData())
        if path is None:
            event.ignore()
        elif event.type() == QEvent.Type.Drop:
            self._veil.hide()
            self._take(path, self._cell_at(event.position()))
            event.acceptProposedAction()
        else:
            self._veil.say(drops_in_draw(path, self._cell_at(event.position())))
            event.acceptProposedAction()
        return True

    def _cell_at(self, position: QPointF) -> int:
        grid = self._grid
        where = grid.mapFrom(self._workspace, position)
        index = grid.index_at(where) if grid.rect().contains(where.toPoint()) else -1
        return index if index >= 0 else self._session.current
