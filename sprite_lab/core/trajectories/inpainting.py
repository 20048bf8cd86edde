"""A drawing completed in several ways from the same noise, to be compared step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.sprites import composite, opaque, to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory

#: How kept pixels enter: pasted onto the finished sprite; into every x_t, with matching noise
#: (RePaint); or into every prediction, by the derivative of the network.
Way = Literal["end", "repaint", "posterior"]

WAYS: tuple[Way, ...] = get_args(Way)


@dataclass(frozen=True, eq=False)
class Inpainted:
    """One sprite, completed in each way that its model supports.

    Parameters
    ----------
    drawing : uint8 (H, W, 4).
    known : bool (H, W), True where the drawing is kept.
    ways : trajectories of one sprite each, from the same noise.
    """

    drawing: NDArray[np.uint8]
    known: NDArray[np.bool_]
    ways: Mapping[Way, Trajectory]

    @property
    def kept(self) -> NDArray[np.uint8]:
        """The drawing as a model sees it, uint8 (H, W, 3); only kept pixels matter."""
        return composite(self.drawing)

    def entering(self, way: Way, k: int) -> NDArray[np.uint8]:
        """The kept pixels as frame ``k`` uses them: uint8 (H, W, 4), transparent elsewhere; all
        transparent if they do not enter in that frame.
        """
        trajectory = self.ways[way]
        last = k == len(trajectory) - 1
        noised = way == "repaint" and not last
        shown = to_pixels(trajectory.x_t[k, 0]) if noised else self.kept
        there = self.known & (last or way != "end")
        return np.where(there[..., None], opaque(shown), 0).astype(np.uint8)

    def predicted(self, way: Way, k: int) -> NDArray[np.uint8]:
        """What the network itself predicts in frame ``k``, uint8 (H, W, 3)."""
        predicted = self.ways[way].x0_free
        assert predicted is not None  # there is a drawing
        return to_pixels(predicted[k, 0])

    def miss(self, way: Way, k: int) -> float:
        """Root mean square color difference between :meth:`predicted` and kept pixels, 0..255."""
        predicted = self.predicted(way, k)[self.known].astype(np.float64)
        return float(np.sqrt(((predicted - self.kept[self.known]) ** 2).mean()))

    def border_step(self, way: Way) -> float:
        """:func:`border_step` of the finished sprite."""
        return border_step(to_pixels(self.ways[way].x0[-1, 0]), self.known)


def border_step(sprite: NDArray[np.uint8], known: NDArray[np.bool_]) -> float:
    """The color step across the border of a region, relative to that between other neighbors.

    Both are root mean squares over the color channels, averaged over pairs of neighbors in the
    directions in which the border is crossed. 1 = the border is invisible; NaN = there is no
    border, or the sprite has a single color.

    ``sprite``: uint8 (H, W, 3). ``known``: bool (H, W).
    """
    across, elsewhere = [], []
    for axis in (0, 1):
        steps = np.sqrt((np.diff(sprite.astype(np.float64), axis=axis) ** 2).mean(axis=2))
        crosses = np.diff(known.astype(np.int8), axis=axis) != 0
        if crosses.any():
            across.append(steps[crosses])
            elsewhere.append(steps[~crosses])
    usual = float(np.concatenate(elsewhere).mean()) if elsewhere else 0.0
    return float(np.concatenate(across).mean()) / usual if usual else float("nan")
