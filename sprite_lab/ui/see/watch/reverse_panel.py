"""Settings of the reverse process: what to generate, and how to remove the noise."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from sprite_lab.app.draw.config_words import setting_words
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import SHARED_SETTINGS, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.see.busy_row import BusyRow
from sprite_lab.ui.see.watch.class_ticks import ClassTicks
from sprite_lab.ui.see.watch.plain_guidance import PlainGuidance
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerFields
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.words_field import DealtWords, StyleChoice, WordsField
from sprite_lab.words import tr

#: Sprites drawn for each kept one, if only the best are wanted.
TRIES = 4

#: Settings that have an effect only with a drawing.
_OF_DRAWINGS = {"start_t", "inpainting", "visits"}


class ReversePanel(QWidget):
    """All settings of a SampleConfig, and Generate.

    ``traded``: what is shown below the guidance.
    """

    wanted = Signal(object)  #: a SampleConfig to generate
    cancel_wanted = Signal()  #: stop and discard the sprites being generated
    train_wanted = Signal()  #: there is no model, and the user wants one

    def __init__(self, traded: QWidget) -> None:
        super().__init__()
        self._model: ModelInfo | None = None
        self._running = False
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
        self._best = named(
            QCheckBox(tr("Only good ones")),
            "see.only_good",
            tip=tr(
                "Draw {tries} times as many sprites and keep those that look most hand-drawn, "
                "evenly by class.\nOff: every sprite is shown.",
                tries=TRIES,
            ),
        )
        self._generate = push_button(
            "see.generate",
            tr("Generate"),
            "generate",
            tr("Generate sprites from noise (Ctrl+Enter)"),
            primary=True,
        )
        self._train = push_button(
            "see.train_first", tr("Train a model first"), "train", primary=True
        )
        self.busy = BusyRow(name="see", doing=tr("Generating"))
        self._lay_out(traded)
        self._gray()
        self._generate.clicked.connect(self.generate)
        self._train.clicked.connect(self.train_wanted)
        self.busy.canceled.connect(self.cancel_wanted)
        self._seed.lock_toggled.connect(self._on_lock)
        self.set_model(None)

    def _lay_out(self, traded: QWidget) -> None:
        form = self._form = Form(
            SampleConfig(), name="see", names={"guidance_scale": "guidance"}, lists=("spacing",)
        )
        form.setParent(self)
        classes, words, deal = self._classes, self._words, self._deal
        what = FoldGroup(tr("What"), name="see.group.what")
        what.add_row(tr("Model"), self._model_name)
        what.add(
            form.bind("classes", classes, lambda: classes.chosen, classes.tick, classes.changed)
        )
        what.add_row(
            tr("Words"),
            form.bind("words", words, lambda: words.known_words, words.set_words, words.changed),
        )
        what.add_row(tr("Style"), self._style.bind_to(form))
        what.add(form.bind("deal_prompts", deal, deal.isChecked, deal.setChecked, deal.toggled))
        what.add_row(form.label("count"), form.add("count"))
        what.add_row(form.label("seed"), form.add("seed"))
        what.add(self._of_picture)
        self._seed = form.widget("seed", SeedField)
        self._seed.set_locked(False)
        self.how = how = FoldGroup(tr("How"), name="see.group.how")
        self._how.bind_to(form, how)
        how.add_row(form.label("guidance_scale"), form.add("guidance_scale"))
        how.add(self._plain.bind_to(form), traded)
        how.add_row(form.label("eta"), form.add("eta"))
        how.add(self._clean.bind_to(form), form.add("style_colors"), self._best)
        action = as_widget(
            vbox(self._generate, self._train, self.busy, spacing=-1, margins=(8, 8, 8, 0))
        )
        vbox(action, what, how, on=self)

    def _gray(self) -> None:
        """Say why a field has no effect."""

        def no_model(_: SampleConfig) -> str:
            return tr("There is no model yet.") if self._model is None else ""

        def not_dealt(config: SampleConfig) -> str:
            for_all = tr("The words above apply to all sprites.") if config.words else ""
            return DealtWords.problem(self._model) or for_all

        def not_guided(config: SampleConfig) -> str:
            dealt = config.deal_prompts and not not_dealt(config)
            asked = config.classes or config.words or config.style or dealt
            return "" if asked else tr("There is nothing to steer toward: select a class.")

        gray = self._form.gray
        gray(("count", "seed", "sampler", "steps"), no_model)
        gray("deal_prompts", not_dealt)
        gray(("guidance_scale", "autoguidance"), not_guided)
        gray("eta", lambda config: "" if config.sampler == "ddim" else tr("Only DDIM has an eta."))
        gray(
            "style_colors",
            lambda config: "" if config.colors else tr("Only available with clean colors."),
        )

    def name_model(self, *_: object) -> None:
        """Show the model's current name."""
        model = self._model
        self._model_name.setText(tr("none yet") if model is None else run_title(model.title))

    def set_model(self, model: ModelInfo | None) -> None:
        """Offer the classes and noise levels of a model, None = no model."""
        self._model = model
        self.name_model()
        for part in (self._classes, self._how, self._words, self._style):
            part.set_model(model)
        self._plain.set_timesteps(self._timesteps)
        palettes = model is not None and any(model.vocabulary.palettes)
        self._form.widget("style_colors", QCheckBox).setVisible(palettes)
        self._form.refresh()
        self.set_running(self._running)

    # -- settings ------------------------------------------------------------------------

    @property
    def _timesteps(self) -> int:
        return 500 if self._model is None else self._model.timesteps

    def config(self) -> SampleConfig:
        """The settings in the fields; with a locked seed, also those restored from a picture."""
        found = self._form.value
        return found if found.sampler == "ddim" else replace(found, eta=0.0)

    def _on_lock(self) -> None:
        if not self._seed.locked:
            self._plain.forget()
            self._form.set_others(SampleConfig())
            self._of_picture.hide()

    @property
    def tries(self) -> int:
        """How many sprites are drawn for each kept one."""
        return TRIES if self._best.isChecked() else 1

    def set_config(self, config: SampleConfig, *, locked: bool = True) -> None:
        """Show settings, with the seed ``locked``, so that Generate gives the same sprites.

        Of a part of a sheet the whole sheet up to it is asked for, as a class is dealt to each
        by its place. A drawing that it began from is left out.
        """
        fields = self._form.values
        others = {*SHARED_SETTINGS} - {*fields} - _OF_DRAWINGS
        if not config.guides_plainly(self._timesteps):  # its switch cannot say what is between
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
            # "fp32" is the meaning of auto.
            if name in others and config.at(name) not in (usual.at(name), "fp32")
        ]
        heading = tr("Also set, until you unlock the seed:")
        self._of_picture.setText(
            "\n".join((heading, *(f"•\N{NO-BREAK SPACE}{one}" for one in others_set)))
        )
        self._of_picture.setVisible(bool(others_set))

    def _in_words(self, config: SampleConfig, name: str) -> str:
        """A setting without a field, in words."""
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
        """Ask for new sprites, with a new seed unless it is locked."""
        if self._model is not None and not self._running:
            self._words.commit()
            self._seed.take()
            self.wanted.emit(self.config())

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of Generate, or vice versa."""
        self._running = running
        self._generate.setVisible(not running and self._model is not None)
        self._train.setVisible(not running and self._model is None)
        self.busy.set_running(running)
