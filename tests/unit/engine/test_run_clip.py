"""The loss of a run as drawn beside its samples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sprite_lab.engine.training.run_clip import loss_curve


def written(run: Path, losses: list[float]) -> Path:
    run.mkdir()
    rows = [json.dumps({"step": i + 1, "loss": loss}) for i, loss in enumerate(losses)]
    (run / "metrics.jsonl").write_text("\n".join(rows) + "\n")
    return run


def test_a_short_curve_is_as_it_was(tmp_path: Path) -> None:
    curve = loss_curve(written(tmp_path / "run", [4.0, 2.0, 1.0]))
    assert curve is not None
    assert curve.steps.tolist() == [1, 2, 3]
    assert curve.losses.tolist() == [4, 2, 1]
    assert curve.at(2.5) == 1.5


def test_a_long_one_is_averaged_and_covers_all_steps(tmp_path: Path) -> None:
    losses = (2 + np.sin(np.arange(5000))).tolist()
    curve = loss_curve(written(tmp_path / "run", losses))
    assert curve is not None
    assert len(curve.steps) == 400
    assert (curve.steps[0], curve.steps[-1]) == (1, 5000)
    assert (np.diff(curve.steps) > 0).all()
    assert abs(curve.losses - 2).max() < 0.3


def test_one_step_is_no_curve(tmp_path: Path) -> None:
    assert loss_curve(written(tmp_path / "run", [1.0])) is None
