"""The step from which a training run counts as memorizing."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.app.train.level_history import LevelHistory
from sprite_lab.app.train.memory_clock import _LEAST, MemoryClock
from sprite_lab.core.records import EvalRecord, WentBack, WindowRecord
from sprite_lab.core.results.level_errors import LevelBins, LevelErrors

BINS = LevelBins(np.linspace(-4, 4, 9), np.linspace(80.0, 0.0, 9), "v")


def errors(value: float, count: int = 10) -> LevelErrors:
    counts = np.full(8, count, np.int64)
    return LevelErrors(BINS, value * counts, counts)


def history(training: list[float], validation: list[float], count: int = 10) -> LevelHistory:
    """One evaluation every 10 steps, each after two windows of 5 steps."""
    found = LevelHistory()
    for k, (own, new) in enumerate(zip(training, validation, strict=True)):
        found.add([WindowRecord(10 * k + 1, 10 * k + 5, errors(own, count), 0.0)])
        found.add([WindowRecord(10 * k + 6, 10 * k + 10, errors(own, count), 0.0)])
        found.add([EvalRecord(10 * k + 10, new, new, errors(new, count))])
    return found


def clock(training: list[float], validation: list[float]) -> MemoryClock:
    found = MemoryClock.of(history(training, validation).compared())
    assert found is not None
    return found


def test_without_an_evaluation_nothing_is_reported() -> None:
    assert MemoryClock.of(LevelHistory().compared()) is None


def test_the_gap_is_that_of_the_steps_since_the_evaluation_before() -> None:
    found = clock([4.0, 2.0, 1.0], [4.0, 3.0, 3.0])
    np.testing.assert_array_equal(found.steps, [10, 20, 30])
    np.testing.assert_allclose(found.gap, np.repeat([[1.0], [1.5], [3.0]], 4, axis=1))
    assert found.t == ((80, 60), (60, 40), (40, 20), (20, 0))


@pytest.mark.parametrize(
    ("training", "validation", "since"),
    [
        ([9, 7, 5, 4, 3, 2, 1], [9, 6, 4, 5, 5, 5, 5], 30),
        ([9, 7, 5, 4, 3, 2, 1], [9, 8, 7, 6, 5, 4, 3], None),  # both fall
        ([9, 7, 5, 4, 3, 2, 1], [9, 6, 4, 4, 4, 4, 4], None),  # validation has not risen
        ([9, 7, 5, 4, 3, 2, 1], [9, 8, 7, 6, 4, 5, 5], None),  # it has risen too recently
        ([9, 7, 5, 6, 6, 6, 6], [9, 6, 4, 5, 5, 5, 5], None),  # training does not improve
        ([9, 7, 5, 4, 3, 2, 1], [9, 6, 4, 4, 4, 4, 9], None),  # it rose once, by chance
    ],
)
def test_it_begins_where_new_sprites_are_best_if_only_its_own_get_better(
    training: list[float], validation: list[float], since: int | None
) -> None:
    assert clock(training, validation).since == since


def test_how_much_has_changed_since_then() -> None:
    training, validation = clock([9, 7, 5, 4, 3, 2, 1], [9, 6, 4, 5, 5, 5, 5]).change()
    assert training == pytest.approx(2 / 5)
    assert validation == pytest.approx(5 / 4)


def test_bands_of_too_few_sprites_say_nothing() -> None:
    found = MemoryClock.of(history([3.0] * 6, [1, 2, 3, 4, 5, 6], count=5).compared())
    assert found is not None
    assert np.isnan(found.gap).all()
    assert found.since is None


def test_bands_of_just_enough_sprites_are_known() -> None:
    # a band has two bins
    found = MemoryClock.of(history([2.0], [4.0], count=_LEAST // 2).compared())
    assert found is not None
    np.testing.assert_array_equal(found.validation, [[4.0] * 4])


def test_what_a_training_went_back_from_is_left_out() -> None:
    found = history([9, 7, 5, 4, 3, 2, 1], [9, 6, 4, 5, 5, 5, 5])
    found.add([WentBack(30)])
    assert [step for step, _, _ in found.compared()] == [10, 20, 30]


def test_bands_take_all_bins_and_the_widest_gap_is_named() -> None:
    # three bins per band
    bins = LevelBins(np.linspace(-6, 6, 13), np.linspace(120.0, 0.0, 13), "v")

    def of(*bands: float) -> LevelErrors:
        counts = np.full(12, 10, np.int64)
        return LevelErrors(bins, np.repeat(bands, 3) * counts, counts)

    found = MemoryClock.of(
        [
            (5, of(1, 1, 1, 1), of(1, 9, 1, 1)),
            (10, of(1, 1, 1, 1), of(9, 1, 1, 1)),
            (20, of(1, 1, 1, 1), of(2, 3, 5, 4)),
        ]
    )
    assert found is not None
    assert found.t == ((120, 90), (90, 60), (60, 30), (30, 0))
    assert found.widest() == 2
    unknown = LevelErrors(bins, np.zeros(12), np.repeat([10, 10, 0, 10], 3))
    part = MemoryClock.of([(10, of(1, 1, 1, 1), unknown), (20, of(1, 1, 1, 1), of(2, 3, 5, 4))])
    assert part is not None
    assert part.widest() == 3


def test_three_evaluations_after_the_best_are_enough_to_tell() -> None:
    assert clock([4, 3, 2, 1], [3, 4, 5, 6]).since == 10
    assert clock([5, 4, 3, 2], [7, 4, 5, 6]).since is None
