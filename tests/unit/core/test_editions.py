"""Editions of a data set: what they share, and what does not count as a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.editions import Edition
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet


def many() -> SpriteSet:
    count = 3 * BLOCK + 5
    images = np.broadcast_to(np.zeros((1, 8, 8, 3), np.uint8), (count, 8, 8, 3))
    labels = np.arange(count, dtype=np.int64) % 2
    return SpriteSet(images, labels=labels, class_names=("a", "b"))


def test_an_edition_holds_only_the_labels_that_it_changed() -> None:
    sprites = many()
    first = Edition.of(sprites)
    labels = first.labels
    labels[[BLOCK, BLOCK + 3]] = -1
    second = first.relabeled(labels, first.class_names)
    own = {id: size for id, size in second.parts().items() if id not in first.parts()}
    assert list(own.values()) == [8 * BLOCK]
    assert np.array_equal(second.labels, labels)
    assert np.array_equal(first.labels, sprites.labels)
    assert np.array_equal(second.apply(sprites).labels, labels)


def test_what_changes_nothing_is_the_same_edition() -> None:
    one = Edition.of(many()).grouped(np.zeros(3 * BLOCK + 5, np.int64))
    assert one.relabeled(one.labels, one.class_names) is one
    assert one.without(np.zeros(0, np.intp)) is one
    assert one.grouped(np.zeros(3 * BLOCK + 5, np.int64)) is one
    assert one.credited(()) is one
    dropped = one.without(np.array([3])).credited((Credit("x", author="Ann"),))
    assert dropped.without(np.array([3])) is dropped
    assert len(dropped.rows) == 3 * BLOCK + 4


def test_a_class_is_removed_from_dropped_sprites_too() -> None:
    sprites = many()
    left = Edition.of(sprites).without(np.array([0, 1])).without_class(0)
    assert left.class_names == ("b",)
    assert left.labels[:4].tolist() == [-1, 0, -1, 0]
    after = left.apply(sprites.take(left.kept))
    assert (len(after), after.labels[:2].tolist()) == (len(sprites) - 2, [-1, 0])


def test_later_words_replace_earlier_ones() -> None:
    sprites = replace(many(), words=None)
    first = Edition.of(sprites)
    assert first.worded({}) is first
    told = first.worded({1: "red", 3: "blue"}).worded({3: "a longer text"})
    assert told.apply(sprites).words[:5].tolist() == ["", "red", "", "a longer text", ""]
    fewer = told.without(np.array([0, 1]))
    assert fewer.apply(sprites.take(fewer.rows)).words[:3].tolist() == ["", "a longer text", ""]
    assert len(Edition.of(None).rows) == 0
