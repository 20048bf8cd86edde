"""Exports as factories of runs: animations and what they will come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.clip import Clip
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl

if TYPE_CHECKING:
    from sprite_lab.jobs import Factory

# Pillow is slow to load, and no window needs it.
# ruff: noqa: PLC0415

#: Makes a clip for a configuration, on the worker.
ClipMaker = Callable[[AnimationConfig], Clip]

#: Bytes of frames that a preview holds at most; longer ones show fewer frames.
_PREVIEW_BYTES = 48_000_000


@dataclass(frozen=True, eq=False)
class AnimationPreview:
    """What an animation will be.

    Parameters
    ----------
    frames : uint8 (H, W, 3|4) each, those that are shown in the window.
    durations_ms : how long each of those is shown.
    size : width and height of the file's pictures.
    count, seconds : of all its frames.
    """

    frames: tuple[NDArray[np.uint8], ...]
    durations_ms: tuple[int, ...]
    size: tuple[int, int]
    count: int
    seconds: float


def preview_animation(make: ClipMaker, config: AnimationConfig) -> Factory:
    """Draw the frames of an animation for the window: an AnimationPreview."""

    def run(control: RunControl) -> Run[AnimationPreview]:
        from sprite_lab.formats.film import Film, thin

        yield Progress(0, 0, "Drawing the preview")
        film = Film(make(config), config)
        durations = film.shown_ms()
        first = film.frame(0)
        shown = thin(len(film), max(2, _PREVIEW_BYTES // first.nbytes))
        frames = []
        for i in shown:
            frames.append(film.frame(i))
            yield Progress(len(frames), len(shown), "Drawing the preview")
        edges = [*shown, len(film)]
        lengths = [sum(durations[a:b]) for a, b in pairwise(edges)]
        return AnimationPreview(
            tuple(frames), tuple(lengths), film.size, len(film), sum(durations) / 1000
        )

    return run


def measure_animation(make: ClipMaker, config: AnimationConfig) -> Factory:
    """The size of the file in bytes, and whether it is exact."""

    def run(control: RunControl) -> Run[tuple[int, bool]]:
        from sprite_lab.formats.film import Film

        yield Progress(0, 0, "Working out the size")
        return (yield from Film(make(config), config).estimate())

    return run


def export_animation(path: Path, make: ClipMaker, config: AnimationConfig) -> Factory:
    """Write an animation in the format of ``config``; gives the path."""

    def run(control: RunControl) -> Run[Path]:
        from sprite_lab.formats.film import Film

        yield Progress(0, 0, f"Writing {path.name}")
        return (yield from Film(make(config), config).write(path))

    return run
