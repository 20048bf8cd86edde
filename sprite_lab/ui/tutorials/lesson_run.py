"""Runs a lesson: sets the app up for each step, asks questions, and checks what was done."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import signed
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.records import Outcome
from sprite_lab.formats.lessons import (
    BUTTONS,
    DRAWING_FIELDS,
    Ask,
    Lesson,
    LessonStep,
    Setup,
    middle,
    scene_of,
)
from sprite_lab.formats.results import Given
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.tutorials.lesson_checks import JOBS, Checks
from sprite_lab.ui.tutorials.ui_driver import WindowDriver
from sprite_lab.words import number_text, tr

#: Interval of checking the controls while a step waits, in milliseconds.
LOOK_MS = 120

#: Name of the built-in data set in lessons.
BUILTIN = "builtin"

#: Replies if the timeline cannot be read, or what it is compared with does not exist yet.
_NOWHERE, _NOT_YET = tr("Wait until the timeline below stops."), tr("Wait until it is computed.")


class LessonRun(QObject):
    """Walks through the steps of a lesson. UI thread.

    ``before``: answers given when the lesson was taken earlier.
    """

    changed = Signal()  #: another step is shown, or its state changed
    ended = Signal()  #: the lesson ended, after its last step or before

    def __init__(
        self,
        lab: Lab,
        driver: WindowDriver,
        lesson: Lesson,
        parent: QObject | None = None,
        *,
        before: Sequence[Given] = (),
    ) -> None:
        super().__init__(parent)
        self._lab, self._driver, self.lesson = lab, driver, lesson
        self.index = 0  #: number of the step, from 0
        #: whether the step was done, after which it stays so; whether the app is set up for it;
        #: whether it is being done for the user
        self.done = self.ready = self._showing = False
        self._over = False
        self._answered = False
        #: whether a link led here, to look up the step: it does not count as taking the lesson
        self.looks_up = False
        self._to_show = False  # whether to do the step for the user as soon as possible
        self._hinted = ""  # the hint at the last look
        self.reply = ""  #: the reply to the last answer; "" = none
        self.wrong: set[str] = set()  #: the wrong answers given in this step
        self._checks = Checks(lab, driver)
        self._started: set[JobHandle] = set()  # what the user has started in this step
        self._waiting: list[JobHandle] = []
        self._wanted = Setup()  # what is being set up
        self._later = False  # whether to go on once the trajectory exists
        #: actions to do for the user, in order; each is tried until it returns True
        self._deeds: list[Callable[[], bool]] = []
        #: The first answer to each question, by step from 0; those of ``before`` stay.
        self.given = {given.step - 1: given for given in before}
        self._settled = set(self.given)
        self._replies: dict[int, str] = {}  # to the questions answered in this run, by step from 0
        self._finished: set[int] = set()  # the steps done in this run
        self._reached = 0  # the steps before this one, from 0, were done in earlier runs
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        lab.jobs.started.connect(self._on_job)
        lab.trajectory.changed.connect(self._on_trajectory)

    # -- for the panel ----------------------------------------------------------------------------

    @property
    def step(self) -> LessonStep:
        return self.lesson.steps[self.index]

    @property
    def is_last(self) -> bool:
        return self.index == len(self.lesson.steps) - 1

    @property
    def asks(self) -> bool:
        """Whether the step's question is waiting for an answer."""
        return self.step.ask is not None and not self._answered

    @property
    def asked_for(self) -> frozenset[str]:
        """The controls that a question of this step or of a later one is about."""
        steps = [self.step] if self.asks else []
        steps += [
            step
            for index, step in enumerate(self.lesson.steps)
            if index > self.index and index not in self._replies
        ]
        asks = [(step.ask.at, step.highlight) for step in steps if step.ask is not None]
        return frozenset(filter(None, chain.from_iterable(asks)))

    @property
    def is_solved(self) -> bool:
        """Whether the right answer may be shown; a test before the lessons never shows it."""
        return self.step.ask is not None and not self.asks and self.lesson.test != "before"

    @property
    def given_choice(self) -> str:
        """The choice made in a test; "" = none."""
        given = self.given.get(self.index) if self.lesson.test and not self.asks else None
        return "" if given is None else given.answer

    @property
    def may_pass(self) -> bool:
        """Whether the next step may be shown: this one requires nothing, or was done before."""
        if self.done or not self.step.waits:
            return True
        was_done = self.index < self._reached or self.index in self._finished
        return was_done and not self.lesson.test and not self._is_lost(self.step)

    @property
    def points(self) -> bool:
        """Whether the control of the step may be pointed out.

        Not while a question is open that is to be answered without it.
        """
        ask = self.step.ask
        return ask is None or self._answered or ask.by_timeline

    @property
    def pointed(self) -> str:
        """The control to point out; "" = none.

        If that is the tab of the current workspace, the tab of the step's page instead.
        """
        check, named = self.step.check, self.step.highlight
        if check.page and named == f"workspace.{self._driver.workspace}":
            return f"{check.workspace}.tabs.{check.page}"
        return named

    @property
    def works(self) -> bool:
        """Whether something that the user has started is being computed."""
        return bool(self._started)

    @property
    def shows(self) -> bool:
        """Whether :meth:`show_me` was called, and waits for something to be computed."""
        return self._to_show or (self._showing and self.works)

    @property
    def hint(self) -> str:
        """Why what was tried is wrong; "" = it is not, or nothing is to be done now."""
        if not self.ready or self.asks or self.done or self.works or self._showing:
            return ""
        check = self.step.check
        place = scene_of(self.lesson.steps, self.index)
        if self.step.ask is not None:
            place = place.then(self.step.ask.reveal)
        if check.workspace or check.page:
            place = check.outcome
        return self._checks.objection(check, (place.workspace, place.page))

    @property
    def went_well(self) -> bool:
        """Whether to show that the answer is right; a test before the lessons never does."""
        given = self.given.get(self.index)
        return not self.lesson.test or (
            self.lesson.test == "after" and given is not None and given.right
        )

    # -- navigation -------------------------------------------------------------------------------

    def start(self, at: int = 0, *, reached: int | None = None, looks_up: bool = False) -> None:
        """Show step ``at``, or the earlier one whose drawing it needs, if that is missing.

        ``reached``: the furthest step so far, from 0; None = ``at``. ``looks_up``: do the step for
        the user, so that its view shows the answer. What the user has drawn stays: then a step that
        draws is only begun.
        """
        steps = self.lesson.steps
        self._reached = at if reached is None else reached
        self._take_up()
        at = min(at, len(steps) - 1)
        lost = self._lost_before(at)
        draws = bool(steps[at].check.drawing)
        if looks_up and not (draws and self._checks.is_drawn_anywhere("filled")):
            self._go_to(at, whole=True, looks_up=True)
            return
        if lost is None:
            self._go_to(at, whole=at > 0)
        else:
            self._draw_again(lost)

    @property
    def _is_taken_up(self) -> bool:
        """Whether earlier answers count; once completed, a lesson asks again."""
        return self._reached < len(self.lesson.steps)

    def _take_up(self) -> None:
        """Restore the answers given before the lesson was left."""
        steps = self.lesson.steps
        if self.lesson.test or not self._is_taken_up:
            return
        done = {i for i in range(self._reached) if not self._is_lost(steps[i])}
        self._finished |= done
        for index, given in self.given.items():
            ask = steps[index].ask
            if ask is not None and (index in done or given.right):
                self._replies.setdefault(index, _right_reply(ask))

    def _lost_before(self, index: int) -> int | None:
        """The first step before this one whose drawing is missing; None = there is none."""
        steps = self.lesson.steps[:index]
        return next((i for i, step in enumerate(steps) if self._is_lost(step)), None)

    def _draw_again(self, lost: int) -> None:
        """Show the step that makes the drawing needed by a later one, and say so."""
        self._go_to(lost, whole=True)
        self.reply = (
            tr("What you drew here is gone. Draw again, then continue.")
            if lost < self._reached or lost in self._finished
            else tr("The steps after this one need what you draw here.")
        )
        self.changed.emit()

    def _is_lost(self, step: LessonStep) -> bool:
        """Whether a step asked for drawings that no longer exist."""
        return not all(map(self._checks.is_drawn_anywhere, step.check.drawing))

    def forward(self) -> None:
        """Show the next step; end after the last."""
        if self.is_last:
            self.end()
        else:
            undone = self.step.waits and not self.done  # this time
            self._go_to(self.index + 1, whole=undone)

    def back(self) -> None:
        """Show the previous step with its scene."""
        if self.index:
            self._go_to(self.index - 1, whole=True)

    def back_to_scene(self) -> None:
        """Restore the scene of the current step, or go to the step that makes its drawing."""
        lost = self._lost_before(self.index)
        if lost is not None:
            self._draw_again(lost)
            return
        self.ready = False
        self._open(scene_of(self.lesson.steps, self.index))
        self.changed.emit()

    def end(self) -> None:
        if not self._over:
            self._over = True
            self._timer.stop()
            self._lab.jobs.started.disconnect(self._on_job)
            self._lab.trajectory.changed.disconnect(self._on_trajectory)
            self.ended.emit()

    def _go_to(self, index: int, *, whole: bool = False, looks_up: bool = False) -> None:
        """Show a step; ``whole``: set up its whole scene, not only its changes."""
        self.index = index
        self.looks_up = self._to_show = looks_up
        self.done = self.ready = self._showing = self._answered = False
        self._deeds, self.reply, self.wrong = [], "", set()
        self._started.clear()
        if self.lesson.test and index in self._settled:
            self._answered = True
            before = self.lesson.test == "before"
            self.reply = self._answer_text(index) if before else self._reply_to(self.given_choice)
        elif index in self._replies and not looks_up:
            self._answered, self.reply = True, self._replies[index]
        elif index in self.given and not looks_up and self._is_taken_up:
            self.wrong = {self.given[index].answer} - {""}
        self._checks.begin()
        wanted = scene_of(self.lesson.steps, index) if whole else self.step.set
        if self._answered and self.step.ask is not None:
            wanted = wanted.then(self.step.ask.reveal)
        self._open(wanted)
        self.changed.emit()
        self._timer.start()

    # -- questions -------------------------------------------------------------------------

    def answer(self, given: float | None = None) -> None:
        """Answer with the index of a choice, or with a number; None = the timeline's position."""
        ask = self.step.ask
        if ask is None or self._answered or not self.ready:
            return
        reply, right = self._judge(ask, given)
        if reply not in (_NOWHERE, _NOT_YET):
            self._remember(self._words(ask, given), right)
            if not right and not self.lesson.test:
                self.wrong.add(self._words(ask, given))
        self.reply = self._answer_text(self.index) if self.lesson.test == "before" else reply
        if right or self.lesson.test:
            self._take_answer(ask)
        self.changed.emit()

    def _words(self, ask: Ask, given: float | None) -> str:
        """The text of an answer, as shown on the screen."""
        if ask.choices:
            return ask.choices[round(given or 0)].text[:400]
        if ask.number is not None:
            return f"{number_text(float(given or 0), 'g')} {ask.unit}".strip()
        level = self._driver.level()
        if level is None or level.log_snr is None:
            return ""
        return f"t = {number_text(level.value, 'g')}, log-SNR {signed(level.log_snr, '.1f')}"

    def _reply_to(self, choice: str) -> str:
        """The reply to a choice; a choice made in another language is repeated."""
        ask = self.step.ask
        assert ask is not None
        replies = (ask.reply_to(known) for known in ask.choices if known.text == choice)
        return next(replies, self._answer_text(self.index))

    def _answer_text(self, index: int) -> str:
        """The given answer, without whether it is right."""
        return tr("You answered: {answer}", answer=self.given[index].answer)

    def _remember(self, words: str, right: bool) -> None:
        """Keep the first answer, and count the answers."""
        if self.looks_up:
            return
        known = self.given.get(self.index)
        if known is None:
            self.given[self.index] = Given(self.index + 1, words, right)
        elif self.index not in self._settled:
            self.given[self.index] = replace(known, tries=min(known.tries + 1, 1000))
        if right or self.lesson.test:
            self._settled.add(self.index)

    def _judge(self, ask: Ask, given: float | None) -> tuple[str, bool]:
        """The reply to an answer, and whether it is right."""
        if ask.choices:
            choice = ask.choices[round(given or 0)]
            return ask.reply_to(choice), choice.right
        if ask.number is not None:
            return _compared(float(given or 0), *ask.number, ask)
        level = self._driver.level()
        if level is None:
            return _NOWHERE, False
        if ask.log_snr is not None:
            return (
                (_NOWHERE, False)
                if level.log_snr is None
                else _compared(level.log_snr, *ask.log_snr, ask)
            )
        place = self._place(ask)
        if place is None:
            return _NOT_YET, False
        # Negated, so that values rise as the noise falls, as they do for log-SNR.
        return _compared(-level.value, -place - ask.within, -place + ask.within, ask)

    def _place(self, ask: Ask) -> float | None:
        """The level t that a control shows; None = it shows none yet."""
        value = self._driver.value(ask.at)
        return float(value) if isinstance(value, (int, float)) else None

    def _take_answer(self, ask: Ask) -> None:
        self._answered = True
        self._replies[self.index] = self.reply
        if ask.reveal != Setup():
            self.ready = False
            self._open(ask.reveal)
        else:
            self._checks.begin()  # what was done before is not the answer's result
            self.look()

    # -- showing how ------------------------------------------------------------------------------

    def show_me(self) -> None:
        """Give the answer and do the step for the user, once what the answer needs is computed."""
        ask = self.step.ask
        if not self.ready or self.done or self.shows:
            return
        if ask is not None and not self._answered and ask.at and self._place(ask) is None:
            self._to_show = True
            self.reply = _NOT_YET
            self.changed.emit()
            return
        self._showing = True
        if ask is not None and not self._answered:
            if self.index not in self.given:
                self._remember("", False)
            if not self.looks_up:
                self._settled.add(self.index)
            self.reply = _right_reply(ask)
            place = self._place(ask) if ask.at else None
            if ask.log_snr is not None:
                self._driver.go_to_log_snr(sum(ask.log_snr) / 2)
            elif place is not None:
                self._driver.go_to_level(place)
            self._take_answer(ask)
            self.changed.emit()
        if self.ready and not self.done:
            self._do()

    def _do(self) -> None:
        """Do everything that the step checks."""
        check, driver = self.step.check, self._driver
        pointed = self.step.highlight

        pressed = False

        def press() -> bool:
            nonlocal pressed
            # Press it once, though a value and a job may both want it.
            pressed = pressed or (pointed in BUTTONS and driver.press(pointed))
            return pressed

        outcome = check.outcome
        driver.show(outcome.workspace, outcome.page)

        def set_control(name: str, value: object) -> bool:
            # If a value cannot be set, the step's button does it.
            return driver.set_value(name, value) or press()

        drawing = [deed for what in check.drawing for deed in self._drawing_deeds(what)]
        # Settings of a cell are lost when a sprite is put into it.
        self._deeds = [
            *(deed for deed in self._deeds if deed == self._start_work),
            *drawing[:-1],
            *(partial(set_control, name, value) for name, value in outcome.controls.items()),
        ]
        if check.kind == "forward":
            driver.dissolve(None)
        elif check.kind:
            settings = check.sample
            if "seed" in check.other:
                shown = self._lab.trajectory.value
                config = None if shown is None else shown.config
                settings |= {"seed": 1 if config is None else config.seed + 1}
            driver.change_settings(settings)
            self._deeds.append(driver.generate)
        if check.changed:
            self._deeds.append(
                lambda: (
                    self._checks.has_seen(check.changed)
                    and (driver.choose_another(check.changed) or press())
                )
            )
        self._deeds += drawing[-1:]
        if check.job:
            self._deeds.append(press)
        self.look()

    def _drawing_deeds(self, what: str) -> list[Callable[[], bool]]:
        """The actions for ``what``, one of DRAWING_FIELDS, after those for missing earlier ones."""
        deeds: dict[str, Callable[[], bool]] = {
            "filled": partial(self._driver.press, "draw.take"),
            "kept": self._keep_upper_half,
            "generated": partial(self._driver.press, "draw.generate"),
        }
        before = DRAWING_FIELDS[: DRAWING_FIELDS.index(what)]
        missing = [name for name in before if not self._checks.is_drawn(name)]
        return [deeds[name] for name in (*missing, what)]

    def _keep_upper_half(self) -> bool:
        """Keep the upper half of the selected cells; False = nothing is drawn there yet."""
        project = self._lab.project
        cells = {i: project.cell(i) for i in self._driver.chosen_cells}
        kept = {i: _upper_half_kept(cell) for i, cell in cells.items() if not cell.is_blank}
        if kept:
            project.put(kept, tr("Keep the upper half"))
        return bool(kept)

    # -- setting up -------------------------------------------------------------------------------

    def _open(self, wanted: Setup) -> None:
        """Load the model and the data, which takes time, then set up the rest."""
        lab = self._lab
        self._wanted, self._later = wanted, False
        self._waiting, self._deeds = [], []
        if wanted.model:
            ref = self._named(wanted.model)
            if lab.model.value is None or str(lab.model_ref) != str(ref):
                self._waiting.append(lab.open_model(ref))
        if wanted.data:
            file = None if wanted.data == BUILTIN else Path(self._named(wanted.data))
            if lab.data.value is None or lab.data_path != file:
                self._waiting.append(lab.open_data(file))
        for job in tuple(self._waiting):
            job.ended.connect(self._on_opened)
        if not self._waiting:
            self._set(wanted)

    def _named(self, name: str) -> str | Path:
        """Path of a file beside the lesson, or else a name that ships with the app."""
        beside = self.lesson.path.parent / name if self.lesson.path else Path(name)
        return beside if os.path.exists(beside) else name

    def _on_opened(self, _outcome: Outcome) -> None:
        # The failure has been reported; set up the rest anyway.
        if self._over or self.sender() not in self._waiting:
            return
        self._waiting = [job for job in self._waiting if job.active]
        if not self._waiting and not self.ready:
            self._set(self._wanted)
            self.changed.emit()

    def _set(self, wanted: Setup) -> None:
        driver = self._driver
        driver.show(wanted.workspace, wanted.page)
        if wanted.run:
            self._lab.training_runs.show_example()
        if wanted.sample is not None:
            driver.restore_settings(wanted.sample)
        for name, value in wanted.controls.items():
            driver.set_value(name, value)
        if wanted.dissolve and self._lab.data.value is not None:
            self._later = True
            driver.dissolve(wanted.dissolve)
        elif wanted.generate and self._lab.model.value is not None:
            self._later = True
            self._deeds = [driver.generate]
            self._act()
        elif wanted.timeline is not None and driver.awaits_sprites:
            self._later = True  # sprites of an earlier step would move the timeline again
        else:
            self._settle(wanted)

    def _on_trajectory(self, *_: object) -> None:
        if self._later and not self._deeds:  # otherwise the trajectory is of an earlier run
            # After the stage has handled the same signal.
            self._later, wanted = False, self._wanted
            QTimer.singleShot(0, self, lambda: self._settle(wanted))
        elif self.ready:
            self.changed.emit()  # the hint may differ
            if self._showing:
                QTimer.singleShot(0, self, self._go_where_asked)

    def _settle(self, wanted: Setup) -> None:
        if wanted is not self._wanted:
            return  # another step is shown by now
        if wanted.generate and wanted.page:  # See has shown another page
            self._driver.show(wanted.workspace, wanted.page)
        if wanted.timeline is not None:
            self._driver.go_to_level(wanted.timeline)
        self._checks.begin()
        self.ready = True
        self.done = self._answered and self.index in self._finished
        if wanted.starts:
            self._deeds.append(self._start_work)
        self.changed.emit()
        self.look()
        if self._showing and not self.done:
            self._do()

    def _start_work(self) -> bool:
        """Start the job of an earlier step if its result is missing; False = not possible yet."""
        return not self._driver.is_empty or self._driver.press(self._wanted.starts)

    # -- checking ---------------------------------------------------------------------------------

    def _on_job(self, job: JobHandle) -> None:
        job.ended.connect(self._on_job_ended)
        if self.ready and not self.asks and job.name.startswith(tuple(map(tr, JOBS))):
            self._started.add(job)
            self.changed.emit()

    def _on_job_ended(self, outcome: Outcome) -> None:
        job = self.sender()
        if not isinstance(job, JobHandle):
            return
        if outcome.kind == "completed":
            self._checks.jobs.append(job.name)
        if job in self._started:
            self._started.remove(job)
            self.changed.emit()

    def _act(self) -> None:
        """Do as much for the user as is possible so far."""
        while self._deeds:
            deed = self._deeds.pop(0)  # first, as it may lead here again
            if not deed():
                self._deeds.insert(0, deed)
                return

    def look(self) -> None:
        """Check whether the step was done, or whether more can be shown."""
        if self._over or self.done:
            return
        self._act()
        ask = self.step.ask
        computed = ask is None or (
            (not ask.at or self._place(ask) is not None)
            and (ask.log_snr is None or self._driver.level() is not None)
        )
        if self._to_show and self.ready and computed:
            self._to_show = False  # first: until then, show_me does nothing
            self.show_me()  # looks again
            return
        is_idle = not self._deeds and not self._driver.awaits_sprites
        if self._later and is_idle:  # the sprites failed or were canceled
            self._later = False
            self._settle(self._wanted)
        elif not self.ready or self.asks:
            return
        elif self._checks.all_hold(self.step.check):
            self.done = True
            self._finished.add(self.index)
            if self.step.ask is None:
                self.reply = ""  # the reply told why to begin here
            self.changed.emit()
        elif self._showing and is_idle:
            self._go_where_asked()
        elif self.hint != self._hinted:
            self._hinted = self.hint
            self.changed.emit()

    def _go_where_asked(self) -> None:
        """Move the timeline for the user: another trajectory moves it to an end."""
        check = self.step.check
        if not self._showing:
            return  # another step is shown by now
        if check.timeline is not None:
            self._driver.go_to_level(middle(check.timeline))
        elif check.log_snr is not None:
            self._driver.go_to_log_snr(middle(check.log_snr))


def _right_reply(ask: Ask) -> str:
    """The reply to the right answer."""
    return next((ask.reply_to(choice) for choice in ask.choices if choice.right), ask.right)


def _compared(value: float, low: float, high: float, ask: Ask) -> tuple[str, bool]:
    """The reply to a number, and whether it is within [low, high]."""
    if low <= value <= high:
        return ask.right, True
    return (ask.low if value < low else ask.high), False


def _upper_half_kept(cell: Cell) -> Cell:
    """The cell with a mask that keeps the upper half of its drawing."""
    drawn = cell.rgba[..., 3].ravel().nonzero()[0]
    return cell.masked(dict.fromkeys(range(int(drawn[(len(drawn) - 1) // 2]) + 1), 0))
