"""The training step on static buffers, captured once as a CUDA graph and replayed.

With a small network and the usual batch sizes, launching kernels takes a GPU longer than running
them. Here a step copies its random numbers (``Drawn``) into fixed buffers and launches once: the
lookup of sprites, augmentation, loss, gradient, optimizer and average are all in the graph. Results
stay on the device until several steps are done. Without CUDA the same function runs eagerly.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from sprite_lab.engine.runtime import free_memory, recorded
from sprite_lab.engine.training.level_window import WINDOW
from sprite_lab.engine.training.train_step import Learned, Learner
from sprite_lab.engine.training.training_task import Batches, TrainingTask

_log = logging.getLogger(__name__)

#: The index of the noise levels in ``Drawn``.
_LEVELS = 2


def lone_learner(task: TrainingTask) -> Learner:
    """The learner for a single process: on CUDA with a captured step, if possible."""
    if task.device.type == "cuda" and task.data.on_device and can_be_static(task):
        return StaticLearner(task)
    return Learner(task)


def can_be_static(task: TrainingTask) -> bool:
    """Whether a step can be captured: the network is not compiled and has no dropout."""
    return not task.config.compile and not task.config.network.dropout


class StaticLearner(Learner):
    """A learner that takes several steps before it fetches their results.

    As with :class:`Learner`, a step with a loss or gradient that is not finite updates nothing, but
    it is noticed a few steps later. If capture fails, for example for lack of memory, steps are
    taken one by one.
    """

    def __init__(self, task: TrainingTask) -> None:
        super().__init__(task)
        self._data = task.data
        self._graph: torch.cuda.CUDAGraph | None = None
        self._drawn: tuple[Tensor, ...] = ()
        # Step, learning rate and the weight of the newest weights in the average.
        self._scalars = torch.zeros(3, device=self.device)
        # Loss, norm and losses of each step.
        self._found = torch.empty(0)
        self.ahead = WINDOW

    def prepare(self, data: Batches) -> None:
        """Like :meth:`Learner.prepare`; also captures the step, on CUDA."""
        super().prepare(data)
        if self.device.type != "cuda":
            return
        average = {n: t.clone() for n, t in self.ema.module.state_dict().items()}
        state, count = {n: t.clone() for n, t in self.state().items()}, self.optimizer.step_count
        try:
            self._load(0, 1, 0.0)
            self._graph, self._out = recorded(self._step)
        except RuntimeError as error:
            _log.warning("The training step cannot be recorded: %s", error)
            self.ahead = 1  # step by step, as Learner does
            free_memory(self.device)
        finally:
            self.restore(average, state, count)

    def learn_on(self, data: Batches, first: int, rates: Sequence[float]) -> Iterator[Learned]:
        """Like :meth:`Learner.learn_on`; all steps are taken before the first result is yielded."""
        if self.ahead == 1:
            yield from super().learn_on(data, first, rates)
            return
        levels = []
        for i, rate in enumerate(rates):
            levels.append(self._load(first + i - 1, first + i, rate))
            if self._graph is None:
                self._out = self._step()
            else:
                self._graph.replay()
            self._found[i].copy_(self._out)
        self.optimizer.step_count = first - 1 + len(rates)
        for log_snr, found in zip(
            levels, self._found[: len(rates)].to("cpu", copy=True), strict=True
        ):
            self.losses = found[2:]
            yield Learned(float(found[0]), float(found[1]), log_snr.cpu(), self.losses)

    def _load(self, index: int, step: int, rate: float) -> Tensor:
        """Copy the random numbers of a step into the static buffers; returns its noise levels."""
        drawn = self._data.drawn(index)
        if not self._drawn:
            self._drawn = tuple(part.to(self.device).clone() for part in drawn)
            shape = (WINDOW, 2 + len(drawn[_LEVELS]))
            self._found = torch.zeros(shape, device=self.device)
        scalars = torch.tensor([float(step), rate, self.ema.weight(step)])
        for buffer, part in zip((*self._drawn, self._scalars), (*drawn, scalars), strict=True):
            if self.device.type == "cuda" and part.device.type == "cpu":
                part = part.pin_memory()  # otherwise the copy would wait for the device
            buffer.copy_(part, non_blocking=True)
        return drawn[_LEVELS]

    def _step(self) -> Tensor:
        """Take the loaded step; returns loss, norm and losses in one tensor, (2 + N,)."""
        step, rate, weight = self._scalars
        loss = self._gradient(self._data.made(self._drawn))
        norm, good = self.optimizer.replayed(step, rate, loss)
        self.ema.take_in(weight * good)
        return torch.cat([torch.stack([loss, norm]), self.losses])
