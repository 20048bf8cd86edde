"""Sprite sets, and conversion to the model's space and back."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import (
    SpriteSet,
    alpha_from_background,
    composite,
    sample_rows,
    to_model_space,
    to_pixels,
)
from tests.made import make_sprites


@given(hnp.arrays(np.uint8, (2, 4, 4, 3)))
def test_pixels_come_back_exactly(images: np.ndarray) -> None:
    x = to_model_space(images)
    assert x.dtype == np.float32
    assert -1 <= x.min() <= x.max() <= 1
    assert np.array_equal(to_pixels(x), images)


def test_what_is_out_of_range_is_clipped() -> None:
    assert to_pixels(np.array([-9.0, -1.0, 0.0, 1.0, 9.0])).tolist() == [0, 0, 128, 255, 255]


def test_half_transparent_pixels_mix_with_the_background() -> None:
    rgba = np.array([[[0, 0, 0, 255], [0, 0, 0, 0], [255, 0, 0, 128]]], np.uint8)
    assert composite(rgba).tolist() == [[[0, 0, 0], [255, 255, 255], [255, 127, 127]]]
    assert composite(rgba, (0, 0, 0))[0, 1].tolist() == [0, 0, 0]


def test_white_inside_a_drawing_stays_opaque() -> None:
    image = np.full((1, 8, 8, 3), 255, np.uint8)
    image[0, 2:7, 2:7] = 0
    image[0, 3:6, 3:6] = 250
    alpha = alpha_from_background(image)[0]
    assert alpha[2:7, 2:7].min() == 255
    assert alpha.sum() == 25 * 255


def test_background_is_reached_round_corners() -> None:
    image = np.zeros((1, 8, 8, 3), np.uint8)
    path = [(0, 1), (1, 1), (2, 1), (2, 2), (2, 3), (3, 3), (4, 3), (4, 2)]
    for y, x in path:
        image[0, y, x] = 255
    transparent = np.argwhere(alpha_from_background(image)[0] == 0)
    assert sorted(map(tuple, transparent.tolist())) == sorted(path)


def test_defaults_of_bare_images() -> None:
    bare = SpriteSet(np.zeros((3, 16, 16, 3), np.uint8))
    assert len(bare) == 3
    assert bare.size == (16, 16)
    assert bare.alpha.min() == 255
    assert bare.labels.tolist() == [-1, -1, -1]
    assert bare.names.tolist() == ["", "", ""]
    assert bare.group is None
    assert bare.rgba.shape == (3, 16, 16, 4)


def test_arrays_cannot_be_written() -> None:
    made = make_sprites(5)
    for array in (made.images, made.alpha, made.labels, made.group, made.names):
        assert array is not None
        assert not array.flags.writeable


@pytest.mark.parametrize(
    "fields",
    [
        {"images": np.zeros((2, 16, 16), np.uint8)},
        {"images": np.zeros((2, 16, 16, 4), np.uint8)},
        {"images": np.zeros((2, 16, 16, 3), np.float32)},
        {"images": np.zeros((0, 16, 16, 3), np.uint8)},
        {"images": [[1, 2], [3, 4]]},
        {"alpha": np.ones((2, 16, 16))},
        {"alpha": np.ones((2, 16, 16), bool)},
        {"labels": np.array([0.5, 0.0]), "class_names": ("a",)},
        {"alpha": np.zeros((2, 16, 15), np.uint8)},
        {"labels": np.zeros(3, np.int64), "class_names": ("a",)},
        {"labels": np.array([0, 1]), "class_names": ("a",)},
        {"labels": np.array([0, -2]), "class_names": ("a",)},
        {"group": np.zeros(1, np.int64)},
        {"names": np.array(["one"])},
        {"images": np.zeros((2, 0, 0, 3), np.uint8)},
        {"class_names": "ab"},
        {"class_names": (1, 2)},
        {"credits": ("Ada",)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_parts_that_do_not_fit_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        SpriteSet(**{"images": np.zeros((2, 16, 16, 3), np.uint8), **fields})  # type: ignore[arg-type]


def test_take_keeps_everything_together() -> None:
    made = make_sprites(20)
    index = np.array([7, 3])
    some = made.take(index)
    assert np.array_equal(some.images, made.images[index])
    assert some.labels.tolist() == made.labels[index].tolist()
    assert some.group is not None
    assert some.group.tolist() == made.group[index].tolist()  # type: ignore[index]
    assert some.class_names == made.class_names
    assert len(made.take(made.labels == 0)) == 4


def test_a_fingerprint_is_the_same_whatever_holds_the_class_names() -> None:
    pixels, labels = np.zeros((2, 16, 16, 3), np.uint8), np.zeros(2, np.int64)
    given = ("a",), ["a"], [np.str_("a")]
    sets = [SpriteSet(pixels, labels=labels, class_names=names) for names in given]  # type: ignore[arg-type]
    assert len({made.fingerprint for made in sets}) == 1


def test_fingerprints_tell_sets_apart() -> None:
    first, again, other = make_sprites(10), make_sprites(10), make_sprites(10, seed=1)
    assert first.fingerprint == again.fingerprint
    relabeled = SpriteSet(first.images, first.alpha, first.labels[::-1], first.class_names)
    renamed = SpriteSet(first.images, first.alpha, first.labels, ("a", "b", "c", "d", "e"))
    prints = {s.fingerprint for s in (first, other, relabeled, renamed)}
    assert len(prints) == 4


def test_some_sprites_with_their_alpha() -> None:
    made = make_sprites(6)
    for index in (2, np.array([4, 1]), slice(1, 3), made.labels == 0):
        assert np.array_equal(made.rgba_of(index), made.rgba[index])
    assert made.has_alpha
    assert not SpriteSet(made.images).has_alpha


def test_a_sample_is_some_of_them_in_order_and_the_same_each_time() -> None:
    made = dataclasses.replace(make_sprites(30), names=np.array([f"{i}" for i in range(30)]))
    made.release()  # not mapped, so nothing happens
    assert made.sample(30) is made
    names = made.sample(7).names.tolist()
    assert len(set(names)) == 7
    assert names == [name for name in made.names.tolist() if name in names]
    assert made.sample(7).names.tolist() == names
    rows = np.arange(5)
    assert sample_rows(rows, 5) is rows


def test_a_fingerprint_that_is_known_is_not_worked_out() -> None:
    made = make_sprites(6)
    told = made.with_fingerprint("0123456789abcdef")
    assert told.fingerprint == "0123456789abcdef"
    assert told.images is made.images
    # A part of a set has another fingerprint.
    assert told.take(np.arange(6)).fingerprint == made.fingerprint


def test_groups_are_counted_whatever_their_numbers() -> None:
    sprites = make_sprites(6)
    for group, count in (
        ([0, 0, 1, 1, 2, 2], 3),
        ([5, 5, 9, 9, 9, 5], 2),
        ([-7, 10**9, -7, 0, 0, 0], 3),
    ):
        assert dataclasses.replace(sprites, group=np.array(group)).group_count == count
    assert dataclasses.replace(sprites, group=None).group_count is None
