"""Keeping the best-looking sprites."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.data import builtin
from sprite_lab.engine.measuring.features import load_critic
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling import selection
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.sampling.selection import best_rows, pick_best_iter
from tests.unit.engine.test_sampling import make_model


@pytest.fixture(scope="module")
def model() -> Model:
    return make_model()


def test_each_class_keeps_its_best_in_its_places() -> None:
    scores = np.array([1, 9, 5, 2, 7, 8], np.float32)
    kinds = np.array([0, 1, 0, 1, 0, 1])
    assert best_rows(scores, kinds, 2) == [4, 1]
    assert best_rows(scores, kinds, 4) == [2, 1, 4, 5]
    assert best_rows(scores, kinds, 3) == [4, 1, 5]
    assert best_rows(scores, kinds, 1) == [1]
    assert best_rows(scores, kinds, 6) == [0, 1, 2, 3, 4, 5]
    assert best_rows(scores, np.zeros(6, np.int64), 3) == [1, 4, 5]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 4), st.integers(1, 30))
def test_nothing_better_of_the_same_class_is_left_out(
    values: list[int], classes: int, keep: int
) -> None:
    scores = np.array(values, np.float32)
    kinds = np.arange(len(values)) % classes
    rows = best_rows(scores, kinds, min(keep, len(values)))
    assert len(set(rows)) == len(rows) == min(keep, len(values))
    counts = np.bincount(kinds[rows], minlength=classes)
    share = -(-len(rows) // len(set(kinds.tolist())))
    assert counts.max() <= share
    for kind in set(kinds.tolist()):
        left = [scores[i] for i in range(len(values)) if kinds[i] == kind and i not in rows]
        assert all(scores[row] >= max(left, default=-1) for row in rows if kinds[row] == kind)
        # A sprite left out of a kind with room is not better than any kept one.
        if counts[kind] < share:
            assert max(left, default=-1) <= min(scores[row] for row in rows)


def test_the_picked_are_those_that_the_critic_likes(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    def darkness(rgba: np.ndarray) -> np.ndarray:
        return -rgba[..., :3].mean(axis=(1, 2, 3), dtype=np.float32)

    monkeypatch.setattr(selection, "load_critic", lambda: darkness)
    config = SampleConfig(count=4, steps=2, seed=3, classes=("bar", "square"), precision="fp32")
    chosen = drain(pick_best_iter(model, config, 12, RunControl()))
    picked = chosen.config
    many = SampleConfig(count=12, steps=2, seed=3, classes=("bar", "square"), precision="fp32")
    every = drain(sample_iter(model, [many], RunControl(), record=False)).rgba()
    score = darkness(every)
    for kind in (0, 1):
        best = sorted(range(kind, 12, 2), key=lambda i: -score[i])[:2]
        assert sorted(picked.picked[kind::2]) == sorted(best)
    # They are drawn as they were among the many, with alternating classes.
    drawn = drain(sample_iter(model, [picked], RunControl()))
    assert np.abs(drawn.rgba().astype(int) - chosen.drawn.rgba()).max() <= 1
    assert chosen.drawn.config == drawn.config
    assert [p.class_mix[0][0] for p in drawn.prompts] == ["bar", "square"] * 2
    assert np.abs(drawn.rgba().astype(int) - every[list(picked.picked)]).max() <= 1
    one = drawn.one(2).config
    assert one is not None
    assert (one.count, one.first_index, one.picked) == (1, picked.picked[2], ())
    again = drain(sample_iter(model, [one], RunControl(), record=False))
    assert np.abs(again.rgba()[0].astype(int) - drawn.rgba()[2]).max() <= 1


def test_no_more_can_be_kept_than_are_drawn(model: Model) -> None:
    with pytest.raises(ConfigError, match="4 of 3 sprites cannot be kept"):
        drain(pick_best_iter(model, SampleConfig(count=4), 3, RunControl()))


@pytest.mark.parametrize(
    "wrong", [{"picked": (1,)}, {"picked": (1, -1)}, {"picked": (1, 2), "first_index": 1}]
)
def test_picked_needs_an_index_for_each_sprite(wrong: dict) -> None:
    with pytest.raises(ConfigError, match="'picked'"):
        SampleConfig(count=2, **wrong)


def test_the_shipped_critic_prefers_whole_sprites_to_broken_ones() -> None:
    critic = load_critic()
    rgba = builtin().rgba[3::40]  # every fourth, including the first, was trained on
    rng = np.random.default_rng(0)
    broken = rgba.copy()
    stray = rng.random(rgba.shape[:3]) < 0.05
    broken[stray] = (*rng.integers(0, 256, 3), 255)
    halves = np.concatenate([rgba[:, :8], np.roll(rgba, 1, axis=0)[:, 8:]], axis=1)
    whole = critic(rgba)
    assert whole.shape == (len(rgba),)
    for spoiled in (broken, halves):
        assert (whole > critic(spoiled)).mean() > 0.8
    assert critic(rgba[:0]).shape == (0,)
    assert critic(np.zeros((1, 32, 32, 4), np.uint8)).shape == (1,)
