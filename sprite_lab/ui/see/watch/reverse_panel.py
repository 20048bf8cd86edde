"""Settings of the reverse process: what to generate, and how the noise is taken away."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QScrollArea,
    QToolButton,
    QWidget,
)

from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting, settings_of
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.see.busy_row import BusyRow
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField, guidance_field
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerFields
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.words_field import StyleChoice, WordsField
from sprite_lab.words import tr, trc

#: Sprites drawn for each that is kept where only good ones are wanted.
TRIES = 4

#: Settings that have no field here, but that a picture may be restored with.
WITHOUT_FIELD = ("autoguidance", "precision", "guidance_interval", "variance", "churn")


class ReversePanel(QWidget):
    """Everything that goes into a SampleConfig, and Generate.

    At first every class is ticked, so that guidance works and there is one of each to see.
    ``traded``: what is shown below the guidance.
    """

    wanted = Signal(object)  #: a SampleConfig to generate
    cancel_wanted = Signal()  #: stop and discard what is being generated
    train_wanted = Signal()  #: there is no model, and the person would like one

    def __init__(self, traded: QWidget) -> None:
        super().__init__()
        self._model: ModelInfo | None = None
        self._running = False
        self._classes: dict[str, QCheckBox] = {}

        self._model_name = Label(wrap=True)
        self._class_box = named(QWidget(), "scrolled")
        self._class_grid = QGridLayout(self._class_box)
        self._class_grid.setContentsMargins(0, 0, 0, 0)
        self._class_grid.setHorizontalSpacing(8)
        self._class_grid.setVerticalSpacing(0)
        self._class_grid.setColumnStretch(0, 1)
        self._class_grid.setColumnStretch(1, 1)
        self._class_area = QScrollArea()
        self._class_area.setWidgetResizable(True)
        self._class_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._class_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._class_area.setWidget(self._class_box)
        self._dealt = dim_label(name="see.classes_dealt")
        self._all = _word_button(trc("classes", "All"), tr("Tick every class"), "see.classes.all")
        self._none = _word_button(
            trc("classes", "None"), tr("Tick no class: any may come"), "see.classes.none"
        )
        self._words = WordsField(name="see.words")
        self._style = StyleChoice(name="see.style")
        self._deal = named(QCheckBox(tr("Something different each time")), "see.deal_prompts")
        self._deal.setChecked(True)
        known = settings_of(SampleConfig)["style_colors"]
        label = tr(known.label)
        self._style_colors = named(QCheckBox(label), "see.style_colors", label, tr(known.tip))
        self._style_colors.setChecked(True)
        self._count = NumberField(
            Setting(tr("Count"), tip=tr("How many sprites."), low=1, high=64), 16, name="see.count"
        )
        self._seed = SeedField(name="see.seed")
        self._of_picture_text = dim_label(name="see.of_picture")

        self._how = SamplerFields(
            "see", tr("Noise levels visited on the way from noise to clean. More is slower.")
        )
        self._guidance = guidance_field(
            "see.guidance", tr("how strongly class, words and style steer; 1 = off.")
        )
        self._eta = NumberField(
            Setting(
                tr("Eta"),
                tip=tr("Eta: the share of fresh noise at each DDIM step; 0 = none, 1 = as DDPM."),
                low=0,
                high=1,
                step=0.1,
                decimals=2,
            ),
            0,
            name="see.eta",
        )
        self._clean = CleanColors("see.clean_colors")
        self._clean.toggled.connect(self._on_clean)
        self._best = named(
            QCheckBox(tr("Only good ones")),
            "see.only_good",
            tip=tr(
                "Draw {tries} times as many sprites and keep those that look most like drawn "
                "ones, as many of each class.\nOff: every sprite is shown, as it came.",
                tries=TRIES,
            ),
        )
        self._generate = push_button(
            "see.generate",
            tr("Generate"),
            "generate",
            tr("Let sprites come out of noise (Ctrl+Enter)"),
            primary=True,
        )
        self._train = push_button(
            "see.train_first", tr("Train a model first"), "train", primary=True
        )
        self.busy = BusyRow(name="see", doing=tr("Generating"))
        self._lay_out(traded)

        self._how.changed.connect(self._on_sampler)
        self._all.clicked.connect(lambda: self._tick(True))
        self._none.clicked.connect(lambda: self._tick(False))
        self._words.added.connect(self._on_wishes)
        self._words.removed.connect(self._on_wishes)
        self._style.currentIndexChanged.connect(self._on_wishes)
        self._deal.toggled.connect(self._on_wishes)
        self._generate.clicked.connect(self.generate)
        self._train.clicked.connect(self.train_wanted)
        self.busy.cancelled.connect(self.cancel_wanted)
        self._of_picture: SampleConfig | None = None
        self._of_picture_text.hide()
        self._seed.lock_toggled.connect(self._forget_picture)
        self.set_model(None)
        self.set_running(False)

    def _lay_out(self, traded: QWidget) -> None:
        what = FoldGroup(tr("What"), name="see.group.what")
        what.add_row(tr("Model"), self._model_name)
        what.add(self._class_area)
        self._dealt_row = QWidget()
        hbox((self._dealt, 1), self._all, self._none, on=self._dealt_row, spacing=4)
        what.add(self._dealt_row)
        what.add_row(tr("Words"), self._words)
        what.add_row(tr("Style"), self._style)
        what.add(self._deal)
        what.add_row(tr("Count"), self._count)
        what.add_row(tr("Seed"), self._seed)
        what.add(self._of_picture_text)
        self.how = how = FoldGroup(tr("How"), name="see.group.how")
        self._how.add_to(how)
        how.add_row(tr("Guidance"), self._guidance)
        how.add(traded)
        how.add_row(tr("Eta"), self._eta)
        how.add(self._clean, self._style_colors, self._best)
        action = QWidget()
        vbox(self._generate, self._train, self.busy, on=action, spacing=-1, margins=(8, 8, 8, 0))
        vbox(action, what, how, on=self)

    # -- model ---------------------------------------------------------------------------

    def set_model(self, model: ModelInfo | None) -> None:
        """Offer the classes and noise levels of a model, None = no model."""
        self._model = model
        before = {name: box.isChecked() for name, box in self._classes.items()}
        for box in self._classes.values():
            self._class_grid.removeWidget(box)
            box.deleteLater()
        names: tuple[str, ...] = () if model is None else model.class_names
        self._classes = {name: QCheckBox(name.replace("_", " ")) for name in names}
        for index, (name, box) in enumerate(self._classes.items()):
            box.setObjectName(f"see.class.{name}")
            box.setChecked(before.get(name, True))
            box.toggled.connect(self._on_classes)
            self._class_grid.addWidget(box, index // 2, index % 2, Qt.AlignmentFlag.AlignLeft)
        rows = (len(names) + 1) // 2
        self._class_area.setFixedHeight(min(rows, 5) * 26)
        self._class_area.setVisible(rows > 0)
        self._model_name.setText(tr("none yet") if model is None else run_title(model.title))
        self._how.set_model(model)
        self._words.set_model(model)
        self._style.set_model(model)
        self._style_colors.setVisible(model is not None and any(model.vocabulary.palettes))
        for part in (self._count, self._seed):
            part.setEnabled(model is not None)
        self._on_classes()
        self._on_sampler()
        self.set_running(self._running)

    def _chosen(self) -> tuple[str, ...]:
        return tuple(name for name, box in self._classes.items() if box.isChecked())

    def _tick(self, ticked: bool) -> None:
        for box in self._classes.values():
            box.setChecked(ticked)

    def _on_classes(self) -> None:
        chosen = self._chosen()
        if not self._classes:
            text = "" if self._model is None else tr("This model knows no classes.")
        elif not chosen:
            text = tr("None ticked: any class.")
        elif len(chosen) == 1:
            text = tr("Every sprite: {chosen}.", chosen=chosen[0].replace("_", " "))
        else:
            text = tr("Dealt to the sprites in turn.")
        self._dealt.setText(text)
        self._dealt_row.setVisible(bool(text))
        for button in (self._all, self._none):
            button.setVisible(len(self._classes) > 1)
        self._all.setEnabled(len(chosen) < len(self._classes))
        self._none.setEnabled(bool(chosen))
        self._on_wishes()

    def _on_wishes(self, *_: object) -> None:
        """Grey what has no use with these classes, words and styles."""
        words, prompts = self._words.known_words, self._model is not None and self._model.prompts
        why = ""
        if not prompts:
            why = tr("This model was taught no words to choose from.")
        elif words:
            why = tr("The words above are for all sprites.")
        allow(
            self._deal,
            why,
            tr(
                "Every sprite is asked for with the words of another training sprite of its "
                "class and style, and comes out as something definite. Point at a sprite to see "
                "its words."
            ),
        )
        dealt = self._deal.isChecked() and self._deal.isEnabled()
        asked = self._chosen() or words or self._style.style_name or dealt
        self._guidance.setEnabled(bool(asked))

    def _on_clean(self, on: bool) -> None:
        tip = tr(settings_of(SampleConfig)["style_colors"].tip)
        allow(self._style_colors, "" if on else tr("These come with clean colors."), tip)

    def _on_sampler(self) -> None:
        self._eta.setEnabled(self._how.sampler == "ddim" and self._model is not None)

    # -- running -------------------------------------------------------------------------

    def config(self) -> SampleConfig:
        """The settings in the fields, and what only a picture says while its seed is locked."""
        shown = SampleConfig(
            count=self._count.whole,
            seed=self._seed.seed,
            sampler=self._how.sampler,
            steps=self._how.steps,
            eta=self._eta.value if self._how.sampler == "ddim" else 0.0,
            classes=self._chosen(),
            words=self._words.known_words,
            style=self._style.style_name if self._style.isEnabled() else "",
            deal_prompts=self._deal.isChecked(),
            style_colors=self._style_colors.isChecked(),
            guidance_scale=self._guidance.value,
            colors=self._clean.colors,
        )
        picture = self._of_picture
        if picture is None:
            return shown
        return replace(
            shown,
            autoguidance=picture.autoguidance,
            precision=picture.precision,
            guidance_interval=picture.guidance_interval,
            variance=picture.variance,
            churn=picture.churn,
        )

    def _forget_picture(self) -> None:
        if not self._seed.locked:
            self._of_picture = None
            self._of_picture_text.hide()

    @property
    def tries(self) -> int:
        """How many sprites are drawn for each that is kept."""
        return TRIES if self._best.isChecked() else 1

    def set_config(self, config: SampleConfig, *, locked: bool = True) -> None:
        """Show settings, with the seed ``locked``, so that Generate gives the same sprites.

        Of a part of a sheet the whole sheet up to it is asked for, as a class is dealt to each
        by its place. A drawing that it began from is left out.
        """
        self._count.set_value(max(config.indices) + 1)
        self._seed.set_seed(config.seed)
        self._seed.set_locked(locked)
        self._how.show(config.sampler, config.steps)
        self._eta.set_value(config.eta)
        self._guidance.set_value(config.guidance_scale)
        self._clean.set_colors(config.colors)
        for name, box in self._classes.items():
            box.setChecked(name in config.classes)
        self._best.setChecked(False)
        self._words.set_words(config.words)
        self._style.show_style(config.style)
        self._deal.setChecked(config.deal_prompts)
        self._style_colors.setChecked(config.style_colors)
        self._on_wishes()
        usual, known = SampleConfig(), settings_of(SampleConfig)
        self._of_picture = config
        told = ", ".join(
            f"{known[name].label or name} {getattr(config, name)}"
            for name in WITHOUT_FIELD
            if getattr(config, name) not in (getattr(usual, name), "fp32")  # which auto is
        )
        self._of_picture_text.setText(
            tr("As the picture: {told}. Unlock the seed to drop that.", told=told)
        )
        self._of_picture_text.setVisible(bool(told))

    def generate(self) -> None:
        """Ask for new sprites, with a new seed unless it is locked."""
        if self._model is not None and not self._running:
            self._words.commit()
            self._seed.take()
            self.wanted.emit(self.config())

    def set_running(self, running: bool) -> None:
        """Show Cancel and progress instead of Generate, or the other way round."""
        self._running = running
        self._generate.setVisible(not running and self._model is not None)
        self._train.setVisible(not running and self._model is None)
        self.busy.set_running(running)


def _word_button(text: str, tip: str, name: str) -> QToolButton:
    """A small button that is only a word."""
    button = named(QToolButton(), name, tip, tip)
    button.setText(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
