"""The picture under the canvas: opened, moved, faded and removed from the menu of views."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSlider, QWidget, QWidgetAction

from sprite_lab.app.picture_tasks import STILL_SUFFIXES
from sprite_lab.app.reference import read_reference
from sprite_lab.core.reference import ReferencePicture
from sprite_lab.ui.dialogs import ask_open
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.canvas_scene import Layer
from sprite_lab.ui.widgets.sprite_canvas import SpriteCanvas

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_LAYER = "reference"
_NONE = "Open a reference picture first"
_MOVE_TIP = "Drag it on the canvas, and scale it by the wheel, until this is switched off"
_REMOVE_TIP = "Take the picture away; undo brings it back"


class ReferenceView(QObject):
    """Its entries in a menu, and the layer of the canvas. UI thread.

    Actions: ``draw.view.reference``, ``.move_reference``, ``.remove_reference``; the slider is
    ``draw.view.reference_opacity``.
    """

    def __init__(self, lab: Lab, canvas: SpriteCanvas, menu: QMenu) -> None:
        super().__init__(canvas)
        self._lab, self._canvas = lab, canvas
        #: The last picture that was decoded, and from which bytes.
        self._decoded: tuple[bytes, QImage] = (b"", QImage())
        opening = menu.addAction("Reference picture…")
        opening.setObjectName("draw.view.reference")
        opening.setToolTip("A picture under the canvas to draw after, saved with the project")
        opening.triggered.connect(self._ask)
        self._move = menu.addAction("Move reference picture")
        self._move.setObjectName("draw.view.move_reference")
        self._move.setCheckable(True)
        self._move.toggled.connect(lambda on: canvas.grab_layer(_LAYER if on else ""))
        self._add_opacity(menu)
        self._remove = menu.addAction("Remove reference picture")
        self._remove.setObjectName("draw.view.remove_reference")
        self._remove.triggered.connect(self._on_remove)
        canvas.layer_moved.connect(self._on_moved)
        lab.project.reference_changed.connect(self._show)
        self._show(lab.project.reference)

    def _add_opacity(self, menu: QMenu) -> None:
        self._opacity = calm(
            QSlider(Qt.Orientation.Horizontal),
            name="draw.view.reference_opacity",
            label="Opacity of the reference picture",
        )
        self._opacity.setRange(5, 100)
        self._opacity.setMinimumWidth(96)
        self._opacity.valueChanged.connect(self._on_opacity)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(QLabel("Opacity"))
        row.addWidget(self._opacity, 1)
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        menu.addAction(action)

    def _ask(self) -> None:
        kinds = f"Pictures ({' '.join('*' + suffix for suffix in STILL_SUFFIXES)})"
        path = ask_open(self._canvas.window(), self._lab.settings, "Reference picture", kinds)
        if path is not None:
            self.open(path)

    def open(self, path: Path) -> None:
        """Lay a picture under the canvas, as large as the sprite."""
        self._lab.do(
            read_reference(path, self._lab.project.side),
            self,
            name=f"Reading {path.name}",
            then=self._take,
            newest="reference",
        )

    def _take(self, picture: ReferencePicture) -> None:
        self._put(picture, "Reference picture")

    def _on_remove(self) -> None:
        self._put(None, "Remove reference picture")

    def _put(self, picture: ReferencePicture | None, text: str, merge: str | None = None) -> None:
        project = self._lab.project
        project.push(replace(project.snapshot(), reference=picture), text, merge)

    def _on_moved(self, name: str) -> None:
        layer, picture = self._canvas.layer(_LAYER), self._lab.project.reference
        if name != _LAYER or layer is None or picture is None:
            return
        # The notches of a wheel are one step, every drag is one of its own.
        scaled = layer.scale != picture.scale
        self._put(
            replace(picture, left=layer.left, top=layer.top, scale=layer.scale),
            "Scale reference picture" if scaled else "Move reference picture",
            "scale" if scaled else None,
        )

    def _on_opacity(self, value: int) -> None:
        picture = self._lab.project.reference
        if picture is not None:
            self._put(replace(picture, opacity=value / 100), "Fade reference picture", "opacity")

    def _show(self, picture: ReferencePicture | None) -> None:
        there = picture is not None
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
            (self._opacity, "How strongly the reference picture is seen"),
        ):
            part.setEnabled(there)
            part.setToolTip(tip if there else _NONE)


def _decoded(png: bytes) -> QImage:
    return QImage.fromData(png).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
