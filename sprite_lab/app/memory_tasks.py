"""What a sprite has to do with the training set, as factories; see :mod:`sprite_lab.app.tasks`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import task
from sprite_lab.core.memory import Augmentation, CopyRule, Remembered, TrainingPart
from sprite_lab.core.metrics import neighbours
from sprite_lab.core.records import Progress, sample_notice
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet, to_pixels
from sprite_lab.core.trajectory import Trajectory

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def training_part(
    control: RunControl, sprites: SpriteSet, ref: str | Path | None
) -> Run[TrainingPart]:
    """What the model at ``ref`` learnt from, of its set: a TrainingPart."""
    yield Progress(0, 0, "Looking for what the model learnt from")
    from sprite_lab.engine.memory import training_part as part

    yield sample_notice(len(sprites))
    return part(sprites, ref)


@task()
def copy_rule(control: RunControl, part: TrainingPart) -> Run[CopyRule]:
    """How near a copy is: a CopyRule."""
    from sprite_lab.engine.memory import copy_rule_iter

    return copy_rule_iter(part, control)


@task()
def remember(
    control: RunControl,
    trajectory: Trajectory,
    sprite: int,
    part: TrainingPart,
    *,
    among: SpriteSet,
    augmentation: Augmentation | None = None,
) -> Run[Remembered]:
    """One sprite of a trajectory beside the training set: Remembered.

    ``among``: the training sprites that it could become; ``augmentation``: what is made of each.
    """
    from sprite_lab.engine.memory import becoming_iter

    yield Progress(0, 0, "Looking for the nearest training sprites")
    nearest = neighbours(final_pixels(trajectory, sprite), part.train.images)
    yield None
    x_t = trajectory.x_t[:, sprite]
    becoming = yield from becoming_iter(
        x_t, trajectory.log_snr, among, control, augmentation, part.channels
    )
    _ = becoming.perplexity, becoming.commits_at  # worked out here rather than when shown
    return Remembered(nearest, becoming)


def final_pixels(trajectory: Trajectory, sprite: int) -> NDArray[np.uint8]:
    """A finished sprite of a trajectory, uint8 (H, W, 3) on white."""
    return to_pixels(trajectory.x0[-1, sprite])
