"""Settings of the reverse process: what to generate, and how to remove the noise."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QScrollArea, QToolButton, QWidget

from sprite_lab.app.draw.config_words import setting_words
from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import class_words, run_title
from sprite_lab.core.config import SHARED_SETTINGS, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, discard, grid, hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.see.watch.plain_guidance import PlainGuidance
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.busy_row import BusyRow
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerFields
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.words_field import DealtWords, StyleChoice, WordsField
from sprite_lab.words import tr, trc

#: Maximum number of rows of classes without scrolling, and height of a row in logical pixels at the
#: usual text size.
_MOST_ROWS, _ROW = 5, 26


_ALL = tr("Select every class")
_NONE = tr("Deselect all classes: any class may be drawn")


class ClassTicks(QWidget):
    """Check boxes ``see.class.<name>`` in two columns, buttons All and None, and what the choice
    means.

    Initially, every class is checked, so that guidance works and every class is seen.
    """

    changed = Signal()  #: the choice of classes changed

    def __init__(self) -> None:
        super().__init__()
        self._boxes: dict[str, QCheckBox] = {}
        self._dealt = False  # whether prompts with classes are dealt to sprites
        content = named(QWidget(), "scrolled")
        self._grid = grid(on=content, down=0)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self._area: QScrollArea = scrolling(content)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._meaning = dim_label(name="see.classes_dealt")
        self._all = _word_button("see.classes.all", trc("classes", "All"), _ALL)
        self._none = _word_button("see.classes.none", trc("classes", "None"), _NONE)
        row = hbox((self._meaning, 1), self._all, self._none, spacing=4)
        vbox(self._area, row, on=self)
        self._all.clicked.connect(lambda: self.tick(self._boxes))
        self._none.clicked.connect(lambda: self.tick(()))
        theme_manager().text_resized.connect(self._fit_height)

    def set_model(self, model: Model | None) -> None:
        """Offer a model's classes; unchecked ones stay unchecked."""
        before = {name: box.isChecked() for name, box in self._boxes.items()}
        for box in self._boxes.values():
            self._grid.removeWidget(box)
            discard(box)
        names = () if model is None else model.class_names
        self._boxes = {name: QCheckBox(class_words(name)) for name in names}
        for index, (name, box) in enumerate(self._boxes.items()):
            box.setObjectName(f"see.class.{name}")
            box.setChecked(before.get(name, True))
            box.toggled.connect(self._on_toggled)
            self._grid.addWidget(box, index // 2, index % 2, Qt.AlignmentFlag.AlignLeft)
        self._fit_height()
        self._area.setVisible(bool(names))
        for button in (self._all, self._none):
            button.setVisible(len(names) > 1)
        self.setVisible(model is not None)
        self._on_toggled()

    def _fit_height(self) -> None:
        rows = min((len(self._boxes) + 1) // 2, _MOST_ROWS)
        self._area.setFixedHeight(round(rows * _ROW * theme_manager().text_scale))

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def tick(self, names: Collection[str]) -> None:
        """Check these classes and no others."""
        for name, box in self._boxes.items():
            box.setChecked(name in names)

    def set_dealt(self, dealt: bool) -> None:
        """Set whether each sprite is dealt the words and class of a training sprite."""
        self._dealt = dealt
        self._say()

    def _on_toggled(self, *_: object) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        chosen = self.chosen
        if not self._boxes:
            text = tr("This model knows no classes.")
        elif not chosen and self._dealt:
            text = tr("None selected: each has the class of its words.")
        elif not chosen:
            text = tr("None selected: any class.")
        elif len(chosen) == 1:
            text = tr("Every sprite: {chosen}.", chosen=class_words(chosen[0]))
        else:
            text = tr("Classes alternate across sprites.")
        self._meaning.setText(text)
        every = tr("Every class is selected.") if len(chosen) == len(self._boxes) else ""
        allow(self._all, every, _ALL)
        allow(self._none, "" if chosen else tr("No class is selected."), _NONE)


def _word_button(name: str, text: str, label: str) -> QToolButton:
    button = named(QToolButton(), name, label)
    button.setText(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


#: Number of sprites drawn for each one that is kept, if only the best are wanted.
TRIES = 4

#: Settings that only matter with a drawing.
_OF_DRAWINGS = {"start_t", "inpainting", "visits"}


class ReversePanel(QWidget):
    """Fields for the settings of a SampleConfig, and Generate.

    ``traded``: widget below the guidance.
    """

    wanted = Signal(object)  #: a SampleConfig to generate

    def __init__(self, traded: QWidget) -> None:
        super().__init__()
        self._model: Model | None = None
        self._running = self._loading = False
        self._model_name = Label(wrap=True)
        self._classes = ClassTicks()
        self._words = WordsField(name="see.words")
        self._style = StyleChoice(name="see.style")
        self._deal = DealtWords(tr("Point at a sprite to see its words."), name="see.deal_prompts")
        self._of_picture = dim_label(name="see.of_picture")
        self._of_picture.hide()
        self._how = SamplerFields(
            "see", tr("Noise levels visited on the way from noise to clean. More is slower.")
        )
        self._plain = PlainGuidance("see.plain_guidance")
        self._clean = CleanColors("see.clean_colors")
        tip = tr(
            "Draw {tries} times as many sprites and keep those that the critic finds most usable "
            "in a game, evenly by class.\nOff: every sprite is shown.",
            tries=TRIES,
        )
        self._best = named(QCheckBox(tr("Only good ones")), "see.only_good", tip=tip)
        tip = tr("Generate sprites from noise (Ctrl+Enter)")
        self._generate = push_button(
            "see.generate", tr("Generate"), "generate", tip, primary=True, do=self.generate
        )
        self.train = push_button(
            "see.train_first", tr("Train a model first"), "train", primary=True
        )
        self.busy = BusyRow(name="see", doing=tr("Generating"))
        self._lay_out(traded)
        self._gray()
        self._form.changed.connect(self._tell_dealt)
        self._seed.lock_toggled.connect(self._on_lock)
        self.set_model(None)

    def _lay_out(self, traded: QWidget) -> None:
        form = self._form = Form(
            SampleConfig(),
            self,
            name="see",
            names={"guidance_scale": "guidance"},
            lists=("spacing",),
        )
        classes, words = self._classes, self._words
        form.bind("classes", classes, lambda: classes.chosen, classes.tick, classes.changed)
        form.bind("words", words, lambda: words.known_words, words.set_words, words.changed)
        what = FoldGroup(tr("What"), name="see.group.what")
        what.add_row(tr("Model"), self._model_name)
        what.add(classes)
        what.add_row(tr("Words"), words)
        what.add_row(tr("Style"), self._style.bind_to(form))
        what.add(self._deal.bind_to(form))
        for path in ("count", "seed"):
            what.add_row(form.label(path), form.add(path))
        what.add(self._of_picture)
        self._seed = form.widget("seed", SeedField)
        self._seed.set_locked(False)
        self.how = how = FoldGroup(tr("How"), name="see.group.how")
        self._how.bind_to(form, how, spacing=True)
        how.add_row(form.label("guidance_scale"), form.add("guidance_scale"))
        how.add(self._plain.bind_to(form), traded)
        how.add_row(form.label("eta"), form.add("eta"))
        how.add(self._clean.bind_to(form), form.add("style_colors"), self._best)
        buttons = self._generate, self.train, self.busy
        action = as_widget(vbox(*buttons, spacing=-1, margins=(8, 8, 8, 0)))
        vbox(action, what, how, on=self)

    def _gray(self) -> None:
        def no_model(_: SampleConfig) -> str:
            return tr("There is no model yet.") if self._model is None else ""

        def not_guided(config: SampleConfig) -> str:
            asked = config.classes or config.words or config.style or self._deals(config)
            return "" if asked else tr("There is nothing to steer toward: select a class.")

        gray = self._form.gray
        gray(("count", "seed", "sampler", "steps"), no_model)
        gray("deal_prompts", self._not_dealt)
        gray("guidance_scale", not_guided)
        gray("autoguidance", lambda config: not_guided(config) or self._plain_anyway(config))
        gray("eta", lambda config: "" if config.sampler == "ddim" else tr("Only DDIM has an eta."))
        gray(
            "style_colors",
            lambda config: "" if config.colors else tr("Only available with clean colors."),
        )

    def _plain_anyway(self, config: SampleConfig) -> str:
        """Why the switch for plain guidance makes no difference; "" = it does."""
        if self._model is None or not self._model.guides_plainly:
            return ""
        everywhere = replace(config, autoguidance=0.0).guides_plainly(
            self._timesteps, everywhere=True
        )
        return tr("This model is guided plainly in any case.") if everywhere else ""

    def _not_dealt(self, config: SampleConfig) -> str:
        """Why no words of training sprites can be dealt; "" = they can."""
        for_all = tr("The words above apply to all sprites.") if config.words else ""
        return DealtWords.problem(self._model) or for_all

    def _deals(self, config: SampleConfig) -> bool:
        """Whether words of training sprites are dealt."""
        return config.deal_prompts and not self._not_dealt(config)

    def _tell_dealt(self) -> None:
        with suppress(ConfigError):  # settings may be inconsistent for now
            self._classes.set_dealt(self._deals(self._form.value))

    def name_model(self, *_: object) -> None:
        model = self._model
        none = tr("loading…") if self._loading else tr("none yet")
        self._model_name.setText(none if model is None else run_title(model.title))

    def set_loading(self, loading: bool) -> None:
        """Set whether a model is being loaded, which is then shown instead of "none yet"."""
        self._loading = loading
        self.name_model()
        self.set_running(self._running)

    def set_model(self, model: Model | None) -> None:
        """Offer a model's classes and noise levels; None = no model."""
        self._model = model
        self.name_model()
        for part in (self._classes, self._how, self._words, self._style):
            part.set_model(model)
        self._plain.set_timesteps(self._timesteps)
        palettes = model is not None and any(model.vocabulary.palettes)
        self._form.widget("style_colors", QCheckBox).setVisible(palettes)
        self._form.refresh()
        self._tell_dealt()
        self.set_running(self._running)

    # -- settings ------------------------------------------------------------------------

    @property
    def _timesteps(self) -> int:
        return 500 if self._model is None else self._model.timesteps

    def config(self) -> SampleConfig:
        """The settings of the fields and, with a locked seed, others restored from a picture."""
        found = self._form.value
        return found if found.sampler == "ddim" else replace(found, eta=0.0)

    def _on_lock(self) -> None:
        if not self._seed.locked:
            self._plain.forget()
            self._form.set_others(SampleConfig())
            self._of_picture.hide()

    @property
    def tries(self) -> int:
        """Number of sprites drawn for each one that is kept."""
        return TRIES if self._best.isChecked() else 1

    def set_config(self, config: SampleConfig, *, locked: bool = True) -> None:
        """Show settings; ``locked``: lock the seed, so that Generate gives the same sprites.

        If the settings are of a part of a sheet, the sheet up to the end of that part is requested,
        since classes are assigned by position. Settings for a drawing are left out.
        """
        fields = self._form.values
        others = {*SHARED_SETTINGS} - {*fields} - _OF_DRAWINGS
        if not config.guides_plainly(self._timesteps):  # the switch cannot show other values
            others |= {*PlainGuidance.SETS}
        shown = {name: config.at(name) for name in (*fields, *others)}
        _, most = settings_of(SampleConfig)["count"].offered
        shown["count"] = min(max(config.indices) + 1, round(most))
        self._form.set_value(SampleConfig().having(shown))
        self._seed.set_locked(locked)
        self._best.setChecked(False)
        usual = SampleConfig()
        others_set = [
            self._in_words(config, name)
            for name in SHARED_SETTINGS
            # "fp32" means the same as auto.
            if name in others and config.at(name) not in (usual.at(name), "fp32")
        ]
        lines = (f"•\N{NO-BREAK SPACE}{one}" for one in others_set)
        self._of_picture.setText("\n".join((tr("Also set, until you unlock the seed:"), *lines)))
        self._of_picture.setVisible(bool(others_set))

    def _in_words(self, config: SampleConfig, name: str) -> str:
        """Description of a setting without a field."""
        value = config.at(name)
        if name == "autoguidance" and not value:
            return tr("no autoguidance")
        if isinstance(value, tuple):
            low, high = value
            if low <= 1 and high >= self._timesteps:
                return tr("guidance at all noise levels")
            return tr("guidance only from t = {high:g} to t = {low:g}", low=low, high=high)
        return f"{tr(settings_of(SampleConfig)[name].label)}: {setting_words(config, name)}"

    # -- running -------------------------------------------------------------------------

    def generate(self) -> None:
        """Request new sprites, with a new seed unless it is locked."""
        if self._model is not None and not self._running:
            self._words.commit()
            self._seed.take()
            self.wanted.emit(self.config())

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of Generate, or vice versa."""
        self._running = running
        there = self._model is not None
        self._generate.setVisible(not running and (there or self._loading))
        allow(self._generate, "" if there else tr("The model is still loading"))
        self.train.setVisible(not running and not there and not self._loading)
        self.busy.set_running(running)
