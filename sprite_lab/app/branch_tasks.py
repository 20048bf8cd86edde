"""Going on from a frame of a trajectory, as a factory of a run; see :mod:`app.tasks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sprite_lab.app.task import task
from sprite_lab.core.branches import Change
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectory import Trajectory

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model

# ruff: noqa: PLC0415 (torch is imported on the worker)


@task()
def go_on(
    control: RunControl,
    model: Model,
    trajectory: Trajectory,
    frame: int,
    change: Change,
    most_recorded: int,
) -> Run[Trajectory]:
    """Draw the rest of a trajectory anew from one of its frames: a Trajectory of at most so many
    bytes."""
    from sprite_lab.engine.branching import continue_iter

    return continue_iter(model, trajectory, frame, change, control, most_recorded)
