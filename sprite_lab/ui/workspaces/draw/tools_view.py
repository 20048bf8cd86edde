"""How the canvas shows a cell: grid, neighbours as tiles or ghosts, a picture to draw after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from sprite_lab.core.cells import Cell
from sprite_lab.ui.widgets.canvas_scene import Layer
from sprite_lab.ui.widgets.pixel_paint import to_qimage
from sprite_lab.ui.widgets.sprite_canvas import SpriteCanvas
from sprite_lab.ui.workspaces.draw.reference_view import ReferenceView

if TYPE_CHECKING:
    from sprite_lab.app.draw.tools import DrawingTools
    from sprite_lab.app.lab import Lab

#: Ghosts of neighbouring cells: how they are called, how far away, and what they are tinted.
_GHOSTS = (("previous", -1, (224, 72, 72)), ("next", 1, (64, 120, 224)))
_GHOST_OPACITY = 0.4
#: What may be seen where a sprite is transparent: name, text, tooltip.
_BOARDS = (
    ("theme", "Board like the theme", "Light or dark fields, as the app is"),
    ("light", "Light board", "Light fields, for dark sprites"),
    ("dark", "Dark board", "Dark fields, for light sprites"),
    ("plain", "Plain", "One colour, without fields"),
)


class CanvasViews(QObject):
    """The menu of what else is seen on the canvas. UI thread.

    Actions: ``draw.view.grid``, ``.onion``, ``.tiled``, ``.board.<name>``, and those
    of the reference picture.
    """

    def __init__(self, lab: Lab, canvas: SpriteCanvas, tools: DrawingTools) -> None:
        super().__init__(canvas)
        self._lab, self._canvas, self._tools = lab, canvas, tools
        self._neighbours: tuple[Cell | None, ...] = (None, None)
        self.menu = QMenu(canvas)
        self.menu.setObjectName("draw.view_menu")
        self.menu.setToolTipsVisible(True)
        grid = self._action("grid", "Pixel grid", "Ctrl+'")
        grid.setChecked(True)  # as a canvas does
        grid.toggled.connect(canvas.show_grid)
        self._onion = self._action(
            "onion", "Onion skin", "F3", "The cells before and after this one of the row, faintly"
        )
        self._onion.toggled.connect(self._on_onion)
        tiled = self._action(
            "tiled", "Tiled", "F8", "The cell with copies around it; strokes go on across borders"
        )
        tiled.toggled.connect(self._on_tiled)
        self._add_boards()
        self.menu.addSeparator()
        self.reference = ReferenceView(lab, canvas, self.menu)
        self._remembered = {"grid": grid, "onion": self._onion, "tiled": tiled}
        for name, action in self._remembered.items():
            action.setChecked(name in lab.settings.value.canvas_views)
            action.toggled.connect(self._remember)

    def _add_boards(self) -> None:
        menu = self.menu.addMenu("Transparent pixels")
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        chosen = self._lab.settings.value.canvas_board
        for name, text, tip in _BOARDS:
            action = menu.addAction(text)
            action.setObjectName(f"draw.view.board.{name}")
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(name == chosen)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, name=name: self._set_board(name))
        self._canvas.set_board(chosen)

    def _set_board(self, name: str) -> None:
        self._canvas.set_board(name)
        self._lab.settings.replace(canvas_board=name)

    def _remember(self) -> None:
        on = tuple(name for name, action in self._remembered.items() if action.isChecked())
        self._lab.settings.replace(canvas_views=on)

    def _action(self, name: str, text: str, key: str, tip: str = "") -> QAction:
        action = self.menu.addAction(text)
        action.setObjectName(f"draw.view.{name}")
        action.setCheckable(True)
        action.setToolTip(tip or text)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action

    # -- neighbours ------------------------------------------------------------------------

    def refresh(self) -> None:
        """The cell or its neighbours may be others."""
        wanted = self._cells_beside() if self._onion.isChecked() else (None, None)
        if all(a is b for a, b in zip(wanted, self._neighbours, strict=True)):
            return
        self._neighbours = wanted
        for (name, _, tint), cell in zip(_GHOSTS, wanted, strict=True):
            layer = None
            if cell is not None and not cell.is_blank:
                layer = Layer(to_qimage(_tinted(cell.rgba, tint)), _GHOST_OPACITY)
            self._canvas.set_layer(name, layer)

    def _cells_beside(self) -> tuple[Cell | None, ...]:
        project, index = self._tools.project, self._tools.cell_index
        column = index % project.columns
        return tuple(
            project.cell(index + way) if 0 <= column + way < project.columns else None
            for _, way, _ in _GHOSTS
        )

    def _on_onion(self) -> None:
        self.refresh()

    def _on_tiled(self, tiled: bool) -> None:
        self._canvas.show_tiled(tiled)
        self._tools.options.replace(wrap=tiled)


def _tinted(rgba: NDArray[np.uint8], tint: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A drawing half in one colour."""
    result = rgba.copy()
    half = (rgba[..., :3].astype(np.uint16) + np.array(tint, np.uint16)) // 2
    result[..., :3] = half.astype(np.uint8)
    return result
