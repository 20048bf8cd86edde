"""How the canvas shows a cell: grid, neighbours as tiles or ghosts, a picture to draw after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QImage, QImageReader, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QWidget, QWidgetAction

from sprite_lab.app.picture_tasks import STILL_SUFFIXES
from sprite_lab.core.cells import Cell
from sprite_lab.ui.dialogs import ask_open
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.canvas_scene import Layer
from sprite_lab.ui.widgets.pixel_paint import to_qimage
from sprite_lab.ui.widgets.sprite_canvas import SpriteCanvas

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.ui.workspaces.draw.tools import DrawingTools

_REFERENCE = "reference"
#: Ghosts of neighbouring cells: how they are called, how far away, and what they are tinted.
_GHOSTS = (("previous", -1, (224, 72, 72)), ("next", 1, (64, 120, 224)))
_GHOST_OPACITY = 0.4
#: The longest side that a reference picture is kept at.
_REFERENCE_SIDE = 1024


class CanvasViews(QObject):
    """The menu of what else is seen on the canvas. UI thread.

    Actions: ``draw.view.grid``, ``.onion``, ``.tiled``, ``.reference``, ``.move_reference``,
    ``.remove_reference``; the slider is ``draw.view.reference_opacity``.
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
        self.menu.addSeparator()
        self._open = self.menu.addAction("Reference picture…")
        self._open.setObjectName("draw.view.reference")
        self._open.setToolTip("A picture under the canvas to draw after; it is not saved")
        self._open.triggered.connect(self._ask)
        self._move = self._action("move_reference", "Move reference picture", "", _MOVE_TIP)
        self._move.toggled.connect(lambda on: canvas.grab_layer(_REFERENCE if on else ""))
        self._add_opacity()
        self._remove = self.menu.addAction("Remove reference picture")
        self._remove.setObjectName("draw.view.remove_reference")
        self._remove.triggered.connect(self.remove_reference)
        self._show_reference(False)
        self._remembered = {"grid": grid, "onion": self._onion, "tiled": tiled}
        for name, action in self._remembered.items():
            action.setChecked(name in lab.settings.value.canvas_views)
            action.toggled.connect(self._remember)

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

    def _add_opacity(self) -> None:
        self._opacity = calm(
            QSlider(Qt.Orientation.Horizontal),
            name="draw.view.reference_opacity",
            label="Opacity of the reference picture",
        )
        self._opacity.setRange(5, 100)
        self._opacity.setValue(50)
        self._opacity.setMinimumWidth(96)
        self._opacity.valueChanged.connect(self._on_opacity)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(QLabel("Opacity"))
        row.addWidget(self._opacity, 1)
        action = QWidgetAction(self.menu)
        action.setDefaultWidget(holder)
        self.menu.addAction(action)

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

    # -- reference picture -------------------------------------------------------------------

    def _ask(self) -> None:
        kinds = f"Pictures ({' '.join('*' + suffix for suffix in STILL_SUFFIXES)})"
        path = ask_open(self._canvas.window(), self._lab.settings, "Reference picture", kinds)
        if path is not None:
            self.show_reference(path)

    def show_reference(self, path: Path) -> None:
        """Lay a picture under the canvas, as large as the sprite."""
        reader = QImageReader(str(path))
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid() and max(size.width(), size.height()) > _REFERENCE_SIDE:
            side = QSize(_REFERENCE_SIDE, _REFERENCE_SIDE)
            reader.setScaledSize(size.scaled(side, Qt.AspectRatioMode.KeepAspectRatio))
        image = reader.read()
        if image.isNull():
            self._lab.failed.emit(
                f"{path.name} cannot be shown, because it is not a picture that can be read; "
                "choose another.",
                reader.errorString(),
            )
            return
        side_of_cell = self._tools.project.side
        scale = side_of_cell / max(image.width(), image.height())
        self._canvas.set_layer(
            _REFERENCE,
            Layer(
                image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied),
                self._opacity.value() / 100,
                left=(side_of_cell - image.width() * scale) / 2,
                top=(side_of_cell - image.height() * scale) / 2,
                scale=scale,
            ),
        )
        self._show_reference(True)

    def remove_reference(self) -> None:
        """Take the picture away."""
        self._canvas.set_layer(_REFERENCE, None)
        self._show_reference(False)

    def _show_reference(self, there: bool) -> None:
        for part in (self._move, self._remove, self._opacity):
            part.setEnabled(there)
        if not there:
            self._move.setChecked(False)
        self._move.setToolTip(_MOVE_TIP if there else "Open a reference picture first")

    def _on_opacity(self, value: int) -> None:
        layer = self._canvas.layer(_REFERENCE)
        if layer is not None:
            self._canvas.set_layer(_REFERENCE, replace(layer, opacity=value / 100))


_MOVE_TIP = "Drag it on the canvas, and scale it by the wheel, until this is switched off"


def _tinted(rgba: NDArray[np.uint8], tint: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A drawing half in one colour."""
    result = rgba.copy()
    half = (rgba[..., :3].astype(np.uint16) + np.array(tint, np.uint16)) // 2
    result[..., :3] = half.astype(np.uint8)
    return result
