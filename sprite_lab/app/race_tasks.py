"""Lanes of a race as factories of runs; see :mod:`sprite_lab.app.tasks`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.app.task import task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.race import Lane
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model

# ruff: noqa: PLC0415 (torch takes a second to import)


@dataclass(frozen=True, eq=False)
class Racer:
    """A model that takes part in a race.

    Parameters
    ----------
    ref : the run folder, file or name it was loaded from.
    model : the UI reads the properties of ModelInfo.
    noise_shape : (C, H, W); models of one shape can start from the same noise.
    teacher : title of the model that a student was made from, None = it is no student.
    """

    ref: str
    model: Model
    noise_shape: tuple[int, ...]
    teacher: str | None = None


@task()
def load_racer(control: RunControl, ref: str | Path, model: Model | None = None) -> Run[Racer]:
    """A Racer; ``model``: what is loaded from ``ref`` already."""
    yield Progress(0, 0, "Loading the model")
    from sprite_lab.engine.models import describe, load_model

    loaded = load_model(ref) if model is None else model
    teacher = describe(Path(ref))["student_of"] if loaded.is_student else None
    return Racer(str(ref), loaded, tuple(loaded.denoiser.data_mean.shape), teacher)


@task()
def lane(control: RunControl, racer: Racer, config: SampleConfig, most_recorded: int) -> Run[Lane]:
    """Draw the sprites of one lane: a Lane, whose steps take so many bytes at most."""
    from sprite_lab.engine.race import lane_iter

    return lane_iter(racer.model, config, control, most_recorded)


@task()
def reference(
    control: RunControl, racer: Racer, config: SampleConfig, most_recorded: int
) -> Run[Lane]:
    """Draw what the lanes with these settings are measured by: a Lane, as :func:`lane` does."""
    from sprite_lab.engine.race import lane_iter, reference_config

    ours = reference_config(config, racer.model.timesteps)
    return lane_iter(racer.model, ours, control, most_recorded)
