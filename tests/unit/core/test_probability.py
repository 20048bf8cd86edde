"""Figures of a set: what is averaged, over what, and with what error."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sprite_lab.core.results.calibration import (
    BAYES,
    Calibration,
    Reliability,
    cross_fitted,
)
from sprite_lab.core.results.probability import (
    Bound,
    ClassProbabilities,
    FlowLikelihood,
    Thermodynamics,
)

SIZE = 8
DIMS = 3 * SIZE * SIZE


def flow(bits: NDArray, group: NDArray) -> FlowLikelihood:
    count = len(bits)
    return FlowLikelihood(
        bits=np.asarray(bits, np.float64),
        bits_stderr=np.linspace(1, 2, count),
        pixels=np.zeros((count, SIZE, SIZE), np.float32),
        group=np.asarray(group, np.int64),
        levels=256,
        log_snr=np.linspace(12, -9, 11),
        exact=False,
    )


def bound() -> Bound:
    """Three sprites, T = 8, blocks of 1, 2 and 4 levels."""
    rng = np.random.default_rng(0)
    prior, decoder, diffusion = rng.random(3), rng.random(3), rng.random((3, 3))
    return Bound(
        bits=prior + decoder + diffusion.sum(axis=1),
        bits_stderr=np.full(3, 0.1),
        pixels=np.zeros((3, SIZE, SIZE), np.float32),
        group=np.array([0, 0, 1]),
        levels=256,
        log_snr=np.linspace(13, -9, 8),
        block_t=np.array([2, 3, 5, 9]),
        prior=prior,
        decoder=decoder,
        diffusion=diffusion,
        decoder_stderr=rng.random(3),
        diffusion_stderr=rng.random((3, 3)),
    )


def random_bits(count: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(900, 200, count)


def test_bits_per_dim_are_the_mean_over_sprites_and_rgb_values() -> None:
    bits = random_bits(7)
    assert flow(bits, np.arange(7)).dims == DIMS
    assert flow(bits, np.arange(7)).bits_per_dim == pytest.approx(sum(bits) / 7 / DIMS)


def test_equally_probable_values_take_eight_bits_each() -> None:
    assert bound().uniform_bits == 8 * DIMS


def test_the_standard_error_is_the_cluster_robust_one() -> None:
    """For a mean, as in statsmodels and Stata: G / (G - 1) times the sum over groups of the squared
    sum of their sprites' deviations from the mean, over N squared.
    """
    group = np.array([0, 0, 0, 3, 1, 1, 2, 2, 2, 2, 3, 4])
    bits = random_bits(len(group))
    mean = bits.mean()
    square = sum(sum(b - mean for b, k in zip(bits, group, strict=True) if k == g) ** 2
                 for g in range(5))  # fmt: skip
    wanted = math.sqrt(5 / 4 * square) / len(bits) / DIMS
    assert flow(bits, group).bits_per_dim_stderr == pytest.approx(wanted, rel=1e-12)


def test_where_each_sprite_is_its_own_group_it_is_the_usual_one() -> None:
    bits = random_bits(9)
    wanted = bits.std(ddof=1) / 3 / DIMS
    for group in (np.arange(9), np.random.default_rng(1).permutation(9)):
        assert flow(bits, group).bits_per_dim_stderr == pytest.approx(wanted, rel=1e-12)


def test_copies_add_nothing_to_what_is_known() -> None:
    bits = random_bits(6)
    once = flow(bits, np.arange(6))
    thrice = flow(np.repeat(bits, 3), np.repeat(np.arange(6), 3))
    assert thrice.bits_per_dim_stderr == pytest.approx(once.bits_per_dim_stderr, rel=1e-12)


def test_numbers_of_groups_need_not_be_in_order_or_without_holes() -> None:
    bits = random_bits(6)
    one = flow(bits, np.array([0, 1, 1, 2, 2, 2])).bits_per_dim_stderr
    assert flow(bits, np.array([40, 7, 7, 9, 9, 9])).bits_per_dim_stderr == pytest.approx(one)


def test_it_is_the_spread_of_means_over_sets_drawn_by_group() -> None:
    rng = np.random.default_rng(0)
    means, claimed = [], []
    group = np.repeat(np.arange(40), 3)
    for _ in range(400):
        bits = (rng.normal(900, 100, 40))[group] + rng.normal(0, 30, len(group))
        figures = flow(bits, group)
        means.append(figures.bits_per_dim)
        claimed.append(figures.bits_per_dim_stderr)
    assert np.std(means) == pytest.approx(np.sqrt(np.mean(np.square(claimed))), rel=0.1)


@pytest.mark.parametrize("count", [1, 5])
def test_one_group_has_no_standard_error(count: int) -> None:
    figures = flow(random_bits(count), np.zeros(count, np.int64))
    assert math.isnan(figures.bits_per_dim_stderr)
    assert figures.to_json()["bits_per_dim_stderr"] is None


def test_json_of_the_bound_says_what_it_is_made_of() -> None:
    figures = bound()
    facts = json.loads(json.dumps(figures.to_json(), allow_nan=False))
    assert facts["method"] == "bound"
    assert (facts["sprites"], facts["groups"], facts["timesteps"]) == (3, 2, 8)
    assert sum(facts["terms"].values()) == pytest.approx(facts["bits_per_dim"])
    assert sum(facts["blocks"]["bits_per_dim"]) == pytest.approx(facts["terms"]["L_t-1"])
    assert facts["blocks"]["first_t"] == [2, 3, 5]
    # The levels of t = 2, 3 and 5.
    assert facts["blocks"]["log_snr"] == pytest.approx(figures.log_snr[[1, 2, 4]].tolist())
    assert facts["log_snr_range"] == [-9, 13]
    assert np.mean(facts["bits_per_dim_by_sprite"]) == pytest.approx(
        facts["bits_per_dim"], abs=1e-4
    )


def test_json_of_the_flow_says_how_sure_its_estimates_are() -> None:
    bits = random_bits(4)
    figures = flow(bits, np.arange(4))
    facts = json.loads(json.dumps(figures.to_json(), allow_nan=False))
    assert (facts["method"], facts["steps"], facts["groups"]) == ("ode", 10, 4)
    # The error of a mean of independent estimates.
    wanted = math.sqrt(sum(s**2 for s in figures.bits_stderr)) / 4 / DIMS
    assert facts["estimate_stderr"] == pytest.approx(wanted)


def test_the_parts_of_the_bound_add_up_with_the_errors_of_a_sprite_or_of_the_mean() -> None:
    found = bound()
    heights, stderr = found.parts(1)
    assert heights.sum() * DIMS == pytest.approx(found.bits[1])
    assert heights[0] * DIMS == pytest.approx(found.decoder[1])
    assert heights[-1] * DIMS == pytest.approx(found.prior[1])
    np.testing.assert_allclose(heights[1:-1] * DIMS, found.diffusion[1])
    wanted = [found.decoder_stderr[1], *found.diffusion_stderr[1], 0]
    np.testing.assert_allclose(stderr * DIMS, wanted)

    heights, stderr = found.parts(None)
    assert heights.sum() == pytest.approx(found.bits_per_dim)
    # The error for two groups, sprites 0 and 1 and sprite 2, by hand.
    apart = found.decoder - found.decoder.mean()
    by_hand = np.sqrt(((apart[0] + apart[1]) ** 2 + apart[2] ** 2) * 2 / 1) / 3
    assert stderr[0] * DIMS == pytest.approx(by_hand)


def test_blocks_lie_between_the_levels_that_their_terms_lead_from_and_to() -> None:
    """Block 1 holds t = 3 and 4: from the level of t = 4 to that of t = 2."""
    found = bound()
    level = dict(enumerate(found.log_snr, 1))
    np.testing.assert_allclose(found.block_log_snr, [level[1], level[2], level[4], level[8]])


def classes(terms: NDArray[np.float64], calibration: Calibration) -> ClassProbabilities:
    """N sprites, K classes, levels 8, 4, 0, -4: ``terms`` is (N, K, 4)."""
    log_snr = np.array([8.0, 4.0, 0.0, -4.0])
    told = -(terms * np.exp(-(calibration.start + calibration.slope * log_snr))).sum(axis=-1)
    share = np.exp(told)
    share /= share.sum(axis=1, keepdims=True)
    names = tuple("abc"[: terms.shape[1]])
    return ClassProbabilities(
        names, share, 0 * share, terms.sum(axis=-1), terms, log_snr, calibration
    )


def test_the_class_at_a_level_is_told_by_that_level_and_noisier_ones() -> None:
    terms = np.random.default_rng(0).random((5, 3, 4))
    found = classes(terms, Calibration(0.5, 0.1))
    by_level = found.by_level()
    np.testing.assert_allclose(by_level.sum(axis=2), 1)
    np.testing.assert_allclose(by_level[:, 0], found.probability)
    weight = np.exp(-(0.5 + 0.1 * found.log_snr))
    # In the middle of a block, half of it and everything noisier count.
    odds = np.exp(-(0.5 * weight[2] * terms[..., 2] + weight[3] * terms[..., 3]))
    np.testing.assert_allclose(by_level[:, 2], odds / odds.sum(axis=1, keepdims=True))
    # How a sprite looks with less noise changes nothing at a level.
    terms[..., :2] = 0
    np.testing.assert_allclose(
        classes(terms, Calibration(0.5, 0.1)).by_level()[:, 2:], by_level[:, 2:]
    )


def test_a_class_is_decided_where_it_comes_to_more_than_half_for_good() -> None:
    terms = np.zeros((4, 2, 4))
    terms[0, 1] = [0, 0, 2, 0]  # class 0 wins from log-SNR 0 on
    terms[1, 0] = [0, 0, 0, 2]  # class 1 wins from pure noise on
    terms[2, 1], terms[2, 0] = [0, 0, 0, 2], [0, 6, 0, 0]  # the other class leads first
    found = classes(terms, BAYES)  # the last sprite is never decided
    decided = found.decided()
    assert decided[0] == -4  # exactly one half there, and more afterward
    assert decided[1] == -4
    assert 0 < decided[2] <= 4
    assert np.isnan(decided[3])
    for sprite, name in ((0, 0), (2, 1)):  # where the drawn line crosses one half
        line = found.by_level()[sprite, ::-1, name]
        np.testing.assert_allclose(np.interp(decided[sprite], found.log_snr[::-1], line), 0.5)


def test_classes_are_calibrated_by_the_other_groups() -> None:
    terms = np.random.default_rng(0).random((8, 3, 4))
    found = classes(terms, BAYES)
    labels, group = np.array([0, 1, 2, 0, 1, 2, 0, -1, 1]), np.arange(9)
    fitted = found.calibrated(labels, group)
    np.testing.assert_allclose(fitted.probability.sum(axis=1), 1)
    assert fitted.calibration != BAYES
    known = slice(0, 7)
    expected = cross_fitted(terms[known], found.log_snr, labels[known], group[known])
    assert fitted.calibration == expected[0]
    np.testing.assert_array_equal(fitted.probability[known], expected[1])
    told = Reliability.of(np.full((1, 3), 1 / 3), np.zeros(1, int))
    found = replace(found, calibration=replace(BAYES, reliability=told))
    # sprites without others to fit to
    for known, of in ((np.full(9, -1), group), (labels, np.zeros(9, int))):
        same = found.calibrated(known, of)
        np.testing.assert_array_equal(same.probability, found.probability)
        assert same.calibration == BAYES, "its reliability is that of other sprites"


def test_classes_are_reported_with_how_often_they_were_right() -> None:
    terms = np.zeros((4, 2, 4))
    terms[:2, 1, 0] = terms[2:, 0, 0] = 9
    found = classes(terms, BAYES)
    data = json.loads(json.dumps(found.to_json(np.array([0, 1, 1, -1, 0]))))
    assert data["labels"] == [0, 1, 1, -1]
    assert data["accuracy"] == pytest.approx(2 / 3)
    assert data["log_loss_of_guessing"] == pytest.approx(math.log(2))
    assert data["uncalibrated"]["log_loss"] == pytest.approx(data["log_loss"])
    unknown = found.to_json(np.full(4, -1))
    assert unknown["accuracy"] is unknown["uncalibrated"] is None
    assert unknown["probability_by_sprite"] == data["probability_by_sprite"]


def test_entropies_know_the_least_bound() -> None:
    log_snr, some = np.array([6.0, 0.0, -6.0]), np.arange(3.0)
    gap = np.array([0.25, 0.5])
    parts = {field.name: some for field in fields(Thermodynamics)}
    found = Thermodynamics(**{**parts, "log_snr": log_snr, "gap": gap, "bound": np.arange(4.0)})
    np.testing.assert_allclose(found.least_bound, [0 - 0.75, 1 - 0.75, 2 - 0.5, 3])
    assert found.to_json()["gap"] == [0.25, 0.5]
