"""The settings of a measurement: which sprites, how many repeats, and the estimated time."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from sprite_lab.app.files.sources import of_cells, of_data, of_trajectory
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words, rough_step, rough_time_text
from sprite_lab.core.config import MeasureConfig
from sprite_lab.core.results.measured import Measured
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.forms import Form
from sprite_lab.ui.measure.run_controls import RunControls
from sprite_lab.ui.widgets.fields.calm import calm, fill
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.words import tr, trn

#: Terms of the bound that a repeat estimates for each sprite: 31 blocks of t, and L_0.
TERMS = 32


class ChoiceGroup(FoldGroup):
    """The settings of a measurement: which sprites, and how."""

    changed = Signal()  #: a setting has changed

    def __init__(self, lab: Lab) -> None:
        super().__init__(tr("What to measure"), name="measure.choice")
        self._lab = lab
        self._seconds: float | None = None  # of one evaluation of the model
        self._wanted = ""  # the class to choose once the data set has it; "" = none
        form = self.form = Form(
            MeasureConfig(), self, name="measure", names={"class_name": "class"}
        )
        box = self._class = calm(ElidedComboBox(), "measure.class", tr("Class"))
        box.addItem(tr("All classes"), "")
        self.add(form.add("source"))
        changed = box.currentIndexChanged
        form.bind("class_name", box, box.currentData, self._choose_class, changed)
        self._rows: dict[str, QWidget] = {"class_name": box}
        self._rows |= {path: form.add(path) for path in ("take", "count", "first", "seed")}
        for path, field in self._rows.items():
            self.add_row(form.label(path), field)
        self.add_row(form.label("repeats"), form.add("repeats"))
        self._estimate = dim_label(name="measure.estimate")
        self.run = RunControls(
            name="measure", stop_tip=tr("Stop and keep the results so far (Esc)")
        )
        self.add(self._estimate, self.run)
        form.remember(lab.settings)
        for signal in (
            form.changed, lab.trajectory.changed, lab.project.cells_changed,
            lab.project.grid_changed, lab.model.changed, lab.shipped.changed,
        ):  # fmt: skip
            signal.connect(self._refresh)
        lab.data.changed.connect(self._on_data)
        self._on_data()

    # -- choices ----------------------------------------------------------------------------------

    def sprites(self) -> SpriteSet | None:
        """The sprites to measure, None = none."""
        lab, model, config = self._lab, self._lab.model.value, self.form.value
        names = () if model is None else model.class_names
        if config.source == "project":
            return of_cells(dict(enumerate(lab.project.cells)), names)
        if config.source == "samples":
            trajectory = lab.trajectory.value
            return None if trajectory is None else of_trajectory(trajectory, names)
        return None if lab.data.value is None else of_data(lab.data.value, config)

    def _choose_class(self, name: str) -> None:
        index = self._class.findData(name)
        self._wanted = name if index < 0 else ""
        self._class.setCurrentIndex(max(0, index))

    def _on_data(self, *_: object) -> None:
        sprites = self._lab.data.value
        names = () if sprites is None else sprites.class_names
        there = [
            (class_words(name), name)
            for label, name in enumerate(names)
            if sprites is not None and (sprites.labels == label).any()
        ]
        fill(self._class, [(tr("All classes"), ""), *there])
        if sprites is not None:
            self.form.widget("first", QSpinBox).setRange(1, len(sprites))
            self.form.widget("count", NumberField).set_range(1, len(sprites))
            if self._wanted:
                self._choose_class(self._wanted)
        self._refresh()

    def _refresh(self, *_: object) -> None:
        of_set, random = self.form.value.source == "data", self.form.value.take == "random"
        shown = {"first": of_set and not random, "seed": of_set and random}
        for path, field in self._rows.items():
            self.show_row(field, shown.get(path, of_set))
        self._show_estimate()
        self.changed.emit()

    # -- duration ---------------------------------------------------------------------------------

    def learn_pace(self, measured: Measured) -> None:
        """Estimate the time of the next measurement from this one."""
        self._seconds = measured.seconds / (len(measured.sprites) * measured.rounds * TERMS)
        self._show_estimate()

    def forget_pace(self) -> None:
        """Forget the pace, as when the model changed."""
        self._seconds = None
        self._show_estimate()

    def _show_estimate(self) -> None:
        sprites = self.sprites()
        count = 0 if sprites is None else len(sprites)
        asked = count * self.form.value.repeats * TERMS
        text = trn(
            "{n:,} sprite, {asked:,} model calls",
            "{n:,} sprites, {asked:,} model calls",
            count,
            asked=asked,
        )
        if self._seconds is not None and count:
            seconds = asked * self._seconds
            time = rough_time_text(seconds)
            # Estimates are rounded up, so that 1 s would be shown as 10 s.
            if seconds < rough_step(seconds) / 2:
                text += tr(": less than {time_text}", time_text=time)
            else:
                text += tr(": about {time_text}", time_text=time)
        self._estimate.setText(text)
