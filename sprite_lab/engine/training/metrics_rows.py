"""Conversion between training records and lines of metrics.jsonl."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from sprite_lab.core.records import CopiesRecord, EvalRecord, Record, StepRecord, WindowRecord
from sprite_lab.core.results.level_errors import LevelBins, LevelErrors

#: The numbers of every step.
_OF_STEP = ("loss", "epoch", "learning_rate", "grad_norm", "seconds")

#: The fields of a line, besides its step, that must be numbers.
_NUMBERS = {*_OF_STEP, "window_first", "ema_distance", "val_loss", "epsilon_error", "copies"}

#: Plots cannot represent steps beyond this as whole numbers.
_MOST_STEPS = 2**53


def step_row(record: StepRecord) -> dict[str, object]:
    """The fields of every step."""
    return {name: getattr(record, name) for name in ("step", *_OF_STEP)}


def window_row(record: WindowRecord) -> dict[str, object]:
    """Additional fields of the last step of a window."""
    return {
        "window_first": record.first,
        "level_errors": record.levels.to_json(),
        "ema_distance": record.ema_distance,
    }


def eval_row(record: EvalRecord) -> dict[str, object]:
    """Additional fields of a step followed by an evaluation."""
    row: dict[str, object] = {"val_loss": record.val_loss, "epsilon_error": record.epsilon_error}
    if record.levels is not None:
        row["val_level_errors"] = record.levels.to_json()
    return row


def copies_row(record: CopiesRecord) -> dict[str, object]:
    """Additional field of a step followed by a check for copies."""
    return {"copies": record.share}


def is_row(row: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is a line of metrics.jsonl: a step, a loss and other numbers."""
    if not (isinstance(row, dict) and "loss" in row and type(row.get("step")) is int):
        return False
    return 0 < row["step"] <= _MOST_STEPS and all(
        type(row[name]) in (int, float) and abs(row[name]) <= sys.float_info.max
        for name in _NUMBERS & row.keys()
    )


def records_of(row: Mapping[str, Any], bins: LevelBins) -> Iterator[Record]:
    """The records of a line: a step and, if there were any, a window, evaluation and copy check.

    ``row`` must satisfy :func:`is_row`.
    """
    step = int(row["step"])
    numbers = {name: float(row.get(name, 0.0)) for name in _OF_STEP}
    yield StepRecord(step=step, sprites_per_second=0.0, **numbers)
    levels = LevelErrors.from_json(bins, row.get("level_errors"))
    if levels is not None and {"window_first", "ema_distance"} <= row.keys():
        yield WindowRecord(int(row["window_first"]), step, levels, float(row["ema_distance"]))
    if "val_loss" in row and "epsilon_error" in row:
        of_validation = LevelErrors.from_json(bins, row.get("val_level_errors"))
        figures = float(row["val_loss"]), float(row["epsilon_error"])
        yield EvalRecord(step, *figures, of_validation)
    if "copies" in row:
        yield CopiesRecord(step, float(row["copies"]))
