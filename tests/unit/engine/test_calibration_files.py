"""A calibration belongs to the weights of one step, and is saved beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.core.results.calibration import USUAL, Calibration, Reliability
from sprite_lab.engine.models.calibration_file import (
    calibration_of,
    calibration_path,
    save_calibration,
)
from sprite_lab.engine.models.checkpoint import read_metadata
from sprite_lab.engine.models.model import weights_path

TOLD = Reliability.of(np.array([[0.8, 0.2], [0.4, 0.6]]), np.array([0, 0]))


@pytest.mark.parametrize("where", ["weights.safetensors", "checkpoints/step-0000007.safetensors"])
def test_it_is_that_of_its_step_alone(tmp_path: Path, where: str) -> None:
    weights = tmp_path / where
    weights.parent.mkdir(exist_ok=True)
    assert calibration_of(weights, 7) == USUAL
    mine = Calibration(1.25, 0.5, TOLD)
    save_calibration(weights, 7, mine)
    assert calibration_path(weights) == tmp_path / "classes.json"
    assert calibration_of(weights, 7) == mine
    assert calibration_of(weights, 8) == USUAL  # trained further since


@pytest.mark.parametrize("text", ["", "[]", '{"schema_version": 1, "step": 7}', "{nonsense"])
def test_a_damaged_file_is_reported_as_such(tmp_path: Path, text: str) -> None:
    weights = tmp_path / "weights.safetensors"
    calibration_path(weights).write_text(text)
    with pytest.raises(FileError):
        calibration_of(weights, 7)


def test_the_shipped_model_of_drawn_sprites_is_calibrated() -> None:
    """It was calibrated with sprites outside its training set: see packaging/calibrate.py."""
    weights = weights_path("real")
    found = calibration_of(weights, int(read_metadata(weights)["step"]))
    told = found.reliability
    assert told is not None
    assert told.sprites >= 300
    assert told.expected_error < 0.08
    assert told.log_loss < 0.5 * np.log(5)
