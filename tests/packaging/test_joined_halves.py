"""Joined halves: drawn sprites from two others, along a row where both agree."""

from __future__ import annotations

from dataclasses import replace

import joined_halves as module
import numpy as np
import pytest
from joined_halves import joined_halves

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import SpriteSet


@pytest.fixture
def people() -> SpriteSet:
    """Eight sprites of one class: two heads on four bodies, with equal necks, a group each."""
    rng = np.random.default_rng(0)
    heads = rng.integers(0, 255, (2, 5, 10, 3))
    bodies = rng.integers(0, 255, (4, 6, 10, 3))
    images = np.full((8, 16, 16, 3), 255, np.uint8)
    alpha = np.zeros((8, 16, 16), np.uint8)
    alpha[:, 1:15, 3:13] = 255
    images[:, 6:9, 3:13] = (180, 120, 90)
    for i in range(8):
        images[i, 1:6, 3:13], images[i, 9:15, 3:13] = heads[i // 4], bodies[i % 4]
    return SpriteSet(
        images=images,
        alpha=alpha,
        labels=np.zeros(8, np.int64),
        class_names=("hero",),
        group=np.arange(8),
        words=np.array([f"person red head{i // 4} body{i % 4}" for i in range(8)]),
        source=np.array(["one"] * 8),
    )


def test_halves_are_those_of_two_sprites(
    people: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OTHER_HUES", 0.0)
    made = joined_halves(people)
    heads = {people.images[i, :6].tobytes() for i in range(8)}
    bodies = {people.images[i, 9:].tobytes() for i in range(8)}
    assert len(made) > 8
    assert {image[:6].tobytes() for image in made.images} <= heads
    assert {image[9:].tobytes() for image in made.images} <= bodies
    assert (made.alpha == people.alpha[0]).all()
    assert all(words.split()[:2] == ["person", "red"] for words in made.words)
    # Only pairs that differ on both sides of the cut: never the same head or the same body.
    assert all(words == "person red" for words in made.words)


def test_each_lends_a_half_only_so_often(people: SpriteSet) -> None:
    assert len(joined_halves(people, each=1)) <= 4
    assert len(joined_halves(people, each=2)) <= 8


@pytest.mark.parametrize(
    "other",
    [
        {"group": np.zeros(8, np.int64)},
        {"source": np.array([f"source {i}" for i in range(8)])},
        {"labels": np.arange(8), "class_names": tuple("abcdefgh")},
    ],
    ids=["near-copies", "other sources", "other classes"],
)
def test_what_does_not_belong_together_is_not_joined(people: SpriteSet, other: dict) -> None:
    with pytest.raises(ConfigError):
        joined_halves(replace(people, **other))


def test_rows_that_do_not_fit_are_not_joined(people: SpriteSet) -> None:
    necks = np.random.default_rng(1).integers(0, 255, (8, 4, 16, 3), np.uint8)
    images = people.images.copy()
    images[:, 4:12] = np.repeat(necks, 2, axis=1)
    with pytest.raises(ConfigError):
        joined_halves(replace(people, images=images))


def test_other_hues_keep_skin_and_lightness(
    people: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = joined_halves(people, seed=4)
    monkeypatch.setattr(module, "OTHER_HUES", 1.0)
    turned = joined_halves(people, seed=4)
    assert np.abs(turned.images[:, 7, 5].astype(int) - plain.images[:, 7, 5]).max() <= 3
    assert all(words == "person" for words in turned.words)
    lightest = np.abs(turned.images.max(3).astype(int) - plain.images.max(3))
    assert lightest.max() <= 3
    assert (turned.images != plain.images).any()
