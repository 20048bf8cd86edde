"""Whether samples of a model that is being trained are copies of its training sprites."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import copy_threshold, nearest_sprites
from sprite_lab.core.sets.sprites import SpriteSet

#: Sprites that are enough to hold samples against, and to tell how near new drawings come.
MAX_TRAINING, MAX_VALIDATION = 2000, 200


class CopyCheck:
    """Tells copies by their distance to the nearest training sprite.

    A sample is a copy where it is nearer than all but 5% of the validation sprites are (see
    :func:`~sprite_lab.core.results.metrics.copy_threshold`).
    """

    def __init__(self, training: SpriteSet, validation: SpriteSet) -> None:
        self._training, self._validation = training, validation

    @cached_property
    def _threshold(self) -> float:
        new = nearest_sprites(self._validation.images, self._training.images)
        return copy_threshold(new.distance)

    def share(self, images: NDArray[np.uint8]) -> float:
        """The share of samples, uint8 (N, H, W, 3), that are copies: 0..1."""
        distance = nearest_sprites(images, self._training.images).distance
        return float((distance < self._threshold).mean())
