"""Work on many rows, shared out among processes that all do the same otherwise.

All of them must ask for the same, in the same order. What is merged is the same to the last bit for
any number of processes, if each block is computed alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.run import RunControl
from sprite_lab.engine.training.processes import Processes


class SharedControl(RunControl):
    """Of a run that several processes do together; of an ordinary one where there are none."""

    processes: Processes | None = None


def _processes(control: RunControl) -> Processes | None:
    return control.processes if isinstance(control, SharedControl) else None


def share_of(control: RunControl, blocks: range) -> range:
    """The part of the blocks that this process does."""
    processes = _processes(control)
    if processes is None:
        return blocks
    first, last = (len(blocks) * r // processes.size for r in (processes.rank, processes.rank + 1))
    return blocks[first:last]


def merged(control: RunControl, parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
    """The results of all blocks of all processes, joined along their first axis.

    Raises
    ------
    RunError
        If any of several processes was asked to stop, as the rest is then missing.
    """
    processes = _processes(control)
    return np.concatenate(parts if processes is None else processes.collect(parts))
