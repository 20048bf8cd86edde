"""Work that several processes share, each computing its part of the rows.

All processes must request the same results in the same order. The merged result is identical for
any number of processes, as long as each block is computed in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import RunError
from sprite_lab.core.run import RunControl

T = TypeVar("T")
Kind = TypeVar("Kind", bound=np.generic)


class Group(Protocol):
    """The processes that share work (see :class:`.Processes`, which needs torch)."""

    rank: int
    size: int

    def gather(self, mine: T, *, everywhere: bool = True) -> list[T]:
        """The results of all processes, in the order of their ranks; empty at ranks other than 0
        unless ``everywhere``. Raises RunError with the name of a process that failed.
        """
        ...

    def agree(self, sprites: str) -> None:
        """Check that all processes pass the same value; raises RunError with the name of one that
        does not.
        """
        ...


class SharedControl(RunControl):
    """The control of a run shared by several processes, or by a single one."""

    processes: Group | None = None

    @property
    def leads(self) -> bool:
        """Whether this process writes the result: the first, or the only one."""
        return self.processes is None or self.processes.rank == 0


def group_of(control: RunControl) -> Group | None:
    """The processes that share a run; None = only one."""
    return control.processes if isinstance(control, SharedControl) else None


def share_of(control: RunControl, blocks: range) -> range:
    """The blocks that this process computes."""
    processes = group_of(control)
    if processes is None:
        return blocks
    first, last = (len(blocks) * r // processes.size for r in (processes.rank, processes.rank + 1))
    return blocks[first:last]


def any_stopped(control: RunControl) -> bool:
    """Whether this process, or any that it shares the work with, was asked to stop."""
    processes = group_of(control)
    if processes is None:
        return control.stop_requested
    stopped = any(processes.gather(control.stop_requested))
    if stopped:
        control.stop()
    return stopped


def value_of_first(control: RunControl, value: T) -> T:
    """The value of the first process that shares a run; the process's own if it is alone."""
    processes = group_of(control)
    return value if processes is None else processes.gather(value)[0]


def merged(control: RunControl, parts: Sequence[NDArray[Kind]], axis: int = 0) -> NDArray[Kind]:
    """The results of all blocks of all processes, joined along an axis.

    Raises RunError if any of several processes was asked to stop, as the rest is then missing.
    """
    processes = group_of(control)
    if processes is None:
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)
    if any_stopped(control):
        raise RunError("It was stopped before all processes had done their part.")
    return np.concatenate([p for theirs in processes.gather(list(parts)) for p in theirs], axis)
