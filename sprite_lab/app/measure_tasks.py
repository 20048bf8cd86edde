"""Measurements as factories of runs; see :mod:`sprite_lab.app.tasks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import task
from sprite_lab.core.measured import Measured
from sprite_lab.core.probability import ClassProbabilities, Thermodynamics
from sprite_lab.core.records import Progress, sample_notice
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import MOST_STUDIED, SpriteSet

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def measure(
    control: RunControl, model: Model, sprites: SpriteSet, *, rounds: int, seed: int = 0
) -> Run[Measured]:
    """The bound of each sprite, and its file sizes: a Measured."""
    from sprite_lab.engine.measuring import measure_iter

    return measure_iter(model, sprites, control, rounds=rounds, seed=seed)


@task()
def classify(
    control: RunControl,
    model: Model,
    sprites: SpriteSet,
    *,
    blocks: int = 31,
    rounds: int = 4,
    seed: int = 0,
) -> Run[ClassProbabilities]:
    """The probability of each class given each sprite: ClassProbabilities."""
    from sprite_lab.engine.likelihood import class_probabilities_iter
    from sprite_lab.engine.measuring import refuse_students

    refuse_students(model)
    return class_probabilities_iter(
        model, sprites, control, blocks=blocks, rounds=rounds, seed=seed
    )


@task()
def thermodynamics(
    control: RunControl, model: Model, sprites: SpriteSet, *, levels: int, draws: int, seed: int = 0
) -> Run[tuple[Thermodynamics, NDArray[np.float64]]]:
    """Entropies of the training part of a set, at ``levels`` levels, and their t (float64)."""
    yield Progress(0, 0, "Looking for near-copies")
    from sprite_lab.core.config import EvalConfig
    from sprite_lab.data import split
    from sprite_lab.engine.likelihood import bound_levels
    from sprite_lab.engine.measuring import refuse_students
    from sprite_lab.engine.thermodynamics import thermodynamics_iter

    refuse_students(model)
    yield sample_notice(len(sprites))
    training, _ = split(sprites, EvalConfig().validation_fraction, seed=0, most=MOST_STUDIED)
    found = yield from thermodynamics_iter(
        model,
        training,
        control,
        log_snr=bound_levels(model, levels),
        draws=draws,
        seed=seed,
    )
    return found, model.schedule.t_of(found.log_snr)
