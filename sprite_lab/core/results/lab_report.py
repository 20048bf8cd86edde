"""Contents of a lab report: how a model was trained, what it draws and how good it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.model_facts import DataFacts
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.results.report import Report
from sprite_lab.core.sets.credits import Credit

#: A curve: positions and values, float64 (K,) each.
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class TrainingCourse:
    """Curves of a training run."""

    #: by step, every step
    loss: Curve
    learning_rate: Curve
    val_loss: Curve  #: on the validation sprites, by step
    seconds: float  #: training time without pauses
    #: of the latest steps and the latest evaluation, by log-SNR
    level_errors: Curve
    val_level_errors: Curve
    #: loss of the optimal denoiser, a lower bound, by log-SNR. None = not known.
    floor: Floor | None


@dataclass(frozen=True, eq=False)
class LabReport:
    """The contents of a lab report."""

    title: str  #: the model's title
    ref: str  #: the run folder, file or name that it was loaded from
    step: int  #: training steps behind its weights
    config: TrainConfig  #: how it was trained
    data: DataFacts  #: what it was trained on
    origins: str  #: the section about data in its model card, as Markdown, or ""
    #: versions of packages, by name: used in training, and to make the report
    versions: Mapping[str, str]
    report_versions: Mapping[str, str]
    credits: tuple[Credit, ...]  #: attribution of the training data
    course: TrainingCourse | None  #: None for weights without a run
    #: steps and sheets, uint8 (H, W, 3), of samples drawn from one noise during training
    drawn: tuple[tuple[int, NDArray[np.uint8]], ...]
    #: uint8 (N, H, W, 3), the first ones drawn, without selection; ``sampling`` says how
    samples: NDArray[np.uint8] = field(repr=False)
    sampling: SampleConfig
    evaluation: Report | None  #: None if the training data is not available
    #: descriptions, each with the command line that repeats it
    commands: tuple[tuple[str, str], ...]
    made: str  #: the date, such as "25 November 2026"
