"""Many training runs in one folder, chosen and stored by Optuna, and resumed after a kill."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sprite_lab.core.errors import ConfigError, FileError, WriteError
from sprite_lab.core.records import Notice, StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sweep import SweepPlan, parse_tried
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.sweep import JOURNAL, Sweep, read_plan, write_plan
from tests.made import shortened

pytestmark = pytest.mark.usefixtures("few_threads")

TINY = shortened("quick", 2)


def test_what_is_tried_is_read_as_it_is_typed() -> None:
    assert parse_tried("seed=0,1,2").values == (0, 1, 2)
    assert parse_tried("width=64,80").name == "network.width"
    assert parse_tried("schedule.name=linear,cosine").values == ("linear", "cosine")
    rates = parse_tried("learning-rate=1e-4..1e-2")
    assert rates.name == "learning_rate"
    assert (rates.values, rates.logarithmic) == ((1e-4, 1e-2), True)
    widths = parse_tried("network.width=32..96")
    assert (widths.values, widths.step, widths.logarithmic) == ((32, 96), 16, False)
    for text in (
        "speed=1",
        "seed",
        "seed=",
        "seed=x",
        "seed=3..1",
        "schedule.name=a..b",
        "width=7",
    ):
        with pytest.raises(ConfigError):
            parse_tried(text)
    with pytest.raises(ConfigError, match="once"):
        SweepPlan(TINY, "builtin", ("seed=0", "seed=1"))
    assert SweepPlan(TINY, "builtin", ("seed=0,1,1", "width=16,32")).count == 4
    assert SweepPlan(TINY, "builtin", ("seed=0,1", "width=16,32"), 3).count == 3
    assert SweepPlan(TINY, "builtin", ("learning_rate=1e-4..1e-2",)).count == 20


def test_every_combination_is_trained_once_and_the_best_is_known(
    sprites: SpriteSet, tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    plan = SweepPlan(TINY, "builtin", ("seed=3,4", "learning_rate=1e-3,1e-2"))
    write_plan(tmp_path, plan)
    assert read_plan(tmp_path) == plan
    with pytest.raises(FileError, match="already contains"):
        write_plan(tmp_path, plan)
    control = RunControl()
    run = Sweep(tmp_path).iter(lambda: sprites, control)
    for record in run:  # stopped in the middle of the second run
        if isinstance(record, Notice) and "Trial 2" in record.text:
            break
    assert isinstance(next(r for r in run if isinstance(r, StepRecord)), StepRecord)
    control.stop()
    drain(run)
    states = [trial.state for trial in Sweep(tmp_path).trials()]
    assert states == ["complete", "running"]

    # including the run that was stopped
    assert drain(Sweep(tmp_path).iter(lambda: sprites, RunControl())) == 3
    trials = Sweep(tmp_path).trials()
    assert {trial.state for trial in trials} == {"complete"}
    tried = {(t.params["seed"], t.params["learning_rate"]) for t in trials}
    assert tried == {(3, 1e-3), (3, 1e-2), (4, 1e-3), (4, 1e-2)}
    for trial in trials:
        folder = RunFolder(Path(trial.run))
        assert folder.read_config().seed == trial.params["seed"]
        assert trial.error == folder.newest("epsilon_error")["epsilon_error"]
    assert drain(Sweep(tmp_path).iter(lambda: sprites, RunControl())) == 0


def test_a_range_is_searched_by_as_many_as_share_the_folder(
    sprites: SpriteSet, tmp_path: Path
) -> None:
    pytest.importorskip("optuna")
    write_plan(tmp_path, SweepPlan(TINY, "builtin", ("learning_rate=1e-4..1e-2",), 3))
    one, other = Sweep(tmp_path), Sweep(tmp_path)
    runs = [worker.iter(lambda: sprites, RunControl()) for worker in (one, other)]
    done = 0
    while runs:
        for run in list(runs):
            try:
                next(run)
            except StopIteration as end:
                done += end.value
                runs.remove(run)
    trials = one.trials()
    rates = [trial.params["learning_rate"] for trial in trials]
    assert done == len(trials) == len(set(rates)) == 3
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)


def test_a_trial_that_cannot_be_trained_fails_alone(sprites: SpriteSet, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    write_plan(tmp_path, SweepPlan(TINY, "builtin", ("device=cuda,cpu",)))
    told = [r.text for r in Sweep(tmp_path).iter(lambda: sprites, RunControl())
            if isinstance(r, Notice)]  # fmt: skip
    states = {t.params["device"]: t.state for t in Sweep(tmp_path).trials()}
    assert states == {"cuda": "fail", "cpu": "complete"}
    assert any("failed: " in text for text in told)


def test_a_kill_in_the_middle_of_the_journal_costs_no_trial(
    sprites: SpriteSet, tmp_path: Path
) -> None:
    """This holds for any part of the journal's last lines that a kill leaves."""
    pytest.importorskip("optuna")
    plan = SweepPlan(TINY, "builtin", ("seed=3,4", "learning_rate=1e-3,1e-2"), 1)
    write_plan(tmp_path, plan)
    journal = tmp_path / JOURNAL
    begun = Sweep(tmp_path)
    empty = journal.read_bytes()
    run = begun.iter(lambda: sprites, RunControl())
    next(run)
    run.close()
    (added,) = journal.read_bytes().removeprefix(empty).splitlines(keepends=True)
    for left in (b"", added[:1], added[:-1]):
        journal.write_bytes(empty + left)
        killed = Sweep(tmp_path)
        assert killed.trials() == []
        again = killed.iter(lambda: sprites, RunControl())
        next(again)
        again.close()
        (trial,) = Sweep(tmp_path).trials()
        assert (trial.state, trial.params) == ("running", {"seed": 3, "learning_rate": 1e-3})
    assert drain(Sweep(tmp_path).iter(lambda: sprites, RunControl())) == 1
    (trial,) = Sweep(tmp_path).trials()
    assert RunFolder(Path(trial.run)).read_config().seed == 3


def test_a_full_disk_ends_the_sweep_and_not_its_trials(
    sprites: SpriteSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("optuna")
    write_plan(tmp_path, SweepPlan(TINY, "builtin", ("seed=3,4",)))

    def full(*_: object) -> None:
        raise WriteError("'metrics.jsonl' cannot be written (no space left on device).")

    with monkeypatch.context() as patch:
        patch.setattr(RunFolder, "write_manifest", full)
        with pytest.raises(WriteError, match="no space left"):
            drain(Sweep(tmp_path).iter(lambda: sprites, RunControl()))
    assert [trial.state for trial in Sweep(tmp_path).trials()] == ["running"]
    assert drain(Sweep(tmp_path).iter(lambda: sprites, RunControl())) == 2
    assert [trial.state for trial in Sweep(tmp_path).trials()] == ["complete"] * 2


def damage_settings(folder: Path) -> None:
    (folder / "checkpoints").mkdir(exist_ok=True)
    (folder / "checkpoints" / "step-0000001.safetensors").write_bytes(b"damaged")
    (folder / "run.json").write_text("{")


def put_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("in its place")


def put_a_link(folder: Path) -> None:
    (folder / "metrics.jsonl").unlink(missing_ok=True)
    (folder / "metrics.jsonl").symlink_to(folder.parent / "elsewhere.jsonl")


@pytest.mark.parametrize("damage", [damage_settings, put_a_file, put_a_link])
def test_a_damaged_folder_of_a_trial_stops_only_that_trial(
    sprites: SpriteSet, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    pytest.importorskip("optuna")
    write_plan(tmp_path, SweepPlan(TINY, "builtin", ("seed=3,4",)))
    run = Sweep(tmp_path).iter(lambda: sprites, RunControl())
    while not (tmp_path / "trial-0000" / "run.json").exists():
        next(run)
    run.close()
    damage(tmp_path / "trial-0000")
    told: list[object] = []
    run = Sweep(tmp_path).iter(lambda: sprites, RunControl())
    with pytest.raises(
        FileError, match="No other trial is left to train, and trial-0000 cannot"
    ) as end:
        drain(run, told.append)
    assert not isinstance(end.value, WriteError)
    notices = [record.text for record in told if isinstance(record, Notice)]
    assert sum("is skipped" in text for text in notices) == 1
    assert [trial.state for trial in Sweep(tmp_path).trials()] == ["running", "complete"]
    assert not (tmp_path / "elsewhere.jsonl").exists()
    folder = tmp_path / "trial-0000"
    folder.unlink() if folder.is_file() else shutil.rmtree(folder)
    assert drain(Sweep(tmp_path).iter(lambda: sprites, RunControl())) == 1
    assert [trial.state for trial in Sweep(tmp_path).trials()] == ["complete"] * 2
