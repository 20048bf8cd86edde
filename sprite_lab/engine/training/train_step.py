"""One training step: gradient, optimizer and average of the weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from sprite_lab.core.errors import RunError
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.loss import loss_weight, per_sample_loss, squared_errors
from sprite_lab.engine.runtime import (
    autocast,
    choose_threads,
    fastest,
    flushed_denormals,
    free_memory,
    is_out_of_memory,
    memory_format,
)
from sprite_lab.engine.training.optimizer import AdamW
from sprite_lab.engine.training.training_data import Batch
from sprite_lab.engine.training.training_task import Batches, TrainingTask


class Learned(NamedTuple):
    """The result of a step: loss, norm of the gradient, sprites' levels and losses (N,)."""

    loss: float
    grad_norm: float
    log_snr: Tensor
    losses: Tensor


class Arithmetic(NamedTuple):
    """Number format and memory layout: bfloat16 or float32, channels last or first."""

    bf16: bool
    channels_last: bool


#: Runs with fewer steps or seconds than these skip the trial: it would cost more than it gains.
WORTH_IT = (300, 30.0)

#: How many times faster than the device's default another arithmetic must be to be used.
GAIN = 1.1


class Learner:
    """A network that learns batch by batch."""

    tries = True  #: whether to find the fastest arithmetic by trial

    def __init__(self, task: TrainingTask) -> None:
        self.config, self.device = task.config, task.device
        channels_last = memory_format(self.device) == torch.channels_last
        self.arithmetic = Arithmetic(task.bf16, channels_last)
        self.denoiser = task.denoiser
        self.ema = Ema(self.denoiser, self.config.ema_decay)
        self.optimizer = AdamW(
            self.denoiser.parameters(),
            self.config.weight_decay,
            betas=(0.9, self.config.beta2),
            max_norm=self.config.max_grad_norm,
        )
        #: the maximum number of sprites in one computation of the gradient. When memory runs out,
        #: it is halved and the gradients of the parts are added up: the same step, only slower
        #: (except that batch norm then normalizes each part separately).
        self.part_size = self.config.batch_size
        self.threads: int | None = None  #: threads used on a CPU; None = not determined yet
        #: float32 (N,), losses of the last batch, on the device
        self.losses = torch.empty(0)
        self.ahead = 1  #: number of steps taken before their results are known
        if self.config.compile:  # after copying the average, which is not compiled
            # "reduce-overhead" records CUDA graphs: for such a small network, launch time
            # dominates.
            mode = "reduce-overhead" if self.device.type == "cuda" else "default"
            self.denoiser.network.compile(mode=mode)

    def prepare(self, data: Batches) -> None:
        """Find the fastest number of threads and arithmetic by trial; compile the network if
        configured.

        Raises RunError if the network should be compiled but cannot be, or if there is not enough
        memory for a single sprite.
        """
        choose = self.device.type == "cpu" and self.threads is None
        others = self._others(data)
        if not choose and not self.config.compile and not others:
            return
        batch = data.batch(0)
        # A trial leaves gradients behind, and changes the running means of batch norm.
        before = {name: value.clone() for name, value in self.denoiser.state_dict().items()}
        if self.config.compile:
            try:
                self._gradient_in_memory(batch)
            except RunError:
                raise
            except Exception as error:
                raise RunError(
                    "The network cannot be compiled on this machine (is there a C++ compiler?): "
                    f"train without compiling. {type(error).__name__}: {error}".splitlines()[0]
                ) from error

        def work() -> None:
            float(self._gradient_in_memory(batch))  # waits for the device

        if choose:
            self.threads = choose_threads(work)
        for name in others:  # one change at a time, from the best so far
            other = self.arithmetic._replace(**{name: not getattr(self.arithmetic, name)})
            fastest([self.arithmetic, other], self.use, work, GAIN)
        self.optimizer.zero_grad()
        self.denoiser.load_state_dict(before)

    def use(self, arithmetic: Arithmetic) -> None:
        """Switch to this arithmetic."""
        if arithmetic.channels_last != self.arithmetic.channels_last:
            form = _form(arithmetic)
            for module in (self.denoiser, self.ema.module):
                module.to(memory_format=form)  # type: ignore[call-overload, unused-ignore]
            self.optimizer.lay_out()
            self.optimizer.zero_grad()
        self.arithmetic = arithmetic

    def _others(self, data: Batches) -> list[str]:
        """The fields of the arithmetic that are worth a trial."""
        ends = self.config.total_steps(data.steps_per_epoch), self.config.max_seconds
        short = any(
            end is not None and end < least for end, least in zip(ends, WORTH_IT, strict=True)
        )
        if not self.tries or self.config.compile or short or self.device.type == "mps":
            return []
        return ["bf16"] * (self.config.precision == "auto") + ["channels_last"]

    def learn(self, batch: Batch, step: int, rate: float) -> tuple[float, float]:
        """Take step number ``step`` (from 1); returns the loss and the norm of its gradient.

        If either is not finite, nothing was updated. Raises RunError if there is not enough memory
        for a single sprite.
        """
        self._use_threads()
        if self.config.network.dropout:
            torch.manual_seed((self.config.seed * 1_000_003 + step) % 2**63)
        loss = float(self._loss_and_gradient(batch))
        norm = self.optimizer.step(rate) if math.isfinite(loss) else math.nan
        if math.isfinite(norm):
            self.ema.update(step)
        return loss, norm

    def catch_up(self, data: Batches, step: int) -> Iterator[tuple[int, int]]:
        """Call :meth:`Batches.catch_up` of the data with this learner's number of threads."""
        parts = data.catch_up(step)
        while True:
            self._use_threads()
            part = next(parts, None)
            if part is None:
                return
            yield part

    def _use_threads(self) -> None:
        if self.threads:
            torch.set_num_threads(self.threads)

    def learn_on(self, data: Batches, first: int, rates: Sequence[float]) -> Iterator[Learned]:
        """Take steps, starting with number ``first`` (from 1), with these learning rates."""
        for step, rate in enumerate(rates, first):
            self._use_threads()  # a student's batch is drawn by its teacher's network
            batch = data.batch(step - 1)
            loss, norm = self.learn(batch, step, rate)
            yield Learned(loss, norm, batch.log_snr, self.losses)

    def _loss_and_gradient(self, batch: Batch) -> Tensor:
        return self._gradient_in_memory(batch)

    def _gradient_in_memory(self, batch: Batch) -> Tensor:
        while True:
            try:
                return self._gradient(batch)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
                if self.part_size == 1:
                    raise RunError(
                        "There is not enough memory to learn from a single sprite: "
                        "choose a narrower network or another device."
                    ) from None
            # Outside the handler, where the error no longer keeps tensors alive.
            self.part_size = -(-self.part_size // 2)
            self.optimizer.zero_grad()
            free_memory(self.device)

    def _gradient(self, batch: Batch) -> Tensor:
        """Accumulate the gradient of the batch's mean loss in the weights; returns the loss."""
        self.denoiser.train()
        self.optimizer.zero_grad()
        total = torch.zeros((), device=self.device)
        seen = []
        with flushed_denormals():
            for part in batch.laid_out(_form(self.arithmetic)).parts(self.part_size):
                with autocast(self.device, self.arithmetic.bf16):
                    weight = loss_weight(
                        self.config.loss_weighting, self.denoiser.prediction_type, part.log_snr
                    )
                    errors = squared_errors(self.denoiser, *part)
                    losses = per_sample_loss(errors, self.config.huber_c) * weight
                    loss = losses.sum() / len(batch.x0)
                loss.backward()  # type: ignore[no-untyped-call]
                total += loss.detach()
                seen.append(losses.detach())
        self.losses = torch.cat(seen)
        return total

    def state(self) -> dict[str, Tensor]:
        """What :meth:`restore` needs besides the averaged weights."""
        tensors = {f"raw.{name}": value for name, value in self.denoiser.state_dict().items()}
        moments = self.optimizer.exp_avg, self.optimizer.exp_avg_sq
        for i, (mean, square) in enumerate(zip(*moments, strict=True)):
            tensors[f"exp_avg.{i}"], tensors[f"exp_avg_sq.{i}"] = mean, square
        return tensors

    def restore(
        self, average: Mapping[str, Tensor], tensors: Mapping[str, Tensor], step: int
    ) -> None:
        """Continue from ``step`` with its averaged weights and state.

        Raises KeyError or RuntimeError if they do not fit the network.
        """
        raw = {n.removeprefix("raw."): t for n, t in tensors.items() if n.startswith("raw.")}
        self.ema.module.load_state_dict(average)
        self.denoiser.load_state_dict(raw)
        moments = self.optimizer.exp_avg, self.optimizer.exp_avg_sq
        for i, (mean, square) in enumerate(zip(*moments, strict=True)):
            mean.copy_(tensors[f"exp_avg.{i}"])
            square.copy_(tensors[f"exp_avg_sq.{i}"])
        self.optimizer.step_count = step


def _form(arithmetic: Arithmetic) -> torch.memory_format:
    return torch.channels_last if arithmetic.channels_last else torch.contiguous_format
