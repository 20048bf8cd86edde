"""What a lab report tells of a model: how it was trained, what it draws, how good it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.credits import Credit
from sprite_lab.core.level_errors import Floor
from sprite_lab.core.report import Report

#: A curve: places and values, float64 (K,) each.
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class TrainingCourse:
    """How a training went.

    Parameters
    ----------
    loss, learning_rate : by step, every step.
    val_loss : on the sprites set aside, by step.
    seconds : training time, pauses left out.
    level_errors, val_level_errors : of the newest steps, and of the newest evaluation, by log-SNR.
    floor : the lowest error that can be learnt from these sprites, by log-SNR. None = not known.
    """

    loss: Curve
    learning_rate: Curve
    val_loss: Curve
    seconds: float
    level_errors: Curve
    val_level_errors: Curve
    floor: Floor | None


@dataclass(frozen=True, eq=False)
class LabReport:
    """All of it.

    Parameters
    ----------
    title : of the model.
    ref : the run folder, file or name that it was loaded from.
    step : training steps behind its weights.
    config : how it was trained.
    facts : what run.json or the weights say besides: data (title, fingerprint, count,
        class_names), student_of, init, origins (what its card says of the data, Markdown),
        versions and report_versions (name to version).
    credits : whom to thank for the sprites it was trained on.
    course : None where there is no run, but weights alone.
    drawn : the step and a sheet, uint8 (H, W, 3), of samples from one noise while it was trained.
    samples : uint8 (N, H, W, 3), the first ones drawn, nothing picked; ``sampling`` says how.
    evaluation : None where the sprites it was trained on are not there.
    commands : what each does, and the command line that does it again.
    made : the day, as "25 November 2026".
    """

    title: str
    ref: str
    step: int
    config: TrainConfig
    facts: dict[str, Any]
    credits: tuple[Credit, ...]
    course: TrainingCourse | None
    drawn: tuple[tuple[int, NDArray[np.uint8]], ...]
    samples: NDArray[np.uint8] = field(repr=False)
    sampling: SampleConfig
    evaluation: Report | None
    commands: tuple[tuple[str, str], ...]
    made: str
