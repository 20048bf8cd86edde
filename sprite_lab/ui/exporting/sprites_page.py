"""The page of sprites: single pictures or a sheet, what they will look like, and writing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from sprite_lab.app import export_tasks
from sprite_lab.app.export_tasks import SpritesPreview
from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome
from sprite_lab.ui.dialogs import ask_folder, ask_save, confirm
from sprite_lab.ui.exporting.pages import ExportPage
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.exporting.sprites_fields import SpritesFields
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: Nothing is drawn before a person has held still for so long, in milliseconds.
_STILL = 120


class SpritesPage(ExportPage):
    """Parts: ``export.sprites.preview``, ``.facts``, and those of :class:`SpritesFields`."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("export.sprites.page")
        self._lab, self._exports = lab, lab.exports
        self.fields = SpritesFields(lab.exports, theme)
        self.preview = Player(theme, name="export.sprites.preview", playing=False)
        self._facts = ElidedLabel(name="export.sprites.facts")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_STILL)
        self._timer.timeout.connect(self._draw)
        left = QVBoxLayout()
        left.setContentsMargins(8, 8, 8, 8)
        left.setSpacing(8)
        left.addWidget(self.preview, 1)
        left.addWidget(self._facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.fields)
        self.fields.setFixedWidth(328)
        self.fields.changed.connect(self.refresh)
        lab.trajectory.changed.connect(self.refresh)
        lab.data.changed.connect(self.refresh)

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
        self.problem = self.fields.choice.problem or self.fields.problem
        self.changed.emit()
        self._facts.setText("")
        if self.problem:
            self._timer.stop()
            self.preview.say(self.problem)
        else:
            self._timer.start()

    def _draw(self) -> None:
        if self.problem or not self.isVisible():
            return
        config = self.fields.config
        maker = self._exports.take(self.fields.choice.subject)
        drawing = self._lab.do(
            export_tasks.preview_sprites(maker, config),
            name="Drawing the preview",
            then=lambda preview: self._show(preview, config),
            io=True,
            newest="export.preview",
            quiet=True,
        )
        drawing.ended.connect(self._on_drawn)

    def _on_drawn(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self.problem = outcome.error
            self.preview.say(outcome.error)
            self.changed.emit()

    def _show(self, preview: SpritesPreview, config: SpriteFilesConfig) -> None:
        self.preview.set_frames([preview.picture])
        width, height = preview.size
        many = f"{preview.count:,} sprite{'s' * (preview.count != 1)}"
        if config.kind == "sheet":
            self._facts.setText(f"{many} on {width:,} × {height:,} px")
            return
        names = ", ".join(f"{name}.png" for name in preview.names[:2])
        more = ", …" if preview.count > 2 else ""
        self._facts.setText(f"{many} of {width:,} × {height:,} px: {names}{more}")

    # -- export ----------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask for a file or a folder, and write; single files that are there only if agreed."""
        config = self.fields.config
        settings = self._lab.settings
        if config.kind == "sheet":
            path = ask_save(
                self.window(), settings, "Export sheet", "sprites.png", "PNG picture (*.png)",
                export=True,
            )  # fmt: skip
            if path is not None:
                self._write(path, config)
            return
        start = Path(settings.value.export_folder or Path.home())
        folder = ask_folder(self.window(), settings, "Export sprites into", start)
        if folder is not None:
            settings.replace(export_folder=str(folder))
            self._look_first(folder, config)

    def _look_first(self, folder: Path, config: SpriteFilesConfig) -> None:
        """Nothing that is in the folder is replaced unasked."""

        def answer(count: int) -> None:
            # Asked when the job is over, not within it.
            if count:
                QTimer.singleShot(0, self, lambda: self._ask(folder, config, count))
            else:
                self._write(folder, config)

        maker = self._exports.take(self.fields.choice.subject)
        task = export_tasks.clashes(folder, maker, config)
        self._lab.do(task, name=f"Looking at {folder.name}", then=answer, io=True)

    def _ask(self, folder: Path, config: SpriteFilesConfig, count: int) -> None:
        many = f"{count:,} file{'s' * (count != 1)}"
        sure = confirm(
            self,
            f"Replace {many}?",
            f"“{folder.name}” has {many} of the same names, which would be lost. Another template "
            "gives other names.",
            "Replace",
            name="export.replace",
        )
        if sure:
            self._write(folder, config)

    def _write(self, path: Path, config: SpriteFilesConfig) -> None:
        try:
            self.began(self._exports.run(self.fields.choice.subject, config, path))
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
