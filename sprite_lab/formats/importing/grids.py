"""Finding the grid of a sprite sheet: where few drawings go on across a line, again and again.

Along each axis every pitch and start is scored by what crosses its lines. Where several fit
(sprites often have room around them), the simplest layout wins: cells of the size asked for,
no spacing, equal margins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.imports import Grid

#: Sides of cells, and pixels between them, that are looked for.
LEAST_CELL, MOST_CELL, MOST_SPACING = 6, 128, 32

#: What may cross a gap, of what there is in a line on average: a stray pixel.
GAP_FILLED = 0.02

#: The worst cost of a grid that is still believed; 0 = nothing crosses and it is the simplest.
MOST_COST = 0.62

#: Colors this near (of 255, in each channel) go on from one pixel to the next.
ALIKE = 12

#: Of sheets with over twice as many rows, every second, third ... is looked at: that is enough.
ENOUGH_ROWS = 1024

#: Rows of a large sheet that are worked on at once, for the memory's sake.
_ROWS = 256

#: What drawing costs that lies in none of the cells, and the columns' worth of it that cost most.
OUTSIDE_COST, OUTSIDE_MOST = 0.3, 0.25

#: What crosses the lines of a grid at most, of what crosses any line, and how many layouts of one
#: pitch are looked at.
MOST_CROSSED, _BEST = 0.8, 12

#: How much worse a grid with twice (three times ...) the lines may be and still be the one.
DIVISOR_SLACK = 0.08


@dataclass(frozen=True)
class Axis:
    """A layout along one axis: cells of ``cell`` pixels from ``offset``, ``spacing`` apart.

    ``cost`` is from 0 up, ``count`` the number of cells.
    """

    cell: int
    offset: int
    spacing: int
    count: int
    cost: float


def find_grid(frames: NDArray[np.uint8], cell: int) -> tuple[Grid, float] | None:
    """The grid that a sheet is laid out in, and its cost; None = there is none.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4), the background clear. Frames of one animation count together.
    cell : the side of the sprites wanted, which is believed more readily than others.
    """
    height, width = frames.shape[1:3]
    best: tuple[float, Axis, Axis] | None = None
    down = axis_candidates(frames.swapaxes(1, 2), cell)
    across = axis_candidates(frames, cell)
    for y in down:
        for x in across:
            if y.count * x.count < 2:
                continue
            cost = _joint_cost(y, x)
            if best is None or cost < best[0] - 1e-9:
                best = cost, y, x
    if best is None or best[0] > MOST_COST:
        return None
    cost, y, x = best
    grid = Grid((y.cell, x.cell), (y.offset, x.offset), (y.spacing, x.spacing))
    rows, columns = grid.counts(height, width)
    return (grid, cost) if rows * columns > 1 else None


def axis_candidates(frames: NDArray[np.uint8], cell: int, most: int = 24) -> list[Axis]:
    """Layouts along x, the cheapest first.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4).
    """
    length = frames.shape[2]
    bonds, filled = _profiles(frames)
    found = [Axis(length, 0, 0, 1, 0.0)]
    drawn = np.flatnonzero(filled)
    if not len(drawn):
        return found
    if length > cell:
        # One row of cells, with as much room on either side.
        margin = (length - cell) // 2
        outside = filled[:margin].sum() + filled[margin + cell :].sum()
        if outside == 0:
            found.append(Axis(cell, margin, 0, 1, 0.05))
    reach = slice(drawn[0], drawn[-1] + 1)
    mean_bond, mean_filled = bonds[reach].mean(), filled[reach].mean()
    if mean_bond <= 0:
        return found
    for pitch in range(LEAST_CELL, min(length - LEAST_CELL, MOST_CELL + MOST_SPACING) + 1):
        found += _of_pitch(pitch, bonds / mean_bond, filled / mean_filled, drawn, cell)
    found.sort(key=lambda axis: axis.cost)
    return _with_finer(found, most)


def _profiles(frames: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """float64 (W,) each: how much goes on from column x - 1 to x, and how much is in x.

    Two drawn neighbours are a bond, and more of one where they have the same color; where
    everything is drawn, only the colors tell.
    """
    frames = frames[:, :: max(1, frames.shape[1] // ENOUGH_ROWS)]
    alpha = frames[..., 3]
    share = np.count_nonzero(alpha) / alpha.size
    bonds = np.zeros(frames.shape[2])
    filled = np.zeros(frames.shape[2])
    by_drawing = 0.5 if share < 0.98 else 0.0
    for frame in frames:
        for part in (frame[y : y + _ROWS] for y in range(0, len(frame), _ROWS)):
            opacity = part[..., 3].astype(np.float32) / 255
            both = np.minimum(opacity[:, 1:], opacity[:, :-1])
            step = np.abs(part[:, 1:, :3].astype(np.int16) - part[:, :-1, :3]).max(axis=-1)
            weight = by_drawing + (1 - by_drawing) * (step <= ALIKE)
            bonds[1:] += (both * weight).sum(axis=0)
            filled += opacity.sum(axis=0)
    return bonds, filled


def _of_pitch(
    pitch: int,
    bonds: NDArray[np.float64],
    filled: NDArray[np.float64],
    drawn: NDArray[np.intp],
    cell: int,
) -> list[Axis]:
    """Layouts whose cells start every ``pitch`` pixels."""
    position = np.arange(len(bonds))
    residue = position % pitch
    # A line at the rim, or beyond all that is drawn, has nothing to cross and says nothing.
    counts = (position > drawn[0]) & (position <= drawn[-1])
    lines = np.bincount(residue, counts, pitch)
    crossed = np.bincount(residue, np.where(counts, bonds, 0), pitch)
    inside = np.bincount(residue, np.where(counts, filled, 0), pitch)
    in_gap = np.divide(inside, lines, out=np.zeros(pitch), where=lines > 0)
    # One empty gap says little where many lines are empty, and much where hardly any is.
    doubt = min(1.0, max(0.35, 2 * float(np.mean(filled[counts] <= GAP_FILLED))))
    start = np.arange(pitch)
    widest = min(MOST_SPACING, pitch - LEAST_CELL)
    # How many columns before each start are empty in every repetition.
    empty = in_gap <= GAP_FILLED
    run = np.zeros(pitch, np.intp)
    for width in range(1, widest + 1):
        run += (run == width - 1) & empty[(start - width) % pitch]
    spacing = np.arange(max(0, pitch - MOST_CELL), widest + 1)[:, None]
    by_lines = np.where(lines > 0, (crossed + 1) / (lines + 1), np.inf)
    by_lines[by_lines >= MOST_CROSSED] = np.inf
    by_gaps = np.where(run >= spacing, doubt / (np.maximum(lines, 1) + doubt), np.inf)
    cost = np.where(spacing == 0, by_lines, by_gaps)
    cost, count = _with_layout(cost, start, spacing, pitch, filled, cell)
    return [
        Axis(pitch - int(spacing[i, 0]), int(j), int(spacing[i, 0]), int(count[i, j]), cost[i, j])
        for i, j in zip(
            *np.unravel_index(np.argsort(cost, axis=None)[:_BEST], cost.shape), strict=True
        )
        if np.isfinite(cost[i, j])
    ]


def _with_layout(
    cost: NDArray[np.float64],
    start: NDArray[np.intp],
    spacing: NDArray[np.intp],
    pitch: int,
    filled: NDArray[np.float64],
    cell: int,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """The costs with those of not being the simplest layout, and the number of cells.

    Parameters
    ----------
    cost : float64 (S, P), of each spacing and start; infinite = impossible.
    start : int (P,). spacing : int (S, 1).
    filled : float64 (W,), how much is drawn in each column, in columns' worth.
    """
    length = len(filled)
    side = pitch - spacing
    count = (length - start + spacing) // pitch
    left = length - start - (count * pitch - spacing)
    cost = np.where(count >= 2, cost, np.inf)
    before = np.append(0, np.cumsum(filled))
    outside = before[start] + before[-1] - before[np.clip(length - left, 0, length)]
    cost = cost + OUTSIDE_COST * np.minimum(1.0, outside / OUTSIDE_MOST)
    one_sided = 0.1 + 0.2 * np.maximum(left, start) / pitch
    uneven = 0.2 + 0.2 * np.abs(left - start) / pitch
    with_spacing = ((start == 0) & (left == spacing)) | ((left == 0) & (start == spacing))
    margins = np.where((start == 0) | (left == 0), one_sided, uneven)
    margins = np.where(with_spacing, 0.03, margins)
    margins = np.where(left == start, np.where(start == 0, 0.0, 0.02), margins)
    unusual = np.where(side % 8 == 0, 0.03, np.where(side % 4 == 0, 0.06, 0.12))
    cost = cost + margins + 0.04 * (spacing > 0) + np.where(side == cell, 0.0, unusual)
    return cost, count


def _with_finer(found: list[Axis], most: int) -> list[Axis]:
    """The cheapest, each cheaper than all that it is a multiple of: their lines are good too."""
    kept = found[: most * 4]
    finer = []
    for axis in kept:
        pitch = axis.cell + axis.spacing
        for other in kept:
            parts = pitch // (other.cell + other.spacing)
            if (
                parts > 1
                and parts * (other.cell + other.spacing) == pitch
                and other.spacing == axis.spacing
                and other.count > 1
                and (other.offset - axis.offset) % (other.cell + other.spacing) == 0
                and other.cost <= axis.cost + DIVISOR_SLACK
            ):
                break
        else:
            finer.append(axis)
    return finer[:most]


def _joint_cost(y: Axis, x: Axis) -> float:
    """The cost of both, by how many cells each has, and more where they differ."""
    cost = max(x.cost, y.cost) if y.count == 1 or x.count == 1 else (x.cost + y.cost) / 2
    if x.cell != y.cell:
        # One row as high as several square cells is more likely several rows.
        low, high = sorted((x, y), key=lambda axis: axis.cell)
        cost += 0.3 if high.count == 1 and high.cell >= 2 * low.cell else 0.15
    if x.count > 1 and y.count > 1:
        cost += 0.05 * (x.spacing != y.spacing) + 0.02 * (x.offset != y.offset)
    return cost
