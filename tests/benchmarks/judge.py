"""Distance of pictures to validation sprites, and their share of copies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import copy_share, frechet_distance, nearest_sprites
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import split
from sprite_lab.engine.measuring.features import load_features

#: The number of pictures checked for copies.
COPIES_OF = 512


class Judge:
    """Compares uint8 (N, H, W, 3) with the validation sprites.

    ``classes``: those of the validation sprites, shuffled, for drawing.
    """

    def __init__(self, sprites: SpriteSet) -> None:
        self.train, validation = split(sprites)
        self.features = load_features()
        self.known = self.features(validation.images)
        self.new = nearest_sprites(validation.images, self.train.images).distance
        labels = np.random.default_rng(0).permutation(validation.labels)
        self.classes = tuple(validation.class_names[k] for k in labels)

    def distance(self, images: NDArray[np.uint8]) -> float:
        return float(frechet_distance(self.known, self.features(images)))

    def copies(self, images: NDArray[np.uint8]) -> float:
        nearest = nearest_sprites(images[:COPIES_OF], self.train.images)
        return float(copy_share(nearest.distance, self.new))
