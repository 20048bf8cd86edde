"""The calibration of a model's classes, kept in a file beside its weights."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.core.errors import FileError
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.results.calibration import USUAL, Calibration
from sprite_lab.formats.json_files import read_object, write_json

SCHEMA_VERSION = 1

#: The calibration's file, beside the weights of a shipped model or in a run folder.
CALIBRATION_FILE = "classes.json"
#: The largest file, in bytes.
LARGEST = 1_000_000


def calibration_path(weights: Path) -> Path:
    """The path of the calibration that belongs to these weights."""
    of_run = weights.parent.name == "checkpoints"
    return (weights.parent.parent if of_run else weights.parent) / CALIBRATION_FILE


def save_calibration(weights: Path, step: int, calibration: Calibration) -> None:
    """Save a calibration for the model with these weights, those of ``step``."""
    facts = {"step": step, **to_plain(calibration)}
    write_json(calibration_path(weights), facts, SCHEMA_VERSION)


def calibration_of(weights: Path, step: int) -> Calibration:
    """The calibration of the model with these weights, if it was made at this step; else the
    default.

    Raises FileError if the file beside the weights is damaged.
    """
    path = calibration_path(weights)
    if not path.is_file():
        return USUAL
    try:
        facts = read_object(path, LARGEST, SCHEMA_VERSION)
        made_at = facts.pop("step")
        return from_plain(Calibration, facts) if made_at == step else USUAL
    except (OSError, ValueError, KeyError):
        raise FileError(
            "'{path}' is damaged; delete it, and measure the classes again.", path=path
        ) from None
