"""The samples of a run as a clip, with the loss curve beside them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.engine.training.run_clip import loss_curve, run_clip
from sprite_lab.formats.images.png import write_png
from tests.written_run import WrittenRun


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


def drawn(run: Path, widths: dict[int, int]) -> Path:
    """A run with a sheet of samples, 16 pixels high, for each step."""
    written = WrittenRun(run)
    written.end()
    for step, width in widths.items():
        image = np.full((16, width, 3), step % 251, np.uint8)
        write_png(written.folder.sample_sheet(step), image)
    return run


def test_samples_in_the_order_of_their_steps(tmp_path: Path) -> None:
    run = drawn(tmp_path, {10_000_000: 32, 500: 32, 2000: 32})
    write_png(run / "samples" / "step-notes.png", np.zeros((16, 32, 3), np.uint8))
    clip = run_clip(run)
    assert clip.steps == (500, 2000, 10_000_000)
    assert [int(clip.picture(k)[0, 0, 0]) for k in range(3)] == [step % 251 for step in clip.steps]


def test_samples_that_cannot_be_animated(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no run folder"):
        run_clip(tmp_path / "nowhere")
    with pytest.raises(FileError, match="not a training run"):
        run_clip(tmp_path)
    with pytest.raises(FileError, match="no samples"):
        run_clip(drawn(tmp_path / "none", {}))
    clip = run_clip(drawn(tmp_path / "two", {1: 16, 2: 32}))
    with pytest.raises(FileError, match="differs in size"):
        clip.picture(1)
