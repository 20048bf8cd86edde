"""Training, as a generator that the app or the command line advances step by step."""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from filelock import Timeout
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab import __version__
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.errors import FileError, NotFiniteError, RunError
from sprite_lab.core.presets import FEW_STEPS
from sprite_lab.core.records import (
    Began,
    CheckpointSaved,
    CopiesRecord,
    EvalRecord,
    Notice,
    Paused,
    Preview,
    Progress,
    Record,
    StepRecord,
    WentBack,
)
from sprite_lab.core.run import Run, RunControl, relay_as, step_seconds
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.checkpoint import load_tensors, read_metadata, save_tensors
from sprite_lab.engine.models.model import Model, check_network, check_sizes, save_weights
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.commands import Commands
from sprite_lab.engine.training.copies import Check
from sprite_lab.engine.training.level_window import LevelWindow, binned
from sprite_lab.engine.training.metrics_rows import copies_row, eval_row, step_row, window_row
from sprite_lab.engine.training.optimizer import learning_rate
from sprite_lab.engine.training.processes import Processes, SharedLearner, Wait
from sprite_lab.engine.training.run_folder import ENDED_BY, MetricsLog, RunFolder, is_early
from sprite_lab.engine.training.static_step import lone_learner
from sprite_lab.engine.training.throttle import Watch
from sprite_lab.engine.training.train_step import Arithmetic
from sprite_lab.engine.training.training_task import Examination, TrainingTask, sprite_task
from sprite_lab.formats.atomic import unwritable
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.words import tr

T = TypeVar("T")

#: Seconds between checkpoints, including temporary ones: the most training that is lost when the
#: process is killed or power fails.
SAVE_EVERY = 25.0

#: Maximum number of threads that a run folder may request.
MOST_THREADS = 1024

#: A loss this many times the first one counts as diverged.
EXPLODED = 10.0

#: The share of training time spent looking for copies, the number of samples drawn at a time, the
#: maximum number of such draws in one look, and their sampling steps.
COPIES_SHARE, COPIES_COUNT, COPIES_DRAWS, COPIES_STEPS = 0.1, 64, 4, 10

#: Seconds between the first checks for copies: forty sprites can be memorized in ten seconds. On a
#: slow machine, where checks take long, the next one comes once the steps have grown by the second
#: number, a factor: otherwise the state to return to might have learned too little.
COPIES_EARLY, COPIES_GROWTH = 2.0, 1.2

#: Number of the last states with few copies that are kept, as other samples may show more copies.
COPIES_MOMENTS = 3

#: The share of training time spent on previews of a tuning run, which somebody waits for.
TUNING_PREVIEW_SHARE = 0.07


@dataclass(frozen=True)
class TrainResult:
    """The result of a run. ``seconds`` is its duration without pauses."""

    run: Path
    step: int
    seconds: float


def train_iter(
    config: TrainConfig,
    sprites: SpriteSet,
    run: Path,
    control: RunControl,
    *,
    resume: bool = False,
    init: Model | None = None,
    processes: Processes | None = None,
) -> Run[TrainResult]:
    """Train on ``sprites`` and keep everything in the folder ``run``.

    Yields Began, a StepRecord per step, an EvalRecord and a Preview now and then, and
    CheckpointSaved. If the loss or a weight becomes infinite or undefined, training returns to the
    last good checkpoint with half the learning rate (WentBack); from the second time on it also
    pauses there (Paused). When stopped or closed, it saves; when canceled, it deletes the run, or
    what was added to a resumed one. If killed, it loses at most the last SAVE_EVERY seconds and the
    current step. All random numbers depend on (seed, step) alone, so on the same machine with the
    same number of threads, a resumed run takes exactly the steps of an uninterrupted one.

    Raises RunError if the folder already holds a run (without ``resume``), if it holds no run or
    one with other data or settings (with ``resume``), if the device is missing or if ``init`` does
    not fit. Raises FileError if the folder holds anything else, or cannot be read or written.

    Parameters
    ----------
    init : the model to start from; ``config`` must come from
        :func:`~sprite_lab.engine.training.fine_tuning.fine_tuning`. A resumed run needs none.
    processes : the processes that train together; this one is rank 0.
    """
    folder = RunFolder(run)
    known = None
    if resume and folder.begun:
        facts = folder.read_data()
        known = facts.vocabulary, facts.prompts
    elif resume and folder.exists and init is None and folder.read_data().init is not None:
        raise RunError(
            "'{run}' never reached a checkpoint: start it again from the model that it began with.",
            run=run,
        )
    task = partial(sprite_task, config, sprites, init, known)
    return (yield from learn(task, run, control, resume=resume, processes=processes))


def learn(
    task: Callable[[], TrainingTask],
    run: Path,
    control: RunControl,
    *,
    resume: bool = False,
    processes: Processes | None = None,
) -> Run[TrainResult]:
    """Carry out a task in the folder ``run``; otherwise like :func:`train_iter`.

    ``task`` is called only after the folder has been checked and locked.
    """
    folder = RunFolder(run)
    # A run that ended before its first checkpoint left nothing to lose: start over.
    begun = folder.begun
    if resume and not begun and not (run.exists() and folder.free):
        raise RunError("There is no run to resume in '{run}'.", run=run)
    if begun and not resume:
        raise RunError("'{run}' holds a run already: resume it or choose another folder.", run=run)
    if not begun and run.is_dir() and not folder.free:
        raise FileError("'{run}' is not an empty folder: name another one for the run.", run=run)
    first_step = folder.resumable() if begun else None
    if begun and first_step is None:
        raise RunError(
            "'{run}' cannot be resumed: its training state is missing. Start a new run from its "
            "weights, in another folder.",
            run=run,
        )
    if first_step is not None:
        config, vocabulary = folder.read_config(), folder.read_data(prompts=False).vocabulary
        check_sizes(folder.manifest, config.network, vocabulary)
        check_network(folder.weights(first_step), config)
    manifest = folder.read_manifest() if begun else {}
    existed, held = folder.path.exists(), False
    try:
        folder.create()
        with folder.lock():
            held = True
            if first_step is None:
                folder.trim(0)
            try:
                trainer = _Trainer(task(), folder, control, first_step, processes)
                return (yield from trainer.run())
            finally:
                if control.cancel_requested and first_step is not None:
                    folder.trim(first_step)
                    folder.write_manifest(manifest)
    except Timeout:
        existed = True  # by now, it belongs to the other process
        raise RunError(
            "Another process is training in '{run}': stop that first.", run=run
        ) from None
    except OSError as error:
        raise unwritable(run, error) from error
    finally:
        if held and control.cancel_requested and first_step is None:
            folder.discard()
        if not existed and not folder.exists:  # canceled, or refused before it began
            shutil.rmtree(folder.path, ignore_errors=True)


@dataclass(frozen=True, eq=False)
class _Moment:
    """The state of training after ``step``: averaged weights, and everything else that changes."""

    step: int
    average: dict[str, Tensor]
    state: dict[str, Tensor]


class _Trainer:
    """The state of one run between its steps."""

    def __init__(
        self,
        task: TrainingTask,
        folder: RunFolder,
        control: RunControl,
        first_step: int | None,
        processes: Processes | None,
    ) -> None:
        self.task, self.folder, self.control = task, folder, control
        self.config, self.data = task.config, task.data
        if first_step is not None:
            self._check_same()
            task = replace(task, facts=task.facts.resumed(folder.read_data()))
            self.task = task
        self.learner = SharedLearner(task, processes) if processes else lone_learner(task)
        self._processes = processes
        self._commands = Commands(folder.path, control, resumed=first_step is not None)

        self.step = 0
        self.seconds = 0.0
        self._examined = 0.0  # the part of ``seconds`` spent on examinations
        self._rate = 1.0  # a factor on all learning rates
        self.total = self.config.total_steps(self.data.steps_per_epoch)
        self._evaluation = Watch()
        self._previewing = Watch(TUNING_PREVIEW_SHARE) if self.config.max_copies else Watch()
        self._looking_for_copies = Watch(COPIES_SHARE, COPIES_EARLY, COPIES_GROWTH)
        if task.examined_at:
            for watch in (self._evaluation, self._previewing, self._looking_for_copies):
                watch.only_at(task.examined_at)
        #: the last states with few copies
        self._moments: deque[_Moment] = deque(maxlen=COPIES_MOMENTS)
        self._copies_too_many = False
        self._copy_draws = 0  # draws so far: each uses new noise
        self._part_size_told = self.learner.part_size
        self._passing: set[int] = set()  # temporary checkpoints
        self._saved, self._saved_at = -1, 0.0
        self._first_step = first_step
        if first_step is not None:
            self._restore(first_step)
        self._good = self._moment()  # the state to go back to
        self._loss_at_first: float | None = None  # in this process, or since it went back
        self._loss = 0.0
        self._window = LevelWindow(self.config, self.step + 1)

    # -- the loop --------------------------------------------------------------------------

    def run(self) -> Run[TrainResult]:
        self.learner.prepare(self.data)
        self.folder.create()
        self._write_manifest()
        yield Began(self.config)
        if self.task.notice:
            yield Notice(self.task.notice)
        if self._first_step is not None:  # it may have been killed after steps that were not saved
            yield WentBack(self.step)
        self._metrics = MetricsLog(self.folder.metrics)
        try:
            while not self._finished():
                try:
                    if (yield from self._catch_up()):
                        yield from self._go_on()
                        yield from self._heed()
                except NotFiniteError as error:
                    yield from self._go_back(error.what)
            if self._out_of_time and self.step < FEW_STEPS and not self._copies_too_many:
                yield Notice(
                    tr(
                        "The time limit of {seconds:,.0f} s ended the training at step "
                        "{step}, so it learned little: the machine is slow or busy. Train again, "
                        "or raise the limit.",
                        seconds=self.config.max_seconds,
                        step=self.step,
                    )
                )
        finally:
            # However it ends, by stop, error or close: what was learned is saved.
            try:
                self._metrics.close()
            finally:
                if not self.control.cancel_requested and self._saved != self.step and self.step:
                    with contextlib.suppress(NotFiniteError):  # the last good state is saved
                        self._save()
        return TrainResult(self.folder.path, self.step, self.seconds)

    def _catch_up(self) -> Generator[Record, None, bool]:
        """Prepare the data of the next step; returns False if stopped meanwhile."""
        for done, total in self.learner.catch_up(self.data, self.step):
            yield Progress(done, total, tr("Drawing with the teacher"))
            if self.control.stop_requested:
                return False
        return True

    def _go_on(self) -> Generator[Record | None, None, None]:
        """Take some steps, and do everything that is due after them."""
        yield from self._advance()
        if self._copies_too_many:
            yield from self._back_to_few_copies()
        if self._is_due(self._previewing):
            yield from self._preview()
        if self.step % self.config.checkpoint_every == 0 or self._finished():
            yield self._save()
        elif self.seconds - self._saved_at >= SAVE_EVERY or self._starts_from_model:
            self._save(passing=True)
        if is_early(self.step, self.config.checkpoint_every) and self._saved != self.step:
            yield self._save_early()

    @property
    def _starts_from_model(self) -> bool:
        """Whether this is the first step of a run that started from another model.

        This step is saved: if killed before its first checkpoint, the run could not start again
        without that model.
        """
        return self.step == 1 and self.task.facts.init is not None

    def _heed(self) -> Iterator[None]:
        """Obey commands from another program, while the other processes wait."""
        for _ in self._commands.heed(self.step):
            self._metrics.flush()
            if self._processes:
                self._processes.send(Wait())
            yield None

    def _is_due(self, watch: Watch) -> bool:
        """Whether an examination is due: at the end always, unless a stop was requested."""
        ends = self._finished()
        return not self.control.stop_requested and watch.due(
            self.step, self.seconds - self._examined, ends
        )

    def _advance(self) -> Generator[Record | None, None, None]:
        """Take some steps, examine the result if due, and log both."""
        *before, record = self._train_steps()
        for earlier in before:
            self._metrics.append(step_row(earlier))
        yield from before
        row = step_row(record)
        window = None
        if self._window.due(self.step, self._finished()):
            window = self._window.close(self.step, self.learner.ema)
            _check(tr("the distance of the averaged weights"), window.ema_distance)
            row |= window_row(window)
        found: list[Record] = []
        try:
            yield record
            if window:
                yield window
            if self.learner.part_size < self._part_size_told:
                self._part_size_told = self.learner.part_size
                yield Notice(
                    tr(
                        "Memory ran out: the {batch} sprites of a step are now learned {part} at "
                        "a time, which takes longer.",
                        batch=self.config.batch_size,
                        part=self.learner.part_size,
                    )
                )
            yield Progress(*self._progress(), tr("Training"))
            if self.task.validation and self._is_due(self._evaluation):
                evaluated = yield from self._evaluate(self.task.validation)
                if evaluated is not None:
                    row |= eval_row(evaluated)
                    found.append(evaluated)
            if self.task.copies and self._is_due(self._looking_for_copies):
                copied = yield from self._look_for_copies(self.task.copies)
                if copied is not None:
                    row |= copies_row(copied)
                    found.append(copied)
        finally:  # even if closed here, since the step is in the checkpoint
            self._metrics.append(row)
        yield from found

    @property
    def _out_of_time(self) -> bool:
        limit = self.config.max_seconds
        return limit is not None and self.seconds >= limit

    def _finished(self) -> bool:
        return (
            self.control.stop_requested
            or self._copies_too_many
            or (self.total is not None and self.step >= self.total)
            or self._out_of_time
        )

    def _progress(self) -> tuple[int, int]:
        limit = self.config.max_seconds
        if self.total is None or (limit and self.seconds / limit > self.step / self.total):
            return int(self.seconds), int(limit or 0)
        return self.step, self.total

    def _train_steps(self) -> list[StepRecord]:
        """Take the next step, or all steps up to the next one after which something is due."""
        start = time.perf_counter()
        rates = [
            learning_rate(self.config, step, self.total, self.seconds)
            * (self._rate * self._commands.rate)
            for step in range(self.step, self.step + self._steps_ahead())
        ]
        records = []
        for rate, learned in zip(
            rates, self.learner.learn_on(self.data, self.step + 1, rates), strict=True
        ):
            self.step += 1
            _check(tr("the loss"), learned.loss)
            _check(tr("the gradient"), learned.grad_norm)
            self._loss = learned.loss
            if self._loss_at_first is None:
                self._loss_at_first = learned.loss
            self._window.add(learned.log_snr, learned.losses)
            elapsed = step_seconds(start, time.perf_counter()) / len(rates)
            self.seconds += elapsed
            records.append(
                StepRecord(
                    step=self.step,
                    epoch=self.step / self.data.steps_per_epoch,
                    loss=learned.loss,
                    learning_rate=rate,
                    sprites_per_second=len(learned.losses) / elapsed,
                    seconds=self.seconds,
                    grad_norm=learned.grad_norm,
                )
            )
        return records

    def _steps_ahead(self) -> int:
        """Number of steps that may be taken at once: up to the next that needs the weights."""
        every = self.config.checkpoint_every
        for ahead in range(1, self.learner.ahead):
            step = self.step + ahead
            ends = self.total is not None and step >= self.total
            if ends or step % every == 0 or is_early(step, every) or self._window.due(step, False):
                return ahead
        return self.learner.ahead

    # -- examination ------------------------------------------------------------------------------

    def _look(
        self, watch: Watch, work: Generator[None, None, T]
    ) -> Generator[None, None, T | None]:
        """Do ``work`` and count its time; None if the run was asked to stop."""
        trained = self.seconds - self._examined
        found = yield from watch.look(self.step, trained, work, lambda: self.control.stop_requested)
        self.seconds += watch.spent
        self._examined += watch.spent
        return found

    def _evaluate(self, validation: Examination) -> Generator[None, None, EvalRecord | None]:
        work = validation.run(self.learner.ema.module)
        found = yield from self._look(self._evaluation, work)
        if found is None:
            return None
        _check(tr("the loss on validation sprites"), found.val_loss)
        _check(tr("the noise error"), found.epsilon_error)
        levels = None
        if found.levels is not None:
            levels = binned(self._window.bins, self.config, *found.levels)
        return EvalRecord(self.step, found.val_loss, found.epsilon_error, levels)

    def _look_for_copies(self, check: Check) -> Generator[None, None, CopiesRecord | None]:
        """Measure the share of copies among samples; while it is small, keep the current state."""
        draws = COPIES_DRAWS if self._finished() else 1
        share = yield from self._look(self._looking_for_copies, self._share_of_copies(check, draws))
        if share is None:
            return None
        if self.config.max_copies:
            if share > self.config.max_copies:
                self._copies_too_many = bool(self._moments)
            else:
                self._moments.append(self._moment())
        return CopiesRecord(self.step, share)

    def _share_of_copies(self, check: Check, draws: int) -> Generator[None, None, float]:
        """The share of copies among samples from new noise. The closer it is to the limit that ends
        training, the more samples are drawn, because a few samples may contain many or no copies by
        chance.

        ``draws``: the minimum number of batches of COPIES_COUNT samples.
        """
        config = replace(
            self._preview_config, count=COPIES_COUNT, steps=COPIES_STEPS, palette=check.palette
        )
        yield from check.prepare()
        shares: list[float] = []
        wanted, limit = draws, self.config.max_copies
        while len(shares) < wanted:
            first = self._copy_draws * COPIES_COUNT
            self._copy_draws += 1
            images = yield from self._sample(replace(config, first_index=first))
            shares.append(check.share(images))
            share = float(np.mean(shares))
            if limit:
                wanted = max(draws, COPIES_DRAWS if share > limit else 1 + (2 * share > limit))
        return share

    def _back_to_few_copies(self) -> Generator[Notice | None, None, None]:
        """Return to the latest kept state that passes a larger check for copies, or to the oldest
        one.

        The small check because of which a state was kept may have seen few copies by chance.
        """
        assert self.task.copies is not None
        share: float | None = 1.0
        while self._moments and share is not None and share > self.config.max_copies:
            self._go_to(self._moments.pop())
            work = self._share_of_copies(self.task.copies, COPIES_DRAWS)
            share = yield from self._look(self._looking_for_copies, work)
        self.folder.drop_weights(self.step)
        self._write_manifest(**{ENDED_BY: "copies"})
        yield Notice(
            tr(
                "Ended: more and more of its samples were copies of training sprites. The weights "
                "from before, of step {step}, are kept.",
                step=self.step,
            )
        )
        if share is not None:
            yield Notice(
                tr(
                    "Of {count} other samples of these weights, {share:.1%} are copies.",
                    count=COPIES_DRAWS * COPIES_COUNT,
                    share=share,
                )
            )

    @property
    def _preview_config(self) -> SampleConfig:
        return self.config.preview(self.task.facts.vocabulary.classes)

    def _preview(self) -> Generator[Preview | None, None, None]:
        images = yield from self._look(self._previewing, self._sample(self._preview_config))
        if images is not None:
            self._make_folders()
            write_png(self.folder.sample_sheet(self.step), make_sheet(images))
            yield Preview(self.step, images)

    def _sample(self, config: SampleConfig) -> Generator[None, None, NDArray[np.uint8]]:
        """Draw the samples of ``config`` with the averaged weights, as pixels."""
        run = sample_iter(self._model(), [config], RunControl(), record=False)
        # Progress of sampling is not progress of the run; each yield is a chance to pause.
        trajectory = yield from relay_as(run, None)
        images = to_pixels(trajectory.final())
        images.flags.writeable = False
        return images

    def _model(self) -> Model:
        facts = self.task.facts
        return Model(
            denoiser=self.learner.ema.module,
            schedule=NoiseSchedule(self.config.schedule),
            vocabulary=facts.vocabulary,
            title=self.folder.path.name,
            step=self.step,
            data_fingerprint=facts.fingerprint,
            data_title=facts.title,
            credits=facts.credits,
            prompts=facts.prompts,
        )

    # -- files -----------------------------------------------------------------------------

    def _write_manifest(self, **more: str) -> None:
        self.folder.write_manifest(
            {
                **more,
                "config": self.config.to_json(),
                "data": self.task.facts.to_json(),
                "threads": self.learner.threads,
                "processes": self._processes.size if self._processes else 1,
                "sprite_lab": __version__,
                "torch": torch.__version__,
                "device": str(self.task.device),
                **self.learner.arithmetic._asdict(),
            }
        )

    def _moment(self) -> _Moment:
        average = self.learner.ema.module.state_dict()
        return _Moment(
            self.step,
            {name: tensor.clone() for name, tensor in average.items()},
            {name: tensor.clone() for name, tensor in self.learner.state().items()},
        )

    def _go_to(self, moment: _Moment) -> None:
        self.learner.restore(moment.average, moment.state, moment.step)
        self.step = moment.step

    def _go_back(self, what: str) -> Generator[Record, None, None]:
        """Return to the last good state with half the learning rate; from the second time on, also
        pause.
        """
        at, again = self.step, self._rate < 1.0
        self._rate /= 2
        self._go_to(self._good)
        self._metrics.close()
        self.folder.trim(self.step)
        self._metrics = MetricsLog(self.folder.metrics)
        self._window = LevelWindow(self.config, self.step + 1)
        self._moments.clear()
        self._loss_at_first = None
        if self.step:  # with the new rate, and in case it was deleted to make room
            self._save(passing=self.step in self._passing)
        yield WentBack(self.step)
        told = {"at": at, "what": what, "step": self.step, "rate": self._rate}
        if not again:
            yield Notice(
                tr(
                    "At step {at} {what} was no longer a number: training goes on from step {step} "
                    "with {rate:.3g} of the learning rate.",
                    **told,
                )
            )
            return
        self.control.pause()
        yield Paused(
            tr(
                "At step {at} {what} was no longer a number, not for the first time, so training "
                "is paused at step {step}: stop it and start again with a lower learning rate, or "
                "go on with {rate:.3g} of the learning rate.",
                **told,
            )
        )

    def _save(self, *, passing: bool = False) -> CheckpointSaved:
        """Save a checkpoint; a temporary one is deleted once two newer ones exist."""
        moment = self._moment()
        self._make_folders()
        self._metrics.flush()
        # State first: whatever happens in between, existing weights can be resumed.
        facts = {
            "step": self.step,
            "seconds": self.seconds,
            "rate": self._rate,
            "passing": passing,
        }
        save_tensors(self.folder.state(self.step), moment.state, facts)
        path = self.folder.weights(self.step)
        save_weights(path, self.learner.ema.module, self.config, self.step, self.task.facts)
        self._saved, self._saved_at = self.step, self.seconds
        (self._passing.add if passing else self._passing.discard)(self.step)
        self._tidy()
        # A checkpoint from the middle of an explosion is worse to return to than an older one.
        if self._loss_at_first is None or self._loss <= EXPLODED * self._loss_at_first:
            self._good = moment
        return CheckpointSaved(self.step, path)

    def _tidy(self) -> None:
        """Delete temporary checkpoints except the newest two (at the end, all of them), and states
        except the newest two of each kind.

        The checkpoint that this run resumed from stays, in case it is canceled.
        """
        steps = self.folder.steps()
        kept = [step for step in steps if step not in self._passing]
        needed = {*steps[-2:], *kept[-2:], self._first_step}
        if self._finished():
            needed -= self._passing - {self._first_step}
        for step in set(steps) - needed:
            if step in self._passing:
                self.folder.weights(step).unlink(missing_ok=True)
            self.folder.state(step).unlink(missing_ok=True)

    def _make_folders(self) -> None:
        """Create the run's subfolders again if somebody removed them, so no training is lost."""
        if self.folder.exists:
            self.folder.create()

    def _save_early(self) -> CheckpointSaved:
        self._make_folders()
        path, denoiser = self.folder.early_weights(self.step), self.learner.ema.module
        save_weights(path, denoiser, self.config, self.step, self.task.facts, half=True)
        return CheckpointSaved(self.step, path, early=True)

    def _check_same(self) -> None:
        data, now = self.folder.read_data(), self.task.facts
        # Compared by fingerprint: the teacher may have been renamed, but not trained further.
        if data.teacher != now.teacher:
            if data.student_of:
                raise RunError(
                    "'{run}' is a student of '{teacher}' as it was then: resume it with the same "
                    "model.",
                    run=self.folder.path,
                    teacher=data.student_of,
                )
            raise RunError(
                "'{run}' is not a student: resume it with 'sprite-lab train'.", run=self.folder.path
            )
        if data.fingerprint != now.fingerprint:
            raise RunError(
                "'{run}' was trained on other sprites ('{title}'): resume it with those.",
                run=self.folder.path,
                title=data.title,
            )
        before = self.folder.read_config()
        ends = {"epochs": None, "max_steps": 1, "max_seconds": None, "device": "auto"}
        if replace(before, **ends) != replace(self.config, **ends):  # type: ignore[arg-type]
            raise RunError(
                "'{run}' was trained with other settings: only where it ends and its device may "
                "change when it is resumed.",
                run=self.folder.path,
            )

    def _restore(self, step: int) -> None:
        weights, _ = load_tensors(self.folder.weights(step))
        tensors, facts = load_tensors(self.folder.state(step))
        manifest = self.folder.read_manifest()
        threads = manifest.get("threads")
        same = manifest.get("processes", 1) == (self._processes.size if self._processes else 1)
        try:
            self.learner.restore(weights, tensors, step)
            self.seconds = float(facts["seconds"])
            self._rate = min(max(float(facts.get("rate", 1.0)), 0.0), 1.0)
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise FileError(
                "'{state}' is damaged, so the run cannot be resumed.", state=self.folder.state(step)
            ) from None
        self.step, self._saved, self._saved_at = step, step, self.seconds
        if self.task.copies:  # samples of the last checkpoint had few copies
            self._moments.append(self._moment())
        if same and isinstance(threads, int) and 0 < threads <= MOST_THREADS:
            self.learner.threads = threads
        bf16, last = manifest.get("bf16"), manifest.get("channels_last")
        # The processor of another machine may lack bfloat16.
        fits = manifest.get("device") == str(self.task.device) and (self.task.bf16 or not bf16)
        if fits and isinstance(bf16, bool) and isinstance(last, bool):
            self.learner.use(Arithmetic(bf16, last))
            self.learner.tries = False
        self.folder.trim(step)  # last, so that a damaged checkpoint leaves everything unchanged
        self._passing = set(filter(self._is_passing, self.folder.steps()))

    def _is_passing(self, step: int) -> bool:
        """Whether the checkpoint of ``step`` is a temporary one that a killed run left."""
        try:
            return read_metadata(self.folder.state(step)).get("passing") is True
        except FileError:
            return False


def _check(what: str, number: float) -> None:
    """Raise NotFiniteError, naming the quantity, unless it is finite."""
    if not math.isfinite(number):
        raise NotFiniteError(what)
