"""Settings of a race: those shared by all lanes, and the next lane to add."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.see.race_run import PRESET_SAMPLERS, STEPS_PRESET, Entry, LaneConfig
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config import SAMPLERS, SampleConfig
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.see.model_page import ChosenGroup
from sprite_lab.ui.see.watch.plain_guidance import PlainGuidance
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.busy_row import BusyRow
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, set_lesson_value
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.sampler_choice import SamplerFields
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.words_field import DealtWords
from sprite_lab.words import number_text, tr

#: Maximum number of sprites: more would be too small to compare.
MOST_SPRITES = 6

#: Entry for classes that alternate across sprites.
DEALT = "*"


class ClassChoice(ElidedComboBox):
    """A choice of class: the same for all sprites, each class in turn, or any."""

    def __init__(self) -> None:
        super().__init__()
        calm(self, "race.class", tr("Class"), tr("Class of the sprites"))
        self._names: tuple[str, ...] = ()
        self._wanted: str = DEALT  # chosen as soon as there are classes
        fill(self, [(tr("Any"), "")])
        self.activated.connect(lambda _: self._choose(self.currentData()))

    def set_names(self, names: Sequence[str]) -> None:
        each = [(tr("Each in turn"), DEALT)] if names else []
        classes = [(class_words(name), name) for name in names]
        chosen = self.currentData() if self._names else self._wanted
        self._names = tuple(names)
        fill(self, [*each, *classes, (tr("Any"), "")])
        self.setCurrentIndex(max(0, self.findData(chosen)))

    def _choose(self, wanted: str) -> None:
        self._wanted = wanted
        self.setCurrentIndex(max(0, self.findData(wanted)))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, as in a SampleConfig."""
        chosen = self.currentData()
        return self._names if chosen == DEALT else (chosen,) if chosen else ()

    def show_classes(self, classes: Sequence[str]) -> None:
        if classes or self._names:
            self._choose(DEALT if len(classes) > 1 else "".join(classes))


class RacePanel(Inspector):
    """Settings shared by all lanes, and of the next lane."""

    changed = Signal()  #: a setting shared by all lanes has changed
    start_wanted = Signal()  #: the race should start
    model_wanted = Signal(str)  #: reference of the model chosen for the next lane
    #: the lanes should be replaced by a preset: "" = the default, "spacing", "student", or a
    #: sampler's name
    preset_wanted = Signal(str)

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="race.inspector")
        self._lanes = self._waiting = 0
        self.add(self._make_shared(settings), self._make_action())
        self.add_separator()
        self.add(self._make_lane())
        self.add_separator()
        self.chosen = ChosenGroup(
            tr("Selected sprite"),
            tr("Click a sprite in a lane."),
            tr("See every step of its lane in Watch (double-click, Enter)"),
            name="race",
        )
        self.add(self.chosen)
        tip = tr("All lanes in motion, as GIF, PNG, WebP or video (Ctrl+E)")
        self.export = push_button("race.export", tr("Export animation…"), "export", tip)
        group = FoldGroup(tr("Export"), self.export, name="race.group.export")
        self.add_separator()
        self.add(group)
        self.set_running(False)

    def _make_shared(self, settings: Settings) -> FoldGroup:
        # Colors are not cleaned, as that would hide differences.
        form = self.form = Form(
            SampleConfig(count=4, colors=0), self, name="race", names={"guidance_scale": "guidance"}
        )
        box = self._class = ClassChoice()
        form.add("count", usual=(1, MOST_SPRITES), tip=tr("Sprites drawn by each lane"))
        form.add("seed")
        form.bind("classes", box, lambda: box.classes, box.show_classes, box.currentIndexChanged)
        form.add(
            "guidance_scale",
            tip=tr(
                "How strongly the class steers; 1 = off. Above 1 each step evaluates the "
                "network again without the class (not for students)."
            ),
        )
        self._plain = PlainGuidance("race.plain_guidance").bind_to(form)
        deal = self._deal = DealtWords(
            tr("They are the same in all lanes. Point at a sprite to see them."),
            name="race.deal_prompts",
        )
        deal.bind_to(form).hide()
        group = FoldGroup(tr("The same for all lanes"), name="race.group.shared")
        for path in ("count", "seed"):
            group.add_row(form.label(path), form.widget(path, QWidget))
        group.add_row(tr("Class"), box)
        group.add_row(form.label("guidance_scale"), form.widget("guidance_scale", QWidget))
        group.add(self._plain, deal)
        self._seed = form.widget("seed", SeedField)
        form.remember(settings)
        form.changed.connect(self.changed)
        self._seed.lock_toggled.connect(self._show_start)
        return group

    def _make_action(self) -> QWidget:
        tip = tr("Draw every lane from the same noise, then the reference")
        self._start = push_button("race.start", tr("Race"), "play", tip, primary=True)
        self.busy = BusyRow(
            name="race",
            doing=tr("the race"),
            tip=tr("Cancel and keep only the finished lanes (Esc)"),
            in_percent=False,
        )
        action = as_widget(vbox(self._start, self.busy, spacing=-1, margins=(8, 0, 8, 8)))
        self._start.clicked.connect(self.start)
        return action

    def _make_lane(self) -> FoldGroup:
        tip = tr("Models with the same sprite size can start from the same noise.")
        self._model = calm(ElidedComboBox(), "race.add.model", tr("Model of the lane"), tip)
        self._how = SamplerFields(
            "race.add",
            tr("Noise levels visited on the way from noise to clean."),
            label=tr("Sampler of the lane"),
        )
        tip = tr("Adds it below the others, and draws it at once if they are drawn")
        self.add_lane = push_button("race.add", tr("Add lane"), "add", tip)
        tip = tr(
            "Several samplers, or one with 1, 4, 12 and 50 steps, or with 6 steps spread in "
            "several ways over the noise levels, or a student beside its teacher. Replaces the "
            "lanes."
        )
        self._preset = calm(ElidedComboBox(), "race.preset", tr("Preset"), tip)
        self._misfit = dim_label(name="race.misfit")
        self._misfit.hide()
        group = FoldGroup(tr("Lanes"), name="race.group.lane")
        group.add_row(tr("Preset"), self._preset)
        group.add_row(tr("Model"), self._model)
        lane = Form(SampleConfig(), name="race.add", lists=("spacing",))
        lane.setParent(self)
        self._how.bind_to(lane, group, spacing=True)
        group.add(self.add_lane, self._misfit)
        self._model.currentIndexChanged.connect(
            lambda _: self.model_wanted.emit(self._model.currentData())
        )
        self._preset.activated.connect(self._on_preset)
        self.show_presets(["", *PRESET_SAMPLERS, "spacing", "student"], "")
        return group

    # -- choices ----------------------------------------------------------------------------------

    def set_models(self, models: Sequence[tuple[str, str]]) -> None:
        """Offer models for a lane (reference and title); keeps the choice if possible."""
        chosen = self._model.currentData()
        fill(self._model, [(title, ref) for ref, title in models])
        for i, (_, title) in enumerate(models):
            self._model.setItemData(i, tooltip(title), Qt.ItemDataRole.ToolTipRole)
        if self._model.currentData() not in (None, chosen):
            self.model_wanted.emit(self._model.currentData())

    def show_presets(self, names: Sequence[str], now: str | None) -> None:
        """Offer presets, named as in ``preset_wanted``; ``now``: the one of the lanes, if any."""
        steps = ", ".join(map(number_text, STEPS_PRESET))
        labels = {name: f"{tr(known.label)}: {steps}" for name, known in SAMPLERS.items()}
        every = labels | {
            "": tr("Several samplers"),
            "spacing": tr("Several spacings"),
            "student": tr("Student and teacher"),
        }
        entries: list[tuple[str, object]] = [(every[name], name) for name in names]
        if now is None:
            entries.append((tr("Your own"), None))
        fill(self._preset, entries)
        self._preset.setCurrentIndex(len(names) if now is None else names.index(now))

    def _on_preset(self, _index: int) -> None:
        if self._preset.currentData() is not None:
            self.preset_wanted.emit(self._preset.currentData())

    def set_lane_model(self, model: Model | None, why: str = "") -> None:
        """Offer a model's samplers; None = not loaded, or unsuitable for the reason ``why``."""
        allow(self.add_lane, "" if model is not None else why or tr("Loading the model"))
        self._misfit.setText(why)
        self._misfit.setVisible(bool(why))
        if model is None:
            self._how.allow(why or tr("Loading the model"))
        else:
            self._how.set_model(model)

    def set_room(self, room: bool) -> None:
        if self._how.choice.isEnabled():
            why = tr("More lanes could not be told apart: remove one first")
            allow(self.add_lane, "" if room else why)

    def set_model(self, model: Model) -> None:
        """Offer the open model's classes, and words if it knows any."""
        self._class.set_names(model.class_names)
        self._deal.setVisible(bool(model.prompts))
        self._plain.set_timesteps(model.timesteps)

    def show_added(self, lanes: Sequence[Entry]) -> None:
        """Tell lessons the sampler of the latest lane."""
        set_lesson_value(self.add_lane, lanes[-1].sampler if lanes else None)

    # -- settings ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the race, with a new seed unless it is locked."""
        self._seed.take()
        self.start_wanted.emit()

    @property
    def lane(self) -> LaneConfig:
        how = self._how
        return LaneConfig(self._model.currentData() or "", how.sampler, how.steps, how.spacing)

    # -- display ----------------------------------------------------------------------------------

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of Race, or vice versa."""
        if running:
            self.busy.show()
            self.busy.take_focus_of(self._start)
        self._start.setVisible(not running)
        self.busy.setVisible(running)

    def set_start(self, lanes: int, waiting: int) -> None:
        """Adapt the Race button to the number of lanes, and how many are not drawn yet."""
        self._lanes, self._waiting = lanes, waiting
        self._show_start()

    def _show_start(self, *_: object) -> None:
        locked, why = self._seed.locked, ""
        if not self._lanes:
            why = tr("There is no lane: add one")
        elif not self._waiting and locked:
            why = tr("Every lane is drawn from this seed: unlock it, or roll the dice, for another")
        allow(self._start, why)
        if not locked:
            words = tr("Race with a new seed")
        else:
            words = tr("Resume race") if 0 < self._waiting < self._lanes else tr("Race")
        self._start.setText(words)
        self._start.setAccessibleName(words)
