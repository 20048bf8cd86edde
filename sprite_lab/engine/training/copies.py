"""Copies of training sprites among the samples of a model in training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.pixels.palette import common_colors, palette_bytes
from sprite_lab.core.results.metrics import (
    COPY_PERCENTILE,
    copy_threshold,
    most_in_common,
    nearest_sprites,
)
from sprite_lab.core.sets.sprites import SpriteSet, sample_rows
from sprite_lab.data.datasets import apart_from, groups_of, learned_rows
from sprite_lab.data.near_copies import PIXELS_IN_COMMON

#: Sprites that samples are compared with, and that the threshold is derived from.
MAX_TRAINING, MAX_VALIDATION = 2000, 200

#: Validation sprites compared with the training sprites at a time.
PART = 20

#: Minimum number of distances that the threshold is derived from; a percentile of a few says
#: little.
ENOUGH = 50

#: Whatever the set, a sample with more of its pixels in common with a sprite is that sprite again.
SURELY = 0.85


class Check(ABC):
    """Detects copies among samples, by features of the training sprites that are computed once."""

    #: the colors to draw samples in, as the user will: others would hide copies; None = any
    palette: bytes | None = None

    @abstractmethod
    def prepare(self) -> Generator[None, None, None]:
        """Compute these features once; yields between parts."""

    @abstractmethod
    def _are_copies(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]: ...

    def copies(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """bool (N,): which of the samples, uint8 (N, H, W, 3), are copies."""
        for _ in self.prepare():
            pass
        return self._are_copies(images)

    def share(self, images: NDArray[np.uint8]) -> float:
        """The share of samples, uint8 (N, H, W, 3), that are copies: 0..1."""
        return float(self.copies(images).mean())


class CopyCheck(Check):
    """Detects what a model knows by heart, by the distance to the nearest training sprite.

    A sample is a copy if it is as near as the nearest 5% of the validation sprites (see
    :func:`~sprite_lab.core.results.metrics.copy_threshold`). Of a small set few are set aside;
    then training sprites count too, by their distance to those of other groups.
    """

    def __init__(self, training: SpriteSet, validation: SpriteSet | None) -> None:
        self._training, self._validation = training, validation
        self._threshold: float | None = None

    @classmethod
    def of(cls, sprites: SpriteSet, config: TrainConfig) -> CopyCheck:
        """The check for a training run on ``sprites``, of which large parts are sampled."""
        training, validation = learned_rows(sprites, config)
        return cls(
            sprites.take(sample_rows(training, MAX_TRAINING)),
            sprites.take(sample_rows(validation, MAX_VALIDATION)) if len(validation) else None,
        )

    def prepare(self) -> Generator[None, None, None]:
        if self._threshold is not None:
            return
        new = [np.empty(0)]
        aside = self._training.images[:0] if self._validation is None else self._validation.images
        for start in range(0, len(aside), PART):
            images = aside[start : start + PART]
            new.append(nearest_sprites(images, self._training.images).distance)
            yield
        group = groups_of(self._training)
        for row in range(min(len(group), ENOUGH - len(aside))):
            others = self._training.images[apart_from(group, row)]
            if len(others):
                new.append(nearest_sprites(self._training.images[row : row + 1], others).distance)
            yield
        self._threshold = copy_threshold(np.concatenate(new))

    def _are_copies(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        assert self._threshold is not None
        distance = nearest_sprites(images, self._training.images).distance
        return np.asarray(distance <= self._threshold)


class TuningCheck(Check):
    """Detects samples that are a training sprite again, but for a few pixels.

    To :class:`CopyCheck`, all that is near is known by heart: a blur of a sprite, and whatever is
    drawn on the same body. Here a copy has more than three quarters of what is drawn in common with
    a training sprite, in color and shape (:func:`~sprite_lab.core.results.metrics.most_in_common`).
    Where training sprites have even more in common with one another, as frames of a walk or heroes
    in other clothes, it has more than all but 5% of them have, or more than 85%.
    """

    def __init__(self, training: SpriteSet) -> None:
        self._training = training
        self._most: float | None = None  # that a new drawing has in common with a training sprite
        self.palette = palette_bytes(common_colors(training.rgba))

    def prepare(self) -> Generator[None, None, None]:
        if self._most is not None:
            return
        images, most = self._training.images, [0.0]
        for row in sample_rows(np.arange(len(images)), ENOUGH):
            others = np.delete(images, row, axis=0)
            most.append(most_in_common(images[row : row + 1], others).item())
            yield
        usual = np.percentile(most, 100 - COPY_PERCENTILE)
        self._most = float(np.clip(usual, PIXELS_IN_COMMON, SURELY))

    def _are_copies(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        assert self._most is not None
        common = most_in_common(images, self._training.images, least=self._most)
        return np.asarray(common > self._most)
