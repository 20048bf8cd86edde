"""The inspector of Draw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generation import CellGeneration
from sprite_lab.app.draw.recipes import Recipes
from sprite_lab.app.lab import Lab
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.ui.draw.files import CellFiles
from sprite_lab.ui.draw.generate.cell_classes import CellClasses
from sprite_lab.ui.draw.generate.cell_group import CellGroup
from sprite_lab.ui.draw.generate.class_group import ClassGroup
from sprite_lab.ui.draw.generate.drawing_over import may_draw_over
from sprite_lab.ui.draw.generate.frames_group import FramesGroup
from sprite_lab.ui.draw.generate.generate_group import GenerateGroup
from sprite_lab.ui.draw.generate.guidance_group import GuidanceGroup
from sprite_lab.ui.draw.generate.limits_group import LimitsGroup
from sprite_lab.ui.draw.generate.made_group import MadeGroup
from sprite_lab.ui.draw.generate.mask_group import MaskGroup
from sprite_lab.ui.draw.generate.names_group import NamesGroup
from sprite_lab.ui.draw.generate.sheet_group import SheetGroup
from sprite_lab.ui.draw.generate.start_group import StartGroup
from sprite_lab.ui.draw.generate.variations_group import VariationsGroup
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import MARGIN, FoldGroup, Inspector
from sprite_lab.words import tr

#: Groups in the left column, where there is room for two.
_LEFT = 4


class DrawPanel(Inspector):
    """Groups for what the chosen cells ask, how they are generated and were made, and the grid.

    They stand in two columns where it is drawn wide enough for that.
    """

    def __init__(
        self, lab: Lab, editor: CellEditor, generation: CellGeneration, files: CellFiles
    ) -> None:
        super().__init__(name="draw.inspector")
        self._session, self._generation = editor.session, generation
        recipes = Recipes(self._session)
        self._classes = ClassGroup(editor)
        self.generate = GenerateGroup(generation)
        self._made = MadeGroup(lab, self._session, recipes)
        self.names = NamesGroup(editor)
        looks = FoldGroup(tr("Which class is this?"), name="draw.group.classes", opened=False)
        looks.add(CellClasses(lab, self._session))
        groups = (
            (self._classes, "draw_classes"),
            (self.generate, "draw_generate"),
            (StartGroup(editor), "draw_start"),
            (MaskGroup(editor), "draw_mask"),
            (LimitsGroup(editor), "draw_limits"),
            (GuidanceGroup(editor), "draw_guidance"),
            (VariationsGroup(editor, generation), "draw_variations"),
            (FramesGroup(editor, generation, lab.exports), "draw_frames"),
            (self.names, ""),
            (self._made, "draw_made"),
            (looks, ""),
            (SheetGroup(editor, files, lab.exports), ""),
        )
        for group, topic in groups:
            if topic:
                group.add_help(HelpButton(lab, topic))
        widgets = [group for group, _ in groups]
        self._halves = QWidget(), QWidget()
        for half, some in zip(self._halves, (widgets[:_LEFT], widgets[_LEFT:]), strict=True):
            vbox(*some, ..., on=half)
        both = QWidget()
        self._both = vbox(*self._halves, on=both)
        self.add(both)
        self._groups = [group for group, _ in groups if isinstance(group, CellGroup)]
        self.generate.wanted.connect(self.generate_cells)
        recipes.settings_read.connect(self.generate.set_settings)
        for changed in (
            self._session.settings_changed,
            self._session.tools.selection_changed,
            self._session.project.palette_changed,
            generation.running_changed,
        ):
            changed.connect(self._made.refresh)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # words may be larger now
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        needed = sum(half.minimumSizeHint().width() for half in self._halves)
        beside = self.viewport().width() >= needed + self._both.spacing() + 2 * MARGIN
        way = QBoxLayout.Direction
        self._both.setDirection(way.LeftToRight if beside else way.TopToBottom)
        for half in self._halves:
            self._both.setStretchFactor(half, int(beside))

    def minimumSizeHint(self) -> QSize:
        return self.least(max(half.minimumSizeHint().width() for half in self._halves))

    def generate_cells(self) -> None:
        """Generate the chosen cells, or all of them, and ask before drawings are drawn over."""
        self._classes.words.commit()
        everything = tuple(range(len(self._session.project.cells)))
        wanted = everything if self.generate.all_cells else self._session.chosen
        if may_draw_over(self, self._generation, wanted):
            self._generation.start(wanted)

    def set_model(self, model: ModelInfo | None, class_names: Sequence[str]) -> None:
        """Offer the classes and noise levels there are; None = no model."""
        self.generate.set_model(model)
        for group in self._groups:
            group.set_model(model, class_names)

    def show_chosen(self) -> None:
        """Show the chosen cells, the current one first: its seed and settings are shown."""
        session, cells = self._session, self._session.project.cells
        order = sorted(session.chosen, key=lambda i: i != session.current)
        for group in self._groups:
            group.show_cells([cells[i] for i in order])
        self._made.refresh()
