"""Detection of copies of training sprites among the samples of a model in training."""

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

#: Maximum number of sprites that samples are compared with, and that the threshold is derived from.
MAX_TRAINING, MAX_VALIDATION = 2000, 200

#: Validation sprites compared with the training sprites at a time.
PART = 20

#: Number of distances that suffice for the threshold: a percentile of fewer says little.
ENOUGH = 50

#: Upper limit of the threshold of :class:`TuningCheck`: above it, a sample is a copy in any set.
SURELY = 0.85


class Check(ABC):
    """Detects copies among samples; facts about the training sprites are computed once."""

    #: the colors to draw samples in, those that users will draw in: others would hide copies; None
    #: = any
    palette: bytes | None = None

    @abstractmethod
    def prepare(self) -> Generator[None, None, None]:
        """Compute the facts about the training sprites, if not done yet; yields between parts."""

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
    """Detects memorized sprites by their distance to the nearest training sprite.

    A sample is a copy if it is as near as the nearest 5% of the validation sprites (see
    :func:`~sprite_lab.core.results.metrics.copy_threshold`). A small set has few validation
    sprites; then training sprites are used too, with their distances to those of other groups.
    """

    def __init__(self, training: SpriteSet, validation: SpriteSet | None) -> None:
        self._training, self._validation = training, validation
        self._threshold: float | None = None

    @classmethod
    def of(cls, sprites: SpriteSet, config: TrainConfig) -> CopyCheck:
        """The check for a training run on ``sprites``, with at most MAX_TRAINING and MAX_VALIDATION
        random sprites of its two parts.
        """
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
    """Detects samples that differ from a training sprite only in a few pixels.

    :class:`CopyCheck` counts everything near a sprite as a copy: even a blurred sprite, or anything
    drawn on the same body. Here a copy shares more than three quarters of its drawn pixels, in
    color and shape, with a training sprite
    (:func:`~sprite_lab.core.results.metrics.most_in_common`). If training sprites have more in
    common with one another, such as frames of a walk or heroes in different clothes, a copy must
    share more than all but 5% of them do, or more than 85%.
    """

    def __init__(self, training: SpriteSet) -> None:
        self._training = training
        self._most: float | None = None  # the share in common above which a sample is a copy
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
