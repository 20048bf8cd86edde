"""Connects the panel to the cells: conditions, generation, settings. UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generation import CellGeneration
from sprite_lab.app.draw.live_model import student_search
from sprite_lab.app.draw.recipes import Recipes
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.files.opening import SETTINGS_SUFFIXES
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.ui.draw.files import patterns
from sprite_lab.ui.draw.generate.panel import DrawPanel
from sprite_lab.ui.shell.dialogs import ask_open, question
from sprite_lab.words import tr, trn

if TYPE_CHECKING:
    from sprite_lab.app.context import Model

_PICTURES = tr("Pictures made by Sprite Lab ({patterns})", patterns=patterns(SETTINGS_SUFFIXES))


class Conditioning(QObject):
    """Wires the groups of the panel to the chosen cells."""

    def __init__(
        self,
        lab: Lab,
        session: DrawSession,
        panel: DrawPanel,
        editor: CellEditor,
        generation: CellGeneration,
    ) -> None:
        super().__init__(session)
        self._lab, self._session, self._project = lab, session, session.project
        self._panel, self._generation = panel, generation
        self.recipes = Recipes(session)
        self.remaking = Remaking(lab, self)
        for group in (panel.classes, panel.guidance, panel.start, panel.limits, panel.vary):
            group.asked.connect(editor.ask)
        panel.limits.everywhere_wanted.connect(editor.ask_everywhere)
        panel.classes.seed_chosen.connect(editor.set_seed)
        panel.masks.keep_wanted.connect(editor.keep_drawn)
        panel.masks.free_wanted.connect(editor.free_pixels)
        panel.masks.masked.connect(editor.set_masks)
        panel.vary.wanted.connect(generation.vary)
        panel.generate.wanted.connect(self.generate)
        panel.generate.stop_wanted.connect(generation.stop)
        panel.generate.cancel_wanted.connect(generation.cancel)
        session.settings_changed.connect(self.show_asked)
        panel.made.show_wanted.connect(lambda: self.remaking.show(session.chosen))
        panel.made.copy_wanted.connect(self.recipes.copy)
        panel.made.paste_wanted.connect(self.recipes.paste)
        panel.made.open_wanted.connect(self._open)
        self.recipes.settings_read.connect(panel.generate.set_settings)
        session.tools.selection_changed.connect(self._on_selection)
        session.project.palette_changed.connect(self.show_asked)
        generation.running_changed.connect(panel.generate.set_running)
        generation.running_changed.connect(self.show_asked)
        generation.progressed.connect(panel.generate.show_progress)
        self._on_selection()

    # -- generating ----------------------------------------------------------------------

    def generate(self) -> None:
        """Generate the chosen cells, or all of them."""
        self._panel.classes.words.commit()
        everything = tuple(range(len(self._project.cells)))
        wanted = everything if self._panel.generate.all_cells else self._session.chosen
        if self._may_draw_over(wanted):
            self._generation.start(wanted)

    def animate(self, movement: float) -> None:
        """Generate the frames; see :meth:`CellGeneration.animate`."""
        if self._may_draw_over(self._generation.frames):
            self._generation.animate(movement)

    def _may_draw_over(self, wanted: Sequence[int]) -> bool:
        """Ask what becomes of drawings of which nothing would stay; False = do nothing."""
        over = self._generation.drawn_over(wanted)
        if not over or self._generation.running or self._session.problem:
            return True
        one = len(over) == 1
        accept = QMessageBox.ButtonRole.AcceptRole
        answer = question(
            self._panel.window(),
            trn("Draw over this drawing?", "Draw over {n} drawings?", len(over)),
            trn(
                "Nothing of it would stay. The model can start from what is drawn, or draw around "
                "it.",
                "Nothing of them would stay. The model can start from what is drawn, or draw "
                "around it.",
                len(over),
            ),
            [
                ("start", tr("Start from it") if one else tr("Start from them"), accept),
                ("keep", tr("Keep what is drawn"), accept),
                ("over", tr("Draw over"), QMessageBox.ButtonRole.DestructiveRole),
                ("cancel", tr("Cancel"), QMessageBox.ButtonRole.RejectRole),
            ],
            name="draw.over",
        )
        if answer == "start":
            self._generation.start_from_drawings(over)
        elif answer == "keep":
            self._generation.keep_drawings(over)
        return answer != "cancel"

    def _on_selection(self, *_: object) -> None:
        self._panel.generate.set_selection_there(self._session.tools.selection is not None)
        self.show_asked()

    # -- how cells are made --------------------------------------------------------------

    def show_asked(self, *_: object) -> None:
        """Show how the first cell was made, and what Generate would ask for now."""
        index = self._session.first
        if index >= len(self._project.cells):
            return  # the grid is just being made smaller
        session, cell = self._session, self._project.cell(index)
        self._panel.made.show_cell(cell, session.config_of(cell), session.problem)
        self._panel.vary.set_problem(session.problem)

    def _open(self) -> None:
        path = ask_open(
            self._panel.window(), self._lab.settings, tr("Settings of a picture"), _PICTURES
        )
        if path is not None:
            self.recipes.read(path)


class Remaking(QObject):
    """Draws cells again as they were made, and shows every step in See."""

    def __init__(self, lab: Lab, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab

    def show(self, indices: Sequence[int]) -> None:
        """Show how cells were made; a quick suggestion of Live is drawn by its student."""
        made = [self._lab.project.cell(i).made_by for i in indices]
        configs = [config for config in made if config is not None]
        if not configs:
            self._lab.failed.emit(tr("The chosen cells were drawn, not generated."), "")
            return
        alike = [config for config in configs if config.manner == configs[0].manner]
        if len(alike) < len(configs):
            self._lab.notice.emit(
                tr(
                    "{count} of {count2} are shown: the others were made in another way.",
                    count=len(alike),
                    count2=len(configs),
                )
            )
        model = self._lab.model.value
        if alike[0].sampler != "student" or model is None or model.is_student:
            self._generate(alike, model)
            return

        def draw(student: Model | None) -> None:
            if student is None:
                self._lab.failed.emit(
                    tr(
                        "A student of this model made it, and that is not to be found: open "
                        "the model "
                        "that it is a student of, or make it live again."
                    ),
                    "",
                )
            else:
                self._generate(alike, student)

        self._lab.do(
            student_search(self._lab),
            self,
            name=tr("Looking for the student"),
            then=draw,
            newest="remaking",
        )

    def _generate(self, configs: Sequence[SampleConfig], model: Model | None) -> None:
        try:
            self._lab.generate(configs, model=model)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        self._lab.workspace_wanted.emit("see")
