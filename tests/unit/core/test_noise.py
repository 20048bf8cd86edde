"""The noise of a seed and its variations, and noised drawings."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.trajectories.noise import noised_drawing, noises

SHAPE = (3, 16, 16)


def take(config: SampleConfig, count: int = 2, index: int = 0) -> list[np.ndarray]:
    return list(islice(noises(config, index, SHAPE), count))


def test_without_variations_it_is_the_seed_s_own() -> None:
    rng = np.random.default_rng([7, 3])
    for picture in take(SampleConfig(seed=7), 3, index=3):
        assert np.array_equal(picture, rng.standard_normal(SHAPE, np.float32))


def test_a_variation_of_all_the_way_is_the_other_seed_s() -> None:
    assert np.array_equal(
        np.stack(take(SampleConfig(seed=7, variations=((9, 1.0),)))),
        np.stack(take(SampleConfig(seed=9))),
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_variation_turns_by_its_share_and_stays_as_loud_as_noise(share: float) -> None:
    (a,), (b,) = take(SampleConfig(seed=7), 1), take(SampleConfig(seed=9), 1)
    (x,) = take(SampleConfig(seed=7, variations=((9, share),)), 1)

    def angle(p: np.ndarray, q: np.ndarray) -> float:
        p, q = p.ravel().astype(float), q.ravel().astype(float)
        return float(np.arccos(p @ q / np.linalg.norm(p) / np.linalg.norm(q)))

    assert angle(a, x) == pytest.approx(share * angle(a, b), abs=1e-4)
    assert angle(x, b) == pytest.approx((1 - share) * angle(a, b), abs=1e-4)
    length = (1 - share) * np.linalg.norm(a) + share * np.linalg.norm(b)
    assert np.linalg.norm(x) == pytest.approx(length, rel=1e-5)


def test_variations_follow_each_other() -> None:
    (once,) = take(SampleConfig(seed=7, variations=((9, 0.5),)), 1)
    (twice,) = take(SampleConfig(seed=7, variations=((9, 0.5), (11, 1.0))), 1)
    assert not np.array_equal(once, twice)
    assert np.array_equal(twice, take(SampleConfig(seed=11), 1)[0])


@pytest.mark.parametrize("bad", [((1, 0.0),), ((1, 1.5),), ((-1, 0.5),), ((1, 0.5),) * 33])
def test_variations_that_are_none_are_refused(bad: tuple) -> None:
    with pytest.raises(ConfigError, match="variations"):
        SampleConfig(variations=bad)


def test_a_noised_drawing_is_the_forward_process_in_closed_form() -> None:
    rng = np.random.default_rng(1)
    rgba = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8)
    rgba[..., 3] = np.where(rgba[..., 3] > 99, 255, 0)
    config = SampleConfig(seed=5, drawing=rgba.tobytes(), start_t=100)
    log_snr = 1.5
    source = np.random.default_rng([5, 0])
    source.standard_normal((4, 16, 16), np.float32)  # x_T is drawn first
    epsilon = source.standard_normal((4, 16, 16), np.float32)[:3].transpose(1, 2, 0)
    share = 1 / (1 + np.exp(-log_snr))
    clean = np.where(rgba[..., 3:] > 0, rgba[..., :3], 255) / 127.5 - 1
    expected = np.sqrt(share) * clean + np.sqrt(1 - share) * epsilon
    pixels = np.clip(np.rint((expected + 1) * 127.5), 0, 255)
    found = noised_drawing(config, log_snr, 4)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(float) - pixels).max() <= 1
    # With hardly any noise, it is the drawing.
    assert np.abs(noised_drawing(config, 20, 4).astype(float) - (clean + 1) * 127.5).max() < 1
