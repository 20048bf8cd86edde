"""Lines of metrics.jsonl: which ones are written, and the records that they represent."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sprite_lab import paths
from sprite_lab.core.records import CopiesRecord, EvalRecord, Record, StepRecord, WindowRecord
from sprite_lab.core.results import level_errors
from sprite_lab.core.results.level_errors import LevelBins, LevelErrors
from sprite_lab.engine.training.level_window import WINDOW as STEPS
from sprite_lab.engine.training.metrics_rows import (
    copies_row,
    eval_row,
    is_row,
    records_of,
    step_row,
    window_row,
)

BINS = LevelBins(np.linspace(-4, 4, 5), np.array([100.0, 75.0, 50.0, 25.0, 1.0]), "v")
STEP = StepRecord(20, 0.5, 0.25, 1e-3, 0.0, 12.5, 2.0)
LEVELS = LevelErrors(BINS, np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 3, 4]))
WINDOW = WindowRecord(1, 20, LEVELS, 0.75)


def records(row: dict[str, object]) -> list[Record]:
    return list(records_of(row, BINS))


def test_a_line_holds_a_step_and_what_was_found_after_it() -> None:
    evaluated = EvalRecord(20, 1.5, 0.5, LEVELS)
    copied = CopiesRecord(20, 0.125)
    row = step_row(STEP)
    assert records(row) == [STEP]
    row |= window_row(WINDOW) | eval_row(evaluated) | copies_row(copied)
    assert is_row(row)
    step, window, evaluation, copies = records(row)
    assert (step, copies) == (STEP, copied)
    assert isinstance(window, WindowRecord)
    assert (window.first, window.step, window.ema_distance) == (1, 20, 0.75)
    assert window.levels.sums.tolist() == LEVELS.sums.tolist()
    assert isinstance(evaluation, EvalRecord)
    assert (evaluation.step, evaluation.val_loss, evaluation.epsilon_error) == (20, 1.5, 0.5)
    assert evaluation.levels is not None
    assert evaluation.levels.counts.tolist() == LEVELS.counts.tolist()


def test_help_describes_every_field() -> None:
    """Readers who load the file with pandas once had to guess, above all at the two lists."""
    section = paths.resource("help", "library.md").read_text("utf-8").partition("## Reading a run")
    table = "".join(re.findall(r"^\| (`.*?) \|", section[2], re.MULTILINE))
    row = step_row(STEP) | window_row(WINDOW) | copies_row(CopiesRecord(20, 0.125))
    row |= eval_row(EvalRecord(20, 1.5, 0.5, LEVELS))
    assert sorted(re.findall(r"`(\w+)`", table)) == sorted(row)
    assert f"every {STEPS}th" in section[2]
    assert f"{level_errors.BINS} bins" in section[2]


@pytest.mark.parametrize("name", ["window_first", "ema_distance", "level_errors"])
def test_half_a_window_is_none(name: str) -> None:
    row = step_row(STEP) | window_row(WINDOW)
    assert len(records(row)) == 2
    del row[name]
    assert records(row) == [STEP]


@pytest.mark.parametrize("name", ["val_loss", "epsilon_error"])
def test_half_an_evaluation_is_none(name: str) -> None:
    row = step_row(STEP) | eval_row(EvalRecord(20, 1.5, 0.5))
    assert records(row) == [STEP, EvalRecord(20, 1.5, 0.5)]
    del row[name]
    assert records(row) == [STEP]


@pytest.mark.parametrize(
    "row",
    [
        [],
        {"step": 1},
        {"loss": 1.0},
        {"step": 0, "loss": 1.0},
        {"step": 1.0, "loss": 1.0},
        {"step": True, "loss": 1.0},
        {"step": 2**53 + 1, "loss": 1.0},
        {"step": 1, "loss": "1"},
        {"step": 1, "loss": [1]},
        {"step": 1, "loss": True},
        {"step": 1, "loss": 10**400},
        {"step": 1, "loss": 1.0, "seconds": None},
        {"step": 1, "loss": 1.0, "copies": -(10**400)},
    ],
)
def test_what_is_no_line(row: object) -> None:
    assert not is_row(row)


def test_what_is_a_line() -> None:
    assert is_row({"step": 1, "loss": 0})
    assert is_row({"step": 2**53, "loss": 1.0, "of another program": "anything"})


def test_what_a_line_does_not_say_is_nothing() -> None:
    assert records({"step": 7, "loss": 0.5}) == [StepRecord(7, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0)]
