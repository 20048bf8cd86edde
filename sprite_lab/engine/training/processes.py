"""Many processes that learn one thing: started by torchrun or srun, one of them in command.

Rank 0 runs the trainer as a lone process does, and tells the others what to do; they only learn.
Each makes its own rows of the batch of a step, which follow from (seed, step) alone, so that the
order of the data is the same for any number of processes. Gradients, the losses of
all rows and what the others have to say go through one sum a step. It is a few megabytes, so
nothing is gained by sending it in parts while the rest is computed.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor
from torch.distributed import PrefixStore  # type: ignore[attr-defined]
from torch.distributed.rendezvous import rendezvous

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary, prompts_from_json
from sprite_lab.engine.runtime import cpu_count
from sprite_lab.engine.training.train_step import Learner, Learnt
from sprite_lab.engine.training.training_data import Batch, TrainingData
from sprite_lab.engine.training.training_task import Batches, TrainingTask, sprite_task

#: How long a process waits for another one: evaluation and samples are rank 0's alone.
PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class Plan:
    """The first order: what is learnt."""

    config: TrainConfig
    facts: dict[str, Any]


@dataclass(frozen=True)
class Share:
    """Take over the weights and the optimizer's memory of rank 0, as they are after ``step``."""

    step: int


@dataclass(frozen=True)
class Wait:
    """Nothing to do yet, but rank 0 is there."""


@dataclass(frozen=True)
class Learn:
    """Take step number ``step`` (from 1)."""

    step: int
    rate: float


@dataclass(frozen=True)
class End:
    """The last order: leave with this exit code."""

    code: int


Order = Plan | Share | Wait | Learn | End


class Processes(contextlib.AbstractContextManager["Processes"]):
    """What joins this process to those it learns with, as the variables of torchrun have it.

    On leaving its context rank 0 lets the others go: with ``code``, or 1 after an error.

    Parameters
    ----------
    led : whether rank 0 tells the others what to do; if not, all do the same by themselves.

    Raises
    ------
    RunError
        If the others cannot be reached, or there are more processes here than GPUs.
    """

    def __init__(self, control: RunControl, *, led: bool = True) -> None:
        #: of this process's run; a stop that any process is asked for is one for all
        self.control = control
        #: which of how many this is
        self.rank, self.size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        self.here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))  #: how many are on this node
        self.code = 0  #: what all processes exit with
        self._together = led
        local = int(os.environ.get("LOCAL_RANK", 0))
        backend = "gloo"
        if torch.cuda.is_available() and torch.cuda.device_count() >= self.here:
            torch.cuda.set_device(local)
            backend = "cpu:gloo,cuda:nccl"
        with self._connection():
            store, *_ = next(rendezvous("env://", self.rank, self.size, timeout=PATIENCE))
            # Addresses of processes that have ended may still be in it.
            attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
            dist.init_process_group(
                backend,
                store=PrefixStore(f"attempt {attempt}", store),
                rank=self.rank,
                world_size=self.size,
                timeout=PATIENCE,
            )

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"Process {self.rank} of {self.size}, on '{platform.node()}'"

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if self.rank == 0 and self._together:
            with contextlib.suppress(RunError):  # there is nobody left to tell
                self.give(End(self.code if error is None else 1))
        dist.destroy_process_group()

    def give(self, order: Order) -> None:
        """Tell all other processes. Rank 0 only."""
        with self._connection():
            dist.broadcast_object_list([order], device=torch.device("cpu"))

    def take(self) -> Order:
        """Wait for what rank 0 has to say."""
        told: list[Order] = [End(1)]
        with self._connection():
            dist.broadcast_object_list(told, device=torch.device("cpu"))
        return told[0]

    def agree(self, sprites: str | None, failure: Exception | None) -> None:
        """Go on only if no process has failed, and all have the same ``sprites`` (fingerprint).

        Raises
        ------
        RunError
            With the name of the process that failed and its error. The one that failed raises
            that error.
        """
        heard: list[tuple[str, str | None, str | None]] = [("", None, None)] * self.size
        what = None if failure is None else f"{failure}" or type(failure).__name__
        with self._connection():
            dist.all_gather_object(heard, (self.name, sprites, what))
        problems = [f"{name}, failed: {text}" for name, _, text in heard if text is not None]
        problems += [
            f"{name}, has other sprites than process 0: give all of them the same --data."
            for name, other, _ in heard
            if other != heard[0][1]
        ]
        if problems:
            self._together = False  # each knows, and leaves
            raise failure or RunError(problems[0])

    def add_up(self, tensor: Tensor) -> None:
        """Replace it by its sum over all processes."""
        with self._connection():
            dist.all_reduce(tensor)

    def collect(self, parts: Sequence[NDArray[np.generic]]) -> list[NDArray[np.generic]]:
        """Those of all processes, in the order of their ranks.

        Raises
        ------
        RunError
            If one of them was asked to stop.
        """
        heard: list[tuple[bool, list[NDArray[np.generic]]]] = [(False, [])] * self.size
        with self._connection():
            dist.all_gather_object(heard, (self.control.stop_requested, list(parts)))
        if any(stopped for stopped, _ in heard):
            raise RunError("It was stopped before all processes had done their part.")
        return [part for _, theirs in heard for part in theirs]

    def spread(self, tensor: Tensor) -> None:
        """Replace it by that of rank 0."""
        whole = tensor.contiguous()
        with self._connection():
            dist.broadcast(whole, 0)
        tensor.copy_(whole)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self._together = False
            told = str(error).strip().splitlines() or [type(error).__name__]
            raise RunError(
                f"{self.name}: the connection to another process was lost; what that one or "
                f"torchrun says is the cause. A checkpoint is kept: go on with --resume. {told[0]}"
            ) from error


def join(control: RunControl, *, led: bool = True) -> Processes | None:
    """The processes that this one was started with; None if it is alone."""
    together = {"RANK", "MASTER_ADDR"} <= os.environ.keys()
    alone = not together or int(os.environ.get("WORLD_SIZE", 1)) == 1
    return None if alone else Processes(control, led=led)


def was_restarted() -> bool:
    """Whether torchrun or Slurm has started this command again after it had failed or was ended."""
    counts = ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT")
    return any(os.environ.get(name, "0") not in ("", "0") for name in counts)


class SharedLearner(Learner):
    """A learner whose batches are shared out among processes.

    Batch norm sees the rows of its process, and dropout draws anew in each.
    """

    tries = False  # each might come to another arithmetic

    def __init__(self, task: TrainingTask, processes: Processes) -> None:
        super().__init__(task)
        self.processes = processes
        if self.device.type == "cuda" and torch.cuda.device_count() < processes.here:
            raise RunError(
                f"There are {processes.here} processes on '{platform.node()}', but "
                f"{torch.cuda.device_count()} GPUs: start one for each GPU."
            )
        self._shared = False
        self._rows, self._count = slice(0, 0), 0  # this process's of the batch of a step
        if processes.rank == 0:
            processes.give(Plan(task.config, task.facts))
            processes.agree(task.facts["fingerprint"], None)

    def prepare(self, data: Batches) -> None:
        """As :meth:`Learner.prepare`, but threads are shared out and not found by trial."""
        self.threads = max(1, cpu_count() // self.processes.here)
        torch.set_num_threads(self.threads)
        super().prepare(data)

    def learn_on(self, data: Batches, first: int, rates: Sequence[float]) -> Iterator[Learnt]:
        """As :meth:`Learner.learn_on`, with all processes, which rank 0 tells."""
        for step, rate in enumerate(rates, first):
            if not self._shared:
                self.processes.give(Share(step - 1))
                self._share(step - 1)
            self.processes.give(Learn(step, rate))
            yield self._learn_share(data, step, rate)

    def _learn_share(self, data: Batches, step: int, rate: float) -> Learnt:
        """Take a step with this process's rows."""
        assert isinstance(data, TrainingData)
        try:
            made = data.share(step - 1, self.processes.rank, self.processes.size)
        except Exception as error:
            self._add_up(slice(0, 0), 0, error)
            raise
        batch, self._rows, levels = made
        self._count = len(levels)
        loss, norm = self.learn(batch, step, rate)
        return Learnt(loss, norm, levels, self.losses)

    def restore(
        self, average: Mapping[str, Tensor], tensors: Mapping[str, Tensor], step: int
    ) -> None:
        """As :meth:`Learner.restore`; the others follow before the next step."""
        super().restore(average, tensors, step)
        self._shared = False

    def follow(self, data: Batches) -> int:
        """Do as rank 0 says, to its last order; the exit code."""
        self.prepare(data)
        while not isinstance(order := self.processes.take(), End):
            if isinstance(order, Share):
                self._share(order.step)
            elif isinstance(order, Learn):
                self._learn_share(data, order.step, order.rate)
        return order.code

    def _loss_and_gradient(self, batch: Batch) -> Tensor:
        """The gradient of the whole batch's mean loss, of which this process computes a part."""
        failure = None
        self.losses = torch.empty(0, device=self.device)
        self.optimizer.zero_grad()
        if self.config.network.dropout:
            torch.manual_seed(torch.initial_seed() + self.processes.rank * 7_919_000_003)
        try:
            if len(batch.x0):
                self._gradient_in_memory(batch)
        except Exception as error:
            failure = error
        self.losses = self._add_up(self._rows, self._count, failure)
        return self.losses.sum() / self._count

    def _add_up(self, rows: slice, count: int, failure: Exception | None) -> Tensor:
        """Sum the gradients up, which are means over the rows of each process.

        Parameters
        ----------
        rows, count : those of this process, and how many all have.

        Returns
        -------
        The losses of all rows, (count,) float32.
        """
        parameters = self.optimizer.parameters
        sizes = [p.numel() for p in parameters]
        told = 2 + self.config.batch_size  # whether to stop, how many failed, losses
        message = torch.zeros(sum(sizes) + told, device=self.device)
        *slopes, said = torch.split(message, [*sizes, told])
        said[0], said[1] = float(self.processes.control.stop_requested), float(failure is not None)
        if failure is None and len(self.losses):
            share = len(self.losses) / count
            for slope, parameter in zip(slopes, parameters, strict=True):
                if parameter.grad is not None:
                    slope.view_as(parameter).copy_(parameter.grad).mul_(share)
            said[2 + rows.start : 2 + rows.stop] = self.losses
        self.processes.add_up(message)
        stop, failed = said[:2].tolist()
        if failed:
            self.processes.agree(None, failure)
        if stop:
            self.processes.control.stop()
        for slope, parameter in zip(slopes, parameters, strict=True):
            # Laid out as the parameter, which the optimizer expects.
            parameter.grad = torch.empty_like(parameter).copy_(slope.view_as(parameter))
        return said[2 : 2 + count].clone()

    def _share(self, step: int) -> None:
        for tensor in self.state().values():
            self.processes.spread(tensor)
        self.optimizer.step_count = step
        self._shared = True


def follow_along(load: Callable[[], SpriteSet], processes: Processes) -> int:
    """Learn as a process other than rank 0, to the end of its run; the exit code.

    Parameters
    ----------
    load : reads the same sprites as rank 0 has.

    Raises
    ------
    RunError
        As of :meth:`Processes.agree`.
    """
    plan = processes.take()
    if isinstance(plan, End):
        return plan.code
    assert isinstance(plan, Plan)
    try:
        sprites = load()
        vocabulary = Vocabulary.from_json(plan.facts)
        prompts = prompts_from_json(plan.facts.get("prompts", []), vocabulary)
        config = replace(plan.config, max_copies=0.0)  # rank 0 looks for them
        task = sprite_task(config, sprites, known=(vocabulary, prompts))
        learner = SharedLearner(task, processes)
    except Exception as error:
        processes.agree(None, error)
        raise
    processes.agree(sprites.fingerprint, None)
    return learner.follow(task.data)
