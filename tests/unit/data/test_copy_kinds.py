"""How near-copies differ from one another."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.copy_kinds import copy_kinds, equal_groups_iter, find_copies_iter


def a_set() -> SpriteSet:
    """A drawing, its exact copy, copies that are shifted, mirrored, recolored or changed in detail,
    and another drawing.
    """
    drawing = np.full((16, 16, 3), 255, np.uint8)
    alpha = np.zeros((16, 16), np.uint8)
    alpha[4:12, 3:9] = 255
    drawing[4:12, 3:9] = (200, 30, 30)
    drawing[5:9, 4:6] = (30, 30, 200)
    recolored = drawing.copy()
    recolored[alpha > 0] = drawing[alpha > 0][:, ::-1] // 2
    detail = drawing.copy()
    detail[10, 7] = (0, 255, 0)
    other, its_alpha = drawing.copy(), np.zeros_like(alpha)
    its_alpha[2:14, 7:9] = 255
    other[...] = (10, 90, 10)
    pairs = [
        (drawing, alpha),
        (drawing, alpha),
        (np.roll(drawing, 3, 1), np.roll(alpha, 3, 1)),
        (drawing[:, ::-1], alpha[:, ::-1]),
        (recolored, alpha),
        (detail, alpha),
        (other, its_alpha),
    ]
    return SpriteSet(np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs]))


def test_each_kind_is_reported() -> None:
    sprites = a_set()
    copies = drain(find_copies_iter(sprites))
    assert copies.near.tolist() == [0] * 6 + [1]
    assert copies.equal.tolist() == [0, 0, 2, 3, 4, 5, 6]
    assert copy_kinds(sprites, np.arange(6)) == [
        "first",
        "equal",
        "shifted",
        "mirrored",
        "recolored",
        "similar",
    ]


def test_colors_that_cannot_be_seen_make_no_difference() -> None:
    images = np.zeros((2, 8, 8, 3), np.uint8)
    images[1] = 99
    assert drain(equal_groups_iter(SpriteSet(images, np.zeros((2, 8, 8), np.uint8)))).tolist() == [
        0,
        0,
    ]
    assert drain(equal_groups_iter(SpriteSet(images))).tolist() == [0, 1]


def test_what_resembles_only_others_of_the_group_is_similar() -> None:
    images = np.full((2, 8, 8, 3), 40, np.uint8)
    alpha = np.zeros((2, 8, 8), np.uint8)
    alpha[0, :4, :5], alpha[1, 2:, 3:6] = 255, 255
    assert copy_kinds(SpriteSet(images, alpha), np.arange(2)) == ["first", "similar"]
