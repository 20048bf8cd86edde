"""The bound of chosen sprites, and their sizes under other coders."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.measured import Measured, Sizes, Verdict
from sprite_lab.core.run import Run, RunControl, timed
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import groups_of
from sprite_lab.engine.measuring.likelihood import bound_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.formats.context_coder import ContextCoder
from sprite_lab.formats.reports.file_sizes import (
    lzma_bits_per_dim,
    png_bits_per_dim,
    webp_bits_per_dim,
)
from sprite_lab.words import tr

#: Maximum number of sprites that other coders learn from: this takes seconds and gives results
#: hardly worse than with all sprites.
LEARNED = 1500

#: Number of sprites learned between two chances to cancel.
_BLOCK = 50

#: Blocks of t and rounds for a verdict: enough to tell which pixels are surprising.
SURPRISE_BLOCKS, SURPRISE_ROUNDS = 10, 2


def measure_iter(
    model: Model,
    sprites: SpriteSet,
    control: RunControl,
    *,
    among: SpriteSet | None = None,
    rounds: int = 2,
    seed: int = 0,
) -> Run[Measured]:
    """Measure ``sprites``; if stopped, return the results so far.

    Raises ConfigError if the sprites are of another size than the model's, or the model is a
    student.

    ``among``: the sprites that other coders may learn from; see :func:`sizes_iter`. ``rounds``,
    ``seed``: see :func:`sprite_lab.engine.measuring.likelihood.bound_iter`.
    """
    refuse_students(model)
    run = bound_iter(model, sprites, control, rounds=rounds, seed=seed)
    bound, seconds = yield from timed(run)
    done = sprites.take(np.arange(len(bound.bits)))
    sizes = yield from sizes_iter(done, among)
    return Measured(
        sprites=done,
        bound=bound,
        block_t=model.schedule.t_of(bound.block_log_snr),
        sizes=sizes,
        rounds=rounds,
        seconds=seconds,
    )


def judge_iter(model: Model, drawing: SpriteSet, control: RunControl) -> Run[Verdict]:
    """Judge the single sprite of a set by a quick estimate of the variational bound.

    The noise is fixed, so that verdicts change only with the drawing. Raises the errors of
    :func:`measure_iter`.
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


def sizes_iter(sprites: SpriteSet, among: SpriteSet | None) -> Run[Sizes]:
    """Sizes of sprites as picture files, and under coders that learned from sprites of ``among``.

    The measured sprites and their groups are left out of ``among``. With None, or sprites of
    another size, the coders learn nothing.
    """
    learned = np.empty((0, *sprites.images.shape[1:3], 4), np.uint8)
    if among is not None and among.size == sprites.size:
        yield Progress(0, 0, tr("Choosing what to learn from"))
        among = among.sample()
        measured = {sprite.tobytes() for sprite in sprites.rgba}
        same = np.array([sprite.tobytes() in measured for sprite in among.rgba])
        group = groups_of(among)
        others = np.flatnonzero(~np.isin(group, group[same]))
        learned = among.rgba_of(np.random.default_rng(0).permutation(others)[:LEARNED])
    coder = ContextCoder()
    for start in range(0, len(learned), _BLOCK):
        yield Progress(start, len(learned), tr("Counting repeated pixels"))
        coder.learn(learned[start : start + _BLOCK])
    sizes = np.full((3, len(sprites)), np.nan)
    for i in range(len(sprites)):
        alone = sprites.images[i : i + 1]
        sizes[:2, i] = png_bits_per_dim(alone), webp_bits_per_dim(alone)
        if len(learned):
            sizes[2, i] = coder.bits(sprites.rgba_of(slice(i, i + 1)))[0] / alone.size
        yield Progress(i, len(sprites), tr("File sizes"))
    lzma = lzma_bits_per_dim(sprites.rgba, learned) if len(learned) else None
    png, webp, counted = sizes
    return Sizes(png, webp, counted, lzma, len(learned))


def refuse_students(model: Model) -> None:
    """Raise ConfigError for a model that has no likelihood."""
    if model.is_student:
        raise ConfigError(
            "A student predicts where its teacher's trajectory leads, not a mean of sprites, so "
            "it has no likelihood: open its teacher to measure."
        )
