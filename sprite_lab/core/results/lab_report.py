"""Contents of a lab report: how a model was trained, what it draws and how good it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.results.report import Report
from sprite_lab.core.sets.credits import Credit

#: A curve: positions and values, float64 (K,) each.
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class TrainingCourse:
    """Curves of a training run.

    Parameters
    ----------
    loss, learning_rate : by step, every step.
    val_loss : on the validation sprites, by step.
    seconds : training time without pauses.
    level_errors, val_level_errors : of the latest steps and the latest evaluation, by log-SNR.
    floor : loss of the optimal denoiser, a lower bound, by log-SNR. None = not known.
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
    """Everything that a lab report shows.

    Parameters
    ----------
    title : the model's title.
    ref : the run folder, file or name that it was loaded from.
    step : training steps behind its weights.
    config : how it was trained.
    facts : further facts from run.json or the weights: data (title, fingerprint, count,
        class_names), student_of, init, origins (the data section of its card, Markdown), versions
        and report_versions (name to version).
    credits : attribution of the training data.
    course : None for weights without a run.
    drawn : steps and sheets, uint8 (H, W, 3), of samples drawn from one noise during training.
    samples : uint8 (N, H, W, 3), the first ones drawn, without selection; ``sampling`` says how.
    evaluation : None if the training data is not available.
    commands : descriptions, each with the command line that does it again.
    made : the date, as "25 November 2026".
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
