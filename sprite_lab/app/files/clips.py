"""Makers of clips, called on the worker, from immutable values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.files.export_tasks import ClipMaker
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.core.trajectories.interpolation import Sheet
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.animation import animation


def of_trajectory(trajectory: Trajectory) -> ClipMaker:
    """The sprites of a trajectory, x_t or x0, frame by frame."""
    return lambda config: animation.trajectory_clip(trajectory, config.shown, config.gap)


def of_run(run: Path) -> ClipMaker:
    """The samples that a run kept during training, with its loss."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.engine.training.run_clip import run_clip  # noqa: PLC0415 (as in ``tasks``)

        return run_clip(run)

    return make


def of_race(lanes: Sequence[tuple[str, Lane]]) -> ClipMaker:
    """The lanes of a race, one per row, with their names."""
    return lambda config: animation.race_clip(lanes, config.shown, config.gap)


def of_sheet(sheet: Sheet, trajectory: Trajectory) -> ClipMaker:
    """All cells of a sheet, coming out of noise together."""
    return lambda config: animation.sheet_clip(sheet, trajectory, config.shown, config.gap)


def of_walk(sheet: Sheet, trajectory: Trajectory) -> ClipMaker:
    """The finished cells of a sheet, one after the other."""
    return lambda config: animation.walk_clip(sheet, trajectory)


def of_cells(
    images: NDArray[np.uint8],
    durations_ms: Sequence[int],
    title: str,
    styles: tuple[str, ...] = (),
    thanks: str = "",
) -> ClipMaker:
    """Drawings, uint8 (F, H, W, 4), as frames with their durations.

    ``styles``: those that a model was asked for; ``thanks``: credits, a line each.
    """
    clip = replace(
        animation.cells_clip(images, durations_ms, title), styles=styles, attribution=thanks
    )
    return lambda config: clip
