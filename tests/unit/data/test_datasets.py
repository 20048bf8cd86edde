"""Splits that keep groups whole and are alike in every class; and the built-in set."""

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data import builtin, near_duplicate_groups, split
from sprite_lab.data.datasets import sealed_rows, split_rows
from sprite_lab.formats.sets.sprites import load_sprites


def made(labels, group, class_names=("a", "b", "c")):
    count = len(labels)
    images = np.random.default_rng(0).integers(0, 256, (count, 16, 16, 3), np.uint8)
    return SpriteSet(
        images, labels=np.asarray(labels), class_names=class_names, group=np.asarray(group)
    )


def check_parts(whole, train, validation):
    assert len(train) + len(validation) == len(whole)
    assert len(train) > 0
    assert len(validation) > 0
    assert not set(train.group.tolist()) & set(validation.group.tolist())
    images = sorted(i.tobytes() for part in (train, validation) for i in part.images)
    assert images == sorted(i.tobytes() for i in whole.images)


def test_share_of_groups_in_each_class():
    group = np.repeat(np.arange(300), 2)
    labels = np.repeat(np.arange(300) % 3, 2)
    whole = made(labels, group)
    train, validation = split(whole)
    check_parts(whole, train, validation)
    for label in range(3):
        assert len(np.unique(validation.group[validation.labels == label])) == 15


def test_seed_decides():
    whole = made(np.zeros(200, int), np.arange(200))
    first, again, other = (split(whole, seed=s)[1].fingerprint for s in (0, 0, 1))
    assert first == again
    assert first != other


def test_small_classes_are_on_both_sides_where_they_can():
    whole = made([0] * 20 + [1, 1] + [2], np.arange(23))
    train, validation = split(whole)
    check_parts(whole, train, validation)
    assert (validation.labels == 1).sum() == (train.labels == 1).sum() == 1
    assert (train.labels == 2).sum() == 1


def test_every_class_a_single_group():
    whole = made([0, 0, 1, 1, 2, 2], [5, 5, 7, 7, 9, 9])
    check_parts(whole, *split(whole))


def test_no_classes_and_mixed_groups():
    check_parts(made([-1] * 9, np.arange(9), ()), *split(made([-1] * 9, np.arange(9), ())))
    whole = made([0, 1, 1, 0, 2, 2, -1, 0], [0, 0, 0, 1, 1, 1, 2, 3])
    check_parts(whole, *split(whole))


def test_large_fraction_leaves_some_to_train_on():
    whole = made([0, 0, 0], [0, 1, 2])
    train, _ = split(whole, fraction=0.99)
    assert len(train) == 1


def test_what_is_sealed_is_in_neither_part_and_training_stays_as_it_was():
    group = np.repeat(np.arange(300), 2)
    whole = made(np.repeat(np.arange(300) % 3, 2), group)
    training, validation = split_rows(whole)
    sealed = sealed_rows(whole, 0.05)
    again, rest = split_rows(whole, sealed=0.05)
    np.testing.assert_array_equal(again, training)
    np.testing.assert_array_equal(np.sort([*rest, *sealed]), validation)
    assert not set(group[sealed]) & set(group[rest])
    assert np.bincount(whole.labels[sealed]).tolist() == [10, 10, 10]
    np.testing.assert_array_equal(split(whole, sealed=0.05)[1].images, whole.images[rest])
    with pytest.raises(ConfigError, match="Nothing is left for validation"):
        split_rows(whole, 0.05, sealed=0.05)


def test_refusals():
    with pytest.raises(ConfigError, match="near-copies"):
        split(made([0, 1, 2], [4, 4, 4]))
    with pytest.raises(ConfigError, match="fraction"):
        split(made([0, 1, 2], [1, 2, 3]), fraction=1.0)


def test_groups_are_found_where_none_are_given():
    whole = made([0] * 40, np.arange(40))
    twice = np.concatenate([whole.images, whole.images[:, :, ::-1]])
    pair = SpriteSet(twice, labels=np.zeros(80, int), class_names=("a",))
    train, validation = split(pair)
    check_parts(pair, train, validation)
    found = np.concatenate([train.group, validation.group])
    assert sorted(found) == sorted(near_duplicate_groups(pair.images, pair.alpha))
    assert len(validation) == 12  # six of forty, each with its mirror image


def test_builtin_is_read_once():
    sprites = builtin()
    assert sprites is builtin()
    assert sprites.title == "Built-in sprites"
    assert len(sprites) == 4000
    # Runs and models identify their training set by this.
    assert sprites.fingerprint == "7c89603a8f7fecd4"


def test_builtin_divides():
    sprites = builtin()
    train, validation = split(sprites)
    check_parts(sprites, train, validation)
    for label in range(len(sprites.class_names)):
        share = (validation.labels == label).sum() / (sprites.labels == label).sum()
        assert 0.05 < share < 0.3


def test_real_sprites(shared_data):
    real = load_sprites(shared_data / "real_sprites.npz")
    train, validation = split(real)
    check_parts(real, train, validation)
    assert 0.12 < len(validation) / len(real) < 0.18
    for label in range(5):
        groups = len(np.unique(real.group[real.labels == label]))
        held = len(np.unique(validation.group[validation.labels == label]))
        assert held / groups == pytest.approx(0.15, abs=0.035)
