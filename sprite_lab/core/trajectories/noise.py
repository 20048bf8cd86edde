"""The noise that a configuration defines, and noised drawings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.sets.sprites import composite, to_model_space, to_pixels
from sprite_lab.core.trajectories.interpolation import slerp
from sprite_lab.core.trajectories.levels import alpha_std


def noises(config: SampleConfig, index: int, shape: Sequence[int]) -> Iterator[NDArray[np.float32]]:
    """Endless noise pictures for sprite ``index`` of a configuration.

    They come from ``default_rng([seed, index])``; each variation rotates them along an arc, by its
    share, toward those of ``default_rng([its seed, index])``.

    ``shape``: (C, H, W) of a picture.
    """
    seeds = [config.seed, *(seed for seed, _ in config.variations)]
    rngs = [np.random.default_rng([seed, index]) for seed in seeds]
    while True:
        drawn, *others = (rng.standard_normal(tuple(shape), np.float32) for rng in rngs)
        for other, (_, share) in zip(others, config.variations, strict=True):
            drawn = slerp(drawn, other, share)
        yield drawn


def noised_drawing(config: SampleConfig, log_snr: float, channels: int) -> NDArray[np.uint8]:
    """The drawing of a configuration with noise of a level added, as a model first sees it.

    uint8 (H, W, 3), clipped to 0..255. ``channels``: 3 or 4, as the model draws.
    """
    rgba = config.drawing_rgba()
    assert rgba is not None
    side = len(rgba)
    source = noises(config, config.indices[0], (channels, side, side))
    # The first picture is x_T, which is not used when starting from a drawing.
    epsilon = next(islice(source, 1, None))[:3].transpose(1, 2, 0)
    signal, std = alpha_std(log_snr)
    return to_pixels(signal * to_model_space(composite(rgba)) + std * epsilon)
