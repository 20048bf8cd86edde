"""The page of animations: what it will look like, how large the file will be, and writing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sprite_lab.app.files import export_tasks
from sprite_lab.app.files.export_tasks import AnimationPreview
from sprite_lab.app.shell.text_format import size_text
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.ui.exporting.fields import AnimationFields
from sprite_lab.ui.exporting.page import ExportPage
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.forms import shown
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle


class AnimationPage(ExportPage):
    """Settings and player of an animation."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        self.fields = AnimationFields(lab.exports, theme)
        moving = lab.settings.value.motion
        self.player = Player(theme, name="export.animation.player", playing=moving)
        self._play = IconButton(theme, "pause", "Play or hold", name="export.animation.play")
        self._frame = named(Label(), "export.animation.frame")
        self._frame.setProperty("dim", True)
        self._what = self._size = ""  # what is told of the file
        beside = self._play, self._frame
        super().__init__(lab, self.fields, self.player, *beside, name="export.animation.facts")
        self.setObjectName("export.animation.page")
        self.player.frame_changed.connect(self._show_frame)
        self.player.playing_changed.connect(self._show_playing)
        self._play.clicked.connect(lambda: self.player.set_playing(not self.player.playing))
        self._show_playing(moving)
        lab.training_runs.last_run.changed.connect(self.refresh)

    # -- what is shown ---------------------------------------------------------------------------

    def _draw(self) -> JobHandle:
        maker = self._exports.take(self.fields.choice.subject)
        config = self.fields.config
        self._what = self._size = ""
        # What was asked for before is called off, and nobody hears of it.
        drawing = self._lab.do(
            export_tasks.preview_animation(maker, config, self.player.room),
            self,
            name="Drawing the preview",
            then=self._show,
            newest="export.preview",
            quiet=True,
        )
        self._lab.do(
            export_tasks.measure_animation(maker, config),
            self,
            name="Working out the size",
            then=self._show_size,
            newest="export.size",
            quiet=True,
        )
        return drawing

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
        words = shown(settings_of(AnimationConfig)["format"].choice(config.format).label)
        path = ask_save(
            self.window(),
            self._lab.settings,
            "Export animation",
            f"{subject}{config.suffix}",
            f"{words} (*{config.suffix})",
            export=True,
        )
        if path is not None:
            self._write(path, config)
