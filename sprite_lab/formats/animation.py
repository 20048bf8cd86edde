"""Frames for an animation, one at a time, from a trajectory or from a run's samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.sprites import composite, to_pixels
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.formats.png import read_image
from sprite_lab.formats.sheet import enlarge, make_sheet

Shown = Literal["x_t", "x0", "both"]


def thin(count: int, most: int | None) -> list[int]:
    """At most ``most`` of ``count`` indices, evenly spread; the first and the last stay."""
    if most is None or most >= count:
        return list(range(count))
    if most < 2:
        raise ConfigError(f"An animation of at most {most} frames has no start and end; use 2.")
    return [int(i) for i in np.unique(np.rint(np.linspace(0, count - 1, most)).astype(int))]


def trajectory_frames(
    trajectory: Trajectory,
    what: Shown = "x_t",
    scale: int = 1,
    gap: int = 0,
    columns: int | None = None,
    max_frames: int | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """Sheets of all sprites of a trajectory, uint8 (H, W, 3), in the order they are played.

    A reverse trajectory starts with noise and ends with the finished sprites; a forward one
    starts with the clean sprites, although it is stored noisiest first.

    Parameters
    ----------
    what : "x_t" (the noisy sprites), "x0" (the clean sprites that each step predicts) or
        "both" (the two sheets side by side, one sprite's width apart).
    scale, gap, columns : as in :func:`sprite_lab.formats.sheet.make_sheet`.
    max_frames : thin to so many frames; the first and the last stay.
    """
    if what not in ("x_t", "x0", "both"):
        raise ConfigError(f"'{what}' cannot be animated; choose 'x_t', 'x0' or 'both'.")
    sources = {"x_t": [trajectory.x_t], "x0": [trajectory.x0]}.get(
        what, [trajectory.x_t, trajectory.x0]
    )
    order = range(len(trajectory))
    if trajectory.kind == "forward":
        order = order[::-1]
    picked = thin(len(order), max_frames)

    def frames() -> Iterator[NDArray[np.uint8]]:
        for i in picked:
            sheets = [
                make_sheet(
                    to_pixels(source[order[i]].astype(np.float32)),
                    columns=columns,
                    scale=scale,
                    gap=gap,
                )
                for source in sources
            ]
            between = np.full((len(sheets[0]), trajectory.x_t.shape[3] * scale, 3), 255, np.uint8)
            yield sheets[0] if len(sheets) == 1 else np.hstack([sheets[0], between, sheets[1]])

    return frames()


def training_frames(
    run: str | Path, scale: int = 1, max_frames: int | None = None
) -> Iterator[NDArray[np.uint8]]:
    """The sample sheets that a run kept as it trained, uint8 (H, W, 3), oldest first."""
    run = Path(run)
    if not run.is_dir():
        raise FileError(f"There is no run folder '{run}'; name one that was trained here.")
    sheets = sorted(
        (path for path in (run / "samples").glob("step-*.png") if path.stem[5:].isdecimal()),
        key=lambda path: int(path.stem[5:]),
    )
    if not sheets:
        raise FileError(
            f"'{run.name}' has no samples from its training to animate; train it longer or "
            "choose another run."
        )
    picked = [sheets[i] for i in thin(len(sheets), max_frames)]

    def frames() -> Iterator[NDArray[np.uint8]]:
        first: tuple[int, ...] | None = None
        for path in picked:
            image = composite(read_image(path))
            first = first or image.shape
            if image.shape != first:
                raise FileError(
                    f"'{path.name}' in '{run.name}' differs in size from the samples before it; "
                    "remove it to export the others."
                )
            yield enlarge(image, scale)

    return frames()
