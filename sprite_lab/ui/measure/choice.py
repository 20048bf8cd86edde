"""The settings of a measurement: which sprites, how many repeats, and the estimated time."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from sprite_lab.app.files.sources import DataChoice, of_cells, of_data, of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import time_text
from sprite_lab.core.config.base import Setting
from sprite_lab.core.results.measured import Measured
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.measure.run_controls import RunControls
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import calm
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.words import tr, trn

Source = Literal["data", "project", "samples"]
Order = Literal["random", "in order"]

#: Terms of the bound that a repeat estimates for each sprite: 31 blocks of t, and L_0.
TERMS = 32


class ChoiceGroup(FoldGroup):
    """Which sprites are measured, and how."""

    changed = Signal()  #: a setting has changed

    def __init__(self, lab: Lab) -> None:
        super().__init__(tr("What to measure"), name="measure.choice")
        self._lab = lab
        self._seconds: float | None = None  # of one evaluation of the model
        self.source: Segmented[Source] = Segmented(
            "measure.source",
            tr("Which sprites"),
            Option("data", tr("Data set"), tip=tr("Sprites of the data set that is open")),
            Option("project", tr("Drawings"), tip=tr("The cells of the project in Draw")),
            Option("samples", tr("Samples"), tip=tr("The finished sprites of See")),
            stretch=True,
        )
        self._class = calm(QComboBox(), "measure.class", tr("Class"))
        self._take: Segmented[Order] = Segmented(
            "measure.take",
            tr("How they are taken"),
            Option("random", tr("Random"), tip=tr("Drawn at random by the seed")),
            Option("in order", tr("In order"), tip=tr("One after the other, from a number on")),
            stretch=True,
        )
        self._count = NumberField(
            Setting(
                tr("Sprites"),
                tip=tr("How many are measured, at most."),
                low=1,
                high=20_000,
                logarithmic=True,
            ),
            100,
            name="measure.count",
            width=76,
        )
        self._first = calm(QSpinBox(), "measure.first", tr("First sprite"))
        self._first.setRange(1, 1)
        self._first.setToolTip(tr("The number of the sprite to begin with"))
        self._seed = SeedField(name="measure.seed", locked=True)
        self._repeats = NumberField(
            Setting(
                tr("Repeats"),
                tip=tr("Independent estimates of each sprite: four times as many halve its error."),
                low=2,
                high=32,
            ),
            2,
            name="measure.repeats",
            width=76,
        )
        self._estimate = dim_label(name="measure.estimate")
        self.run = RunControls(
            name="measure", stop_tip=tr("Stop and keep what is measured so far (Esc)")
        )
        self.add(self.source)
        self._rows: dict[str, tuple[QWidget, QWidget]] = {}
        for name, text, field in (
            ("class", tr("Class"), self._class),
            ("take", tr("Take"), self._take),
            ("count", tr("Sprites"), self._count),
            ("first", tr("From"), self._first),
            ("seed", tr("Seed"), self._seed),
        ):
            self._rows[name] = (self.add_row(text, field), field)
        self.add_row(tr("Repeats"), self._repeats)
        self.add(self._estimate, self.run)
        self._class.currentIndexChanged.connect(self._refresh)
        for signal in (
            self.source.changed, self._take.changed, self._count.changed, self._seed.changed,
            self._repeats.changed, self._first.valueChanged, lab.trajectory.changed,
            lab.project.cells_changed, lab.project.grid_changed, lab.model.changed,
            lab.shipped.changed,
        ):  # fmt: skip
            signal.connect(self._refresh)
        lab.data.changed.connect(self._on_data)
        self._on_data()

    # -- what is chosen ------------------------------------------------------------------

    @property
    def repeats(self) -> int:
        """Independent estimates of each sprite."""
        return self._repeats.whole

    @property
    def seed(self) -> int:
        """Seeds the choice of sprites and all noise."""
        return self._seed.seed

    def sprites(self) -> SpriteSet | None:
        """The sprites to measure, None = none."""
        lab, model, source = self._lab, self._lab.model.value, self.source.value
        names = () if model is None else model.class_names
        if source == "project":
            return of_cells(dict(enumerate(lab.project.cells)), names)
        if source == "samples":
            trajectory = lab.trajectory.value
            return None if trajectory is None else of_trajectory(trajectory, names)
        if lab.data.value is None:
            return None
        choice = DataChoice(
            self._class.currentData(),
            self._count.whole,
            self._take.value,
            self.seed,
            self._first.value() - 1,
        )
        return of_data(lab.data.value, choice)

    def _on_data(self, *_: object) -> None:
        sprites = self._lab.data.value
        self._class.blockSignals(True)
        self._class.clear()
        self._class.addItem(tr("All classes"), None)
        if sprites is not None:
            for label, name in enumerate(sprites.class_names):
                if (sprites.labels == label).any():
                    self._class.addItem(name, label)
            self._first.setRange(1, len(sprites))
            self._count.set_range(1, len(sprites))
        self._class.blockSignals(False)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        of_set, random = self.source.value == "data", self._take.value == "random"
        shown = {"class": of_set, "take": of_set, "count": of_set}
        shown |= {"first": of_set and not random, "seed": of_set and random}
        for name, parts in self._rows.items():
            for part in parts:
                part.setVisible(shown[name])
        self._show_estimate()
        self.changed.emit()

    # -- how long it takes ---------------------------------------------------------------

    def learn_pace(self, measured: Measured) -> None:
        """Derive the time of the next measurement from this one."""
        self._seconds = measured.seconds / (len(measured.sprites) * measured.rounds * TERMS)
        self._show_estimate()

    def forget_pace(self) -> None:
        """Forget the pace, as when the model changed."""
        self._seconds = None
        self._show_estimate()

    def _show_estimate(self) -> None:
        sprites = self.sprites()
        count = 0 if sprites is None else len(sprites)
        asked = count * self.repeats * TERMS
        text = trn(
            "{n:,} sprite, {asked:,} questions to the model",
            "{n:,} sprites, {asked:,} questions to the model",
            count,
            asked=asked,
        )
        if self._seconds is not None and count:
            text += tr(": about {time_text}", time_text=time_text(max(1, asked * self._seconds)))
        self._estimate.setText(text)
