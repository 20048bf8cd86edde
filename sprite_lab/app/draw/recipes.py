"""Copies, pastes and reads the settings that make a sprite. UI thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from sprite_lab.app import tasks
from sprite_lab.app.draw.clipboard import file_on_clipboard
from sprite_lab.app.draw.drawing import asked_by, draw_settings, not_asked_for
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import any_config_from_text, config_text
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.words import tr

_MOST_SEED = 2**63 - 1


class Recipes(QObject):
    """Copies settings from cells, and applies them to the chosen ones."""

    settings_read = Signal(object)  #: the DrawSettings among the settings read

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._session, self._context = session, session.context

    def copy(self, config: SampleConfig) -> None:
        """Copy settings as JSON."""
        QGuiApplication.clipboard().setText(config_text(config, indent=2))
        self._context.notice.emit(tr("The settings were copied to the clipboard as JSON."))

    def paste(self) -> None:
        """Apply settings from the clipboard: JSON, or a picture that carries them."""
        file = file_on_clipboard()
        if file is not None:
            self.read(file)
            return
        try:
            config = any_config_from_text(QGuiApplication.clipboard().text(), tr("The copied data"))
        except SpriteLabError as error:
            self._session.fail(str(error))
            return
        if config is None:
            self._session.fail(
                tr(
                    "There are no settings on the clipboard; copy them here, or copy a picture "
                    "made by Sprite Lab."
                )
            )
            return
        self.take(config)

    def read(self, path: Path) -> None:
        """Apply the settings that a picture carries."""

        def then(config: SampleConfig | None) -> None:
            if config is None:
                self._session.fail(
                    tr(
                        "“{name}” contains no settings; open a picture made by Sprite Lab.",
                        name=path.name,
                    )
                )
            else:
                self.take(config)

        self._context.do(
            tasks.read_settings(path), self, name=tr("Reading {name}", name=path.name), then=then
        )

    def take(self, config: SampleConfig) -> None:
        """Apply a configuration to the chosen cells, as one step of undo.

        Their seeds count up from its seed and are locked. Blank cells also take its drawing and
        mask.
        """
        project = self._session.project
        timesteps = NoiseLevels(self._context.model.value).timesteps
        changes: dict[int, Cell] = {}
        for n, index in enumerate(i for i in self._session.chosen if i < len(project.cells)):
            before = project.cell(index)
            asked = asked_by(config, before.conditions, timesteps)
            seed = min(asked.seed + n, _MOST_SEED)
            after = replace(before, conditions=replace(asked, seed=seed, seed_locked=True))
            takes = before.is_free and before.stack[before.generated_layer].takes_strokes
            if takes and config.drawing is not None:
                after = _with_drawing(after, config)
            changes[index] = after
        project.put(changes, tr("Paste settings"))
        self.settings_read.emit(draw_settings(config))
        missing = not_asked_for(config, project.palette)
        if missing:
            self._context.notice.emit(
                tr("Cells cannot use all of these settings: {missing}.", missing=", ".join(missing))
            )


def _with_drawing(cell: Cell, config: SampleConfig) -> Cell:
    """The cell with the drawing and mask of a configuration, if their size matches."""
    if config.drawing is None or len(config.drawing) != len(cell.pixels):
        return cell
    strength = config.strength()
    redraw = None if strength is None else (255 * strength).round().astype("uint8").tobytes()
    made = Cell(config.drawing, thanks=cell.thanks)
    return replace(cell.with_generated(made), redraw_strength=redraw)
