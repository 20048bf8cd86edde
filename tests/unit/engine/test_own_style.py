"""The order of sprites of a model that was tuned on a person's own."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.measuring.own_style import own_style


def test_plain_sprites_in_the_style_are_better_and_copies_last(sprites: SpriteSet) -> None:
    own = sprites.take(np.arange(30))
    copy = own.rgba_of([0])[0]
    near = sprites.rgba_of([40])[0]
    rng = np.random.default_rng(0)
    noisy = near.copy()
    spots = rng.random((16, 16)) < 0.5
    noisy[spots, :3] = rng.integers(0, 256, (int(spots.sum()), 3))
    noise = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8)
    fit = own_style(np.stack([noise, noisy, near, copy]), own)
    assert fit[2] > fit[1] > fit[0] >= 0
    assert fit[3] < 0


def test_a_single_sprite_has_a_fit(sprites: SpriteSet) -> None:
    own = sprites.take(np.arange(30))
    assert own_style(sprites.rgba_of([40]), own).shape == (1,)
