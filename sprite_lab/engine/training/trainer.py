"""Training, as a generator that an app or a command line advances step by step."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from filelock import Timeout
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab import __version__
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.records import (
    CheckpointSaved,
    CopiesRecord,
    EvalRecord,
    Notice,
    Preview,
    Progress,
    Record,
    StepRecord,
)
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.credits import credits_from_json
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary, prompts_from_json
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.checkpoint import load_tensors, save_tensors
from sprite_lab.engine.models.model import Model, save_weights
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.commands import ANSWER, COMMAND, Commands
from sprite_lab.engine.training.copies import CopyCheck
from sprite_lab.engine.training.learning_rate import learning_rate, total_steps
from sprite_lab.engine.training.level_window import LevelWindow, binned
from sprite_lab.engine.training.metrics_rows import copies_row, eval_row, step_row, window_row
from sprite_lab.engine.training.processes import Processes, SharedLearner, Wait
from sprite_lab.engine.training.run_folder import FOLDERS, MetricsLog, RunFolder, is_early
from sprite_lab.engine.training.throttle import Watch
from sprite_lab.engine.training.train_step import Learner
from sprite_lab.engine.training.training_task import TrainingTask, facts_that_stay, sprite_task
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet

#: The share of the training time that is spent on looking for copies, among so many samples.
COPIES_SHARE, COPIES_COUNT, COPIES_STEPS = 0.1, 64, 10


@dataclass(frozen=True)
class TrainResult:
    """What a run left behind. ``seconds`` is training time, pauses left out."""

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

    Yields a StepRecord a step, EvalRecord and Preview now and then, CheckpointSaved.
    Stopped or closed, it saves; cancelled, it removes what it made. Every random
    number comes from (seed, step), so a resumed run takes the very steps that an
    uninterrupted one would, on the same machine with the same number of threads.

    Parameters
    ----------
    init : the model to start from; ``config`` must be one that
        :func:`~sprite_lab.engine.training.fine_tuning.fine_tuning` gives. A resumed run needs none.
    processes : that learn together, of which this is rank 0.

    Raises
    ------
    RunError
        If the folder holds a run already (without ``resume``), holds none or one of other
        data or settings (with it), the device is not there or ``init`` does not fit.
    """
    folder = RunFolder(run)
    known = _known(folder) if resume and folder.begun else None
    task = partial(sprite_task, config, sprites, init, known)
    return (yield from learn(task, run, control, resume=resume, processes=processes))


def _known(folder: RunFolder) -> tuple[Vocabulary, tuple[Prompt, ...]]:
    """What the network of a run is told: its vocabulary and prompts."""
    data = folder.read_manifest().get("data", {})
    try:
        vocabulary = Vocabulary.from_json(data)
        return vocabulary, prompts_from_json(data.get("prompts", []), vocabulary)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise FileError(
            f"'{folder.manifest}' is damaged: it does not say what was trained on."
        ) from None


def learn(
    task: Callable[[], TrainingTask],
    run: Path,
    control: RunControl,
    *,
    resume: bool = False,
    processes: Processes | None = None,
) -> Run[TrainResult]:
    """Carry a task out in the folder ``run``; the rest as of :func:`train_iter`.

    ``task`` is made once the folder is found to be free.
    """
    folder = RunFolder(run)
    if resume and not folder.exists:
        raise RunError(f"There is no run to resume in '{run}'.")
    # A run that was ended before its first checkpoint has left nothing to lose: start anew.
    begun = folder.begun
    if begun and not resume:
        raise RunError(f"'{run}' holds a run already: resume it or choose another folder.")
    first_step = folder.resumable() if begun else None
    if begun and first_step is None:
        raise RunError(
            f"'{run}' cannot be resumed: its training state is missing. "
            "Start a new run from its weights, in another folder."
        )
    manifest = folder.read_manifest() if begun else {}
    existed = folder.path.exists()
    folder.create()
    try:
        with folder.lock():
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
        raise RunError(f"Another process is training in '{run}' at this moment.") from None
    finally:
        if control.cancel_requested and first_step is None:
            _discard(folder, existed)
        elif not existed and not folder.exists:  # refused before it began
            shutil.rmtree(folder.path, ignore_errors=True)


def _discard(folder: RunFolder, existed: bool) -> None:
    """Remove all of a new run."""
    if not existed:
        shutil.rmtree(folder.path, ignore_errors=True)
    else:  # the folder was there before: take only what is ours
        for ours in FOLDERS:
            shutil.rmtree(folder.path / ours, ignore_errors=True)
        for file in (folder.manifest, folder.metrics, folder.floor):
            file.unlink(missing_ok=True)
        for file in (folder.path / name for name in (".lock", COMMAND, ANSWER)):
            file.unlink(missing_ok=True)


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
            task.facts.update(facts_that_stay(task.facts, folder.read_manifest()["data"]))
        self.learner = SharedLearner(task, processes) if processes else Learner(task)
        self._processes = processes
        self._commands = Commands(folder.path, control, resumed=first_step is not None)
        self._vocabulary = Vocabulary.from_json(task.facts)
        self._prompts = prompts_from_json(task.facts.get("prompts", []), self._vocabulary)

        self.step = 0
        self.seconds = 0.0
        self.total = total_steps(self.config, self.data.steps_per_epoch)
        self._evaluation, self._previewing = Watch(), Watch()
        self._looking_for_copies = Watch(COPIES_SHARE)
        self._best: dict[str, Tensor] | None = None  # averaged weights of the last good moment
        self._copies_too_many = False
        self._saved = -1
        self._sound = True  # whether the weights are worth keeping
        self._first_step = first_step
        if first_step is not None:
            self._restore(first_step)
        self._window = LevelWindow(self.config, self.step + 1)

    # -- the loop --------------------------------------------------------------------------

    def run(self) -> Run[TrainResult]:
        self.learner.prepare(self.data)
        self.folder.create()
        self._write_manifest()
        if self.task.notice:
            yield Notice(self.task.notice)
        metrics = MetricsLog(self.folder.metrics)
        try:
            while not self._finished():
                yield from self._advance(metrics)
                for _ in self._commands.heed(self.step):
                    metrics.flush()
                    if self._processes:
                        self._processes.give(Wait())
                    yield None
                if self._copies_too_many:
                    yield self._back_to_best()
                if self._previewing.due(self.step, self.seconds, self._finished()):
                    yield from self._preview()
                if self.step % self.config.checkpoint_every == 0 or self._finished():
                    metrics.flush()
                    yield self._save()
                elif is_early(self.step, self.config.checkpoint_every):
                    yield self._save_early()
        finally:
            # On every way out, by stop, error or close: what was learnt is on disk.
            try:
                metrics.close()
            finally:
                cancelled = self.control.cancel_requested
                if self._sound and not cancelled and self._saved != self.step and self.step:
                    self._save()
        return TrainResult(self.folder.path, self.step, self.seconds)

    def _advance(self, metrics: MetricsLog) -> Generator[Record | None, None, None]:
        """Take a step, look at what came of it where that is due, and note both."""
        part_size = self.learner.part_size
        record = self._train_step()
        row = step_row(record)
        window = None
        if self._window.due(self.step, self._finished()):
            window = self._window.close(self.step, self.learner.ema)
            row |= window_row(window)
        found: list[Record] = []
        try:
            yield record
            if window:
                yield window
            if self.learner.part_size < part_size:
                yield Notice(
                    f"Memory ran out: the {self.config.batch_size} sprites of a step are "
                    f"now learnt {self.learner.part_size} at a time, which takes longer."
                )
            yield Progress(*self._progress(), "Training")
            now = self.step, self.seconds, self._finished()
            if self._evaluation.due(*now):
                evaluated = yield from self._evaluate()
                row |= eval_row(evaluated)
                found.append(evaluated)
            if self.task.copies and self._looking_for_copies.due(*now):
                copied = yield from self._look_for_copies(self.task.copies)
                row |= copies_row(copied)
                found.append(copied)
        finally:  # also if it is closed here: the step is in the checkpoint
            metrics.append(row)
        yield from found

    def _finished(self) -> bool:
        limit = self.config.max_seconds
        return (
            self.control.stop_requested
            or self._copies_too_many
            or (self.total is not None and self.step >= self.total)
            or (limit is not None and self.seconds >= limit)
        )

    def _progress(self) -> tuple[int, int]:
        limit = self.config.max_seconds
        if self.total is None or (limit and self.seconds / limit > self.step / self.total):
            return int(self.seconds), int(limit or 0)
        return self.step, self.total

    def _train_step(self) -> StepRecord:
        start = time.perf_counter()
        batch = self.data.batch(self.step)
        rate = learning_rate(self.config, self.step, self.total, self.seconds)
        rate *= self._commands.rate
        loss, grad_norm = self.learner.learn(batch, self.step + 1, rate)
        if not math.isfinite(grad_norm):
            self._sound = False
            raise RunError(
                f"The loss is no longer a number at step {self.step + 1}: "
                "start again with a lower learning rate."
            )
        self.step += 1
        self._window.add(batch.log_snr, self.learner.losses)
        elapsed = time.perf_counter() - start
        self.seconds += elapsed
        return StepRecord(
            step=self.step,
            epoch=self.step / self.data.steps_per_epoch,
            loss=loss,
            learning_rate=rate,
            sprites_per_second=len(batch.x0) / elapsed,
            seconds=self.seconds,
            grad_norm=grad_norm,
        )

    # -- watching it -----------------------------------------------------------------------

    def _evaluate(self) -> Generator[None, None, EvalRecord]:
        work = self.task.validation.run(self.learner.ema.module)
        found = yield from self._evaluation.look(self.step, self.seconds, work)
        levels = None
        if found.levels is not None:
            levels = binned(self._window.bins, self.config, *found.levels)
        return EvalRecord(self.step, found.val_loss, found.epsilon_error, levels)

    def _look_for_copies(self, check: CopyCheck) -> Generator[None, None, CopiesRecord]:
        """How many samples are copies; while they are few, the weights are kept."""
        config = replace(self._preview_config(), count=COPIES_COUNT, steps=COPIES_STEPS)
        run = sample_iter(self._model(), [config], RunControl(), record=False)
        work = _without_records(run)
        drawn = yield from self._looking_for_copies.look(self.step, self.seconds, work)
        share = check.share(to_pixels(drawn.final()))
        if share > self.config.max_copies:
            self._copies_too_many = self._best is not None
        else:
            self._keep_best()
        return CopiesRecord(self.step, share)

    def _keep_best(self) -> None:
        state = self.learner.ema.module.state_dict()
        self._best = {name: tensor.clone() for name, tensor in state.items()}

    def _back_to_best(self) -> Notice:
        """Give the averaged weights of the last moment with few copies back."""
        assert self._best is not None
        self.learner.ema.module.load_state_dict(self._best)
        return Notice(
            f"Ended: more than {self.config.max_copies:.0%} of its samples had become copies of "
            "training sprites. The weights from before are kept."
        )

    def _preview(self) -> Generator[Preview | None, None, None]:
        images = yield from self._previewing.look(self.step, self.seconds, self._draw())
        yield Preview(self.step, images)

    def _draw(self) -> Generator[None, None, NDArray[np.uint8]]:
        """Draw the same noise with the weights of now, and keep the sheet."""
        run = sample_iter(self._model(), [self._preview_config()], RunControl(), record=False)
        # Progress of the sampling is not the run's; each yield is a point to pause at.
        trajectory = yield from _without_records(run)
        images = to_pixels(trajectory.final())
        images.flags.writeable = False
        write_png(self.folder.sample_sheet(self.step), make_sheet(images))
        return images

    def _preview_config(self) -> SampleConfig:
        return SampleConfig(
            count=self.config.preview_count,
            seed=self.config.seed,
            steps=self.config.preview_steps,
            classes=self._vocabulary.classes,
            guidance_scale=SampleConfig().guidance_scale if self.config.label_dropout else 1.0,
        )

    def _model(self) -> Model:
        return Model(
            denoiser=self.learner.ema.module,
            schedule=NoiseSchedule(self.config.schedule),
            vocabulary=self._vocabulary,
            title=self.folder.path.name,
            step=self.step,
            data_fingerprint=self.task.facts["fingerprint"],
            data_title=self.task.facts["title"],
            credits=credits_from_json(self.task.facts.get("credits", [])),
            prompts=self._prompts,
        )

    # -- files -----------------------------------------------------------------------------

    def _write_manifest(self) -> None:
        self.folder.write_manifest(
            {
                "config": self.config.to_json(),
                "data": self.task.facts,
                "threads": self.learner.threads,
                "processes": self._processes.size if self._processes else 1,
                "sprite_lab": __version__,
                "torch": torch.__version__,
                "device": str(self.task.device),
                "bf16": self.task.bf16,
            }
        )

    def _save(self) -> CheckpointSaved:
        # The state first: whatever happens in between, weights that are there can be resumed.
        facts = {"step": self.step, "seconds": self.seconds}
        save_tensors(self.folder.state(self.step), self.learner.state(), facts)
        path = self.folder.weights(self.step)
        save_weights(path, self.learner.ema.module, self.config, self.step, self.task.facts)
        # States are large, and only the newest serves; or the first, if this is called off.
        for older in self.folder.steps()[:-2]:
            if older != self._first_step:
                self.folder.state(older).unlink(missing_ok=True)
        self._saved = self.step
        return CheckpointSaved(self.step, path)

    def _save_early(self) -> CheckpointSaved:
        path, denoiser = self.folder.early_weights(self.step), self.learner.ema.module
        save_weights(path, denoiser, self.config, self.step, self.task.facts, half=True)
        return CheckpointSaved(self.step, path, early=True)

    def _check_same(self) -> None:
        data = self.folder.read_manifest()["data"]
        if not {"fingerprint", "title"} <= data.keys():
            raise FileError(
                f"'{self.folder.manifest}' is damaged: it does not say what was trained on."
            )
        if data["fingerprint"] != self.task.facts["fingerprint"]:
            raise RunError(
                f"'{self.folder.path}' was trained on other sprites "
                f"('{data['title']}'): resume it with those."
            )
        before = self.folder.read_config()
        ends = {"epochs": None, "max_steps": 1, "max_seconds": None, "device": "auto"}
        if replace(before, **ends) != replace(self.config, **ends):  # type: ignore[arg-type]
            raise RunError(
                f"'{self.folder.path}' was trained with other settings: "
                "only where it ends and its device may change when it is resumed."
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
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise FileError(
                f"'{self.folder.state(step)}' is damaged, so the run cannot be resumed."
            ) from None
        if self.task.copies:  # what was saved last had few of them
            self._keep_best()
        self.step = self._saved = step
        if same and isinstance(threads, int) and threads > 0:
            self.learner.threads = threads
        self.folder.trim(step)  # last, so that a damaged checkpoint changes nothing


def _without_records(run: Run[Trajectory]) -> Generator[None, None, Trajectory]:
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value
        yield None
