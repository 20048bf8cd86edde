"""What leaves See as a file: the way to the window of exports, and what it finds here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from sprite_lab.app import clips
from sprite_lab.app.export_tasks import BatchMaker, ClipMaker
from sprite_lab.core.sprite_batch import finished_sprites
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import push_button
from sprite_lab.ui.widgets.inspector import FoldGroup

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class ExportGroup(FoldGroup):
    """Buttons ``see.export.animation`` and ``see.export.sprites``.

    Also offers the chosen sprite, alone, to whoever exports.

    Parameters
    ----------
    chosen : gives the sprite that is chosen on the stage, -1 = none.
    """

    def __init__(self, lab: Lab, theme: ThemeManager, chosen: Callable[[], int]) -> None:
        super().__init__(theme, "Export", name="see.export")
        self._lab, self._chosen = lab, chosen
        self._animation = push_button(
            theme,
            "Animation…",
            name="see.export.animation",
            icon_name="export",
            tip="Every step, as GIF, PNG, WebP or video (Ctrl+E)",
        )
        self._sprites = push_button(
            theme,
            "Sprites…",
            name="see.export.sprites",
            icon_name="grid",
            tip="The finished sprites, as single pictures or a sheet",
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._animation, 1)
        buttons.addWidget(self._sprites, 1)
        self.add_layout(buttons)
        self._animation.clicked.connect(lambda: lab.exports.wanted.emit("trajectory"))
        self._sprites.clicked.connect(lambda: lab.exports.wanted.emit("samples"))
        lab.exports.offer("sprite", self._problem, self._clip)
        lab.exports.offer("sample", self._problem, self._batch)
        lab.trajectory.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Grey out what cannot be done."""
        there = self._lab.trajectory.value is not None
        for button in (self._animation, self._sprites):
            button.setEnabled(there)

    def _problem(self) -> str:
        trajectory = self._lab.trajectory.value
        if trajectory is not None and 0 <= self._chosen() < trajectory.count:
            return ""
        return "Choose a sprite in See first: click one."

    def _one(self) -> Trajectory:
        trajectory = self._lab.trajectory.value
        assert trajectory is not None
        return trajectory.one(self._chosen())

    def _clip(self) -> ClipMaker:
        return clips.of_trajectory(self._one())

    def _batch(self) -> BatchMaker:
        one = self._one()
        return lambda config: finished_sprites(one)
