"""Settings of the forward process: which sprites dissolve, and with which schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.first_sprites import Dissolving
from sprite_lab.app.shell.text_format import class_words, sprite_name
from sprite_lab.core.config import ForwardConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.config.base import Setting, settings_of
from sprite_lab.core.sets.sprites import SpriteSet, sample_rows
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.see.watch.schedule_use_plot import ScheduleUsePlot
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid, scrolled
from sprite_lab.words import number_text, tr, trc

#: Maximum number of sprites: more could not be told apart on the stage.
MOST_SPRITES = 64

#: Maximum number of sprites to pick from; others of a larger set can be picked in Data.
MOST_OFFERED = 5_000

#: Number of sprites that are picked at random.
MOST_RANDOM = 16

#: Entry for the open model's schedule.
OF_MODEL = "model"


def _random(count: int) -> str:
    return tr("Random {count}", count=count)


class ForwardPanel(QWidget):
    """Pick sprites and a noise schedule; every change requests a new trajectory.

    It starts with the model's schedule, so that a level t has as much noise as in the reverse
    process.
    """

    #: images uint8 (N, H, W, 3), ForwardConfig, whether to play the trajectory right away
    wanted = Signal(object, object, bool)

    def __init__(self, curve: SchedulePlot, use: ScheduleUsePlot) -> None:
        super().__init__()
        self._curve, self._use = curve, use
        self._data: SpriteSet | None = None
        self._model: Model | None = None
        self._shown: NDArray[np.int64] = np.zeros(0, np.int64)
        self._left_out = False  # whether the set has more sprites than are offered
        #: from the last session: a schedule, and its bends, applied once it is shown
        self._bent: tuple[ScheduleConfig, tuple[float, ...]] | None = None
        # Several changes in a row, as by a repeating key, make one trajectory.
        self._soon = QTimer(self, singleShot=True, interval=120)
        self._soon.timeout.connect(self._ask_now)

        self._filter = calm(ElidedComboBox(), "see.class_filter", tr("Class to select from"))
        self._filter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._random = IconButton(
            "see.random", "random", "", _random(MOST_RANDOM), do=self.pick_random
        )
        self._picker = named(
            SpriteGrid(scale=2, gap=4, multiple=True), "see.picker", tr("Sprites to dissolve")
        )
        self._picker.set_placeholder(tr("No data set is open."))
        area = scrolled(self._picker, 120)
        self._count = dim_label(name="see.picked")

        tip = tr(
            "Noise schedule: how fast noise grows with t. Cosine keeps the sprite visible "
            "longer, linear loses it sooner."
        )
        self._schedule = calm(ElidedComboBox(), "see.schedule", tr("Noise schedule"), tip)
        self._schedule.addItem("", OF_MODEL)
        for choice in settings_of(ScheduleConfig)["name"].choices:
            self._schedule.addItem(tr(choice.label), choice.value)
        tip = tr("T: number of steps from clean to noise")
        levels = Setting(tr("Noise levels"), tip=tip, low=10, high=1000, step=10)
        self._timesteps = NumberField(levels, 500, name="see.timesteps")
        self._form = Form(
            ForwardConfig(), name="see", names={"noise": "forward_noise", "seed": "forward_seed"}
        )
        self._go = push_button("see.forward", tr("Watch it dissolve"), "play", primary=True)

        top = hbox((self._filter, 1), self._random)
        sprites = FoldGroup(tr("Sprites"), top, area, self._count, name="see.group.sprites")
        self.noise = noise = FoldGroup(tr("Noise"), name="see.group.noise")
        noise.add_row(tr("Schedule"), self._schedule)
        noise.add_row(tr("Levels T"), self._timesteps)
        self._straight = push_button("see.schedule_reset", tr("Reset"), "undo", do=curve.reset)
        noise.add(curve, hbox(..., self._straight))
        for path in ("noise", "seed"):
            noise.add_row(self._form.label(path), self._form.add(path))
        self._seed = self._form.widget("seed", SeedField)
        # Above everything else, as in the panel of the reverse process.
        action = as_widget(vbox(self._go, margins=(8, 8, 8, 0)))
        steps = FoldGroup(tr("Steps by noise level"), use, name="see.group.use")
        vbox(action, sprites, noise, steps, on=self)

        self._filter.currentIndexChanged.connect(self._apply_filter)
        self._picker.selection_changed.connect(self._on_picked)
        self._picker.double_clicked.connect(lambda _index: self._ask(play=True))
        self._schedule.currentIndexChanged.connect(self._on_schedule)
        self._timesteps.changed.connect(self._on_curve)
        curve.bent.connect(self._on_curve)
        self._form.changed.connect(self._ask_soon)
        self._go.clicked.connect(self.dissolve_selected)
        self.set_data(None)
        self.set_model(None)

    def set_model(self, model: Model | None) -> None:
        """Offer another model's schedule; None = no model."""
        self._model = model
        choice = settings_of(ScheduleConfig)["name"].choice(self._of_model.name)
        name = tr(choice.label)
        whose = (
            tr("{name} (default)", name=name) if model is None else tr("{name} (model)", name=name)
        )
        self._schedule.setItemText(0, whose)
        self._on_schedule()

    @property
    def dissolving(self) -> Dissolving:
        return Dissolving(self.config, of_model=self._schedule.currentData() == OF_MODEL)

    def restore(self, last: Dissolving) -> None:
        """Show the settings of the last session."""
        schedule = last.config.schedule
        self._bent = schedule, last.config.bend
        self._form.set_value(last.config)
        name = OF_MODEL if last.of_model else schedule.name
        self._schedule.setCurrentIndex(self._schedule.findData(name))
        if not last.of_model:
            self._timesteps.set_value(schedule.timesteps)
        self._on_schedule()

    @property
    def _of_model(self) -> ScheduleConfig:
        """The schedule of the open model, or the default one."""
        return TrainConfig().schedule if self._model is None else self._model.schedule_config

    def _on_schedule(self, *_: object) -> None:
        of_model = self._schedule.currentData() == OF_MODEL
        why = tr("Set by the model: choose another schedule to change it.") if of_model else ""
        self._timesteps.explain(why)
        if of_model:
            self._timesteps.set_value(self._of_model.timesteps)
        self._on_curve()

    def _on_curve(self, *_: object) -> None:
        self._curve.show_schedule(self._chosen_schedule)
        if self._bent is not None and self._bent[0] == self._curve.config:
            bend, self._bent = self._bent[1], None
            self._curve.bend_by(bend)
        self._use.show_schedule(self._curve.config, self._curve.bend)
        straight = "" if self._curve.bend else tr("The schedule is unchanged.")
        allow(self._straight, straight, tr("Undo all bends of the schedule"))
        self._ask_soon()

    def set_data(self, data: SpriteSet | None) -> None:
        self._data = data
        entries: list[tuple[str, object]] = [
            (trc("classes", "All") if not data else tr("All ({count:,})", count=len(data)), None)
        ]
        for label, name in enumerate(data.class_names if data else ()):
            count = int((data.labels == label).sum()) if data else 0
            entries.append((f"{class_words(name)} ({number_text(count)})", label))
        fill(self._filter, entries, keep=False)
        why = tr("No data set is open.") if data is None else ""
        allow(self._filter, why, "")
        self._apply_filter()

    def pick_random(self) -> None:
        """Pick some of the offered sprites, and play them."""
        count = len(self._shown)
        if count:
            chosen = np.random.default_rng().permutation(count)[:MOST_RANDOM]
            self._picker.set_selection(int(i) for i in sorted(chosen))
            self._ask(play=True)

    def dissolve(self, sprites: Sequence[int]) -> None:
        """Dissolve sprites given by their index in the set, of any class."""
        if self._data is not None:
            self._filter.setCurrentIndex(0)
            wanted = np.array([sprite % len(self._data) for sprite in sprites], np.int64)
            if not np.isin(wanted, self._shown).all():
                self._apply_filter(also=wanted)
            self._picker.set_selection(np.searchsorted(self._shown, wanted).tolist())
            self._ask(play=False)

    def _apply_filter(self, *_: object, also: NDArray[np.int64] | None = None) -> None:
        data = self._data
        if data is None:
            self._shown = np.zeros(0, np.int64)
            self._picker.set_sprites(None)
        else:
            label = self._filter.currentData()
            every = np.arange(len(data)) if label is None else np.flatnonzero(data.labels == label)
            self._shown = sample_rows(every, MOST_OFFERED)
            self._left_out = len(self._shown) < len(every)
            if also is not None:
                self._shown = np.union1d(self._shown, also)
            self._picker.set_selection(())
            tips = [sprite_name(data, which) for which in self._shown.tolist()]
            self._picker.set_sprites(data.rgba_of(self._shown), tips)
        count = min(MOST_RANDOM, len(self._shown)) or MOST_RANDOM
        self._random.setText(_random(count))
        self._random.setAccessibleName(_random(count))
        why = tr("No data set is open.") if data is None else ""
        allow(self._random, why, tr("Select {count} random sprites", count=count))
        self._on_picked()

    def _on_picked(self) -> None:
        chosen = len(self._picker.selection)
        why = "" if chosen else tr("Select a sprite first: click one.")
        allow(self._go, why, tr("Add noise step by step and play it"))
        if self._data is None:
            text = tr("Open a data set to select sprites from.")
        elif chosen == 0:
            some = tr("Showing {count:,} at random. ", count=len(self._shown))
            offered = some if self._left_out else ""
            text = tr("{offered}Click a sprite; Ctrl or Shift adds more.", offered=offered)
        elif chosen > MOST_SPRITES:
            text = tr(
                "{chosen:,} selected; the first {most_sprites} are shown.",
                chosen=chosen,
                most_sprites=MOST_SPRITES,
            )
        else:
            # Usually, most of the selected sprites are scrolled out of sight.
            text = tr("{chosen} selected.", chosen=chosen)
        self._count.setText(text)
        if chosen:
            self._ask_soon()

    def _ask_soon(self) -> None:
        # While another process is shown, changes here must not replace it.
        if self._picker.selection and not self.isHidden():
            self._soon.start()

    def _ask_now(self) -> None:
        # Meanwhile, another process may have been requested, which this would cancel.
        if not self.isHidden():
            self._ask(play=False)

    def dissolve_selected(self) -> None:
        """Dissolve the selected sprites, with a new seed unless it is locked."""
        self._seed.take()
        self._ask(play=True)

    @property
    def has_selected(self) -> bool:
        return bool(self._picker.selection)

    @property
    def selected(self) -> tuple[int, ...]:
        """Indices, in the set, of the sprites that dissolve."""
        return tuple(self._shown[list(self._picker.selection[:MOST_SPRITES])].tolist())

    def _ask(self, play: bool) -> None:
        self._soon.stop()
        if self._data is None or not self._picker.selection:
            return
        self.wanted.emit(self._data.images[list(self.selected)], self.config, play)

    @property
    def _chosen_schedule(self) -> ScheduleConfig:
        name = self._schedule.currentData()
        if name == OF_MODEL:
            return self._of_model
        return ScheduleConfig(name=name, timesteps=self._timesteps.whole)

    @property
    def config(self) -> ForwardConfig:
        schedule = self._chosen_schedule
        return replace(self._form.value, schedule=schedule, bend=self._curve.bend)
