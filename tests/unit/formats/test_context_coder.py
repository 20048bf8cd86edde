"""The coder compared with PNG and WebP: its bits are those of a possible code."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sprite_lab.formats.context_coder import ContextCoder
from sprite_lab.formats.reports.file_sizes import png_bits_per_dim
from tests.made import make_sprites

COLORS = np.array([[0, 0, 0, 255], [200, 30, 30, 255], [255, 255, 255, 0]], np.uint8)


def all_pictures() -> np.ndarray:
    """Every picture of 2x2 pixels in three colors: uint8 (81, 2, 2, 4)."""
    return COLORS[np.array(list(product(range(3), repeat=4)))].reshape(-1, 2, 2, 4)


@pytest.mark.parametrize("learned", [0, 1, 20, 400])
def test_no_more_pictures_are_probable_than_there_is_probability(learned: int) -> None:
    """Kraft's inequality, by enumeration."""
    coder = ContextCoder()
    rng = np.random.default_rng(0)
    coder.learn(all_pictures()[rng.integers(0, 9, learned)])
    total = (2.0 ** -coder.bits(all_pictures())).sum()
    assert total <= 1.0 + 1e-9
    if learned == 400:
        assert total > 0.5  # a new color is coded as one of all colors, including used ones


def test_what_was_seen_often_takes_few_bits_and_what_is_new_takes_many() -> None:
    sprites = make_sprites(200)
    coder = ContextCoder()
    new = coder.bits(sprites.rgba[:20])
    coder.learn(sprites.rgba[20:])
    learned = coder.bits(sprites.rgba[:20])
    assert (learned < new).all()
    dims = sprites.images[0].size
    assert learned.mean() / dims < png_bits_per_dim(sprites.images[:20])
    noise = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 4)).astype(np.uint8)
    assert coder.bits(noise)[0] > 256 * 32  # the raw pixels, and that none is a repetition


def test_each_sprite_is_coded_alone() -> None:
    sprites = make_sprites(40)
    coder = ContextCoder()
    coder.learn(sprites.rgba[20:])
    whole = coder.bits(sprites.rgba[:20])
    np.testing.assert_array_equal(coder.bits(sprites.rgba[3:5]), whole[3:5])
