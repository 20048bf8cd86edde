"""The inspector of Draw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QLayout,
    QToolButton,
    QWidget,
)

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.last_state import Tab
from sprite_lab.app.draw.recipes import Recipes
from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.ui.draw.files import CellFiles
from sprite_lab.ui.draw.generate.cell_classes import CellClasses
from sprite_lab.ui.draw.generate.cell_groups import (
    CellGroup,
    GuidanceGroup,
    LimitsGroup,
    NamesGroup,
    StartGroup,
    VariationsGroup,
)
from sprite_lab.ui.draw.generate.class_group import ClassGroup
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.draw.generate.frames_group import FramesGroup
from sprite_lab.ui.draw.generate.generate_group import GenerateGroup
from sprite_lab.ui.draw.generate.made_group import MadeGroup
from sprite_lab.ui.draw.generate.mask_group import MaskGroup
from sprite_lab.ui.draw.generate.sheet_group import SheetGroup
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import MARGIN, FoldGroup, Inspector
from sprite_lab.words import tr

#: The tabs and their numbers of groups. If there is room for two columns, the first _LEFT groups
#: are on the left.
_TABS: tuple[tuple[Tab, int], ...] = (("sprite", 3), ("limits", 4), ("cells", 5))
_LEFT = 4
#: Height of the panel, in logical pixels, from which on rows are as high as elsewhere.
_ROOMY = 860


class DrawPanel(Inspector):
    """Groups for the chosen cells' settings, generating, how a cell was made, and the grid.

    The groups are in two columns if there is room, otherwise in tabs, so that they fit every
    screen.
    """

    def __init__(
        self, lab: Lab, editor: CellEditor, generation: CellGeneration, files: CellFiles
    ) -> None:
        super().__init__(name="draw.inspector")
        self.setProperty("dense", True)
        self._column.setContentsMargins(MARGIN, MARGIN, 0, MARGIN)
        self._session, self._generation = editor.session, generation
        recipes = Recipes(self._session)
        self._classes = ClassGroup(editor)
        self.words = self._classes.words
        self.generate = GenerateGroup(generation)
        self._made = MadeGroup(lab, self._session, recipes)
        self.names = NamesGroup(editor)
        self.masks = MaskGroup(editor)
        self.sheet = SheetGroup(editor, files, lab.exports)
        looks = FoldGroup(tr("Which class is this?"), name="draw.group.classes", opened=False)
        looks.add(CellClasses(lab, self._session))
        groups = (
            (self._classes, "draw_classes"),
            (self.generate, "draw_generate"),
            (StartGroup(editor), "draw_start"),
            (self.masks, "draw_mask"),
            (LimitsGroup(editor), "draw_limits"),
            (GuidanceGroup(editor), "draw_guidance"),
            (VariationsGroup(editor, generation), "draw_variations"),
            (FramesGroup(editor, generation, lab.exports), "draw_frames"),
            (self.names, ""),
            (self.sheet, ""),
            (looks, ""),
            (self._made, "draw_made"),  # last, since its height depends on the cell
        )
        for group, topic in groups:
            self.generate.form.fill(group)
            if isinstance(group, CellGroup):
                group.add_settings()
            if topic:
                group.add_help(HelpButton(lab, topic))
        widgets = [group for group, _ in groups]
        tabs = [name for name, count in _TABS for _ in range(count)]
        self._tab_of = dict(zip(widgets, tabs, strict=True))
        self._halves = widgets[:_LEFT], widgets[_LEFT:]
        self._both = vbox(*(vbox(*groups, spacing=4) for groups in self._halves), ...)
        self.tabs: Segmented[Tab] = Segmented(
            "draw.tabs",
            tr("Settings"),
            Option("sprite", tr("Sprite"), tip=tr("What to draw, and how")),
            Option(
                "limits", tr("Limits"), tip=tr("What stays unchanged, and what limits the model")
            ),
            Option("cells", tr("Cells"), tip=tr("Frames, names, how cells were made, the grid")),
            stretch=True,
        )
        self.tabs.changed.connect(self._on_tab)
        for follow in (self._space, self._measure):
            theme_manager().text_resized.connect(follow)
        self.add_switch(self.tabs)
        self._column.insertLayout(self._column.count() - 1, self._both)
        self._groups = [group for group, _ in groups if isinstance(group, CellGroup)]
        self._space()
        self._measure()
        self.generate.wanted.connect(self.generate_cells)
        recipes.settings_read.connect(self.generate.form.set_value)
        for changed in (
            self._session.settings_changed,
            self._session.tools.selection_changed,
            self._session.project.palette_changed,
            generation.running_changed,
        ):
            changed.connect(self._made.refresh)

    @property
    def folds(self) -> tuple[FoldGroup, ...]:
        """The groups of all tabs."""
        return tuple(self._tab_of)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_dense(self.height() < _ROOMY)
        self._arrange()

    def _set_dense(self, dense: bool) -> None:
        """Set whether rows are compact, for a small screen."""
        if self.property("dense") != dense:
            self.setProperty("dense", dense)
            for part in (self, *self.findChildren(QWidget)):
                part.style().unpolish(part)
                part.style().polish(part)
                # Otherwise the old sizes would be kept.
                QApplication.sendEvent(part, QEvent(QEvent.Type.StyleChange))
            self._space()

    @Slot()
    def _space(self) -> None:
        close = bool(self.property("dense")) and theme_manager().text_is_large
        for group in self._tab_of:
            group.set_close(close)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # text may have become larger
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        needed = sum(self._widths) + self._both.spacing() + MARGIN
        beside = self.width() - self.verticalScrollBar().sizeHint().width() >= needed
        way = QBoxLayout.Direction
        self._both.setDirection(way.LeftToRight if beside else way.TopToBottom)
        self.tabs.setVisible(not beside)
        for place, groups in enumerate(self._halves):
            # Otherwise Qt would lay out again even without a change.
            if self._both.stretch(place) != int(beside):
                self._both.setStretch(place, int(beside))
            for group in groups:
                group.setVisible(beside or self._tab_of[group] == self.tabs.value)

    def _measure(self) -> None:
        """Update the widths of all tabs, so that opening one does not make the panel grow."""
        for group in self._tab_of:
            for part in group.findChildren(QWidget):
                part.ensurePolished()
                part.updateGeometry()
            for layout in group.findChildren(QLayout):  # Qt skips hidden layouts
                layout.invalidate()
        self.updateGeometry()

    @property
    def _widths(self) -> list[int]:
        """The minimum widths of the columns, including groups that are hidden."""
        return [max(group.minimumSizeHint().width() for group in groups) for groups in self._halves]

    def minimumSizeHint(self) -> QSize:
        return self.least(max(*self._widths, self.tabs.minimumSizeHint().width()))

    def _on_tab(self, name: str) -> None:
        focused = QApplication.focusWidget()
        if any(group.isAncestorOf(focused) for group in self._tab_of if focused is not None):
            # Otherwise the focus would go to another control.
            self.tabs.findChildren(QToolButton, f"draw.tabs.{name}")[0].setFocus()
        self._arrange()
        self._column.activate()  # at once, since the caller may be about to scroll to a control
        self.verticalScrollBar().setValue(0)

    def offers(self, button: QAbstractButton) -> bool:
        group = next((group for group in self._tab_of if group.isAncestorOf(button)), None)
        return button.isVisibleTo(self) if group is None else group.offers(button)

    def reveal(self, control: QWidget) -> None:
        for group, tab in self._tab_of.items():
            if group is control or group.isAncestorOf(control):
                self.tabs.set_value(tab)

    def generate_cells(self) -> None:
        """Generate the chosen cells, or all, after asking about drawings that would be lost."""
        self.words.commit()
        everything = tuple(range(len(self._session.project.cells)))
        wanted = everything if self.generate.all_cells else self._session.chosen
        allowed = cells_to_draw(self, self._generation, wanted)
        if allowed is not None:
            self._generation.start(allowed)

    def set_model(self, model: Model | None, class_names: Sequence[str]) -> None:
        """Offer the available classes and noise levels; None = no model."""
        self.generate.set_model(model)
        for group in self._groups:
            group.set_model(model, class_names)

    def show_chosen(self) -> None:
        """Show the chosen cells, with seed and configuration of the current one."""
        session, cells = self._session, self._session.project.cells
        order = sorted(session.chosen, key=lambda i: i != session.current)
        chosen = [cells[i] for i in order]
        for group in self._groups:
            group.form.show_several([cell.conditions for cell in chosen])
            group.show_cells(chosen)
        self.generate.refresh()
        self._made.refresh()
