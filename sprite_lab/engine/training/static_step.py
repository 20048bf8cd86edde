"""The whole step on static buffers, recorded once as a CUDA graph and replayed.

A small network at a usual batch keeps a GPU waiting for the next launch. Here a step is the copy
of what was drawn for it (``Drawn``) into buffers that stay where they are, and one launch: looking
up sprites, augmentation, loss, gradient, optimizer and average are all in the graph. What came of
it stays on the device until many steps are taken. Without CUDA the same function runs eagerly.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from sprite_lab.engine.runtime import free_memory, recorded
from sprite_lab.engine.training.level_window import WINDOW
from sprite_lab.engine.training.train_step import Learner, Learnt
from sprite_lab.engine.training.training_task import Batches, TrainingTask

_log = logging.getLogger(__name__)

#: Where the levels stand in what is drawn.
_LEVELS = 2


def lone_learner(task: TrainingTask) -> Learner:
    """The learner for one process: with a recorded step where that can be, on CUDA."""
    if task.device.type == "cuda" and task.data.on_device and can_be_static(task):
        return StaticLearner(task)
    return Learner(task)


def can_be_static(task: TrainingTask) -> bool:
    """Whether each step does the same to other numbers. Dropout draws its own on the device."""
    return not task.config.compile and not task.config.network.dropout


class StaticLearner(Learner):
    """A learner that takes several steps before it looks at what came of them.

    Where a loss or gradient is not finite nothing is updated, as of :class:`Learner`; it is found
    out after a few more steps. Where memory runs out it goes on as that one.
    """

    def __init__(self, task: TrainingTask) -> None:
        super().__init__(task)
        self._data = task.data
        self._graph: torch.cuda.CUDAGraph | None = None
        self._drawn: tuple[Tensor, ...] = ()
        # Step, rate and the weight of the average; loss, norm and losses.
        self._said = torch.zeros(3, device=self.device)
        self._found = torch.empty(0)
        self.ahead = WINDOW

    def prepare(self, data: Batches) -> None:
        """As :meth:`Learner.prepare`, and record the step where that can be."""
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
            self.ahead = 1  # step by step, as of Learner
            free_memory(self.device)
        finally:
            self.restore(average, state, count)

    def learn_on(self, data: Batches, first: int, rates: Sequence[float]) -> Iterator[Learnt]:
        """As of :class:`Learner`, all of them before the first is given."""
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
            yield Learnt(float(found[0]), float(found[1]), log_snr.cpu(), self.losses)

    def _load(self, index: int, step: int, rate: float) -> Tensor:
        """Put what is drawn for a step where the recorded one reads it; its levels."""
        drawn = self._data.drawn(index)
        if not self._drawn:
            self._drawn = tuple(part.to(self.device).clone() for part in drawn)
            shape = (WINDOW, 2 + len(drawn[_LEVELS]))
            self._found = torch.zeros(shape, device=self.device)
        said = torch.tensor([float(step), rate, self.ema.weight(step)])
        for buffer, part in zip((*self._drawn, self._said), (*drawn, said), strict=True):
            if self.device.type == "cuda" and part.device.type == "cpu":
                part = part.pin_memory()  # or the copy would wait for the device
            buffer.copy_(part, non_blocking=True)
        return drawn[_LEVELS]

    def _step(self) -> Tensor:
        """Learn from what was loaded: loss, norm and losses in one, (2 + N,)."""
        step, rate, weight = self._said
        loss = self._gradient(self._data.made(self._drawn))
        norm, good = self.optimizer.replayed(step, rate, loss)
        self.ema.take_in(weight * good)
        return torch.cat([torch.stack([loss, norm]), self.losses])
