"""Training by several processes, started by torchrun or srun.

Rank 0 runs the trainer like a single process, and gives orders to the others, which only take
steps. Each process makes its own rows of a step's batch. These depend on (seed, step) alone, so the
order of the data is the same for any number of processes. One all-reduce per step adds up
gradients, losses and requests to stop. It transfers a few megabytes, so overlapping it with the
backward pass would gain nothing.
"""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed import PrefixStore  # type: ignore[attr-defined]
from torch.distributed.rendezvous import rendezvous

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.runtime import cpu_count
from sprite_lab.engine.training.train_step import Learned, Learner
from sprite_lab.engine.training.training_data import Batch, TrainingData
from sprite_lab.engine.training.training_task import Batches, TrainingTask, sprite_task
from sprite_lab.words import tr, trn

T = TypeVar("T")

#: Alignment of the parts of a message, in numbers: 64 bytes.
_ALIGNED = 16

#: How long a process waits for another: only rank 0 evaluates and draws samples.
PATIENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class Plan:
    """The first order: the configuration and the facts about the data."""

    config: TrainConfig
    facts: DataFacts


@dataclass(frozen=True)
class Share:
    """Copy rank 0's weights and optimizer state, as they are after ``step``."""

    step: int


@dataclass(frozen=True)
class Wait:
    """Nothing to do yet; keeps the connection from timing out."""


@dataclass(frozen=True)
class Learn:
    """Take step number ``step`` (from 1)."""

    step: int
    rate: float


@dataclass(frozen=True)
class End:
    """The last order: exit with this code."""

    code: int


Order = Plan | Share | Wait | Learn | End


class Processes(contextlib.AbstractContextManager["Processes"]):
    """The group of processes that this one belongs to, from torchrun's environment variables.

    When its context is left, rank 0 ends the processes that it leads: with ``code``, or with 1
    after an error. If there is no leader, a process that fails tells the others.

    ``led``: whether rank 0 gives orders to the others; if not, all run the same program. Raises
    RunError if the others cannot be reached.
    """

    def __init__(self, control: RunControl, *, led: bool = True) -> None:
        #: the control of this process's run; a request to stop any process stops all
        self.control = control
        self.rank, self.size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        self.local_size = int(os.environ.get("LOCAL_WORLD_SIZE", 1))  #: processes on this node
        self.code = 0  #: exit code of all processes
        self._led, self._others_listen = led, True
        local = int(os.environ.get("LOCAL_RANK", 0))
        backend = "gloo"
        if torch.cuda.is_available() and torch.cuda.device_count() >= self.local_size:
            torch.cuda.set_device(local)
            backend = "cpu:gloo,cuda:nccl"
        with self._connection():
            store, *_ = next(rendezvous("env://", self.rank, self.size, timeout=PATIENCE))
            # After a restart the store may still hold addresses of processes that have ended.
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
        """How error messages refer to this process."""
        return f"Process {self.rank} of {self.size}, on '{platform.node()}'"

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._others_listen:
            with contextlib.suppress(Exception):  # the others are gone, or this very error
                if not self._led and error is not None:
                    self.agree(None, error)
                elif self._led and self.rank == 0:
                    self.send(End(self.code if error is None else 1))
        dist.destroy_process_group()

    def send(self, order: Order) -> None:
        """Send an order to all other processes. Rank 0 only."""
        with self._connection():
            dist.broadcast_object_list([order], device=torch.device("cpu"))

    def receive(self) -> Order:
        """Wait for rank 0's next order."""
        received: list[Order] = [End(1)]
        with self._connection():
            dist.broadcast_object_list(received, device=torch.device("cpu"))
        return received[0]

    def agree(self, sprites: str | None, failure: BaseException | None = None) -> None:
        """Check that no process has failed, and that all have the same sprites (by fingerprint).

        Raises RunError with the name of the process that failed and its error. The failed process
        raises its own error.
        """
        reports: list[tuple[str, str | None, str | None]] = [("", None, None)] * self.size
        what = None if failure is None else f"{failure}" or type(failure).__name__
        with self._connection():
            dist.all_gather_object(reports, (self.name, sprites, what))
        problems = [f"{name}, failed: {text}" for name, _, text in reports if text is not None]
        problems += [
            f"{name}, has other sprites than process 0: give all of them the same files."
            for name, other, _ in reports
            if other != reports[0][1]
        ]
        if problems:
            self._others_listen = False  # they raise the same error
            raise failure or RunError(problems[0])

    def add_up(self, tensor: Tensor) -> None:
        """Replace a tensor by its sum over all processes."""
        with self._connection():
            dist.all_reduce(tensor)

    def gather(self, mine: T, *, everywhere: bool = True) -> list[T]:
        """The results of all processes, in the order of their ranks; empty at ranks other than 0
        unless ``everywhere``. Raises RunError with the name of a process that failed.
        """
        self.agree(None)
        gathered = [mine] * self.size
        with self._connection():
            if everywhere:
                dist.all_gather_object(gathered, mine)
            else:
                dist.gather_object(mine, gathered if self.rank == 0 else None)
        return gathered if everywhere or self.rank == 0 else []

    def broadcast(self, tensor: Tensor) -> None:
        """Replace a tensor by rank 0's."""
        whole = tensor.contiguous()
        with self._connection():
            dist.broadcast(whole, 0)
        tensor.copy_(whole)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self._others_listen = False
            reason = str(error).strip().splitlines() or [type(error).__name__]
            kept = tr("A checkpoint is kept: go on with --resume. ") if self._led else ""
            raise RunError(
                "{name}: the connection to another process was lost; the output of that process or "
                "of torchrun says why. {kept}{reason}",
                name=self.name,
                kept=kept,
                reason=reason[0],
            ) from error


class SharedLearner(Learner):
    """A learner whose batches are split among processes.

    Batch norm sees only the rows of its own process, and each process draws its own dropout. Raises
    RunError if it trains on GPUs and this machine has fewer of them than processes.
    """

    tries = False  # otherwise processes might choose different arithmetic

    def __init__(self, task: TrainingTask, processes: Processes) -> None:
        super().__init__(task)
        self.processes = processes
        if self.device.type == "cuda" and torch.cuda.device_count() < processes.local_size:
            raise RunError(
                "There are {count} processes on '{name}', but only {gpus}: start one for each GPU.",
                count=processes.local_size,
                name=platform.node(),
                gpus=trn("{n} GPU", "{n} GPUs", torch.cuda.device_count()),
            )
        self._shared = False
        self._message = torch.empty(0)
        self._rows, self._count = slice(0, 0), 0  # rows of this process, number of all rows
        if processes.rank == 0:
            processes.send(Plan(task.config, task.facts))
            processes.agree(task.facts.fingerprint, None)

    def prepare(self, data: Batches) -> None:
        """Like :meth:`Learner.prepare`, but without a trial: processes share the CPUs equally."""
        self.threads = max(1, cpu_count() // self.processes.local_size)
        torch.set_num_threads(self.threads)
        super().prepare(data)

    def learn_on(self, data: Batches, first: int, rates: Sequence[float]) -> Iterator[Learned]:
        """Like :meth:`Learner.learn_on`, with all processes. Rank 0 only."""
        for step, rate in enumerate(rates, first):
            if not self._shared:
                self.processes.send(Share(step - 1))
                self._share(step - 1)
            self.processes.send(Learn(step, rate))
            yield self._learn_share(data, step, rate)

    def _learn_share(self, data: Batches, step: int, rate: float) -> Learned:
        """Take a step, computing the gradient of this process's rows."""
        assert isinstance(data, TrainingData)
        try:
            made = data.share(step - 1, self.processes.rank, self.processes.size)
        except Exception as error:
            self._add_up(slice(0, 0), 0, error)
            raise
        batch, self._rows, levels = made
        self._count = len(levels)
        loss, norm = self.learn(batch, step, rate)
        return Learned(loss, norm, levels, self.losses)

    def restore(
        self, average: Mapping[str, Tensor], tensors: Mapping[str, Tensor], step: int
    ) -> None:
        """Like :meth:`Learner.restore`; the other processes copy the state before the next step."""
        super().restore(average, tensors, step)
        self._shared = False

    def follow(self, data: Batches) -> int:
        """Carry out rank 0's orders to the last; returns the exit code."""
        self.prepare(data)
        while not isinstance(order := self.processes.receive(), End):
            if isinstance(order, Share):
                self._share(order.step)
            elif isinstance(order, Learn):
                self._learn_share(data, order.step, order.rate)
        return order.code

    def _loss_and_gradient(self, batch: Batch) -> Tensor:
        """Compute the gradient of this process's rows and add up those of all processes."""
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
        """Add up the gradients, each of which is a mean over the rows of its process.

        ``rows``, ``count``: the rows of this process, and the number of rows of all.

        Returns the losses of all rows, (count,) float32.
        """
        gradients, report = self._parts
        report.zero_()
        report[0] = float(self.processes.control.stop_requested)
        report[1] = float(failure is not None)
        if failure is None:
            report[2 + rows.start : 2 + rows.stop] = self.losses
        share = len(self.losses) / max(1, count)
        for gradient, parameter in zip(gradients, self.optimizer.parameters, strict=True):
            if failure is None and parameter.grad is not None:
                torch.mul(parameter.grad, share, out=gradient)
            else:
                gradient.zero_()
        self.processes.add_up(self._message)
        stop, failed = report[:2].tolist()
        if failed:
            self.processes.agree(None, failure)
        if stop:
            self.processes.control.stop()
        for gradient, parameter in zip(gradients, self.optimizer.parameters, strict=True):
            parameter.grad = gradient
        return report[2 : 2 + count].clone()

    def _lay_out_message(self) -> None:
        """Allocate the message that is added up, and its parts: gradients in the memory layout of
        their parameters, as the optimizer expects, and the rest.
        """
        parameters = self.optimizer.parameters
        # Each part is aligned like an allocation, so that kernels may read several numbers at once.
        ends = list(accumulate(-(-p.numel() // _ALIGNED) * _ALIGNED for p in parameters))
        rest = 2 + self.config.batch_size  # whether to stop, how many failed, losses
        self._message = torch.zeros(ends[-1] + rest, device=self.device)
        gradients = [
            self._message.as_strided(p.shape, p.stride(), start)
            for p, start in zip(parameters, [0, *ends], strict=False)
        ]
        self._parts = gradients, self._message[ends[-1] :]

    def _share(self, step: int) -> None:
        for tensor in self.state().values():
            self.processes.broadcast(tensor)
        self.optimizer.step_count = step
        self._lay_out_message()
        self._shared = True


def follow_along(load: Callable[[], SpriteSet], processes: Processes) -> int:
    """Train as a process other than rank 0, until rank 0 ends the run; returns the exit code.

    ``load``: reads the sprites, which must be those of rank 0. Raises RunError like
    :meth:`Processes.agree`.
    """
    plan = processes.receive()
    if isinstance(plan, End):
        return plan.code
    assert isinstance(plan, Plan)
    try:
        sprites = load()
        config = replace(plan.config, max_copies=0.0)  # rank 0 looks for copies
        task = sprite_task(config, sprites, known=(plan.facts.vocabulary, plan.facts.prompts))
        learner = SharedLearner(task, processes)
    except Exception as error:
        processes.agree(None, error)
        raise
    processes.agree(sprites.fingerprint, None)
    return learner.follow(task.data)
