"""Overlays of the canvas: grid, tiles, neighbors, and a reference picture to trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSignalBlocker, Qt
from PySide6.QtGui import QAction, QActionGroup, QImage, QKeySequence
from PySide6.QtWidgets import QMenu

from sprite_lab.app.draw.tools.tools import DrawingTools
from sprite_lab.app.files.picture_tasks import STILL_SUFFIXES, read_reference
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.ui.draw.menu_slider import MenuSlider
from sprite_lab.ui.shell.dialogs import ask_open
from sprite_lab.ui.widgets.canvas.canvas_stage import Layer
from sprite_lab.ui.widgets.canvas.sprite_canvas import SpriteCanvas
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.sprites.pixel_paint import to_qimage
from sprite_lab.words import tr, trc

_LAYER = "reference"
_NONE = tr("Open a reference picture first")
_MOVE_TIP = tr("Drag it on the canvas and scale it with the wheel until you switch this off")
_REMOVE_TIP = tr("Remove the picture; undo restores it")
#: Layers that show neighboring cells: name, offset and tint.
_GHOSTS = (("previous", -1, (224, 72, 72)), ("next", 1, (64, 120, 224)))
_GHOST_OPACITY = 0.4
#: Backgrounds of transparent pixels: name, text, tooltip.
_BOARDS = (
    ("theme", tr("Follow theme"), tr("Light or dark squares, following the app's theme")),
    ("light", tr("Light board"), tr("Light squares, for dark sprites")),
    ("dark", tr("Dark board"), tr("Dark squares, for light sprites")),
    ("plain", tr("Plain"), tr("One color, without squares")),
)


class ReferenceView(QObject):
    """Shows a picture under the canvas, with actions in a menu. UI thread."""

    def __init__(self, lab: Lab, canvas: SpriteCanvas, menu: QMenu) -> None:
        super().__init__(canvas)
        self._lab, self._canvas = lab, canvas
        #: Cache of the decoded picture: its bytes, and the image.
        self._decoded: tuple[bytes, QImage] = (b"", QImage())
        opening = menu.addAction(tr("Reference picture…"))
        tip = tr("A picture under the canvas to trace, saved with the project")
        named(opening, "draw.view.reference", tip=tip)
        opening.triggered.connect(self._ask)
        self._move = named(menu.addAction(tr("Move reference picture")), "draw.view.move_reference")
        self._move.setCheckable(True)
        self._move.toggled.connect(lambda on: canvas.grab_layer(_LAYER if on else ""))
        label = tr("Opacity of the reference picture")
        opacity = MenuSlider(menu, tr("Opacity"), 5, "draw.view.reference_opacity", label)
        self._opacity_label, self._opacity = opacity.words, opacity.slider
        self._opacity.valueChanged.connect(self._on_opacity)
        removing = menu.addAction(tr("Remove reference picture"))
        self._remove = named(removing, "draw.view.remove_reference")
        self._remove.triggered.connect(lambda: self._put(None, tr("Remove reference picture")))
        canvas.layer_moved.connect(self._on_moved)
        lab.project.reference_changed.connect(self._show)
        self._show(lab.project.reference)

    def _ask(self) -> None:
        kinds = tr(
            "Pictures ({suffix})", suffix=" ".join("*" + suffix for suffix in STILL_SUFFIXES)
        )
        path = ask_open(self._canvas.window(), self._lab.settings, tr("Reference picture"), kinds)
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Show a picture under the canvas, as large as the sprite."""
        self._lab.do(
            read_reference(path, self._lab.project.side),
            self,
            name=tr("Reading {name}", name=path.name),
            then=lambda picture: self._put(picture, tr("Reference picture")),
            newest="reference",
        )

    def _put(self, picture: ReferencePicture | None, text: str, merge: str | None = None) -> None:
        project = self._lab.project
        project.push(replace(project.snapshot(), reference=picture), text, merge)

    def _on_moved(self, name: str) -> None:
        layer, picture = self._canvas.layer(_LAYER), self._lab.project.reference
        if name != _LAYER or layer is None or picture is None:
            return
        # Wheel notches merge into one step; each drag is a step.
        scaled = layer.scale != picture.scale
        self._put(
            replace(picture, left=layer.left, top=layer.top, scale=layer.scale),
            tr("Scale reference picture") if scaled else tr("Move reference picture"),
            "scale" if scaled else None,
        )

    def _on_opacity(self, value: int) -> None:
        picture = self._lab.project.reference
        if picture is not None:
            self._put(
                replace(picture, opacity=value / 100), tr("Fade reference picture"), "opacity"
            )

    def _show(self, picture: ReferencePicture | None) -> None:
        none = _NONE if picture is None else ""
        if picture is None:
            self._decoded = (b"", QImage())
            self._canvas.set_layer(_LAYER, None)
            self._move.setChecked(False)
        else:
            if self._decoded[0] is not picture.png:
                self._decoded = (picture.png, _decoded(picture.png))
            self._canvas.set_layer(
                _LAYER,
                Layer(
                    self._decoded[1],
                    picture.opacity,
                    left=picture.left,
                    top=picture.top,
                    scale=picture.scale,
                ),
            )
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(100 * (0.5 if picture is None else picture.opacity)))
        for part, tip in (
            (self._move, _MOVE_TIP),
            (self._remove, _REMOVE_TIP),
            (self._opacity, tr("How visible the reference picture is")),
        ):
            allow(part, none, tip)
        self._opacity_label.setEnabled(not none)


def _decoded(png: bytes) -> QImage:
    return QImage.fromData(png).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


class CanvasViews(QObject):
    """The menu of the canvas's overlays. UI thread."""

    def __init__(self, lab: Lab, canvas: SpriteCanvas, tools: DrawingTools) -> None:
        super().__init__(canvas)
        self._lab, self._canvas, self._tools = lab, canvas, tools
        self._neighbors: tuple[Cell | None, ...] = (None, None)
        self.menu = named(QMenu(canvas), "draw.view_menu")
        self.menu.setToolTipsVisible(True)
        grid = self._action("grid", tr("Pixel grid"), "Ctrl+'")
        grid.setChecked(True)  # on by default, as on other canvases
        grid.toggled.connect(canvas.show_grid)
        self._onion = self._action(
            "onion", tr("Onion skin"), "F3", tr("The previous and next cells of the row, faintly")
        )
        self._onion.toggled.connect(self.refresh)
        tiled = self._action(
            "tiled",
            trc("canvas", "Tiled"),
            "F8",
            tr("The cell surrounded by copies; strokes continue across borders"),
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
        menu = self.menu.addMenu(tr("Transparent pixels"))
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        chosen = self._lab.settings.value.canvas_board
        for name, text, tip in _BOARDS:
            action = named(menu.addAction(text), f"draw.view.board.{name}", tip=tip)
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
        action = named(self.menu.addAction(text), f"draw.view.{name}", tip=tip or text)
        action.setCheckable(True)
        if key:
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action

    # -- neighbors ------------------------------------------------------------------------

    def refresh(self) -> None:
        wanted = self._cells_beside() if self._onion.isChecked() else (None, None)
        if all(a is b for a, b in zip(wanted, self._neighbors, strict=True)):
            return
        self._neighbors = wanted
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

    def _on_tiled(self, tiled: bool) -> None:
        self._canvas.show_tiled(tiled)
        self._tools.options.replace(wrap=tiled)


def _tinted(rgba: NDArray[np.uint8], tint: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A drawing mixed half and half with the color ``tint``; alpha stays."""
    result = rgba.copy()
    half = (rgba[..., :3].astype(np.uint16) + np.array(tint, np.uint16)) // 2
    result[..., :3] = half.astype(np.uint8)
    return result
