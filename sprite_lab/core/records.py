"""Records that a run yields: frozen messages, shown by the app and the command line.

Arrays in a record are fresh copies, on the CPU and read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.results.level_errors import LevelErrors
from sprite_lab.core.sets.sprites import MOST_STUDIED, with_alpha
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import tr


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` units of work; the newest replaces the ones before it."""

    done: int
    total: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Began:
    """A training run begins or resumes with these settings: as requested, fitted to its sprites."""

    config: TrainConfig


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One optimizer step. ``seconds`` is the run's time so far, without pauses."""

    step: int
    epoch: float
    loss: float
    learning_rate: float
    sprites_per_second: float
    seconds: float
    grad_norm: float


@dataclass(frozen=True, slots=True, eq=False)
class WindowRecord:
    """Measurements over the steps ``first`` to ``step``.

    ``levels`` are the errors of the network's own prediction on the sprites of those steps;
    ``ema_distance`` is the distance of the averaged weights from the newest, relative to the
    latter.
    """

    first: int
    step: int
    levels: LevelErrors
    ema_distance: float


@dataclass(frozen=True, slots=True)
class EvalRecord:
    """Figures on the validation sprites, with the averaged weights.

    ``val_loss`` is the training loss there. ``epsilon_error`` is the mean squared error of
    the predicted noise, uniform over the course's 500 levels with fixed noise: the one
    figure that is comparable between all runs. ``levels``: the errors behind ``val_loss``.
    """

    step: int
    val_loss: float
    epsilon_error: float
    levels: LevelErrors | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """Samples from one fixed noise: uint8 (N, H, W, 3), drawn after ``step`` steps.

    ``alpha`` : uint8 (N, H, W), if the model draws it.
    """

    step: int
    images: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None

    @property
    def rgba(self) -> NDArray[np.uint8]:
        """uint8 (N, H, W, 4), see :func:`with_alpha`."""
        return with_alpha(self.images, self.alpha)


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """Weights were saved; ``early`` = to look back at, not to resume from."""

    step: int
    path: Path
    early: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointDrawing:
    """The trajectory of one fixed noise to a sprite, drawn with one checkpoint of a run.

    ``config`` : the requested settings.
    """

    step: int
    path: Path
    config: SampleConfig
    trajectory: Trajectory


@dataclass(frozen=True, slots=True)
class CopiesRecord:
    """Share of samples, 0..1, that are copies of a training sprite after ``step`` steps."""

    step: int
    share: float


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user about something that does not end the run."""

    text: str


@dataclass(frozen=True, slots=True)
class Paused(Notice):
    """The run has paused itself; the text says why. Where nobody can resume it, it must end."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """A training run returned to its state after ``step`` steps: later records are void."""

    step: int


Record = (
    Progress
    | Began
    | StepRecord
    | WindowRecord
    | EvalRecord
    | CopiesRecord
    | Preview
    | CheckpointSaved
    | CheckpointDrawing
    | Notice
    | WentBack
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the last record, and the only one of its kind.

    ``result`` is what the generator returned. ``error`` is the sentence for the user, ``details``
    the formatted traceback: text only, so that no frame keeps tensors alive.
    """

    kind: Literal["completed", "canceled", "failed"]
    result: Any = None
    error: str = ""
    details: str = ""


def sample_notice(total: int, what: str = "", most: int = MOST_STUDIED) -> Notice | None:
    """The notice that only a random sample is used; None if everything is."""
    if total <= most:
        return None
    return Notice(
        tr(
            "{most:,} of {total:,} {what} are used, chosen at random.",
            most=most,
            total=total,
            what=what or tr("sprites"),
        )
    )
