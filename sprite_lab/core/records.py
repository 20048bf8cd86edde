"""What a run says while it goes: frozen messages, yielded by generators, shown by app and CLI.

Arrays in a record are fresh, detached, on the CPU and read-only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.level_errors import LevelErrors
from sprite_lab.core.sprites import MOST_STUDIED
from sprite_lab.core.trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` units of work; the newest replaces the ones before it."""

    done: int
    total: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One optimizer step. ``seconds`` is training time so far, pauses left out."""

    step: int
    epoch: float
    loss: float
    learning_rate: float
    sprites_per_second: float
    seconds: float
    grad_norm: float


@dataclass(frozen=True, slots=True, eq=False)
class WindowRecord:
    """What was gathered over the steps ``first`` to ``step``.

    ``levels`` are the errors of the network's own prediction on the sprites of those steps;
    ``ema_distance`` is how far the averaged weights are from the newest, relative to these.
    """

    first: int
    step: int
    levels: LevelErrors
    ema_distance: float


@dataclass(frozen=True, slots=True)
class EvalRecord:
    """Figures on the validation sprites, by the averaged weights.

    ``val_loss`` is the training loss there. ``epsilon_error`` is the mean squared error of
    the predicted noise, uniform over the course's 500 levels with fixed noise: the one
    figure that can be held against any other run. ``levels``: the errors behind ``val_loss``.
    """

    step: int
    val_loss: float
    epsilon_error: float
    levels: LevelErrors | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """Samples from one fixed noise: uint8 (N, H, W, 3), drawn after ``step`` steps.

    ``alpha`` : uint8 (N, H, W), where the model draws it.
    """

    step: int
    images: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """Weights are on disk; ``early`` = kept to look back at, not to go on from."""

    step: int
    path: Path
    early: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointDrawing:
    """What one checkpoint of a run makes of one fixed noise, on the whole way.

    ``config`` is what was asked for.
    """

    step: int
    path: Path
    config: SampleConfig
    trajectory: Trajectory


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence that a person should see and a run survives."""

    text: str


Record = (
    Progress
    | StepRecord
    | WindowRecord
    | EvalRecord
    | Preview
    | CheckpointSaved
    | CheckpointDrawing
    | Notice
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended; exactly one, and last.

    ``result`` is what the generator returned. ``error`` is the sentence for a person,
    ``details`` the formatted traceback: text only, so that no frame keeps tensors alive.
    """

    kind: Literal["completed", "cancelled", "failed"]
    result: Any = None
    error: str = ""
    details: str = ""


def sample_notice(total: int, what: str = "sprites", most: int = MOST_STUDIED) -> Notice | None:
    """What a person is told where not all of so many are looked at; None = they are."""
    if total <= most:
        return None
    return Notice(f"Of {total:,} {what}, {most:,} at random are looked at.")
