"""Statistics by noise level, run by run; and how runs differ."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.app.measure.measure_tasks import measure_floor
from sprite_lab.app.tasks import plan_training
from sprite_lab.app.train.checkpoint_tasks import draw_checkpoints, list_checkpoints
from sprite_lab.app.train.level_history import ENOUGH, MOST_COLUMNS, LevelHistory
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_differences import all_settings, differences
from sprite_lab.app.train.run_past import read_past
from sprite_lab.core.config import NetworkConfig, SampleConfig, TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.evenly import evenly
from sprite_lab.core.records import (
    CheckpointDrawing,
    EvalRecord,
    Progress,
    StepRecord,
    WentBack,
    WindowRecord,
)
from sprite_lab.core.results.level_errors import LevelBins, LevelErrors
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from tests.made import make_sprites, short_training

BINS = LevelBins(np.linspace(-4, 4, 5), np.array([100.0, 75.0, 50.0, 25.0, 1.0]), "v")


def window(first: int, last: int, error: float = 1.0, count: int = 10) -> WindowRecord:
    counts = np.array([count, count, 0, 2 * count], np.int64)
    return WindowRecord(first, last, LevelErrors(BINS, error * counts, counts), 0.01 * last)


def test_what_a_training_went_back_from_is_void() -> None:
    history, clean = LevelHistory(), LevelHistory()
    history.add([window(1, 20, 3.0), window(21, 40, 9.0), EvalRecord(40, 1.0, 1.0)])
    assert history.map() is not None
    assert history.add([WentBack(20), window(21, 40, 2.0)])
    clean.add([window(1, 20, 3.0), window(21, 40, 2.0)])
    found, wanted = history.map(), clean.map()
    assert found is not None
    assert wanted is not None
    np.testing.assert_array_equal(found.error, wanted.error)


def test_a_map_has_a_column_for_every_window() -> None:
    history = LevelHistory()
    assert history.map() is None
    assert history.training() is None
    assert not history.add([StepRecord(1, 0.0, 1.0, 1e-3, 1.0, 0.1, 0.1)])
    assert history.add([window(1, 20, 3.0), window(21, 40, 2.0), window(41, 47, 1.0)])
    found = history.map()
    assert found is not None
    assert (found.width, found.error.shape) == (20, (4, 3))
    assert found.error[0].tolist() == [3.0, 2.0, 1.0]
    assert np.isnan(found.error[2]).all()
    assert found.counts[:, 0].tolist() == [10, 10, 0, 20]
    assert [found.column(step) for step in (1, 20, 21, 47.9, 48, 60)] == [0, 0, 1, 2, None, None]
    assert [found.steps(column) for column in (1, 2)] == [(21, 40), (41, 47)]
    # When a run is resumed in the middle of a window, a column still collects everything in it.
    history.add([window(48, 60, 5.0)])
    again = history.map()
    assert again is not None
    assert again.error[0].tolist() == [3.0, 2.0, 3.0]


def test_a_map_that_was_looked_at_before_is_the_one_that_is_made_at_once() -> None:
    rng = np.random.default_rng(0)
    ends = np.cumsum(rng.integers(1, 25, 3000)).tolist()
    windows = [
        window(first + 1, last, float(rng.random()), int(rng.integers(0, 9)))
        for first, last in zip([0, *ends[:-1]], ends, strict=True)
    ]
    at_once, now_and_then = LevelHistory(), LevelHistory()
    at_once.add(windows)
    for start in range(0, len(windows), 700):
        now_and_then.add(windows[start : start + 700])
        now_and_then.map()
    one, other = at_once.map(), now_and_then.map()
    assert one is not None
    assert other is not None
    assert one.width == other.width
    np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_array_equal(one.error, other.error)
    # The result equals adding window by window.
    sums, counts = np.zeros(one.error.shape), np.zeros(one.error.shape, np.int64)
    for w in windows:
        sums[:, (w.step - 1) // one.width] += w.levels.sums
        counts[:, (w.step - 1) // one.width] += w.levels.counts
    np.testing.assert_array_equal(one.counts, counts)
    np.testing.assert_allclose(one.error[counts > 0] * counts[counts > 0], sums[counts > 0])


def test_a_long_training_has_no_more_columns_than_a_screen_shows() -> None:
    history = LevelHistory()
    windows = [window(20 * i + 1, 20 * i + 20, float(i), 3) for i in range(1000)]
    history.add(windows)
    found = history.map()
    assert found is not None
    assert found.error.shape[1] <= MOST_COLUMNS
    assert found.counts.sum() == sum(w.levels.counts.sum() for w in windows)
    per = found.width // 20
    assert found.error[0, 0] == pytest.approx(np.mean(range(per)))


def test_the_curve_of_now_takes_as_few_steps_as_are_enough() -> None:
    history = LevelHistory()
    history.add([window(20 * i + 1, 20 * i + 20, float(i), 100) for i in range(100)])
    found = history.training()
    assert found is not None
    _, last, levels = found
    assert last == 2000
    assert ENOUGH <= levels.counts.sum() <= ENOUGH + 400
    then = history.training(500)
    assert then is not None
    assert then[1] == 500
    assert then[2].mean[0] < levels.mean[0]
    early = history.training(25)
    assert early is not None
    assert early[:2] == (21, 40)
    evals = [
        EvalRecord(s, 1.0, 1.0, LevelErrors(BINS, np.ones(4) * s, np.ones(4, int))) for s in (1, 90)
    ]
    history.add([*evals, EvalRecord(95, 1.0, 1.0)])
    assert history.validation()[0] == 90  # type: ignore[index]


def test_each_evaluation_is_compared_with_the_windows_since_the_one_before() -> None:
    history = LevelHistory()
    assert history.validation() is None
    assert history.compared() == []

    def evaluated(step: int) -> EvalRecord:
        return EvalRecord(step, 1.0, 1.0, LevelErrors(BINS, np.ones(4), np.ones(4, int)))

    history.add([window(1, 20, 3.0), evaluated(20), evaluated(30), window(21, 40, 2.0)])
    history.add([evaluated(40)])
    assert [step for step, _, _ in history.compared()] == [20, 40], "nothing is new at 30"
    assert [float(own.mean[0]) for _, own, _ in history.compared()] == [3.0, 2.0]
    assert history.validation()[0] == 40  # type: ignore[index]


def test_a_column_is_as_wide_as_the_widest_window() -> None:
    history = LevelHistory()
    history.add([window(1, 1), window(2, 2), window(3, 3)])
    assert history.map().width == 1  # type: ignore[union-attr]
    history.add([window(4, 8)])
    assert history.map().width == 5  # type: ignore[union-attr]


def test_the_other_figures_of_a_training_are_kept_too() -> None:
    history = LossHistory()
    history.add([StepRecord(s, 0.0, 1.0, 0.1 * s, 1.0, 2.0 * s, 5.0 * s) for s in (1, 2, 3)])
    history.add([window(1, 3)])
    assert history.seconds.tolist() == [2.0, 4.0, 6.0]
    assert history.learning_rates.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert history.grad_norms.tolist() == [5.0, 10.0, 15.0]
    assert (history.window_steps.tolist(), history.ema_distances.tolist()) == ([3.0], [0.03])
    assert history.seconds_at(np.array([1.5])).tolist() == [3.0]


def test_differences_are_named_and_nothing_else_is_reported() -> None:
    one = TrainConfig()
    other = replace(one, batch_size=32, max_grad_norm=None, network=NetworkConfig(width=96))
    first, second = all_settings(one, "made"), all_settings(other, "mine")
    assert differences([first, all_settings(TrainConfig(), "made")]) == []
    found = differences([first, second])
    assert [f"{name} {values[1]}" for name, values in found] == [
        "Batch size 32",
        "Gradient limit –",
        "Width 96",
        "Attention to colors no",
        "Data mine",
    ]


@pytest.mark.parametrize(("count", "most"), [(0, 5), (3, 5), (5, 5), (40, 14), (15, 14)])
def test_columns_are_spread_from_the_first_to_the_last(count: int, most: int) -> None:
    columns = evenly(count, most)
    assert len(columns) == min(count, most)
    assert columns == sorted(set(columns))
    if count:
        assert (columns[0], columns[-1]) == (0, count - 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SpriteSet, TrainConfig]:
    import torch

    from sprite_lab.engine.training.trainer import train_iter

    torch.set_num_threads(1)
    sprites, path = make_sprites(), tmp_path_factory.mktemp("past") / "run"
    config = short_training(6, batch_size=8, checkpoint_every=4)
    drain(train_iter(config, sprites, path, RunControl()))
    return path, sprites, config


def test_the_floor_is_kept_with_the_run(run: tuple[Path, SpriteSet, TrainConfig]) -> None:
    path, sprites, _ = run
    past = drain(read_past(path)(RunControl()))
    assert past.floor is None
    assert len(past.previews) == 2
    assert (past.data_title, past.data_fingerprint) == ("made", sprites.fingerprint)
    with pytest.raises(RunError, match="other sprites"):
        drain(measure_floor(path, make_sprites(60))(RunControl()))
    floor = drain(measure_floor(path, sprites)(RunControl()))
    again = drain(read_past(path)(RunControl())).floor
    assert again.error.tolist() == floor.error.tolist()
    (path / "floor.json").write_text("{")
    assert drain(read_past(path)(RunControl())).floor is None


def test_the_past_of_a_run_is_read_though_a_sheet_of_samples_goes_meanwhile(
    run: tuple[Path, SpriteSet, TrainConfig], tmp_path: Path
) -> None:
    """A killed run that is resumed removes the sheets after its checkpoint."""
    copy = Path(shutil.copytree(run[0], tmp_path / "run"))
    reading = read_past(copy)(RunControl())
    for record in reading:
        if isinstance(record, Progress):  # it has listed them
            break
    *_, last = sorted((copy / "samples").iterdir())
    last.unlink()
    past = drain(reading)
    assert len(past.previews) == 1
    assert past.records


def test_the_floor_of_a_run_that_is_discarded_meanwhile_goes_nowhere(
    run: tuple[Path, SpriteSet, TrainConfig], tmp_path: Path
) -> None:
    path, sprites, _ = run
    copy = Path(shutil.copytree(path, tmp_path / "run"))
    measuring = measure_floor(copy, sprites)(RunControl())
    for record in measuring:
        if isinstance(record, Progress) and record.total:  # it has read the run
            break
    shutil.rmtree(copy)
    assert len(drain(measuring).error)
    assert not copy.exists()


def test_every_checkpoint_draws_the_same_noise(run: tuple[Path, SpriteSet, TrainConfig]) -> None:
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    path, _, config = run
    listing = drain(list_checkpoints(path)(RunControl()))
    assert [c.step for c in listing.checkpoints] == [1, 2, 4, 6]
    assert listing.config.batch_size == config.batch_size
    asked = SampleConfig(count=1, seed=3, steps=4, classes=("hero",), colors=0)
    records = list(draw_checkpoints(listing.checkpoints, asked)(RunControl()))
    drawn = [r for r in records if isinstance(r, CheckpointDrawing)]
    assert [d.step for d in drawn] == [1, 2, 4, 6]
    noise = drawn[0].trajectory.x_t[0]
    for drawing, checkpoint in zip(drawn, listing.checkpoints, strict=True):
        assert np.abs(drawing.trajectory.x_t[0].astype(float) - noise.astype(float)).max() < 0.02
        alone = drain(sample_iter(load_model(checkpoint.path), [asked], RunControl()))
        assert np.array_equal(alone.x0, drawing.trajectory.x0)
    control = RunControl()
    job = draw_checkpoints(listing.checkpoints, asked)(control)
    next(job)
    control.stop()
    assert drain(job) == 0


def test_the_plan_counts_the_weights_of_the_first_steps(sprites: SpriteSet) -> None:
    config = TrainConfig(epochs=None, max_steps=100, checkpoint_every=50)
    some = drain(plan_training(config, sprites)(RunControl()))
    none = drain(plan_training(replace(config, checkpoint_every=1), sprites)(RunControl()))
    early = 6  # 1, 2, 4, 8, 16, 32, in float16
    assert some.disk_bytes == some.parameters * (4 * (2 + 6) + 2 * early)
    assert none.disk_bytes == none.parameters * 4 * (100 + 6)


def test_the_newest_of_several_evaluations_counts() -> None:
    history = LevelHistory()
    assert history.last_step == 0
    assert history.validation() is None
    for step in (10, 20, 30):
        levels = window(1, step, float(step)).levels
        history.add([window(step - 9, step), EvalRecord(step, 1.0, 1.0, levels)])
    assert history.last_step == 30
    found = history.validation()
    assert found is not None
    assert found[0] == 30
    assert found[1].sums[0] == 300.0


def test_a_window_counts_from_its_first_step_on_and_only_so_many_are_joined() -> None:
    history = LevelHistory()
    history.add([window(1, 100, 1.0), window(101, 200, 2.0), window(201, 210, 3.0)])
    at = history.training(201.0)
    assert at is not None
    assert at[1] == 210
    before = history.training(200.0)
    assert before is not None
    assert before[:2] == (101, 200)
    # Windows are joined until there are enough sprites for a smooth curve, and no further.
    enough = LevelHistory()
    enough.add([window(1, 189, 1.0), window(190, 200, 2.0, ENOUGH // 4)])
    found = enough.training()
    assert found is not None
    assert found[0] == 190
