"""The page of sprites: single pictures or a sheet, what they will look like, and writing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from sprite_lab.app.files import export_tasks
from sprite_lab.app.files.export_tasks import SpritesPreview
from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.ui.exporting.fields import SpritesFields
from sprite_lab.ui.exporting.page import ExportPage
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.shell.dialogs import ask_folder, ask_save, confirm
from sprite_lab.ui.theme import ThemeManager

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle


class SpritesPage(ExportPage):
    """Settings and preview of exported sprites."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        self.fields = SpritesFields(lab.exports, theme)
        self.preview = Player(theme, name="export.sprites.preview", playing=False)
        super().__init__(lab, self.fields, self.preview, name="export.sprites.facts")
        self.setObjectName("export.sprites.page")
        lab.data.changed.connect(self.refresh)

    # -- what is shown ---------------------------------------------------------------------------

    def _draw(self) -> JobHandle:
        config = self.fields.config
        maker = self._exports.take(self.fields.choice.subject)
        return self._lab.do(
            export_tasks.preview_sprites(maker, config),
            self,
            name="Drawing the preview",
            then=lambda preview: self._show(preview, config),
            newest="export.preview",
            quiet=True,
        )

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
        self._lab.do(task, self, name=f"Looking at {folder.name}", then=answer)

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
