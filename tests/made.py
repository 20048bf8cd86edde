"""Made sprites for tests, quick to make and different enough to learn from; short training runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.sets.sprites import COURSE_CLASSES, SpriteSet


def make_sprites(count: int = 80, seed: int = 0, classes: int = 5, size: int = 16) -> SpriteSet:
    """Colored shapes on white: each class one shape, so that a model has something to learn.

    Every sprite differs from every other by color or place; ``group`` pairs neighbors of
    the same class.
    """
    rng = np.random.default_rng(seed)
    images = np.full((count, size, size, 3), 255, np.uint8)
    alpha = np.zeros((count, size, size), np.uint8)
    labels = np.arange(count) % classes if classes else np.full(count, -1)
    rows, columns = np.mgrid[:size, :size]
    for i in range(count):
        y, x = rng.integers(size // 3, size - size // 3, 2)
        radius = int(rng.integers(size // 5, size // 3))
        down, across = np.abs(rows - y), np.abs(columns - x)
        shapes = (
            down**2 + across**2 <= radius**2,
            (down <= radius) & (across <= radius),
            down + across <= radius,
            (down <= 1) | (across <= 1),
            (down <= radius) & (across <= 1),
        )
        shape = shapes[max(labels[i], 0) % len(shapes)]
        images[i][shape] = rng.integers(0, 200, 3)
        alpha[i][shape] = 255
    return SpriteSet(
        images=images,
        alpha=alpha,
        labels=labels,
        class_names=COURSE_CLASSES[:classes],
        group=np.arange(count) // (2 * max(classes, 1)) * max(classes, 1)
        + np.arange(count) % max(classes, 1),
        title="made",
    )


def short_training(max_steps: int, **changes: Any) -> TrainConfig:
    """Settings of a training run that takes seconds, with some of them changed."""
    usual = TrainConfig(
        epochs=None,
        max_steps=max_steps,
        batch_size=16,
        network=NetworkConfig(width=16),
        preview_count=2,
        preview_steps=1,
        precision="fp32",
        device="cpu",
    )
    return replace(usual, **changes)


def shortened(preset: str, max_steps: int, **changes: Any) -> TrainConfig:
    """A preset with a narrow network and a few steps, with some other settings changed."""
    known = PRESETS[preset]
    usual = replace(
        known,
        epochs=None,
        max_seconds=None,
        max_steps=max_steps,
        batch_size=8,
        preview_count=1,
        preview_steps=1,
        network=replace(known.network, width=16),
        device="cpu",
    )
    return replace(usual, **changes)
