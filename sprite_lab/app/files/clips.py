"""Functions that make clips from immutable values, to be called on a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprite_lab.app.files.export_tasks import ClipMaker
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.pixels.cells import Cell, thanks_of_cells
from sprite_lab.core.pixels.characters import DIRECTIONS, FRAMES
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
    """All cells of a sheet, emerging from noise together."""
    return lambda config: animation.sheet_clip(sheet, trajectory, config.shown, config.gap)


def of_walk(sheet: Sheet, trajectory: Trajectory) -> ClipMaker:
    """The finished cells of a sheet, one after the other."""
    return lambda config: animation.walk_clip(sheet, trajectory)


def of_cells(cells: Sequence[Cell], title: str) -> ClipMaker:
    """Drawings as frames with their durations."""

    def make(config: AnimationConfig) -> Clip:
        images = np.stack([cell.rgba for cell in cells])
        clip = animation.cells_clip(images, [cell.duration_ms for cell in cells], title)
        return _thankful(clip, cells)

    return make


def of_character(cells: Sequence[Cell], *, apart: bool) -> ClipMaker:
    """A character walking in all drawn directions, side by side or, if ``apart``, in a file each.

    ``cells``: its parts in order; the name of the first one is the title.
    """

    def make(config: AnimationConfig) -> Clip:
        walks = {
            name: cells[FRAMES * i : FRAMES * (i + 1)]
            for i, name in enumerate(DIRECTIONS)
            if any(not cell.is_blank for cell in cells[FRAMES * i : FRAMES * (i + 1)])
        }
        clip = animation.directions_clip(
            np.stack([[cell.rgba for cell in walk] for walk in walks.values()]),
            [[cell.duration_ms for cell in walk] for walk in walks.values()],
            tuple(walks),
            cells[0].name or "character",
            apart=apart,
        )
        return _thankful(clip, cells)

    return make


def _thankful(clip: Clip, cells: Sequence[Cell]) -> Clip:
    """The clip with the credits of the cells."""
    return replace(clip, attribution=thanks_of_cells(cells))
