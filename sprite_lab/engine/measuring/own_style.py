"""How well sprites fit beside a person's own, which the critic has never seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import color_steps, outline_length, squared_distances
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.engine.measuring.features import load_features
from sprite_lab.engine.training.copies import TuningCheck

#: How many of the nearest own sprites a sprite is compared with.
_NEAREST = 3


def own_style(rgba: NDArray[np.uint8], own: SpriteSet) -> NDArray[np.float64]:
    """The fit of each sprite, float64 (N,) in 0..1, higher is better; copies have -1.

    The mean of a sprite's ranks in three figures: few steps of color between neighbors, an outline
    that is short for the area, and features near those of its nearest own sprites. No weight is
    learned (``tests/benchmarks/README.md``, "The order of a tuned model").

    Parameters
    ----------
    rgba : uint8 (N, H, W, 4), none of them empty.
    """
    images = composite(rgba)
    features = load_features()
    apart = np.sqrt(squared_distances(features(images), features(own.images)))
    nearest = np.sort(apart, axis=1)[:, :_NEAREST].mean(axis=1)
    area = (rgba[..., 3] >= 128).sum(axis=(1, 2))
    ragged = outline_length(rgba[..., 3]) / np.sqrt(area.clip(1))
    # What is plainer than most of the own sprites is no better for that: it may be a mere blot.
    plain = np.maximum(color_steps(images), np.median(color_steps(own.images)))
    fit = np.mean([_ranks(-v) for v in (plain, ragged, nearest)], axis=0)
    copies = TuningCheck(own).copies(images)
    return np.where(copies, -1.0, fit)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the others that are lower, float64 (N,) in 0..1; equal ones count half."""
    lower = (values[None] < values[:, None]).sum(axis=1)
    equal = (values[None] == values[:, None]).sum(axis=1) - 1
    return np.asarray((lower + equal / 2) / max(1, len(values) - 1), np.float64)
