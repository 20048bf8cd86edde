"""The smoothed curve, and what is kept of a training run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.app.train.loss_history import GrowingArray, LossHistory, moving_average, nearest
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import CheckpointSaved, CopiesRecord, EvalRecord, StepRecord, WentBack
from tests.counting import lines_run


def records(losses: list[float], first: int = 1) -> list[StepRecord]:
    return [
        StepRecord(first + i, 0.0, loss, 1e-3, 100.0, 0.1 * i, 0.0) for i, loss in enumerate(losses)
    ]


def tensorboard(losses: list[float], weight: float) -> list[float]:
    """TensorBoard's smoothing, written according to its source."""
    last, result = 0.0, []
    for count, loss in enumerate(losses, 1):
        last = last * weight + (1 - weight) * loss
        result.append(last / (1 - weight**count))
    return result


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("chunk", [1, 7, 128, 1000])
def test_smoothing_is_tensorboards_however_the_records_come(weight: float, chunk: int) -> None:
    losses = np.random.default_rng(0).uniform(0.1, 2.0, 700).tolist()
    history = LossHistory(weight)
    for start in range(0, len(losses), chunk):
        history.add(records(losses[start : start + chunk], start + 1))
    assert np.allclose(history.smoothed, tensorboard(losses, weight), rtol=1e-9)
    history.set_weight(0.5)
    assert np.allclose(history.smoothed, tensorboard(losses, 0.5), rtol=1e-9)
    assert history.losses.tolist() == losses
    assert history.steps.tolist() == list(range(1, 701))


def test_the_recent_loss_of_a_short_run_is_that_of_its_end() -> None:
    """It was once the mean of the whole run, far above the end of the curve."""
    history = LossHistory()
    assert len(history.recent) == 0
    losses = np.linspace(0.7, 0.5, 54).tolist()
    history.add(records(losses))
    assert history.recent.tolist() == losses[-6:]
    assert history.recent.mean() == pytest.approx(history.smoothed[-1], rel=0.02)
    history.add(records([0.5] * 1446, 55))
    assert len(history.recent) == 100


def at(step: int, speed: float, seconds: float) -> StepRecord:
    """A step of a run with 10 steps per epoch."""
    return StepRecord(step, step / 10, 1.0, 1e-3, speed, seconds, 0.0)


def test_the_time_left_is_that_of_the_speed_beside_it() -> None:
    history = LossHistory()
    config = TrainConfig(epochs=20, batch_size=32)
    assert history.seconds_left(config) is None
    # Slow for a long time and fast lately: the rest is expected to be fast.
    history.add([at(step, 100.0, 0.32 * step) for step in range(1, 81)])
    history.add([at(step, 800.0, 25.6 + 0.04 * (step - 80)) for step in range(81, 281)])
    assert history.speed == pytest.approx(800.0, rel=1e-3)
    assert history.seconds_left(config) == 0.0  # after its end, none are left
    longer = replace(config, epochs=40)
    assert history.seconds_left(longer) == pytest.approx((400 - 280) * 32 / history.speed, rel=1e-3)
    # A time limit may end it first.
    clock = TrainConfig(epochs=None, max_seconds=60.0)
    assert history.seconds_left(clock) == pytest.approx(60.0 - history.last_step.seconds)  # type: ignore[union-attr]
    both = replace(config, epochs=40, max_steps=290, max_seconds=60.0)
    assert history.seconds_left(both) == pytest.approx(10 * 32 / history.speed, rel=1e-3)


def test_slow_first_steps_and_examinations_do_not_change_the_time_left() -> None:
    """“20 min left” once became “2 h 30 min” when the first samples were drawn."""
    history, seconds = LossHistory(), 0.0
    config = TrainConfig(epochs=100, batch_size=32)
    said = []
    for step in range(1, 101):
        seconds += 20.0 if step in (1, 17, 40) else 0.5
        history.add([at(step, 64.0, seconds)])
        said.append(history.seconds_left(config))
    assert said[:8] == [None] * 8, "too few steps to tell"
    assert said[8:] == pytest.approx([0.5 * (1000 - step) for step in range(9, 101)])


def test_a_long_history_is_smoothed_in_blocks() -> None:
    """A line of Python for each value would take longer than a frame."""
    values = np.random.default_rng(0).uniform(size=100_000)
    assert lines_run(lambda: moving_average(values, 0.99)) < 5_000


def test_what_is_kept_and_what_is_not(tmp_path) -> None:  # type: ignore[no-untyped-def]
    history = LossHistory()
    assert not history.add([CheckpointSaved(3, tmp_path)])
    assert nearest(history.steps, 3.0) is None
    assert history.add([*records([3.0, 2.0, 1.0], first=10), EvalRecord(12, 0.5, 0.25)])
    assert (history.last_step.step, history.last_eval.step) == (12, 12)  # type: ignore[union-attr]
    assert history.epsilon_errors.tolist() == [0.25]
    assert [nearest(history.steps, step) for step in (-5, 10.4, 10.6, 12, 99)] == [0, 0, 1, 2, 2]
    history.clear()
    assert len(history.steps) == len(history.smoothed) == len(history.val_losses) == 0
    assert history.last_step is None


def test_shares_of_copies_are_kept_with_their_steps() -> None:
    history = LossHistory()
    assert history.add([CopiesRecord(3, 0.1), CopiesRecord(7, 0.4)])
    assert (history.copies_steps.tolist(), history.copies.tolist()) == ([3.0, 7.0], [0.1, 0.4])
    assert history.last_copies == CopiesRecord(7, 0.4)


def test_an_array_that_grows_is_moved_seldom() -> None:
    values, moved = GrowingArray(), 0
    for step in range(20_000):
        before = values.values
        values.extend(np.array([float(step)]))
        moved += not np.shares_memory(before, values.values) and step > 0
    assert values.values.tolist() == list(range(20_000))
    assert moved <= 5


def test_what_a_training_went_back_from_is_void() -> None:
    history, clean = LossHistory(), LossHistory()
    history.add([*records([3.0, 2.0, 90.0]), EvalRecord(3, 9.0, 9.0)])
    exploded = records([95.0, 99.0], first=4)
    assert history.add([*exploded, WentBack(2), *records([1.5, 1.0], first=3)])
    clean.add(records([3.0, 2.0, 1.5, 1.0]))
    assert history.steps.tolist() == [1, 2, 3, 4]
    assert history.losses.tolist() == clean.losses.tolist()
    assert np.allclose(history.smoothed, clean.smoothed)
    assert len(history.val_losses) == 0


def test_an_empty_history_knows_no_time_speed_or_weight_of_its_own() -> None:
    history = LossHistory()
    assert (history.weight, history.speed) == (0.6, 0.0)
    assert len(history.seconds_at(np.array([1.0, 2.0]))) == 0
    assert not history.add([])
    assert history.add([WentBack(3)])


def test_the_speed_follows_slowly_and_the_last_copies_are_the_newest() -> None:
    history = LossHistory()
    step = records([1.0])[0]
    history.add([replace(step, step=n, sprites_per_second=v) for n, v in ((1, 100.0), (2, 200.0))])
    assert history.speed == pytest.approx(105.0)
    shares = [CopiesRecord(n, n / 10) for n in (1, 2, 3)]
    history.add(shares)
    assert history.last_copies == shares[-1]
