"""What of a frame differs from the one before, for formats that store no more than that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError


@dataclass(frozen=True, eq=False)
class Part:
    """A rectangle of a frame: its place, and its pixels uint8 (h, w, C)."""

    left: int
    top: int
    pixels: NDArray[np.uint8]


class Changes:
    """Gives the changed rectangle of one frame after the other.

    Parameters
    ----------
    format_name : what is written, for its errors.
    even : whether rectangles must begin at even places.
    """

    def __init__(self, format_name: str, *, even: bool = False) -> None:
        self._name, self._even = format_name, even
        self._before: NDArray[np.uint8] | None = None

    def of(self, frame: NDArray[np.uint8]) -> Part:
        """What has to be drawn over the last frame; all of the first; a corner where none differs.

        Raises
        ------
        FileError
            If the frame is of another shape than the last, or of none that is known.
        """
        before, self._before = self._before, frame
        if frame.ndim != 3 or frame.shape[2] not in (3, 4) or frame.dtype != np.uint8:
            raise FileError(f"A frame of {self._name} must be uint8 (H, W, 3 or 4).")
        if before is None:
            return Part(0, 0, frame)
        if before.shape != frame.shape:
            raise FileError(
                f"The frames of {self._name} must be alike, but {frame.shape} follows "
                f"{before.shape}."
            )
        changed = (frame != before).any(axis=2)
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        if not len(rows):
            return Part(0, 0, frame[:1, :1])
        top, left = int(rows[0]), int(columns[0])
        if self._even:
            top, left = top & ~1, left & ~1
        return Part(left, top, frame[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1])
