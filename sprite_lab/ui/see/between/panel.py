"""Settings of a sheet between noises: its corners, its size, and how it is drawn."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal

from sprite_lab.app.engine_types import Model
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.trajectories.interpolation import CORNERS, Corner, Sheet
from sprite_lab.ui.forms import Form
from sprite_lab.ui.see.model_page import ChosenGroup
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.class_mix import ClassMixField
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerFields
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr

#: Maximum number of steps offered; with more, the sheet could not keep up with changes.
_MOST_STEPS = 50


class BetweenPanel(Inspector):
    """Settings of a sheet: corners, size and sampler."""

    changed = Signal()  #: the sheet or its settings have changed

    def __init__(self) -> None:
        super().__init__(name="between.inspector")
        self.mode = Segmented(
            "between.mode",
            tr("What lies between"),
            Option("row", tr("Two corners"), "between", tr("A row from one corner to another")),
            Option("grid", tr("Four corners"), "grid", tr("A grid between four corners")),
            stretch=True,
        )
        self.mode.set_value("grid")
        self._cells = {"row": 9, "grid": 5}
        self._shown = "grid"
        self.add_switch(self.mode)
        self.add(self._make_corners(), self._make_how())
        self.add_separator()
        self.chosen = ChosenGroup(
            tr("Selected cell"),
            tr("Click a cell of the sheet."),
            tr("See every step of this cell in Watch (double-click, Enter)"),
            name="between",
        )
        tip = tr("The sheet emerging from noise, or a walk from cell to cell (Ctrl+E)")
        self.export = push_button("between.export", tr("Export animation…"), "export", tip)
        group = FoldGroup(tr("Export"), self.export, name="between.group.export")
        self.add(self.chosen)
        self.add_separator()
        self.add(group)
        self.mode.changed.connect(self._on_mode)
        self._on_mode("grid")

    def _make_corners(self) -> FoldGroup:
        group = self._corners = FoldGroup(tr("Corners"), name="between.group.corners")
        self._seeds: list[SeedField] = []
        self._classes: list[ClassMixField] = []
        for i, letter in enumerate(CORNERS):
            seed = SeedField(name=f"between.seed.{letter}", seed=i + 1, lockable=False)
            classes = ClassMixField(
                tr("Class of {letter}", letter=letter), name=f"between.class.{letter}"
            )
            group.add_row(tr("Seed {letter}", letter=letter), seed)
            label = group.add_row(
                tr("Class {letter}", letter=letter), classes, tr("Class drawn in that corner")
            )
            if i == 0:
                self._class_label = label
            self._seeds.append(seed)
            self._classes.append(classes)
            seed.changed.connect(lambda _: self.changed.emit())
            classes.changed.connect(self.changed)
        throw = push_button(
            "between.throw", tr("New seeds"), "dice", tr("Roll a new seed for every corner")
        )
        throw.clicked.connect(self.throw)
        group.add(throw)
        return group

    def _make_how(self) -> FoldGroup:
        cells = Setting(
            tr("Cells"), tip=tr("Number of cells from corner to corner"), low=2, high=16
        )
        self._count = NumberField(cells, 5, name="between.cells")
        tip = tr("Noise levels visited. With few, the sheet follows every change at once.")
        self._how = SamplerFields("between", tip, live=_MOST_STEPS)
        tip = tr(
            "Sampler: the rule that removes the noise. Only samplers that add no fresh noise, "
            "which would hide what lies between."
        )
        self._how.choice.setToolTip(tooltip(tip))
        clean = CleanColors("between.clean_colors", tr("for a more even change from cell to cell"))
        self._dealt = dim_label(
            tr("No words are assigned here: only noise and classes change from cell to cell."),
            name="between.dealt",
        )
        self._dealt.hide()
        form = self.form = Form(
            SampleConfig(count=1), self, name="between", names={"guidance_scale": "guidance"}
        )
        group = FoldGroup(tr("How"), name="between.group.how")
        group.add_row(tr("Cells"), self._count)
        self._how.bind_to(form, group)
        group.add_row(form.label("guidance_scale"), form.add("guidance_scale"))
        group.add(clean.bind_to(form), self._dealt)
        self._count.changed.connect(lambda _: self.changed.emit())
        form.changed.connect(self.changed)
        return group

    def set_model(self, model: Model) -> None:
        """Offer the classes and samplers of a model."""
        with QSignalBlocker(self):
            names = model.class_names
            for i, field in enumerate(self._classes):
                field.set_classes(names, names[i % len(names)] if names else "")
            self._how.set_model(model)
            self._dealt.setVisible(bool(model.prompts))

    def sheet(self) -> Sheet:
        cells = self._count.whole
        if self.mode.value == "row":
            shared = self._classes[0].mix
            ends = tuple(Corner(field.seed, shared) for field in self._seeds[:2])
            return Sheet(ends, cells, 1)
        corners = tuple(
            Corner(seed.seed, classes.mix)
            for seed, classes in zip(self._seeds, self._classes, strict=True)
        )
        return Sheet(corners, cells, cells)

    def throw(self) -> None:
        """Roll new seeds for the corners in use."""
        with QSignalBlocker(self):
            for field in self._seeds[: 2 if self.mode.value == "row" else 4]:
                field.throw()
        self.changed.emit()

    def _on_mode(self, mode: str) -> None:
        grid = mode == "grid"
        with QSignalBlocker(self):
            self._cells[self._shown] = self._count.whole
            self._shown = mode
            self._count.set_range(2, 9 if grid else 16)
            self._count.set_value(self._cells[mode])
        for i, (seed, classes) in enumerate(zip(self._seeds, self._classes, strict=True)):
            self._corners.show_row(seed, grid or i < 2)
            self._corners.show_row(classes, grid or i < 1)
        self._class_label.setText(tr("Class A") if grid else tr("Class"))
        self.changed.emit()
