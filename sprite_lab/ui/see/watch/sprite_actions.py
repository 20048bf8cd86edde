"""Actions on a sprite of the stage, with their menu and keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.frame_views import ViewName, prompt_of, sprite_rgba
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.see.watch.stage import Stage
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.sprites.pixel_paint import to_qimage
from sprite_lab.words import tr

#: Performs an action on a trajectory with a chosen sprite, as a view shows it.
Act = Callable[[Trajectory, ViewName], None]


class SpriteActions(QObject):
    """Copy, send to Draw, dissolve and export the chosen sprite of a stage.

    Copying and sending take the sprite as the view shows it; dissolving and exporting take
    the finished one. The actions in the menu are
    ``see.sprite.<copy|draw|dissolve|export|animate>``.
    """

    dissolve_wanted = Signal(object)  #: uint8 (1, H, W, 3), to be shown dissolving

    def __init__(self, lab: Lab, stage: Stage) -> None:
        super().__init__(stage)
        self._lab, self._stage = lab, stage
        self._table: dict[str, tuple[str, str, Act]] = {
            "copy": (tr("&Copy"), tr("Copy it as this view shows it, with alpha"), self._copy),
            "draw": (tr("Send to &Draw"), tr("Edit it as this view shows it"), self._send),
            "dissolve": (
                tr("&Watch it dissolve"),
                tr("Add noise to the finished sprite step by step"),
                self._dissolve,
            ),
            "export": (
                tr("&Export this sprite…"),
                tr("The finished sprite as a PNG picture, with the settings that made it"),
                lambda *_: self._lab.exports.wanted.emit("sample"),
            ),
            "animate": (
                tr("E&xport its animation…"),
                tr("Every step of this sprite, as GIF, PNG, WebP or video"),
                lambda *_: self._lab.exports.wanted.emit("sprite"),
            ),
        }
        stage.menu_wanted.connect(self.show_menu)

    def show_menu(self, view: ViewName, place: QPoint) -> None:
        """Open the menu for the chosen sprite as ``view`` shows it."""
        menu = named(QMenu(self._stage), "see.sprite.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for name, (text, tip, _) in self._table.items():
            action = named(menu.addAction(text), f"see.sprite.{name}")
            if name == "copy":
                action.setShortcut("Ctrl+C")
                # Only to show the keys here; the page's own shortcut triggers the action.
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            allow(action, self.problem(name, view), tip)
            action.triggered.connect(partial(self.do, name, view))
        menu.popup(place)

    def problem(self, name: str, view: ViewName) -> str:
        """Why an action is unavailable, "" = it is available."""
        trajectory = self._stage.trajectory
        if trajectory is None:
            return tr("There is no sprite yet.")
        if self._stage.previewing:
            return tr("The sprites are still emerging from noise.")
        if not 0 <= self._stage.sprite < trajectory.count:
            return tr("Select a sprite first: click one.")
        height, width = trajectory.x_t.shape[2:4]
        if name == "draw" and view == "epsilon":
            return tr("Noise alone is not a sprite: use the noisy or the clean view.")
        side = self._lab.project.side
        if name == "draw" and (height, width) != (side, side):
            return tr(
                "Cells in Draw are {side}×{side}; this sprite is {width}×{height}.",
                side=side,
                width=width,
                height=height,
            )
        if name == "dissolve" and trajectory.kind == "forward":
            return tr("It is already dissolving: this is the forward process.")
        return ""

    def do(self, name: str, view: ViewName, *_: object) -> None:
        """Perform an action, or say why it is unavailable."""
        why, trajectory = self.problem(name, view), self._stage.trajectory
        if why or trajectory is None:
            self._lab.notice.emit(why)
        else:
            self._table[name][2](trajectory, view)

    def _rgba(self, trajectory: Trajectory, view: ViewName) -> NDArray[np.uint8]:
        return sprite_rgba(trajectory, self._stage.frame, view, self._stage.sprite)

    def _copy(self, trajectory: Trajectory, view: ViewName) -> None:
        """Put the sprite on the clipboard at its original size."""
        picture = to_qimage(self._rgba(trajectory, view))
        picture = picture.convertToFormat(QImage.Format.Format_RGBA8888)
        QGuiApplication.clipboard().setImage(picture)
        self._lab.notice.emit(tr("Copied sprite {sprite}.", sprite=self._stage.sprite + 1))

    def _send(self, trajectory: Trajectory, view: ViewName) -> None:
        """Put the sprite into the project, and go to Draw."""
        asked = prompt_of(trajectory, self._stage.sprite)
        self._lab.draw_on("sample", self._rgba(trajectory, view), asked)

    def _dissolve(self, trajectory: Trajectory, _view: ViewName) -> None:
        sprite = self._stage.sprite
        self.dissolve_wanted.emit(to_pixels(trajectory.final()[sprite : sprite + 1]))
