"""The bound of chosen sprites beside their file sizes, as a run with progress."""

from __future__ import annotations

import time

import numpy as np

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.results.measured import Measured, Verdict
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.measuring.likelihood import bound_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.formats.reports.file_sizes import png_bits_per_dim, webp_bits_per_dim

#: Blocks of t and repeats of a verdict: enough to tell which pixels are surprising.
SURPRISE_BLOCKS, SURPRISE_ROUNDS = 10, 2


def measure_iter(
    model: Model, sprites: SpriteSet, control: RunControl, *, rounds: int = 2, seed: int = 0
) -> Run[Measured]:
    """Measure ``sprites``; stopped, it gives those that were done.

    Parameters
    ----------
    rounds, seed : see :func:`engine.likelihood.bound_iter`.

    Raises
    ------
    ConfigError
        If the sprites are of another size than the model's, or the model is a student.
    """
    refuse_students(model)
    start = time.perf_counter()
    bound = yield from bound_iter(model, sprites, control, rounds=rounds, seed=seed)
    seconds = time.perf_counter() - start
    done = sprites.take(np.arange(len(bound.bits)))
    sizes = np.empty((2, len(done)))
    for i in range(len(done)):
        alone = done.images[i : i + 1]
        sizes[:, i] = png_bits_per_dim(alone), webp_bits_per_dim(alone)
        yield None
    return Measured(
        sprites=done,
        bound=bound,
        block_t=model.schedule.t_of(bound.block_log_snr),
        png=sizes[0],
        webp=sizes[1],
        rounds=rounds,
        seconds=seconds,
    )


def judge_iter(model: Model, drawing: SpriteSet, control: RunControl) -> Run[Verdict]:
    """A Verdict on the one sprite of a set, by a quick estimate of the variational bound.

    Its noise is fixed, so that verdicts change with the drawing alone.

    Raises
    ------
    ConfigError
        As of :func:`measure_iter`.
    """
    refuse_students(model)
    bound = yield from bound_iter(
        model, drawing, control, blocks=SURPRISE_BLOCKS, rounds=SURPRISE_ROUNDS
    )
    return Verdict(
        np.maximum(bound.pixels[0], 0.0),
        bound.bits_per_dim,
        float(bound.bits_stderr[0] / bound.dims),
    )


def refuse_students(model: Model) -> None:
    """Raise ConfigError for a model that has no likelihood."""
    if model.is_student:
        raise ConfigError(
            "A student goes to the end of its teacher's way at once and has no likelihood: "
            "open its teacher to measure."
        )
