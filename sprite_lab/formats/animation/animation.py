"""Clips of a trajectory, a race, a sheet between noises, or drawings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import Shown
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import styles_of
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.core.trajectories.interpolation import Sheet
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.words import tr

#: Maximum number of noise levels in a clip of a race.
RACE_FRAMES = 60


def trajectory_clip(
    trajectory: Trajectory, shown: Shown = "x_t", gap: int = 0, columns: int | None = None
) -> Clip:
    """A clip of a trajectory: one sheet with all its sprites for each frame.

    A reverse trajectory starts with noise and ends with the finished sprites; a forward one starts
    with the clean sprites, although it is stored noisiest first.

    Parameters
    ----------
    shown : "x_t" (the noisy sprites), "x0" (the clean ones that each step predicts) or "both"
        (the two sheets side by side, one sprite's width apart).
    gap, columns : as in :func:`sprite_lab.formats.images.sheet.make_sheet`.
    """
    sources = _sources(trajectory, shown)
    forward = trajectory.kind == "forward"
    order = range(len(trajectory))
    if forward:
        order = order[::-1]

    def picture(k: int) -> NDArray[np.uint8]:
        sheets = [
            make_sheet(_pixels(source[order[k]]), columns=columns, gap=gap) for source in sources
        ]
        if len(sheets) == 1:
            return sheets[0]
        between = np.full((len(sheets[0]), trajectory.x_t.shape[3], 3), 255, np.uint8)
        return np.hstack([sheets[0], between, sheets[1]])

    return Clip(
        trajectory.kind,
        len(order),
        picture,
        caption=tr("Sprites dissolve into noise") if forward else tr("Noise becomes sprites"),
        labels=tuple(f"t = {float(trajectory.t[k]):.0f}" for k in order),
        ends=("clean", "noise") if forward else ("noise", "clean"),
        config=None if forward else trajectory.made_by,
        styles=styles_of(trajectory.prompts),
    )


def race_clip(lanes: Sequence[tuple[str, Lane]], shown: Shown = "x0", gap: int = 0) -> Clip:
    """A clip of runs from the same noise, one row each, with all rows at the same noise level.

    ``lanes``: names and lanes, from top to bottom; at least 1.
    """
    if not lanes:
        raise ConfigError("No lane has been drawn yet; press Race first.")
    t, log_snr = lanes[0][1].axis(RACE_FRAMES)

    def picture(k: int) -> NDArray[np.uint8]:
        rows = []
        for _, lane in lanes:
            frame, sources = lane.frame_at(float(log_snr[k])), _sources(lane.trajectory, shown)
            rows.append(np.concatenate([_pixels(source[frame]) for source in sources]))
        sprites = np.concatenate(rows)
        return make_sheet(sprites, columns=len(rows[0]), gap=max(gap, 1))

    return Clip(
        "race",
        len(t),
        picture,
        caption=tr("Samplers from the very same noise"),
        labels=tuple(f"t = {level:.0f}" for level in t),
        ends=("noise", "clean"),
        rows=tuple(name for name, _ in lanes),
    )


def sheet_clip(sheet: Sheet, trajectory: Trajectory, shown: Shown = "x0", gap: int = 0) -> Clip:
    """A clip of the reverse process of a sheet between noises, all cells at once."""
    clip = trajectory_clip(trajectory, shown, gap, sheet.columns)
    words = tr("What lies between noises")
    return replace(clip, title="between", caption=words, config=None, styles=())


def walk_clip(sheet: Sheet, trajectory: Trajectory) -> Clip:
    """A clip through the cells of a sheet, from corner to corner, one finished cell at a time.

    Every second row runs from right to left, so that consecutive cells are neighbors.
    """
    order = [
        row * sheet.columns + (column if row % 2 == 0 else sheet.columns - 1 - column)
        for row in range(sheet.rows)
        for column in range(sheet.columns)
    ]
    sprites = _pixels(trajectory.x0[-1])
    ends = ("A", "B") if sheet.rows == 1 else ("A", "D" if sheet.rows % 2 else "C")
    return Clip(
        "interpolation",
        len(order),
        lambda k: sprites[order[k]],
        caption=tr("From one noise to another"),
        labels=tuple(tr("{k} of {count}", k=k + 1, count=len(order)) for k in range(len(order))),
        ends=ends,
    )


def cells_clip(images: NDArray[np.uint8], durations_ms: Sequence[int], title: str) -> Clip:
    """A clip of drawings as frames: uint8 (F, H, W, 4), with a duration for each."""
    return Clip(
        title,
        len(images),
        lambda k: images[k],
        caption=title,
        labels=tuple(tr("frame {k}", k=k + 1) for k in range(len(images))),
        durations_ms=tuple(durations_ms),
    )


def directions_clip(
    images: NDArray[np.uint8],
    durations_ms: Sequence[Sequence[int]],
    names: Sequence[str],
    title: str,
    *,
    apart: bool,
) -> Clip:
    """A clip of a character walking in all directions at once, side by side.

    Parameters
    ----------
    images : uint8 (D, F, H, W, 4), the frames of each direction.
    durations_ms : D times F; side by side, each frame is shown for the longest of its durations.
    names : the names of the directions.
    apart : whether each direction gets its own file.
    """
    count, frames, height, width = images.shape[:4]
    beside = images.transpose(1, 2, 0, 3, 4).reshape(frames, height, count * width, 4)
    longest = [max(times) for times in zip(*durations_ms, strict=True)]
    each = zip(names, images, durations_ms, strict=True)
    parts = tuple((name, cells_clip(own, times, f"{title} {name}")) for name, own, times in each)
    return replace(cells_clip(beside, longest, title), parts=parts if apart else ())


def _sources(trajectory: Trajectory, shown: Shown) -> list[NDArray[np.float16]]:
    """The pictures shown in each frame, from left to right."""
    names = ("x_t", "x0") if shown == "both" else (shown,)
    return [getattr(trajectory, name) for name in names]


def _pixels(x: NDArray[np.float16]) -> NDArray[np.uint8]:
    return to_pixels(x.astype(np.float32))
