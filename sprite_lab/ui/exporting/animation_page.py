"""The page of animations: what it will look like, how large the file will be, and writing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from sprite_lab.app import export_tasks
from sprite_lab.app.export_tasks import AnimationPreview
from sprite_lab.app.words import size_text
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome
from sprite_lab.ui.dialogs import ask_save
from sprite_lab.ui.exporting.animation_fields import FORMATS, AnimationFields
from sprite_lab.ui.exporting.pages import ExportPage
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: Nothing is drawn before a person has held still for so long, in milliseconds.
_STILL = 120


class AnimationPage(ExportPage):
    """Parts: ``export.animation.player``, ``.play``, ``.frame``, ``.facts``, and those of
    :class:`AnimationFields`."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("export.animation.page")
        self._lab, self._exports = lab, lab.exports
        self.fields = AnimationFields(lab.exports, theme)
        moving = lab.settings.value.motion
        self.player = Player(theme, name="export.animation.player", playing=moving)
        self._play = IconButton(theme, "pause", "Play or hold", name="export.animation.play")
        self._frame = QLabel()
        self._frame.setObjectName("export.animation.frame")
        self._frame.setProperty("dim", True)
        self._facts = ElidedLabel(name="export.animation.facts")
        self._what = self._size = ""  # what is told of the file
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_STILL)
        self._timer.timeout.connect(self._draw)

        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self._play)
        below.addWidget(self._frame)
        below.addWidget(self._facts, 1)
        left = QVBoxLayout()
        left.setContentsMargins(8, 8, 8, 8)
        left.setSpacing(8)
        left.addWidget(self.player, 1)
        left.addLayout(below)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.fields)
        self.fields.setFixedWidth(328)

        self.fields.changed.connect(self.refresh)
        self.player.frame_changed.connect(self._show_frame)
        self.player.playing_changed.connect(self._show_playing)
        self._play.clicked.connect(lambda: self.player.set_playing(not self.player.playing))
        self._show_playing(moving)
        lab.trajectory.changed.connect(self.refresh)
        lab.last_run.changed.connect(self.refresh)

    # -- what is shown ---------------------------------------------------------------------------

    def show_subject(self, name: str) -> None:
        self.fields.choice.choose(name)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Look again at what there is, and draw it soon."""
        self.fields.choice.refresh()
        self.problem = self.fields.choice.problem
        self.changed.emit()
        self._facts.setText("")
        if self.problem:
            self._timer.stop()
            self.player.say(self.problem)
        else:
            self._timer.start()

    def _draw(self) -> None:
        if self.problem or not self.isVisible():
            return
        maker = self._exports.take(self.fields.choice.subject)
        config = self.fields.config
        self._what = self._size = ""
        # What was asked for before is called off, and nobody hears of it.
        drawing = self._lab.do(
            export_tasks.preview_animation(maker, config, self.player.room),
            name="Drawing the preview",
            then=self._show,
            io=True,
            newest="export.preview",
            quiet=True,
        )
        drawing.ended.connect(self._on_drawn)
        self._lab.do(
            export_tasks.measure_animation(maker, config),
            name="Working out the size",
            then=self._show_size,
            io=True,
            newest="export.size",
            quiet=True,
        )

    def _on_drawn(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self.problem = outcome.error
            self.player.say(outcome.error)
            self.changed.emit()

    def _show(self, preview: AnimationPreview) -> None:
        self.player.set_frames(preview.frames, preview.durations_ms)
        width, height = preview.size
        self._what = f"{width:,} × {height:,} px, {preview.count:,} frames, {preview.seconds:.1f} s"
        self._show_facts()

    def _show_size(self, size: tuple[int, bool]) -> None:
        count, exact = size
        self._size = size_text(count) if exact else f"about {size_text(count)}"
        self._show_facts()

    def _show_facts(self) -> None:
        self._facts.setText(", ".join(filter(None, (self._what, self._size))))

    def _show_frame(self, frame: int) -> None:
        count = self.player.count
        self._frame.setText(f"{frame + 1:,} of {count:,}" if count else "")

    def _show_playing(self, playing: bool) -> None:
        self._play.set_icon("pause" if playing else "play")

    # -- export ----------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask for a file, and write it."""
        config, subject = self.fields.config, self.fields.choice.subject
        words = next(words for name, words, _ in FORMATS if name == config.format)
        path = ask_save(
            self.window(),
            self._lab.settings,
            "Export animation",
            f"{subject}{config.suffix}",
            f"{words} (*{config.suffix})",
            export=True,
        )
        if path is None:
            return
        try:
            self.began(self._exports.run(subject, config, path))
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
