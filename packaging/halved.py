"""Drawings at half their size, to learn shapes from: they no longer look drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sprite_lab.core.pixels.blocks import shrunk
from sprite_lab.core.sets.sprites import SpriteSet

#: Suffix of a source's name, to separate its style from that of drawings of this size.
SUFFIX = "_halved"


def halved(sprites: SpriteSet) -> SpriteSet:
    """Sprites of 32x32 pixels as 16x16, ``shrunk``, under new sources, as their style differs."""
    small = shrunk(sprites.rgba, 2)
    return replace(
        sprites,
        images=np.where(small[..., 3:] > 0, small[..., :3], 255).astype(np.uint8),
        alpha=small[..., 3],
        source=np.array([f"{name}{SUFFIX}" for name in sprites.source]),
        credits=tuple(
            replace(credit, source=f"{credit.source}{SUFFIX}", work=f"{credit.work}, at half size")
            for credit in sprites.credits
        ),
    )
