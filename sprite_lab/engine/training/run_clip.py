"""A training run as a clip: its samples beside the loss."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.trajectories.clip import Clip, LossCurve
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.animation.animation import training_clip

#: The most points of a drawn curve.
_POINTS = 400


def run_clip(run: Path) -> Clip:
    """The samples that a run kept during training, oldest first, with its loss.

    Raises
    ------
    FileError
        If there is no such run, or it has no samples.
    """
    if not run.is_dir():
        return training_clip(run)  # which says so
    thanks = attribution(RunFolder(run).read_data(prompts=False).credits)
    return replace(training_clip(run, loss_curve(run)), attribution=thanks)


def loss_curve(run: Path) -> LossCurve | None:
    """A run's loss, averaged over up to 400 equal intervals; None if there are fewer than two."""
    rows = [(float(row["step"]), float(row["loss"])) for row in RunFolder(run).read_metrics()]
    table = np.array(rows).reshape(-1, 2)
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < 2:
        return None
    parts = np.array_split(table, min(_POINTS, len(table)))
    means = np.array([part.mean(axis=0) for part in parts])
    # Both ends are kept, so that the curve covers the whole run.
    means[0, 0], means[-1, 0] = table[0, 0], table[-1, 0]
    return LossCurve(means[:, 0], means[:, 1])
