"""The shipped grounds: those that the generator draws, and suitable for learning tiles."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from sprite_lab.core.sets.sprites import GROUND, SpriteSet
from sprite_lab.core.sets.vocabulary import vocabulary_of
from sprite_lab.engine.open_set import open_set
from sprite_lab.paths import resource

GENERATOR = resource().parent / "packaging" / "make_ground_set.py"


@pytest.fixture(scope="module")
def ground() -> SpriteSet:
    return open_set(GROUND)


def test_the_file_is_what_the_generator_draws(ground: SpriteSet) -> None:
    spec = importlib.util.spec_from_file_location("make_ground_set", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: SpriteSet = module.make_ground()
    assert np.array_equal(made.images, ground.images)
    assert np.array_equal(made.labels, ground.labels)
    assert made.words.tolist() == ground.words.tolist()


def test_a_model_can_be_asked_for_each_ground_and_for_edges(ground: SpriteSet) -> None:
    assert not ground.has_alpha
    assert (np.bincount(ground.labels) > 40).all()
    known = vocabulary_of(ground, np.arange(len(ground)))
    assert {"grass", "dirt", "water"} <= set(known.classes)
    assert {"ground", "edge", *known.classes} <= set(known.words)
    assert len({image.tobytes() for image in ground.images}) == len(ground)
    assert [credit.licence for credit in ground.credits] == ["MIT"]
