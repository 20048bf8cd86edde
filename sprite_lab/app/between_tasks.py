"""Sheets between noises as factories of runs; see :mod:`sprite_lab.app.tasks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sprite_lab.app.task import task
from sprite_lab.core.between import Sheet
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectory import Trajectory

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def between(
    control: RunControl, model: Model, sheet: Sheet, config: SampleConfig
) -> Run[Trajectory]:
    """Draw every cell of a sheet, as one reverse Trajectory."""
    from sprite_lab.engine.interpolation import between_iter

    return between_iter(model, sheet, config, control)
