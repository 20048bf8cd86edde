"""Work that several processes share, each computing its part of the rows.

All processes must ask for the same, in the same order. The merged result is the same to the last
bit for any number of processes, as long as each block is computed alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.run import RunControl

Kind = TypeVar("Kind", bound=np.generic)


class Group(Protocol):
    """The processes that share work (see :class:`.Processes`, whose module is slow to load)."""

    rank: int
    size: int

    def collect(self, parts: Sequence[NDArray[Kind]]) -> list[NDArray[Kind]]: ...


class SharedControl(RunControl):
    """The control of a run that several processes share; an ordinary one if there are none."""

    processes: Group | None = None


def _processes(control: RunControl) -> Group | None:
    return control.processes if isinstance(control, SharedControl) else None


def share_of(control: RunControl, blocks: range) -> range:
    """The blocks that this process computes."""
    processes = _processes(control)
    if processes is None:
        return blocks
    first, last = (len(blocks) * r // processes.size for r in (processes.rank, processes.rank + 1))
    return blocks[first:last]


def merged(control: RunControl, parts: Sequence[NDArray[Kind]], axis: int = 0) -> NDArray[Kind]:
    """The results of all blocks of all processes, joined along an axis.

    Raises
    ------
    RunError
        If any of several processes was asked to stop, as the rest is then missing.
    """
    processes = _processes(control)
    return np.concatenate(parts if processes is None else processes.collect(parts), axis)
