"""Training, as a generator that an app or a command line advances step by step."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
    EvalRecord,
    Notice,
    Preview,
    Progress,
    StepRecord,
)
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet, to_pixels
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.data.datasets import split
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.loss import per_sample_loss
from sprite_lab.engine.checkpoint import load_tensors, save_tensors
from sprite_lab.engine.learning_rate import learning_rate, total_steps
from sprite_lab.engine.models import Model, network_for, save_weights
from sprite_lab.engine.optimizer import AdamW
from sprite_lab.engine.run_folder import MetricsLog, RunFolder
from sprite_lab.engine.runtime import (
    autocast,
    choose_device,
    choose_threads,
    memory_format,
    use_bf16,
)
from sprite_lab.engine.sampling import sample_iter
from sprite_lab.engine.training_data import Batch, TrainingData, tensors
from sprite_lab.engine.validation import Validation
from sprite_lab.engine.watch import Watch
from sprite_lab.formats.png import write_png
from sprite_lab.formats.sheet import make_sheet

MIN_SPRITES_TO_LEARN = 50


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
) -> Run[TrainResult]:
    """Train on ``sprites`` and keep everything in the folder ``run``.

    Yields a StepRecord a step, EvalRecord and Preview now and then, CheckpointSaved.
    Stopped or closed, it saves; cancelled, it removes what it made. Every random
    number comes from (seed, step), so a resumed run takes the very steps that an
    uninterrupted one would, on the same machine with the same number of threads.

    Raises
    ------
    RunError
        If the folder holds a run already (without ``resume``), holds none or one of other
        data or settings (with it), or the device is not there.
    """
    folder = RunFolder(run)
    if resume and not folder.exists:
        raise RunError(f"There is no run to resume in '{run}'.")
    # A run that was ended before its first checkpoint has left nothing to lose: start anew.
    begun = folder.exists and folder.latest() is not None
    if begun and not resume:
        raise RunError(f"'{run}' holds a run already: resume it or choose another folder.")
    first_step = folder.resumable() if begun else None
    if begun and first_step is None:
        raise RunError(f"'{run}' cannot be resumed: its training state is missing.")
    manifest = folder.read_manifest() if begun else {}
    existed = folder.path.exists()
    folder.create()
    try:
        with folder.lock():
            if first_step is None:
                folder.trim(0)
            try:
                trainer = _Trainer(config, sprites, folder, control, first_step)
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
        for ours in ("checkpoints", "samples"):
            shutil.rmtree(folder.path / ours, ignore_errors=True)
        for file in (folder.manifest, folder.metrics, folder.path / ".lock"):
            file.unlink(missing_ok=True)


class _Trainer:
    """The state of one run between its steps."""

    def __init__(
        self,
        config: TrainConfig,
        sprites: SpriteSet,
        folder: RunFolder,
        control: RunControl,
        first_step: int | None,
    ) -> None:
        self.folder, self.control, self.sprites = folder, control, sprites
        training, validation = split(sprites, config.validation_fraction, seed=0)
        size = sprites.size[0]
        config = replace(config, network=network_for(config, size, len(sprites.class_names)))
        if first_step is not None:
            self._check_same(config)
        self.config = config
        self.device = choose_device(config.device)
        self.bf16 = use_bf16(config.precision, self.device)

        torch.manual_seed(config.seed)  # first weights
        self.denoiser = Denoiser(config.network, config.prediction_type)
        self.denoiser = self.denoiser.to(self.device)
        self.denoiser.to(memory_format=memory_format(self.device))  # type: ignore[call-overload]
        self.data = TrainingData(training, config, self.device)
        self.denoiser.data_mean.copy_(self.data.x0.mean(dim=0))
        self.ema = Ema(self.denoiser, config.ema_decay)
        self.optimizer = AdamW(self.denoiser.parameters(), config.weight_decay)
        self.validation = Validation(*tensors(validation, self.device), config)

        self.step = 0
        self.seconds = 0.0
        self.total = total_steps(config, self.data.steps_per_epoch)
        self.threads: int | None = None
        self._evaluation, self._previewing = Watch(), Watch()
        self._saved = -1
        self._sound = True  # whether the weights are worth keeping
        self._first_step = first_step
        if first_step is not None:
            self._restore(first_step)

    # -- the loop --------------------------------------------------------------------------

    def run(self) -> Run[TrainResult]:
        self._settle_threads()
        self.folder.create()
        self._write_manifest()
        if len(self.data.x0) < MIN_SPRITES_TO_LEARN:
            yield Notice(
                f"{len(self.data.x0)} sprites are few: the model will learn them by heart. "
                f"Use at least {MIN_SPRITES_TO_LEARN}."
            )
        metrics = MetricsLog(self.folder.metrics)
        try:
            while not self._finished():
                record = self._train_step()
                row: dict[str, Any] = {
                    "step": record.step,
                    "loss": record.loss,
                    "epoch": record.epoch,
                    "learning_rate": record.learning_rate,
                    "grad_norm": record.grad_norm,
                    "seconds": record.seconds,
                }
                evaluated = None
                try:
                    yield record
                    yield Progress(*self._progress(), "Training")
                    if self._evaluation.due(self.step, self.seconds, self._finished()):
                        evaluated = yield from self._evaluate()
                        row |= {"val_loss": evaluated.val_loss}
                        row |= {"epsilon_error": evaluated.epsilon_error}
                finally:  # also if it is closed here: the step is in the checkpoint
                    metrics.append(row)
                if evaluated:
                    yield evaluated
                if self._previewing.due(self.step, self.seconds, self._finished()):
                    yield from self._preview()
                if self.step % self.config.checkpoint_every == 0 or self._finished():
                    metrics.flush()
                    yield self._save()
        finally:
            # On every way out, by stop, error or close: what was learnt is on disk.
            try:
                metrics.close()
            finally:
                cancelled = self.control.cancel_requested
                if self._sound and not cancelled and self._saved != self.step and self.step:
                    self._save()
        return TrainResult(self.folder.path, self.step, self.seconds)

    def _finished(self) -> bool:
        limit = self.config.max_seconds
        return (
            self.control.stop_requested
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
        if self.threads:
            torch.set_num_threads(self.threads)
        batch = self.data.batch(self.step)
        loss, grad_norm, rate = self._update(self.step, batch)
        self.step += 1
        self.ema.update(self.step)
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

    def _update(self, step: int, batch: Batch) -> tuple[float, float, float]:
        loss = self._loss(batch)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        rate = learning_rate(self.config, step, self.total, self.seconds)
        value = float(loss.detach())
        norm = self.optimizer.step(rate) if math.isfinite(value) else math.nan
        if not math.isfinite(norm):
            self._sound = False
            raise RunError(
                f"The loss is no longer a number at step {step + 1}: "
                "start again with a lower learning rate."
            )
        return value, norm, rate

    def _loss(self, batch: Batch) -> Tensor:
        self.denoiser.train()
        with autocast(self.device, self.bf16):
            return per_sample_loss(self.denoiser, *batch).mean()

    # -- watching it -----------------------------------------------------------------------

    def _evaluate(self) -> Generator[None, None, EvalRecord]:
        work = self.validation.run(self.ema.module)
        val_loss, epsilon_error = yield from self._evaluation.look(self.step, self.seconds, work)
        return EvalRecord(self.step, val_loss, epsilon_error)

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
            classes=self.sprites.class_names,
            guidance_scale=SampleConfig().guidance_scale if self.config.label_dropout else 1.0,
        )

    def _model(self) -> Model:
        return Model(
            denoiser=self.ema.module,
            schedule=self.data.schedule,
            class_names=self.sprites.class_names,
            title=self.folder.path.name,
            step=self.step,
            data_fingerprint=self.sprites.fingerprint,
            data_title=self.sprites.title,
        )

    # -- files -----------------------------------------------------------------------------

    def _settle_threads(self) -> None:
        """On a CPU, use the number of threads that is fastest now, or that of before."""
        if self.device.type != "cpu":
            return
        if self.threads:
            torch.set_num_threads(self.threads)
            return
        # The trial leaves gradients, and moves the running means of batch norm.
        before = {name: value.clone() for name, value in self.denoiser.state_dict().items()}
        batch = self.data.batch(0)
        self.threads = choose_threads(lambda: self._loss(batch).backward())  # type: ignore[no-untyped-call]
        self.optimizer.zero_grad()
        self.denoiser.load_state_dict(before)

    def _write_manifest(self) -> None:
        self.folder.write_manifest(
            {
                "config": self.config.to_json(),
                "data": self._data_facts(),
                "threads": self.threads,
                "sprite_lab": __version__,
                "torch": torch.__version__,
                "device": str(self.device),
                "bf16": self.bf16,
            }
        )

    def _data_facts(self) -> dict[str, Any]:
        return {
            "class_names": list(self.sprites.class_names),
            "fingerprint": self.sprites.fingerprint,
            "title": self.sprites.title,
            "count": len(self.sprites),
        }

    def _save(self) -> CheckpointSaved:
        path = self.folder.weights(self.step)
        facts = self._data_facts()
        save_weights(path, self.ema.module, self.config, self.step, facts)
        tensors: dict[str, Tensor] = {}
        for name, tensor in self.denoiser.state_dict().items():
            tensors[f"raw.{name}"] = tensor
        for i, (mean, square) in enumerate(
            zip(self.optimizer.exp_avg, self.optimizer.exp_avg_sq, strict=True)
        ):
            tensors[f"exp_avg.{i}"], tensors[f"exp_avg_sq.{i}"] = mean, square
        save_tensors(
            self.folder.state(self.step),
            tensors,
            {"step": self.step, "seconds": self.seconds},
        )
        # States are large, and only the newest serves; or the first, if this is called off.
        for older in self.folder.steps()[:-2]:
            if older != self._first_step:
                self.folder.state(older).unlink(missing_ok=True)
        self._saved = self.step
        return CheckpointSaved(self.step, path)

    def _check_same(self, config: TrainConfig) -> None:
        manifest = self.folder.read_manifest()
        if manifest["data"]["fingerprint"] != self.sprites.fingerprint:
            raise RunError(
                f"'{self.folder.path}' was trained on other sprites "
                f"('{manifest['data']['title']}'): resume it with those."
            )
        before = TrainConfig.from_json(manifest["config"])
        ends = {"epochs": None, "max_steps": 1, "max_seconds": None, "device": "auto"}
        if replace(before, **ends) != replace(config, **ends):  # type: ignore[arg-type]
            raise RunError(
                f"'{self.folder.path}' was trained with other settings: "
                "only where it ends and its device may change when it is resumed."
            )

    def _restore(self, step: int) -> None:
        weights, _ = load_tensors(self.folder.weights(step))
        tensors, facts = load_tensors(self.folder.state(step))
        threads = self.folder.read_manifest().get("threads")
        raw = {n.removeprefix("raw."): t for n, t in tensors.items() if n.startswith("raw.")}
        moments = self.optimizer.exp_avg, self.optimizer.exp_avg_sq
        try:
            self.ema.module.load_state_dict(weights)
            self.denoiser.load_state_dict(raw)
            for i, (mean, square) in enumerate(zip(*moments, strict=True)):
                mean.copy_(tensors[f"exp_avg.{i}"])
                square.copy_(tensors[f"exp_avg_sq.{i}"])
            self.seconds = float(facts["seconds"])
        except (KeyError, TypeError, ValueError, RuntimeError):
            raise FileError(
                f"'{self.folder.state(step)}' is damaged, so the run cannot be resumed."
            ) from None
        self.optimizer.step_count = self.step = self._saved = step
        self.threads = threads if isinstance(threads, int) and threads > 0 else None
        self.folder.trim(step)  # last, so that a damaged checkpoint changes nothing


def _without_records(run: Run[Trajectory]) -> Generator[None, None, Trajectory]:
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value
        yield None
