"""The processes that torchrun or srun started with this one. One that is alone loads no torch."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sprite_lab.core.run import RunControl
from sprite_lab.core.shares import SharedControl

if TYPE_CHECKING:
    from sprite_lab.engine.training.processes import Processes


def is_launched() -> bool:
    """Whether torchrun or srun started this process with others."""
    launched = {"RANK", "MASTER_ADDR"} <= os.environ.keys()
    return launched and int(os.environ.get("WORLD_SIZE", 1)) > 1


def join(control: RunControl, *, led: bool = True) -> Processes | None:
    """Join the processes that this one was started with; None if it is the only one."""
    if not is_launched():
        return None
    from sprite_lab.engine.training.processes import Processes  # noqa: PLC0415 (imports torch)

    return Processes(control, led=led)


@contextlib.contextmanager
def shared_work() -> Iterator[SharedControl]:
    """The control of a run that all processes take part in; the first one writes."""
    control = SharedControl()
    with join(control, led=False) or contextlib.nullcontext() as control.processes:
        yield control


def was_restarted() -> bool:
    """Whether torchrun or Slurm restarted this command after it failed or was ended."""
    counts = ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT")
    return any(os.environ.get(name, "0") not in ("", "0") for name in counts)
