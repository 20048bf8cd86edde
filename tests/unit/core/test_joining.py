"""Two sets joined into one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.joining import joined
from tests.made import make_sprites


def test_classes_of_one_name_are_one_class() -> None:
    first = make_sprites(6, classes=2)
    second = replace(
        make_sprites(6, seed=1, classes=3), class_names=("new", first.class_names[1], "other")
    )
    both = joined(first, second)
    assert both.class_names == (*first.class_names, "new", "other")
    assert both.labels.tolist() == [0, 1, 0, 1, 0, 1, 2, 1, 3, 2, 1, 3]
    assert np.array_equal(both.images, np.concatenate([first.images, second.images]))
    assert np.array_equal(both.alpha[6:], second.alpha)
    assert both.group is not None
    assert both.group[:6].tolist() == np.unique(first.group, return_inverse=True)[1].tolist()
    assert not set(both.group[:6]) & set(both.group[6:])
    assert both.title == first.title


def test_sprites_without_classes_stay_without() -> None:
    first, second = make_sprites(4, classes=2), make_sprites(3, seed=1, classes=0)
    assert joined(first, second).labels[4:].tolist() == [-1, -1, -1]
    assert joined(second, first).labels.tolist() == [-1, -1, -1, 0, 1, 0, 1]


def test_sprites_of_another_size_are_refused() -> None:
    with pytest.raises(ConfigError, match="16×16 pixels cannot be added to a set of 32×32"):
        joined(make_sprites(2, size=32), make_sprites(2))


def test_where_groups_are_not_known_each_sprite_is_one() -> None:
    first, second = make_sprites(3, classes=1), replace(make_sprites(2, seed=1), group=None)
    both = joined(first, second)
    assert both.group is not None
    assert len(set(both.group[3:])) == 2
    assert not set(both.group[:3]) & set(both.group[3:])
