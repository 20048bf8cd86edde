"""Drawings at half their size, to learn shapes from: with so few pixels, they do not look drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sprite_lab.core.sets.sprites import SpriteSet

#: Suffix of a source's name, to separate its style from that of drawings of this size.
SUFFIX = "_halved"


def halved(sprites: SpriteSet) -> SpriteSet:
    """Sprites of 32x32 pixels as 16x16, with renamed sources, as their style differs.

    A block of 2x2 pixels becomes the one that is nearest to the others, the darker of equals. It is
    transparent if more than half of it is.
    """
    count, height, width = sprites.images.shape[:3]
    alpha = sprites.alpha
    if alpha is None:
        alpha = np.full((count, height, width), 255, np.uint8)

    def blocks(pixels: np.ndarray) -> np.ndarray:
        """(N, H, W, C) to (N, H / 2, W / 2, 4, C)."""
        channels = pixels.shape[3]
        split = pixels.reshape(count, height // 2, 2, width // 2, 2, channels)
        return split.swapaxes(2, 3).reshape(count, height // 2, width // 2, 4, channels)

    colors, seen = blocks(sprites.images), blocks(alpha[..., None])[..., 0] > 127
    values = colors.astype(np.int32)
    apart = np.abs(values[..., :, None, :] - values[..., None, :, :]).sum(axis=-1)  # (..., 4, 4)
    cost = (apart * seen[..., None, :]).sum(axis=-1) + values.sum(axis=-1) / 766
    cost = np.where(seen, cost, np.inf)
    best = cost.argmin(axis=-1)[..., None, None]
    opaque = seen.sum(axis=-1) >= 2
    images = np.take_along_axis(colors, best, axis=3)[..., 0, :]
    source = sprites.source
    return replace(
        sprites,
        images=np.where(opaque[..., None], images, 255).astype(np.uint8),
        alpha=(255 * opaque).astype(np.uint8),
        source=None if source is None else np.array([f"{name}{SUFFIX}" for name in source]),
        credits=tuple(
            replace(credit, source=f"{credit.source}{SUFFIX}", work=f"{credit.work}, at half size")
            for credit in sprites.credits
        ),
    )
