"""The grid of a sheet of tiles without gaps: from the seams where one tile meets the next.

Sheets that are drawn on all over give :mod:`grids` no empty lines to find. But colors change
more where two tiles meet than inside of them, and they do so at equal distances.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.imports import Grid

#: Sides that tiles have, besides that of the sprites wanted, and pixels that may lie between them.
SIDES, SPACINGS = (8, 12, 16, 20, 24, 32, 40, 48, 64), (0, 1, 2)

#: How much more colors change on the lines of a grid than inside its tiles, at least, in the mean
#: of both directions; how many lines there have to be, and the share of them that has more than
#: its own surroundings (where tiles lie apart, nearly all have).
SEAM, LEAST_LINES, LINES_SEEN, LINES_SEEN_APART = 1.15, 12, 0.58, 0.85

#: What of a grid's excess its middle lines have to show for tiles to be half as large, and what
#: they have to where that makes tiles smaller than the sprites wanted.
HALVES, HALVES_TOO_SMALL = 0.22, 0.5

#: Lines on which colors change less than this, of what they do on those of a grid twice as coarse,
#: are no seams.
NO_SEAM = 0.45

#: A step in color counts up to this (of 255): outlines are not to outweigh everything else.
MOST_STEP = 96

#: Pixels that may be left over at the far end of either side.
MOST_LEFT = 2

#: A sheet is cut by its size alone only into so many cells, if so much of it is drawn on, and in
#: no more colors than are drawn by hand: a large picture is refused sooner than cut to pieces.
#: Fewer cells will do where it is not square, as single pictures mostly are.
PLAIN_CELLS, PLAIN_CELLS_OBLONG, PLAIN_DRAWN, PLAIN_COLORS = 96, 6, 0.5, 2048


#: Sides of tiles that straight edges can speak for.
SMALLEST_BLOCK, LARGEST_BLOCK = 8, 64

#: The share of the edges' length that has to lie on the grid, how many sides of a tile they have to
#: be in all, and how much fewer of them the coarsest grid may have than the best.
ON_BLOCKS, BLOCK_EDGES, AS_GOOD = 0.8, 2, 0.95


@dataclass(frozen=True)
class _Seams:
    """A layout that the seams speak for."""

    cell: int
    spacing: int
    offset: int
    excess: float  #: changes of color on its lines as a multiple of those inside its tiles, less 1
    half: float  #: the same of the lines half-way

    def grid(self) -> Grid:
        return Grid((self.cell,) * 2, (self.offset,) * 2, (self.spacing,) * 2)


def tile_grid(frames: NDArray[np.uint8], cell: int) -> Grid | None:
    """The grid that a sheet's seams lie on; None = there are none that are believed.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4), clear pixels all alike.
    cell : the side of the sprites wanted; smaller tiles need more to be believed.
    """
    steps = changes(frames), changes(frames.swapaxes(1, 2))
    found = [
        seams
        for side in sorted({cell, *SIDES}, reverse=True)
        for spacing in SPACINGS
        for seams in _seams(steps, side, spacing)
    ]
    close = [seams for seams in found if not seams.spacing]
    apart = max((s for s in found if s.spacing), key=lambda s: s.excess, default=None)
    if apart and all(apart.excess > 1.5 * seams.excess for seams in close):
        return apart.grid()
    if not close:
        return None
    best = close[0]
    for seams in close[1:]:
        if best.cell == 2 * seams.cell:
            least = HALVES if seams.cell >= cell else HALVES_TOO_SMALL
            if best.half >= least * best.excess:
                best = seams
        elif best.cell % seams.cell and seams.excess > best.excess:
            best = seams
    return Grid((_undoubled(steps, best.cell),) * 2)


def _undoubled(steps: tuple[NDArray[np.float64], NDArray[np.float64]], side: int) -> int:
    """The side, or twice it while that explains its lines: every second one is no seam then."""
    while side < SIDES[-1] and all(len(one) % (2 * side) == 0 for one in steps):
        own, double = (_every_second(steps, each) for each in (side, 2 * side))
        if own >= NO_SEAM * double:
            break
        side *= 2
    return side


def _every_second(steps: tuple[NDArray[np.float64], NDArray[np.float64]], side: int) -> float:
    """How much colors change on the lines of a grid that are none of one twice as coarse."""
    on = [one[side :: 2 * side] for one in steps]
    return float(np.mean([each.mean() for each in on if len(each)])) if any(map(len, on)) else 0.0


def block_grid(frames: NDArray[np.uint8]) -> Grid | None:
    """The coarsest grid that the straight edges of what is drawn lie on; None = there is none.

    Tiles end where the next one would begin, so that whatever stands on a sheet half empty, or
    touches its rim, has its edges on the grid. A sprite's own straight edges hardly ever do.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4), the background clear.
    """
    drawn = frames[0, ..., 3] > 0
    edges = [_edges(axis) for axis in (drawn, drawn.T)]
    inner = sum(
        int(lengths[places < size].sum())
        for (places, lengths), size in zip(edges, drawn.shape[::-1], strict=True)
    )
    places, lengths = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    sides = range(SMALLEST_BLOCK, LARGEST_BLOCK + 1)
    on = np.array([lengths[places % side == 0].sum() for side in sides])
    side = sides[int(np.flatnonzero(on >= AS_GOOD * on.max())[-1])]
    if inner < BLOCK_EDGES * side or on.max() < ON_BLOCKS * lengths.sum():
        return None
    return Grid((side, side))


def _edges(drawn: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Straight edges along y: the column that each lies before, and its length.

    Where the rim of the sheet cuts off what is drawn is an edge; the first column says nothing.
    """
    flips = np.diff(drawn.astype(np.int8), axis=1, append=0) != 0
    steps = np.diff(flips.T.astype(np.int8), axis=1, prepend=0, append=0)
    column, start = np.nonzero(steps == 1)
    length = np.nonzero(steps == -1)[1] - start
    long = length >= SMALLEST_BLOCK
    return column[long] + 1, length[long]


def plain_grid(frames: NDArray[np.uint8], cell: int) -> Grid | None:
    """Cells that fill a sheet exactly, the smallest not below the size wanted; None = no sheet.

    Parameters
    ----------
    frames : uint8 (F, H, W, 4).
    """
    height, width = frames.shape[1:3]
    first = frames[0]
    short, long = sorted((height, width))
    if long % short == 0 and (short == cell or (cell < short <= SIDES[-1] and long > 2 * short)):
        return Grid((short, short))  # a strip, as high as a sprite
    if np.count_nonzero(first[..., 3]) < PLAIN_DRAWN * height * width:
        return None
    if len(np.unique(first.reshape(-1, 4).copy().view(np.uint32))) > PLAIN_COLORS:
        return None
    for side in (cell, *(side for side in SIDES if side > cell)):
        least = PLAIN_CELLS if height == width else PLAIN_CELLS_OBLONG
        if not (height % side or width % side) and height * width >= least * side * side:
            return Grid((_undoubled((changes(frames), changes(frames.swapaxes(1, 2))), side),) * 2)
    return None


def changes(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """float64 (W,): how much color changes from column x - 1 to x, 0 to MOST_STEP; first is 0."""
    steps = np.zeros(frames.shape[2])
    for frame in frames:
        for y in range(0, len(frame), 256):
            part = frame[y : y + 256].astype(np.float32)
            part[..., :3] *= part[..., 3:] / 255
            step = np.abs(np.diff(part, axis=1)).max(axis=-1)
            steps[1:] += np.minimum(step, MOST_STEP).sum(axis=0)
    mean: NDArray[np.float64] = steps / (frames.shape[0] * frames.shape[1])
    return mean


def _seams(
    steps: tuple[NDArray[np.float64], NDArray[np.float64]], cell: int, spacing: int
) -> Iterator[_Seams]:
    """The layouts with cells of that size that fill the sheet and that its seams speak for."""
    pitch = cell + spacing
    for offset in sorted({0, spacing}):
        left = [(len(one) - offset + spacing) % pitch for one in steps]
        count = [(len(one) - offset + spacing) // pitch for one in steps]
        if min(count) < 1 or any(rest > MOST_LEFT and rest != spacing for rest in left):
            continue
        inner = [one[: offset + n * pitch] for one, n in zip(steps, count, strict=True) if n > 1]
        for lines in _lines(cell, spacing) if inner else ():
            evidence = _evidence(inner, offset, cell, pitch, lines)
            if evidence is not None:
                yield _Seams(cell, spacing, offset, *evidence)


def _lines(cell: int, spacing: int) -> Iterator[list[int]]:
    """Where colors change: where a tile begins, and where it ends before a gap.

    A gap of two pixels that repeats the tiles' rims, as engines want it, has its change inside.
    """
    yield sorted({0, cell} if spacing else {0})
    if spacing == 2:
        yield [cell + 1]


def _evidence(
    steps: list[NDArray[np.float64]], offset: int, cell: int, pitch: int, lines: list[int]
) -> tuple[float, float] | None:
    """The excess, and that of the lines half-way; None = the lines do not stand out.

    The rims of the sheet are no seams, so its first line is not counted.
    """
    # Where smaller tiles would meet is no part of a tile's inside.
    parts = [cell * i // 4 for i in (1, 2, 3)] if cell % 4 == 0 else []
    ratios, halves, profiles, seen = [], [], [], []
    for one in steps:
        position = np.arange(offset + 1, len(one))
        place = (position - offset) % pitch
        total = np.bincount(place, one[position], pitch)
        profile = total / np.maximum(np.bincount(place, minlength=pitch), 1)
        inside = max(float(np.delete(profile, [*lines, *parts]).mean()), 1e-3)
        profiles.append(profile / inside)
        ratios.append(profiles[-1][lines].mean())
        halves.append(profiles[-1][cell // 2])
        for line in position[np.isin(place, lines)]:
            around = one[max(1, line - cell // 2) : line + cell // 2]
            seen.append(one[line] > (around.sum() - one[line]) / max(1, len(around) - 1))
    together = np.sum(profiles, axis=0)
    excess = float(np.mean(ratios)) - 1
    if len(seen) < LEAST_LINES or min(ratios) <= 1 or excess < SEAM - 1:
        return None
    if together[lines].min() <= np.delete(together, [*lines, *parts]).max():
        return None
    if np.mean(seen) < (LINES_SEEN if pitch == cell else LINES_SEEN_APART):
        return None
    return excess, float(np.mean(halves)) - 1
