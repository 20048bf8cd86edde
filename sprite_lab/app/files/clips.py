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

# Pillow is slow to load, and the window does not need it.
# ruff: noqa: PLC0415


def of_trajectory(trajectory: Trajectory) -> ClipMaker:
    """The sprites of a trajectory, x_t or x0, frame by frame."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.formats.animation.animation import trajectory_clip

        return trajectory_clip(trajectory, config.shown, config.gap)

    return make


def of_run(run: Path) -> ClipMaker:
    """The samples that a run kept during training, with its loss."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.engine.training.run_clip import run_clip

        return run_clip(run)

    return make


def of_race(lanes: Sequence[tuple[str, Lane]]) -> ClipMaker:
    """The lanes of a race, one per row, with their names."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.formats.animation.animation import race_clip

        return race_clip(lanes, config.shown, config.gap)

    return make


def of_sheet(sheet: Sheet, trajectory: Trajectory) -> ClipMaker:
    """All cells of a sheet, coming out of noise together."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.formats.animation.animation import sheet_clip

        return sheet_clip(sheet, trajectory, config.shown, config.gap)

    return make


def of_walk(sheet: Sheet, trajectory: Trajectory) -> ClipMaker:
    """The finished cells of a sheet, one after the other."""

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.formats.animation.animation import walk_clip

        return walk_clip(sheet, trajectory)

    return make


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

    def make(config: AnimationConfig) -> Clip:
        from sprite_lab.formats.animation.animation import cells_clip

        clip = cells_clip(images, durations_ms, title)
        return replace(clip, styles=styles, attribution=thanks)

    return make
