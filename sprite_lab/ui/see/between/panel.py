"""Settings of a sheet between noises: its corners, its size, and how it is drawn."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel

from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.trajectories.interpolation import CORNERS, Corner, Sheet
from sprite_lab.ui.see.model_page import ChosenGroup
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import calm
from sprite_lab.ui.widgets.fields.class_mix import ClassMixField
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField, guidance_field
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerChoice
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr

#: Samplers that can be live.
_LIVE = tuple(name for name, sampler in SAMPLERS.items() if sampler.live_steps)


class BetweenPanel(Inspector):
    """Corners, size and sampler settings of a sheet."""

    changed = Signal()  #: the sheet or its settings have changed
    export_wanted = Signal()  #: an animation of the sheet

    def __init__(self) -> None:
        super().__init__(name="between.inspector")
        self.mode = Segmented(
            "between.mode",
            tr("What lies between"),
            Option("row", tr("Two noises"), "between", tr("A row from one noise to another")),
            Option(
                "grid", tr("Four corners"), "grid", tr("A grid between four noises and classes")
            ),
            stretch=True,
        )
        self.mode.set_value("grid")
        self._cells = {"row": 9, "grid": 5}
        self._shown = "grid"
        self.add(self.mode, self._make_corners(), self._make_how())
        self.add_separator()
        self.chosen = ChosenGroup(
            tr("Chosen cell"),
            tr("Click a cell of the sheet."),
            tr("See every step of this cell on the page Watch (double click, Enter)"),
            name="between",
        )
        self.add(self.chosen)
        export = push_button(
            "between.export",
            tr("Export animation…"),
            "export",
            tr("The sheet coming out of noise, or a walk from cell to cell (Ctrl+E)"),
        )
        export.clicked.connect(self.export_wanted)
        self.add(export)
        self.mode.changed.connect(self._on_mode)
        self._on_mode("grid")

    def _make_corners(self) -> FoldGroup:
        group = FoldGroup(tr("Corners"), name="between.group.corners")
        self._seeds: list[SeedField] = []
        self._classes: list[ClassMixField] = []
        self._labels: list[tuple[QLabel, QLabel]] = []
        for i, letter in enumerate(CORNERS):
            seed = SeedField(name=f"between.seed.{letter}", seed=i + 1, lockable=False)
            classes = ClassMixField(
                tr("Class of {letter}", letter=letter), name=f"between.class.{letter}"
            )
            self._labels.append(
                (
                    group.add_row(tr("Noise {letter}", letter=letter), seed),
                    group.add_row(
                        tr("Class {letter}", letter=letter),
                        classes,
                        tr("Which class is drawn there."),
                    ),
                )
            )
            self._seeds.append(seed)
            self._classes.append(classes)
            seed.changed.connect(lambda _: self.changed.emit())
            classes.changed.connect(self.changed)
        throw = push_button(
            "between.throw", tr("New noises"), "dice", tr("Throw a new seed for every corner")
        )
        throw.clicked.connect(self.throw)
        group.add(throw)
        return group

    def _make_how(self) -> FoldGroup:
        group = FoldGroup(tr("How"), name="between.group.how")
        self._count = NumberField(
            Setting(tr("Cells"), tip=tr("How many cells from corner to corner."), low=2, high=16),
            5,
            name="between.cells",
        )
        self._sampler = calm(SamplerChoice(_LIVE), "between.sampler", tr("Sampler"))
        self._sampler.setToolTip(
            tr(
                "Sampler: the rule that takes the noise away. Only those that add no fresh noise, "
                "which would hide what lies between; a student's is the same in every cell."
            )
        )
        self._steps = NumberField(
            Setting(
                tr("Steps"),
                tip=tr(
                    "Noise levels visited. Few are fast, so that the sheet follows every change."
                ),
                low=1,
                high=50,
            ),
            SAMPLERS[DEFAULT_SAMPLER].live_steps,
            name="between.steps",
        )
        self._guidance = guidance_field(
            "between.guidance", tr("how strongly the class steers; 1 = off. Needs a class.")
        )
        self._clean = CleanColors(
            "between.clean_colors", tr("which changes more evenly from cell to cell")
        )
        group.add_row(tr("Cells"), self._count)
        group.add_row(tr("Sampler"), self._sampler)
        group.add_row(tr("Steps"), self._steps)
        group.add_row(tr("Guidance"), self._guidance)
        group.add(self._clean)
        self._dealt = dim_label(
            tr("No words are dealt here: only noise and classes change from cell to cell."),
            name="between.dealt",
        )
        self._dealt.hide()
        group.add(self._dealt)
        for field in (self._count, self._steps, self._guidance):
            field.changed.connect(lambda _: self.changed.emit())
        self._sampler.currentIndexChanged.connect(self._on_sampler)
        self._clean.toggled.connect(lambda _: self.changed.emit())
        return group

    def set_model(self, model: ModelInfo) -> None:
        """Offer the classes and samplers of a model."""
        self.blockSignals(True)
        names = model.class_names
        for i, field in enumerate(self._classes):
            field.set_classes(names, names[i % len(names)] if names else "")
        self._sampler.set_model(model)
        self._steps.set_range(1, min(50, model.timesteps))
        self._dealt.setVisible(bool(model.prompts))
        self.blockSignals(False)

    def sheet(self) -> Sheet:
        """The sheet that the fields describe."""
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

    def config(self) -> SampleConfig:
        return SampleConfig(
            count=1,
            sampler=self._sampler.sampler,
            steps=self._steps.whole,
            guidance_scale=self._guidance.value,
            colors=self._clean.colors,
        )

    def throw(self) -> None:
        """Roll new seeds for the corners in use."""
        self.blockSignals(True)
        for field in self._seeds[: 2 if self.mode.value == "row" else 4]:
            field.throw()
        self.blockSignals(False)
        self.changed.emit()

    def _on_mode(self, mode: str) -> None:
        grid = mode == "grid"
        self.blockSignals(True)
        self._cells[self._shown] = self._count.whole
        self._shown = mode
        self._count.set_range(2, 9 if grid else 16)
        self._count.set_value(self._cells[mode])
        self.blockSignals(False)
        for i, (seed, classes) in enumerate(zip(self._seeds, self._classes, strict=True)):
            shown = grid or i < 2, grid or i < 1
            seed.setVisible(shown[0])
            classes.setVisible(shown[1])
            for label, visible in zip(self._labels[i], shown, strict=True):
                label.setVisible(visible)
        self._labels[0][1].setText(tr("Class A") if grid else tr("Class"))
        self.changed.emit()

    def _on_sampler(self) -> None:
        self._steps.set_value(SAMPLERS[self._sampler.sampler].live_steps)
        self.changed.emit()
