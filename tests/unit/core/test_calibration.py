"""Class probabilities that are right as often as they claim."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.results.calibration import (
    BAYES,
    Calibration,
    Reliability,
    class_probabilities,
    cross_fitted,
    exact_interval,
    fitted,
)

LOG_SNR = np.linspace(12, -8, 20)


def made(
    true: Calibration, count: int = 4000, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Terms of three classes, and labels drawn from the probabilities of ``true``."""
    rng = np.random.default_rng(seed)
    terms = rng.gamma(2.0, 6.0, (count, 3, len(LOG_SNR)))
    chance = class_probabilities(terms, LOG_SNR, true).cumsum(axis=1)
    return terms, (rng.random((count, 1)) > chance).sum(axis=1)


def test_without_a_temperature_it_is_bayes_rule() -> None:
    terms = np.array([[[1.0, 2.0], [2.0, 1.0], [4.0, 0.5]]])
    got = class_probabilities(terms, np.array([3.0, -3.0]), BAYES)
    wanted = np.exp([-3.0, -3.0, -4.5])
    np.testing.assert_allclose(got[0], wanted / wanted.sum())


@pytest.mark.parametrize("true", [BAYES, Calibration(1.5, 0.2), Calibration(2.5, -0.1)])
def test_the_calibration_that_made_the_labels_is_found(true: Calibration) -> None:
    terms, labels = made(true)
    found = fitted(terms, LOG_SNR, labels)
    terms, labels = made(true, seed=1)
    probability = [class_probabilities(terms, LOG_SNR, each) for each in (true, found)]
    best, mine = (Reliability.of(p, labels) for p in probability)
    assert mine.log_loss == pytest.approx(best.log_loss, abs=0.01)
    assert mine.expected_error < 0.03


def test_an_overconfident_model_is_told_so_and_mended() -> None:
    """Sprites of one group are alike, so each is judged by a fit without its group."""
    true = Calibration(2.0, 0.25)
    terms, labels = made(true, 600)
    plain = Reliability.of(class_probabilities(terms, LOG_SNR, BAYES), labels)
    found, probability = cross_fitted(terms, LOG_SNR, labels, np.arange(600) // 3)
    assert plain.expected_error > 0.2
    assert plain.log_loss > 1.5
    assert found.reliability is not None
    assert found.reliability.expected_error < 0.06
    assert found.reliability.log_loss < np.log(3)
    assert found.reliability == Reliability.of(probability, labels)


def test_no_sprite_is_judged_by_a_fit_that_has_seen_its_group() -> None:
    terms, labels = made(Calibration(1.0, 0.1), 60)
    group = np.arange(60) // 2
    _, before = cross_fitted(terms, LOG_SNR, labels, group)
    changed = labels.copy()
    changed[:2] = (labels[:2] + 1) % 3
    _, after = cross_fitted(terms, LOG_SNR, changed, group)
    np.testing.assert_array_equal(after[:2], before[:2])


def test_the_diagram_counts_what_it_says() -> None:
    probability = np.array([[0.9, 0.1], [0.92, 0.08], [0.45, 0.55], [1.0, 0.0]])
    told = Reliability.of(probability, np.array([0, 1, 1, 0]))
    assert told.count == (0, 0, 0, 0, 0, 1, 0, 0, 0, 3)
    assert told.right[9] == pytest.approx(2 / 3)
    assert told.confidence[9] == pytest.approx((0.9 + 0.92 + 1.0) / 3)
    assert told.accuracy == 0.75
    assert told.expected_error == pytest.approx((0.45 + abs(2.82 - 2)) / 4)
    assert told.log_loss == pytest.approx(-np.log([0.9, 0.08, 0.55, 1.0]).mean())


def test_json_gives_it_back_and_what_is_none_is_refused() -> None:
    told = Reliability.of(np.array([[0.7, 0.3]]), np.array([0]))
    for each in (Calibration(1.0, 0.5), Calibration(1.0, 0.5, told)):
        assert from_plain(Calibration, json.loads(json.dumps(to_plain(each)))) == each
    short = {"count": [1], "confidence": [1], "right": [1], "log_loss": 1}
    facts = {"start": 1, "slope": 0, "reliability": short}
    for bad in ({}, facts, facts | {"start": "x", "reliability": None}):
        with pytest.raises(ConfigError):
            from_plain(Calibration, bad)


def test_few_sprites_share_a_bar_whose_interval_says_how_sure_it_is() -> None:
    """A single sprite that was right was once shown as a bar of 100%."""
    told = Reliability(
        (0, 0, 1, 24, 54, 53, 44, 71, 85, 4),
        (0.0, 0.0, 0.29, 0.376, 0.453, 0.548, 0.65, 0.754, 0.861, 0.967),
        (0.0, 0.0, 1.0, 0.292, 0.315, 0.509, 0.523, 0.718, 0.882, 1.0),
        0.58,
    )
    bars = told.bars()
    assert [bar.count for bar in bars] == [25, 54, 53, 44, 71, 89]
    assert (bars[0].low, bars[0].high) == pytest.approx((0.2, 0.4))
    assert bars[0].right == pytest.approx((1 + 24 * 0.292) / 25)
    assert bars[-1].high == 1
    assert sum(bar.count for bar in bars) == told.sprites
    for bar in bars:
        assert bar.interval[0] < bar.right < bar.interval[1]
        assert bar.agrees


def test_a_calibrated_model_passes_the_test_and_an_overconfident_one_does_not() -> None:
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(200):
        sure = rng.uniform(0.3, 1, 500)
        probability = np.stack([sure, 1 - sure], axis=1)
        told = Reliability.of(probability, (rng.random(500) > sure).astype(np.int64))
        failed += not all(bar.agrees for bar in told.bars())
    assert failed / 200 < 0.08, "of 95%, at most about 5% fail"
    sure = rng.uniform(0.8, 1, 500)
    told = Reliability.of(
        np.stack([sure, 1 - sure], axis=1), (rng.random(500) > sure - 0.2).astype(np.int64)
    )
    assert not any(bar.agrees for bar in told.bars())


def test_a_calibrated_model_that_is_nearly_always_sure_passes_the_test() -> None:
    """A normal approximation once called it badly calibrated after a single wrong sprite."""
    rng = np.random.default_rng(0)
    failed = 0
    for _ in range(300):
        sure = np.concatenate([rng.uniform(0.5, 0.9, 200), np.full(400, 0.9998)])
        probability = np.stack([sure, 1 - sure], axis=1)
        told = Reliability.of(probability, (rng.random(len(sure)) > sure).astype(np.int64))
        failed += not all(bar.agrees for bar in told.bars())
    assert failed / 300 < 0.05


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    assert exact_interval(8, 10, 0.05) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert exact_interval(0, 20, 0.05) == pytest.approx((0, 1 - 0.025 ** (1 / 20)), abs=1e-6)
    assert exact_interval(20, 20, 0.05) == pytest.approx((0.025 ** (1 / 20), 1), abs=1e-6)
