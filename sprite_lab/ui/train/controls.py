"""The inspector of Train: start and stop, initial model, recipe, plan, export."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import rough_time_text, run_title, size_text
from sprite_lab.app.train.example_run import is_example
from sprite_lab.app.train.training_runs import Training
from sprite_lab.core.config import SEGMENTS, TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.presets import FEW_STEPS, PRESETS, TUNING_PRESET
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import grid
from sprite_lab.ui.shell.dialogs import ask_factor, confirm
from sprite_lab.ui.shell.run_questions import ask_student
from sprite_lab.ui.text import Label
from sprite_lab.ui.train.recipe import Recipe
from sprite_lab.ui.widgets.fields.buttons import Action, push_button, theme_icon
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.words import tr, trc, trn

#: With up to this many sprites, training starts from the open model by default.
FEW_SPRITES = 500

#: With fewer steps from scratch, samples are little more than noise.
ENOUGH_STEPS = 500


class LearnFromGroup(FoldGroup):
    """Data to train on, and the model to start from."""

    changed = Signal()  #: ``init`` has changed

    def __init__(self, lab: Lab) -> None:
        super().__init__(tr("Learn from"), name="train.start_group")
        self._lab = lab
        self._chosen = False  # whether the user checked or unchecked it for the set at `_path`
        self._path = lab.data_path
        self._told: Model | None = None  # the last reported init
        self._data = named(Label(wrap=True), "train.data")
        box = QCheckBox(tr("Start from the open model"))
        tip = tr(
            "Start from what the model has learned instead of from scratch: 50 to 500 of your own "
            "sprites and a few minutes are enough."
        )
        self._from_model = named(box, "train.from_model", tip=tip)
        self._why = dim_label(name="train.from_model_why", lines=2)
        self.add_row(tr("Data set"), self._data)
        self.add(self._from_model, self._why)
        self._from_model.toggled.connect(self._on_toggled)
        lab.data.changed.connect(self._refresh)
        lab.model.changed.connect(self._refresh)
        lab.training_runs.current.changed.connect(self._refresh)
        self._refresh()

    @property
    def from_model(self) -> bool:
        # Not isEnabled: all of the group is gray while a training runs.
        return self._from_model.isEnabledTo(self) and self._from_model.isChecked()

    @property
    def init(self) -> Model | None:
        """The model to start from; None = new weights."""
        return self._lab.model.value if self.from_model else None

    def keep_choice(self) -> None:
        """From now on, only the user decides whether to start from the open model."""
        self._chosen = True

    def _on_toggled(self) -> None:
        self.keep_choice()
        self._refresh()

    def _refresh(self, *_: object) -> None:
        sprites, model = self._lab.data.value, self._lab.model.value
        many = 0 if sprites is None else len(sprites)
        count = "" if sprites is None else trn(", {n:,} sprite", ", {n:,} sprites", many)
        self._data.setText(f"{self._lab.data_title}{count}")
        problem = why_not(model, sprites)
        allow(self._from_model, problem)
        training = self._lab.training_runs.current.value
        if training is None and self._path != self._lab.data_path:
            self._path, self._chosen = self._lab.data_path, False
        if not self._chosen:  # few sprites alone teach too little
            with QSignalBlocker(self._from_model):
                able = model is not None and model.step >= FEW_STEPS and not problem
                self._from_model.setChecked(0 < many <= FEW_SPRITES and able)
        title = "" if model is None else run_title(model.title)
        if training is not None and not training.is_student:
            self._data.setText(training.data[0])
            why = _start_of(training)
        elif problem:
            why = problem
        elif self._from_model.isChecked():
            why = tr(
                "Starts from what “{title}” has learned, and keeps its network, noise and words.",
                title=title,
            )
        else:
            why = tr("Starts from scratch. Check this to start from “{title}”.", title=title)
        self._why.setText(why)
        if self.init is not self._told:
            self._told = self.init
            self.changed.emit()


def _start_of(training: Training) -> str:
    """What a training run started from; the choice beside this text is for the next run."""
    if training.resume:
        return tr("The training goes on from where it was stopped.")
    if training.init is not None:
        title = run_title(training.init.title)
        return tr("Training started from what “{title}” has learned.", title=title)
    return tr("Training started from scratch.")


def why_not(model: Model | None, sprites: SpriteSet | None) -> str:
    """Why a training run on ``sprites`` cannot start from ``model``, or ""."""
    if model is None:
        return tr("There is no model to start from: open one.")
    if model.is_student:
        return tr("The open model is a student, which cannot learn from sprites.")
    if sprites is not None and sprites.size[0] != model.image_size:
        return tr(
            "The open model draws {image_size}×{image_size} pixels, but these sprites are "
            "{width}×{height}.",
            image_size=model.image_size,
            width=sprites.size[1],
            height=sprites.size[0],
        )
    return ""


#: A plan is made this long after the last change, in milliseconds.
PLAN_MS = 400


class TrainControls(Inspector):
    """Buttons ``train.start``, ``.pause``, ``.step``, ``.stop``, ``.cancel``, ``.rate``,
    ``.continue``, ``.open``, ``.own``, ``.student``, ``.export``; texts ``train.state``,
    ``train.plan``, ``train.warning``.

    ``previews``: returns how many previews there are to export.
    """

    def __init__(self, lab: Lab, previews: Callable[[], int]) -> None:
        super().__init__(name="train.inspector")
        self._lab, self._training_runs = lab, lab.training_runs
        self._previews = previews
        #: Speed by network, in sprites a second, as measured in this session, at first by a trial.
        self._speeds: dict[object, float] = {}
        self._plan: tasks.Plan | None = None
        self._owes_focus = False  # a button that had the focus was grayed out
        self._before: TrainConfig | None = None  # the recipe for runs from scratch
        self._state = HintLabel(name="train.state")
        # It takes the place of the state, so that it is in sight and no field moves.
        self._warning = HintLabel(name="train.warning", look="warn")
        for label in (self._state, self._warning):
            label.keep_room([_few_steps(1000), _few_sprites(10)])
        self._warning.hide()
        self._about_student = dim_label(name="train.about_student")
        self.recipe = Recipe()
        self.recipe.restore(lab.settings.value.train)
        self.start_group = LearnFromGroup(lab)
        self._build_buttons()
        self._plan_text = dim_label(name="train.plan")
        self._takes = FoldGroup(tr("Estimate"), self._plan_text, name="train.takes")
        #: Controls that a student's training does not need.
        self._of_sprites = (self.start_group, self.recipe)
        self.add(*self._of_sprites, self._takes)
        self.add_separator()
        self.add(self._build_export())

        self._timer = QTimer(self, singleShot=True, interval=PLAN_MS)
        self._timer.timeout.connect(self._make_plan)
        self.recipe.changed.connect(self._on_recipe)
        self.start_group.changed.connect(self._on_start)
        lab.data.changed.connect(self._on_recipe)
        lab.machine.changed.connect(self._on_machine)
        self._training_runs.current.changed.connect(self._on_training)
        self._training_runs.last_run.changed.connect(self.refresh)
        lab.runs.changed.connect(self.refresh)
        lab.model.changed.connect(self.refresh)
        self._on_start()  # it may be ticked already, for a small set
        self._on_machine()
        self._on_training()  # one may have begun before the workspace was built

    def _build_buttons(self) -> None:
        def button(name: str, text: str, icon: str, tip: str, do: Action) -> QPushButton:
            return push_button(f"train.{name}", text, icon, tip, primary=name == "start", do=do)

        def steer(what: Callable[[JobHandle], object]) -> Callable[[], object]:
            return lambda: self._training and what(self._training.handle)

        tip = tr("Start a training run with these settings")
        self.start_button = button("start", trc("a training", "Start"), "play", tip, self.start)
        self._pause = button(
            "pause",
            tr("Pause"),
            "pause",
            tr("Pause after this step, or resume"),
            steer(lambda job: job.resume() if job.state == "paused" else job.pause()),
        )
        tip = tr("Make one step and pause")
        self._step = button("step", tr("Step once"), "step", tip, steer(JobHandle.step_once))
        self._stop = button(
            "stop", tr("Stop"), "stop", tr("End, and keep what it learned"), steer(JobHandle.stop)
        )
        self._cancel = button(
            "cancel",
            tr("Cancel…"),
            "close",
            tr("Cancel and discard this training run"),
            self._cancel_run,
        )
        tip = tr("Multiply the learning rate of the training run you follow")
        self._rate = button("rate", tr("Learning rate…"), "train", tip, self._ask_rate)
        tip = tr(
            "Continue the last training run, up to the number of epochs below, or as long again if "
            "it has had them"
        )
        self._continue = button("continue", tr("Continue"), "redo", tip, self._continue_run)
        tip = tr("Draw with the model of the training run whose curves you see")
        self._open = button("open", tr("Open model"), "open", tip, self._open_model)
        self._own = button(
            "own", tr("My last run"), "back", tr("Show your newest run instead"), self._show_own
        )
        tip = tr("Distill the open model: train a copy of it to draw nearly as well in 4 steps")
        self._student = button(
            "student", tr("Make a few-step student…"), "generate", tip, self._make_student
        )
        box = QWidget()
        rows = grid(on=box)
        rows.setContentsMargins(8, 0, 8, 0)
        rows.addWidget(self.start_button, 0, 0, 1, 2)
        for i, widget in enumerate((self._pause, self._step, self._stop, self._cancel)):
            rows.addWidget(widget, 1 + i // 2, i % 2)
        about = self._state, self._warning, self._own, self._about_student
        below = (self._rate, self._continue, self._open, self._student, *about)
        for row, part in enumerate(below, 3):
            rows.addWidget(part, row, 0, 1, 2)
        self.add(box)

    def _build_export(self) -> QWidget:
        tip = tr("Samples over the course of the training, with the loss beside them (Ctrl+E)")
        self._export = push_button("train.export", tr("Training history…"), "export", tip)
        self._export.clicked.connect(lambda: self._lab.exports.wanted.emit("training"))
        return FoldGroup(tr("Export"), self._export, name="train.exports")

    # -- actions ----------------------------------------------------------------------------------

    def start(self) -> None:
        init = self._lab.model.value if self.start_group.from_model else None
        if self._timer.isActive():  # otherwise the previous plan would remain while it trains
            self._timer.stop()
            self._make_plan()
        self.start_group.keep_choice()  # the resulting model is no reason to change the recipe
        with self._lab.reporting():
            config = self.recipe.config(take_seed=True)
            self._lab.settings.replace(train=(self._before or config).to_json())
            self._training_runs.start(config, init=init)

    def _show_own(self) -> None:
        self._training_runs.last_run.set(self._lab.runs.value[0].path)

    @property
    def _training(self) -> Training | None:
        return self._training_runs.current.value

    def _cancel_run(self) -> None:
        training = self._training
        if training is None:
            return
        if training.followed:
            training.handle.cancel()
            return
        since = tr("it has learned since you continued it")
        what = since if training.resume else tr("it has learned so far")
        text = tr(
            "Everything {what} will be discarded. To keep it, stop the training instead.", what=what
        )
        ask, yes, no = tr("Cancel this training run?"), tr("Discard the run"), tr("Keep training")
        sure = confirm(self, ask, text, yes, name="train.discard", no=no)
        # It may have ended while the question was open.
        if sure and training.handle.active:
            training.handle.cancel()

    def _ask_rate(self) -> None:
        training = self._training
        if training is None or training.followed is None:
            return
        factor = tr("Factor for the recipe's learning rate")
        rate = ask_factor(self, tr("Set the learning rate"), factor)
        if rate is not None:
            training.followed.set_rate(rate)

    def _continue_run(self) -> None:
        run = self._training_runs.last_run.value
        if run is not None:
            with self._lab.reporting():
                self._training_runs.continue_run(run, self.recipe.form.value.epochs)

    def _open_model(self) -> None:
        run = self._training_runs.last_run.value
        if run is not None:
            self._lab.open_model(run)

    def _make_student(self) -> None:
        ref = self._lab.model_ref
        if ref is not None:
            ask_student(self, self._lab, ref)

    # -- display ----------------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        """Gray out what is not possible, and show the state of the training run."""
        training = self._training
        busy, idle = self._training_runs.busy, self._training_runs.idle
        paused = training is not None and training.handle.state == "paused"
        followed = training is not None and training.followed is not None
        model = self._lab.model.value
        no_data = "" if self._lab.data.value is not None else tr("No data set is open.")
        alone = tr("You are following another machine, which cannot make single steps.")
        no_step = alone if followed else ""
        run = self._training_runs.last_run.value
        example = is_example(run)
        if example:
            no_run = tr(
                "The example comes without weights, so it cannot be continued. Train a model first."
            )
            no_model = tr(
                "The example comes without weights, so it cannot be opened. Train a model first."
            )
        else:
            is_open = run is not None and str(self._lab.model_ref) == str(run)
            no_model = tr("It is open already.") if is_open else ""
            no_run = "" if run is not None else tr("Open a training run of the library first.")
        if model is None:
            no_teacher = tr("There is no model yet.")
        else:
            no_teacher = tr("The open model is a student itself.") if model.is_student else ""
        self._enable(
            {
                self.start_button: busy or no_data,
                self._pause: idle,
                self._step: idle or no_step,
                self._rate: idle,
                self._stop: idle,
                self._cancel: idle,
                self._continue: busy or no_run,
                self._open: busy or no_model or no_run,
                self._student: busy or no_teacher,
            }
        )
        self._rate.setVisible(followed)
        for button, text in (
            (self._cancel, tr("Stop following") if followed else tr("Cancel…")),
            (self._pause, tr("Resume") if paused else tr("Pause")),
        ):
            button.setText(text)
            button.setAccessibleName(text)
        theme_icon(self._pause, "play" if paused else "pause")
        some = run is not None and self._previews() > 0
        allow(self._export, "" if some else tr("There are no samples of a training run yet."))
        for part in (self.recipe, self.start_group):
            allow(part, busy)
        self._tell_student()
        self._state.setText(self._state_words())
        self._own.setVisible(example and training is None and bool(self._lab.runs.value))
        self._show_warning()

    def _show_warning(self) -> None:
        """Show the warning about the next training run, if any, instead of the state."""
        warned = self._training is None and bool(self._warning.text())
        self._warning.setVisible(warned)
        self._state.setVisible(not warned)

    def _state_words(self) -> str:
        """The state of the training run or, without one, the run that can be continued."""
        training, run = self._training, self._training_runs.last_run.value
        words = {
            "queued": tr("Waiting for another computation"),
            "starting": tr("Getting ready…"),
            "running": tr("Following") if training and training.followed else tr("Training"),
            "paused": tr("Paused"),
            "stopping": tr("Saving…"),
        }
        if training is not None and training.handle.state in words:
            return words[training.handle.state]
        if is_example(run):
            return tr("This is the example: a training run that learned 50 sprites by heart.")
        if run is not None:
            return tr("Last run: {run_title}", run_title=run_title(run.name))
        if self._lab.runs.value:
            return tr("Open a training run from the library to continue it.")
        return tr("Nothing has been trained yet.")

    def _tell_student(self) -> None:
        """While a student trains, say what it learns from; data set and recipe do not matter.

        The plan is for the next run, and so hidden; the status bar shows how much of this run is
        left.
        """
        training = self._training
        student = training is not None and training.is_student
        for part in self._of_sprites:
            part.setVisible(not student)
        self._takes.setVisible(training is None)
        self._about_student.setVisible(student)
        if training is None or not student:
            return
        words = tr("A student learns from what its teacher draws.")
        if training.teacher and training.config.max_seconds:
            lesson = trn(
                "“{teacher}” teaches a student to draw in at most {most} steps, for {n} minute.",
                "“{teacher}” teaches a student to draw in at most {most} steps, for {n} minutes.",
                round(training.config.max_seconds / 60),
                teacher=training.teacher,
                most=SEGMENTS,
            )
            words = f"{lesson} {words}"
        self._about_student.setText(words)

    def _enable(self, buttons: dict[QPushButton, str]) -> None:
        """Gray out controls for which there is a reason; the focus stays among the buttons."""
        for button, why in buttons.items():
            if why and self.window().focusWidget() is button:  # of an inactive window, too
                button.clearFocus()
                self._owes_focus = True
        for button, why in buttons.items():
            allow(button, why)
        if self._owes_focus and self.window().focusWidget() is None:
            for button in (self._pause, self.start_button):
                if button.isEnabled():
                    button.setFocus()
        # While a training run is being saved, nothing can be pressed: afterward, one of them gets
        # the focus.
        self._owes_focus = self._owes_focus and self.window().focusWidget() is None

    def learn_speed(self, speed: float) -> None:
        """Remember how fast this machine trains the current network."""
        training = self._training
        if training is None or training.followed is not None or training.is_student:
            return  # another machine's, or of another task
        if speed:
            self._speeds[_network(training.config, training.init)] = speed

    def _on_machine(self, *_: object) -> None:
        self.recipe.set_machine(self._lab.machine.value)
        self._on_recipe()

    def _on_training(self, *_: object) -> None:
        training = self._training
        if training is not None:
            training.handle.state_changed.connect(self.refresh)
        elif self._plan is None:  # it was started elsewhere, before there was a plan
            self._timer.start()
        else:
            self._show_plan()
        self.refresh()

    def _on_start(self) -> None:
        from_model = self.start_group.from_model
        self.recipe.leave_to_model(from_model)
        now = self.recipe.config()
        if not from_model and self._before is not None:
            self.recipe.show_config(self._before)
            self._before = None
        elif from_model and self._before is None:
            self._before = now
            tuning = PRESETS[TUNING_PRESET]
            self.recipe.show_config(replace(tuning, seed=now.seed, device=now.device))
        self._on_recipe()

    def _on_recipe(self, *_: object) -> None:
        self._timer.start()
        self.refresh()

    def _make_plan(self) -> None:
        sprites = self._lab.data.value
        # The plan needs torch; until it is loaded, nobody waits for a number.
        if self._training is not None:
            return
        if sprites is None or self._lab.machine.value is None:
            missing = tr("No data set is open.") if sprites is None else tr("Loading…")
            self._plan_text.setText(missing)
            return
        try:
            config = self.recipe.config()
        except ConfigError as error:
            self._plan_text.setText(str(error))
            return
        init = self._lab.model.value if self.start_group.from_model else None
        network = _network(config, init)

        def take(plan: tasks.Plan) -> None:
            if plan.speed:
                self._speeds.setdefault(network, plan.speed)
            self._plan = plan
            self._show_plan()

        # If this network's speed is unknown, and somebody wants to see it, a trial measures it.
        trial = network not in self._speeds and self.isVisible()
        task = tasks.plan_training(config, sprites, init, trial)
        self._lab.do(task, self, then=take, newest="plan")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._speeds:
            self._timer.start()

    def _show_plan(self) -> None:
        plan = self._plan
        if plan is None:
            return
        config = self.recipe.config()
        lines = [
            trn(
                "{n:,} training sprite, {validation:,} for validation",
                "{n:,} training sprites, {validation:,} for validation",
                plan.training,
                validation=plan.validation,
            ),
            tr(
                "{parameters:.1f} million weights, about {size_text} on disk",
                parameters=plan.parameters / 1e6,
                size_text=size_text(plan.disk_bytes),
            ),
        ]
        speed, most = self._speeds.get(_network(config, self.start_group.init)), config.max_seconds
        if plan.steps is not None:
            text = trn("{n:,} step", "{n:,} steps", plan.steps)
            if speed:
                # A set smaller than a batch is a single batch.
                takes = plan.steps * min(config.batch_size, plan.training) / speed
                takes = takes if most is None else min(takes, most)
                text += tr(", about {time_text}", time_text=rough_time_text(takes))
            lines.insert(1, text)
        self._plan_text.setText("\n".join(lines))
        warning, steps = "", plan.steps or ENOUGH_STEPS
        if self.start_group.init is None and config.epochs and steps < ENOUGH_STEPS:
            warning = _few_steps(math.ceil(config.epochs * ENOUGH_STEPS / steps))
        elif plan.few:
            warning = _few_sprites(plan.training)
        self._warning.setText(warning)
        self._show_warning()


def _few_steps(epochs: int) -> str:
    return tr(
        "Too few steps from scratch: set Epochs to at least {epochs:,}, or start from the open "
        "model.",
        epochs=epochs,
    )


def _few_sprites(training: int) -> str:
    return tr(
        "Too few training sprites ({training}): the network will memorize them.",
        training=training,
    )


def _network(config: TrainConfig, init: Model | None) -> object:
    """Key of a training run's speed: the network's kind and width, or the initial model."""
    return (config.network.name, config.network.width) if init is None else init.title
