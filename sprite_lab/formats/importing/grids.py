"""Finds the likeliest grid of a sheet, by evidence calibrated on game sheets with known cells.

The evidence for a grid: whether colors change on its lines but not halfway between them, how well
its lines predict where colors change, whether straight edges lie on the lines and drawings do not
cross them, how drawings sit in the cells and repeat from one to the next, whether whole cells fill
the sheet, and how usual their side is. Another alternative is that there is no grid. In a
conditional logit (McFadden 1974), the probability of an alternative is the softmax of its weighted
evidence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property
from itertools import product
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.importing.drawings import find_drawings
from sprite_lab.formats.importing.titles import box_of, without_titles

#: Range of cell sizes that are tried if they fill the sheet, and common sizes.
LEAST_SIDE, MOST_SIDE = 6, 128
COMMON_SIDES = (8, 10, 12, 16, 18, 20, 24, 30, 32, 40, 48, 64)

#: In oblong cells, the longer side is less than this times the shorter one.
MOST_OBLONG = 3

#: A picture up to this size is a single drawing if it is square, or if all of it is connected.
MOST_WHOLE = 48

#: Margins and spacings that are tried, in pixels: all up to five, and wide spacings with a margin
#: as wide, half as wide, or none.
ROOMS = (
    *product(range(6), range(6)),
    *((margin, gap) for gap in (6, 8, 10, 12, 16) for margin in (0, gap // 2, gap)),
)

#: Spacings up to this may be at most a third of a cell, larger ones at most a cell.
MOST_NARROW = 5

#: Margins and spacings up to this may hold pixels: tiles often have rims of their own.
MOST_RIM = 2

#: Rims that repeat the outermost pixels of a cell, so that no gap shows between tiles: their
#: maximum width, the minimum share of pixels that repeat, and the maximum share of columns inside a
#: cell that do.
MOST_REPEATED, REPEATED, ALIKE = 4, 0.99, 0.2

#: Maximum number of drawn pixels in a gap, relative to the average line: stray pixels are allowed.
GAP_FILLED = 0.02

#: Maximum number of pixels that cross the lines between cells, relative to the average line.
MOST_CROSSED = 0.5

#: Only the top left part of a sheet, of this size, is examined.
ENOUGH = 512

#: Changes of color are clipped to this (of 255), so that outlines do not outweigh all else.
MOST_STEP = 96

#: A piece of a line is a seam if colors change on it by more than SEAM_TIMES the change around it
#: plus SEAM_MORE (of 255).
SEAM_TIMES, SEAM_MORE = 1.6, 2.0

#: For how well lines predict the seams: the length of a piece of a line, how far around it to look,
#: and the gain by chance (in nats).
PIECE, AROUND, TOLD_BY_CHANCE = 4, 4, 10

#: How names state the size of a cell. A single number counts only after a word for many sprites, as
#: it may just number the files.
_NAMES = (
    r"(?<!\d)(\d{1,3}) ?[xX×] ?(\d{1,3})(?!\d)",
    r"-table-(\d{1,3})-(\d{1,3})(?!\d)",
    r"(?<!\d)(\d{1,3})px",
    r"(?i:tiles|tile_?set|sheet|sprites|icons|items|atlas)[ _-]?(8|16|24|32|48|64)(?!\d)",
)

#: How the name of a single row of frames states their number: "hero_strip4.png", from GameMaker.
_FRAMES = re.compile(r"strip[ _-]?([2-9]|[1-9]\d)(?!\d)", re.IGNORECASE)

#: Words in the names of files with more than one sprite.
_MANY = re.compile(r"(?<![^\W_])tiles|tile[ _-]?(map|set|sheet)|sheet|strip|atlas", re.IGNORECASE)

#: Odd factors for hashing the pixels of a cell (from splitmix64).
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)

#: Share of an average line that is added to crossings, so that a few of them matter little.
CROSSED = 0.02

#: Weight of a folder's name relative to the file's: a folder may also hold larger pictures.
FOLDER_NAMED = 0.5

#: Factor that scales the overlap of cells to the range of the other evidence.
REPEATS = 5

#: Upper limit of how much more often drawings cross a line than the inside of cells.
MOST_CROSSINGS = 2

#: The distances at which a sheet best overlaps itself are tried as cells: how many per axis, and by
#: how much the overlap must exceed that at nearby distances (0 to 1).
MOST_PEAKS, PEAK = 4, 0.1

#: Maximum number of clear pixels between drawings and the edge of cells on a side with titles.
MOST_CLEAR = 8

#: Minimum length of straight edges that count.
EDGE = 8

#: Weights of the evidence, fitted by packaging/grid_weights.py to 442 sheets of 200 games and to
#: pictures that are not sheets; "told" was fitted later, on its own (tests/benchmarks/README.md).
WEIGHTS = {
    "none": 13.09,
    "none, by 8": 1.34,
    "none, area": -1.15,
    "none, aspect": -1.22,
    "none, colors": 0.52,
    "none, repeats": -1.59,
    "none, seams": -1.75,
    "none, told": 1.0,
    "left over": -2.25,
    "margin": -3.64,
    "spacing": -1.87,
    "rims": 12.34,
    "strip": 1.36,
    "oblong": -1.8,
    "power of two": 1.56,
    "by 8": 2.26,
    "16": 1.28,
    "large": -2.05,
    "larger by area": 0.57,
    "named": 9.65,
    "seams": 0.77,
    "every second": 0.95,
    "halves": -0.96,
    "told": 3.0,
    "many edges": 2.89,
    "edges of coarser": -0.9,
    "crossed lines": -3.17,
    "crossed middles": 2.6,
    "outside": -8.43,
    "off center": -6.53,
    "apart": -5.03,
    "different": 4.64,
    "repeats": 2.16,
}


def likely_grids(
    picture: NDArray[np.uint8],
    path: str = "",
    scale: int = 1,
    or_none: bool = True,
    titles: NDArray[np.int64] | None = None,
) -> list[tuple[Grid | None, float]]:
    """The plausible grids and their probabilities, likeliest first; None stands for no grid.

    If the picture may be a single drawing, grids no likelier than no grid are left out.

    Parameters
    ----------
    picture : uint8 (H, W, 4), the background clear.
    path : the file's path: numbers in its name or its folders' names may be the cell size.
    scale : by how much the file was enlarged.
    or_none : whether there may be no grid.
    titles : the boxes of lines of text beside the drawings, see :func:`find_titles`.
    """
    if titles is not None and len(titles):
        left, top, scores = _beside(picture, titles, path, scale, or_none)
        scores = [
            (grid and replace(grid, offset=(grid.offset[0] + top, grid.offset[1] + left)), score)
            for grid, score in scores
        ]
    else:
        scores = _scores(picture, path, scale, or_none)
    if not scores:
        return []
    shares = [math.exp(score - scores[0][1]) for _, score in scores]
    total = sum(shares)
    return [(grid, share / total) for (grid, _), share in zip(scores, shares, strict=True)]


def _scores(
    picture: NDArray[np.uint8], path: str, scale: int, or_none: bool
) -> list[tuple[Grid | None, float]]:
    """The grids and the weighted sums of their evidence, the highest first."""
    sheet = _Sheet(picture)
    own = next(iter(_cells_named(path, scale, sheet.size)))
    may_be_one = own in (None, sheet.size) and not _MANY.search(PurePosixPath(path).stem)
    scores = [
        (grid, sum(WEIGHTS[name] * value for name, value in evidence.items()))
        for grid, evidence in _judged(sheet, path, scale, or_none)
    ]
    if scores and or_none and may_be_one and sheet.is_one_drawing():
        likelier = [pair for pair in scores if pair[1] > scores[-1][1]]
        scores = [(None, max((score for _, score in likelier), default=0.0)), *likelier]
    return sorted(scores, key=lambda pair: -pair[1])


def _beside(
    picture: NDArray[np.uint8], titles: NDArray[np.int64], path: str, scale: int, or_none: bool
) -> tuple[int, int, list[tuple[Grid | None, float]]]:
    """The left and top end of the part beside the titles whose grid is the likeliest, and the
    scores of its grids.

    On the sides of titles, cells may end anywhere between them and the drawings.
    """
    bare = without_titles(picture, titles)
    art = box_of(bare[..., 3] > 0).tolist()
    height, width = picture.shape[:2]
    ranges = [[0], [0], [width], [height]]
    for axis in (0, 1):
        start, end = art[axis], art[axis + 2]
        before = titles[titles[:, axis + 2] <= start, axis + 2]
        after = titles[titles[:, axis] >= end, axis]
        if len(before):
            ranges[axis] = [*range(start, max(int(before.max()), start - MOST_CLEAR) - 1, -1)]
        if len(after):
            ranges[axis + 2] = [*range(end, min(int(after.min()), end + MOST_CLEAR) + 1)]

    @cache
    def scores(left: int, top: int, right: int, bottom: int) -> list[tuple[Grid | None, float]]:
        return _scores(bare[top:bottom, left:right], path, scale, or_none)

    def best(part: tuple[int, int, int, int]) -> float:
        return max((score for grid, score in scores(*part) if grid), default=-math.inf)

    left, top, right, bottom = (ends[0] for ends in ranges)
    # One side after the other: all their combinations would be too many.
    left = max(ranges[0], key=lambda end: best((end, top, right, bottom)))
    top = max(ranges[1], key=lambda end: best((left, end, right, bottom)))
    right = max(ranges[2], key=lambda end: best((left, top, end, bottom)))
    bottom = max(ranges[3], key=lambda end: best((left, top, right, end)))
    return left, top, scores(left, top, right, bottom)


def without_rims(grid: Grid, drawn: NDArray[np.bool_], path: str = "", scale: int = 1) -> Grid:
    """A grid with a margin or gaps, its cells reduced to a multiple of eight pixels if the rest is
    clear in each of them, and so is more likely part of the gaps.

    Cells of a size that ``path`` names are kept. ``drawn``: bool (H, W).
    """
    if not any(grid.offset) and not any(grid.spacing):
        return grid
    if grid.cell in _cells_named(path, scale, drawn.shape):
        return grid
    used = np.zeros(grid.cell, np.bool_)
    for x, y, width, height in grid.boxes(*drawn.shape).tolist():
        used |= drawn[y : y + height, x : x + width]
    if not used.any():
        return grid
    left, top, right, bottom = box_of(used).tolist()
    starts = []
    for side, before, end in zip(grid.cell, (top, left), (bottom, right), strict=True):
        more = side % 8
        start = min(before, max(more - (side - end), more // 2))
        if side < 8 or start + side - more < end:
            return grid
        starts.append(start)
    (height, width), (y, x), (down, across) = grid.cell, grid.offset, grid.spacing
    return Grid(
        (height - height % 8, width - width % 8),
        (y + starts[0], x + starts[1]),
        (down + height % 8, across + width % 8),
    )


def evidence_of_grids(
    picture: NDArray[np.uint8], path: str = "", scale: int = 1
) -> list[tuple[Grid | None, dict[str, float]]]:
    """The evidence for each possible grid, by the names in :data:`WEIGHTS`, and last for no grid.

    For the parameters, see :func:`likely_grids`.
    """
    return _judged(_Sheet(picture), path, scale, or_none=True)


def _judged(
    sheet: _Sheet, path: str, scale: int, or_none: bool
) -> list[tuple[Grid | None, dict[str, float]]]:
    if not sheet.drawn.any():
        return []
    own, *above = _cells_named(path, scale, sheet.size)
    folder = next(filter(None, above), None)
    judged: list[tuple[Grid | None, dict[str, float]]] = []
    grids = list(sheet.grids(own or folder))
    told = [sheet.told(grid) for grid in grids]
    most = max(told, default=0.0)
    for grid, tells in zip(grids, told, strict=True):
        named = 1.0 if grid.cell == own else FOLDER_NAMED * (own is None and grid.cell == folder)
        more = {"named": named, "told": tells / (most + TOLD_BY_CHANCE)}
        judged.append((grid, sheet.evidence(grid) | more))
    if or_none:
        best = {
            f"none, {name}": max((evidence[name] for _, evidence in judged), default=0.0)
            for name in ("repeats", "seams", "told")
        }
        judged.append((None, sheet.none() | best))
    return judged


def _cells_named(path: str, scale: int, size: tuple[int, ...]) -> list[tuple[float, ...] | None]:
    """The cell sizes named in the parts of a path, in art pixels, the file first.

    ``size``: (height, width) of the sheet, as a name may state the number of frames instead.
    """
    parts = PurePosixPath(path).parts[::-1] or ("",)
    cells = map(cell_named, parts)
    named = [cell and tuple(side / scale for side in cell) for cell in cells]
    frames = _FRAMES.search(parts[0])
    if named[0] is None and frames is not None and size[1] % int(frames[1]) == 0:
        named[0] = size[0], size[1] // int(frames[1])
    return named


def cell_named(name: str) -> tuple[int, int] | None:
    """The (height, width) of a cell in the name of a file or folder, such as "tiles 16x24.png",
    "items-32px.png", "tileset_16.png" or "tiles-table-16-24.png" (from the Playdate); None = it has
    none.
    """
    for pattern in _NAMES:
        said = re.search(pattern, name)
        if said is not None:
            width, height = int(said[1]), int(said[said.lastindex or 1])
            if all(LEAST_SIDE <= each <= MOST_SIDE for each in (height, width)):
                return height, width
    return None


class _Sheet:
    """A sheet, and the statistics from which evidence for grids is computed.

    ``picture``: uint8 (H, W, 4).
    """

    def __init__(self, picture: NDArray[np.uint8]) -> None:
        self.size = picture.shape[:2]
        self.picture = picture[:ENOUGH, :ENOUGH]
        self.drawn = self.picture[..., 3] > 0
        self.colors = len(np.unique(self.picture.reshape(-1, 4).copy().view(np.uint32)))
        #: uint64 (H, W), the color of each pixel; 0 = clear
        self._colors = self.picture.copy().view(np.uint32)[..., 0].astype(np.uint64) * self.drawn
        rgba = self.picture.astype(np.float32)
        rgba[..., :3] *= rgba[..., 3:] / 255
        self.axes = _Axis(rgba.swapaxes(0, 1), self.drawn.T), _Axis(rgba, self.drawn)

    def grids(self, named: tuple[float, ...] | None) -> Iterator[Grid]:
        """Possible grids of more than one cell, also with cells of the size ``named`` if they fill
        the sheet.
        """
        for margin, gap in ROOMS:
            cells = set(self._free_cells(margin, gap))
            if named and not margin and not gap and not any(np.mod(self.size, named)):
                cells.add((int(named[0]), int(named[1])))
            if max(margin, gap) <= MOST_RIM:
                cells |= {
                    (side, side)
                    for side in range(LEAST_SIDE, min(*self.size, MOST_SIDE) + 1)
                    if all(_is_whole(n, side, margin, gap) for n in self.size)
                    or (
                        not margin and not gap and (side in COMMON_SIDES or self._is_on_edges(side))
                    )
                }
            for cell in sorted(cells):
                grid = Grid(cell, (margin, margin), (gap, gap))
                if np.prod(grid.counts(*self.size)) > 1 and grid not in self._with_rims:
                    yield grid
        yield from self._with_rims

    @cached_property
    def _with_rims(self) -> list[Grid]:
        """Grids of cells whose outermost pixels are repeated around them."""
        down, across = (axis.repeated_rims() for axis in self.axes)
        height, width = self.size
        # In a single row or column, nothing repeats in that direction.
        down = down or {rim: side for rim, side in across.items() if height == side + 2 * rim}
        across = across or {rim: side for rim, side in down.items() if width == side + 2 * rim}
        return [
            Grid((down[rim], across[rim]), (rim, rim), (2 * rim, 2 * rim))
            for rim in down.keys() & across.keys()
        ]

    def _free_cells(self, margin: int, gap: int) -> Iterator[tuple[int, int]]:
        """Cell sizes with hardly anything drawn, or continuing, between cells; oblong cells must
        also fill the sheet, or match the distance at which the sheet repeats.
        """
        for height, width in product(*(self._free_sides(which, margin, gap) for which in (0, 1))):
            short, long = sorted((height, width))
            if short == long or (
                long < MOST_OBLONG * short
                and all(
                    self._divides(which, side, margin, gap)
                    for which, side in enumerate((height, width))
                )
            ):
                yield height, width

    def _divides(self, which: int, side: int, margin: int, gap: int) -> bool:
        """Whether cells of this side fill the sheet along an axis, or match its repetition."""
        return _is_whole(self.size[which], side, margin, gap) or (
            not margin and not gap and side in self._peaks[which]
        )

    def _free_sides(self, which: int, margin: int, gap: int) -> list[int]:
        """Cell sizes along an axis with hardly anything drawn, or continuing, between cells."""
        filled, crossing = self._filled[which], self._crossing[which]
        most_between, most_across = GAP_FILLED * filled.mean(), MOST_CROSSED * crossing.mean()
        place = np.arange(len(filled)) - margin
        sides = []
        least = max(margin, gap) * (3 if gap <= MOST_NARROW else 1)
        for side in range(max(LEAST_SIDE, least), min(len(filled), MOST_SIDE) + 1):
            if side in COMMON_SIDES or self._divides(which, side, margin, gap):
                phase = place % (side + gap)
                between = filled[(place < 0) | (phase >= side)]
                across = crossing[(place > 0) & (phase == 0)]
                if between.sum() <= most_between * len(between) and (
                    across.sum() <= most_across * len(across)
                ):
                    sides.append(side)
        return sides

    def _is_on_edges(self, side: int) -> bool:
        """Whether most straight edges lie on the lines between such cells."""
        places, lengths = (np.concatenate(both) for both in zip(*self._edges, strict=True))
        on = int(lengths[places % side == 0].sum())
        return on >= max(0.8 * lengths.sum(), 4 * side)

    @cached_property
    def _filled(self) -> list[NDArray[np.intp]]:
        """Number of drawn pixels in each row, and in each column."""
        return [np.count_nonzero(self.drawn, axis=axis) for axis in (1, 0)]

    @cached_property
    def _crossing(self) -> list[NDArray[np.intp]]:
        """Number of pixels that continue from each row to the next, and likewise for columns."""
        return [
            np.count_nonzero(drawn & np.pad(drawn, ((1, 0), (0, 0)))[:-1], axis=1)
            for drawn in (self.drawn, self.drawn.T)
        ]

    @cached_property
    def _edges(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        return [_straight_edges(drawn) for drawn in (self.drawn.T, self.drawn)]

    def none(self) -> dict[str, float]:
        """The evidence for there being no grid."""
        return {
            "none": 1.0,
            "none, colors": float(np.log(self.colors / 16)),
            "none, area": float(np.log(np.prod(self.size) / 256)),
            "none, by 8": float(np.mean([n % 8 == 0 for n in self.size])),
            "none, aspect": float(abs(np.log2(self.size[1] / self.size[0]))),
        }

    def is_one_drawing(self) -> bool:
        """Whether the picture is small, and square or connected without corners like a tile's."""
        if max(self.size) > MOST_WHOLE:
            return False
        if self.size[0] == self.size[1]:
            return True
        rows, columns = (np.flatnonzero(self.drawn.any(axis=axis)) for axis in (1, 0))
        if self.drawn[np.ix_(rows[[0, -1]], columns[[0, -1]])].any():
            return False
        drawings = find_drawings(self.drawn, 16)
        return drawings is not None and len(drawings) == 1

    def evidence(self, grid: Grid) -> dict[str, float]:
        """The evidence for and against a grid."""
        height, width = grid.cell
        larger = float(np.log2(height * width) / 2 - 4)  # relative to 16 pixels, in doublings
        # Larger sheets have larger cells.
        sheet_larger = float(np.log2(np.prod(self.size)) / 2 - 7.5)
        rest = (
            (n - 2 * margin + gap) % (side + gap) != 0
            for n, side, margin, gap in zip(
                self.size, grid.cell, grid.offset, grid.spacing, strict=True
            )
        )
        return {
            "left over": float(sum(rest)),
            "margin": float(any(grid.offset)),
            "spacing": float(any(grid.spacing)),
            "rims": float(grid in self._with_rims),
            "oblong": float(height != width),
            "strip": float(min(self.size) == height == width and max(self.size) % height == 0),
            "repeats": self._repeats(grid),
            "power of two": float(np.mean([n in (8, 16, 32, 64, 128) for n in grid.cell])),
            "by 8": float(np.mean([n % 8 == 0 for n in grid.cell])),
            "16": float(height == width == 16),
            "large": max(0.0, larger - 1),
            "larger by area": larger * sheet_larger,
            **self._seams(grid),
            **self._on_lines(grid),
            **self._crossed(grid),
            **self._in_cells(grid),
        }

    @cached_property
    def _overlap(self) -> list[NDArray[np.float64]]:
        """Overlap of the drawing with itself moved by 0, 1, 2, ... pixels down, and across, as
        intersection over union, 0 to 1.
        """
        found = []
        for drawn in (self.drawn, np.ascontiguousarray(self.drawn.T)):
            shares = [1.0]
            for shift in range(1, min(len(drawn) - LEAST_SIDE, 2 * MOST_SIDE)):
                first, second = drawn[:-shift], drawn[shift:]
                either = int(np.count_nonzero(first | second))
                shares.append(int(np.count_nonzero(first & second)) / max(either, 1))
            found.append(np.array(shares))
        return found

    @cached_property
    def _peaks(self) -> list[frozenset[int]]:
        """The distances down, and across, at which the drawing overlaps itself best."""
        found = []
        for overlap in self._overlap:
            gains = [
                (_gain(overlap, shift), shift)
                for shift in range(LEAST_SIDE, min(len(overlap) - 1, MOST_SIDE + 1))
                if overlap[shift] > max(overlap[shift - 1], overlap[shift + 1])
            ]
            best = sorted(gains, reverse=True)[:MOST_PEAKS]
            found.append(frozenset(shift for gain, shift in best if gain > PEAK))
        return found

    def _repeats(self, grid: Grid) -> float:
        """How much more cells overlap at the grid's pitch than at nearby distances."""
        gains = []
        for overlap, side, gap in zip(self._overlap, grid.cell, grid.spacing, strict=True):
            pitch = side + gap
            if pitch < len(overlap):
                gains.append(_gain(overlap, pitch))
        return REPEATS * float(np.mean(gains)) if gains else 0.0

    def _seams(self, grid: Grid) -> dict[str, float]:
        """How much more often pieces of lines are seams than pieces inside cells, as logarithms:
        for all lines, for every second one, and for those halfway between.
        """
        counts_of: dict[str, list[tuple[float, float, float]]] = {}
        for which, axis in enumerate(self.axes):
            side, margin, gap = grid.cell[which], grid.offset[which], grid.spacing[which]
            across = grid.cell[1 - which], grid.offset[1 - which], grid.spacing[1 - which]
            seams, pieces = axis.seams(side, *across)
            place = np.arange(len(seams)) - margin
            phase = place % (side + gap)
            counted = (place >= 0) & (place + margin > 0) & (axis.any > 0)
            lines = [counted & np.isin(phase, way) for way in _lines(side, gap)]
            line = max(lines, key=lambda at: seams[at].sum() / max(pieces[at].sum(), 1))
            parts = [0] + [side * i // 4 for i in (1, 2, 3)] + [side // 3, 2 * side // 3]
            inner = counted & ~np.isin(phase, parts) & (phase < side)
            if not inner.any() or not line.any():
                continue
            usual = seams[inner].sum() / max(pieces[inner].sum(), 1)
            second = line & (place // (side + gap) % 2 == 1)
            counts_of.setdefault("seams", []).append(_share(seams, pieces, line, usual))
            counts_of.setdefault("every second", []).append(
                _share(seams, pieces, second if second.any() else line, usual)
            )
            if side % 2 == 0:
                half = counted & (phase == side // 2)
                counts_of.setdefault("halves", []).append(_share(seams, pieces, half, usual))
        names = "seams", "every second", "halves"
        return {name: _excess(counts_of.get(name, [])) for name in names}

    def told(self, grid: Grid) -> float:
        """How well a grid's lines predict the seams: the log-likelihood ratio of a model with a
        larger share of seams on its lines than elsewhere, against one with the same share
        everywhere.

        Half the true cell has lines without seams, and double the true cell leaves out seams: both
        predict less well, and the more so the larger the sheet is.
        """
        tells = 0.0
        for which, axis in enumerate(self.axes):
            seams, pieces = axis.inner_seams
            side, gap = grid.cell[which], grid.spacing[which]
            place = np.arange(len(seams)) - grid.offset[which]
            ways = []
            for way in _lines(side, gap):
                line = (place >= 0) & np.isin(place % (side + gap), way)
                line[0] = False  # the rim of the sheet
                on, off, both = (
                    (seams[at].sum(), pieces[at].sum()) for at in (line, ~line, slice(None))
                )
                more = _log_likelihood(*on) + _log_likelihood(*off) - _log_likelihood(*both)
                ways.append(more if on[0] * off[1] > off[0] * on[1] else -more)
            tells += max(ways)
        return max(0.0, tells)

    def _on_lines(self, grid: Grid) -> dict[str, float]:
        """If there are many straight edges: the share of them on the lines, and its excess over
        chance on the lines of cells two or three times as large.
        """
        names = "many edges", "edges of coarser"
        lengths = np.concatenate([length for _, length in self._edges])
        if any(grid.offset) or any(grid.spacing) or not len(lengths):
            return dict.fromkeys(names, 0.0)
        on, on_double, on_triple = (
            lengths[
                np.concatenate(
                    [
                        place % (n * side) == 0
                        for (place, _), side in zip(self._edges, grid.cell, strict=True)
                    ]
                )
            ].sum()
            for n in (1, 2, 3)
        )
        share = float(on / lengths.sum()) - 0.5
        many = min(1.0, float(lengths.sum()) / (8 * grid.cell[0]))
        coarser = max(2 * on_double, 1.5 * on_triple) / on - 1 if on else 0.0
        return dict(zip(names, (share * many, float(coarser) * many), strict=True))

    def _crossed(self, grid: Grid) -> dict[str, float]:
        """How often drawings cross the lines and the middles of cells, relative to the middle half
        of cells: for lines along the worse axis, for middles on average.
        """
        lines, middles = [], []
        for which in (0, 1):
            side, pitch = grid.cell[which], grid.cell[which] + grid.spacing[which]
            crossing, filled = self._crossing[which], self._filled[which]
            place = np.arange(len(crossing)) - grid.offset[which]
            phase = place % pitch
            line = (place > 0) & (phase == 0)
            middle = (place >= 0) & (phase == side // 2)
            inner = (place >= 0) & (phase > side // 4) & (phase <= side - side // 4)
            if line.any() and inner.any():
                usual = crossing[inner].mean() + CROSSED * filled.mean()
                lines.append(min(MOST_CROSSINGS, crossing[line].mean() / usual))
                middles.append(min(MOST_CROSSINGS, crossing[middle].mean() / usual))
        return {
            "crossed lines": float(max(lines, default=1.0)),
            "crossed middles": float(np.mean(middles)) if middles else 1.0,
        }

    def _in_cells(self, grid: Grid) -> dict[str, float]:
        """How drawings sit in the cells, how many cells differ, and how much lies outside cells."""
        names = "outside", "off center", "apart", "different"
        rows, columns = grid.counts(*self.drawn.shape)
        pitch = [side + gap for side, gap in zip(grid.cell, grid.spacing, strict=True)]
        part = self._colors[grid.offset[0] :, grid.offset[1] :]
        room = [
            max(0, n * p - m) for n, p, m in zip((rows, columns), pitch, part.shape, strict=True)
        ]
        part = np.pad(part, ((0, room[0]), (0, room[1])))[: rows * pitch[0], : columns * pitch[1]]
        colors = part.reshape(rows, pitch[0], columns, pitch[1])[
            :, : grid.cell[0], :, : grid.cell[1]
        ]
        cells = colors != 0
        off_center = apart = 0.0
        for lines in (cells.any(axis=1), np.swapaxes(cells.any(axis=3), 1, 2)):
            drawn = lines.reshape(-1, lines.shape[-1])
            drawn = drawn[drawn.any(axis=1)]
            if not len(drawn):
                return dict.fromkeys(names, 0.0) | {"outside": 1.0}
            before, after = drawn.argmax(axis=1), drawn[:, ::-1].argmax(axis=1)
            off_center += float(np.abs(before - after).mean()) / drawn.shape[1] / 2
            half = drawn.shape[1] // 2
            clear = ~drawn[:, half - 1] | ~drawn[:, half]
            both = drawn[:, :half].any(axis=1) & drawn[:, half:].any(axis=1)
            apart += float(np.mean(clear & both)) / 2
        filled = cells.any(axis=(1, 3))
        outside = float(self._outside(grid).sum() / self.drawn.sum())
        different = len(np.unique(_sums(colors)[filled])) / max(1, int(filled.sum()))
        return dict(zip(names, (outside, off_center, apart, different), strict=True))

    def _outside(self, grid: Grid) -> NDArray[np.bool_]:
        """bool (H, W): drawn pixels outside all cells, except repeated rims."""
        counts = grid.counts(*self.size)
        places = []
        for which, count in enumerate(counts):
            side, gap = grid.cell[which], grid.spacing[which]
            place = np.arange(self.drawn.shape[which]) - grid.offset[which]
            beyond = (place < 0) | (place >= count * (side + gap) - gap)
            places.append((beyond, ~beyond & (place % (side + gap) >= side)))
        (rows, between_rows), (columns, between_columns) = places
        down, across = (axis.alone for axis in self.axes)
        gaps = (between_rows[:, None] | between_columns) & ~(rows[:, None] | columns)
        alone = (between_rows[:, None] & down.T) | (between_columns & across)
        return (rows[:, None] | columns | (gaps & alone)) & self.drawn


class _Axis:
    """Statistics of how colors change along x.

    ``rgba``: float32 (H, W, 4), 0 to 255, colors times alpha. ``drawn``: bool (H, W).
    """

    def __init__(self, rgba: NDArray[np.float32], drawn: NDArray[np.bool_]) -> None:
        step = np.minimum(np.abs(np.diff(rgba, axis=1)).max(axis=-1), MOST_STEP)
        either, both = (
            each.astype(np.float32)
            for each in (drawn[:, 1:] | drawn[:, :-1], drawn[:, 1:] & drawn[:, :-1])
        )
        #: bool (H, W): pixels that differ in color from both their left and right neighbors
        self.alone = (np.pad(step, ((0, 0), (1, 0))) > 0) & (np.pad(step, ((0, 0), (0, 1))) > 0)
        #: (H + 1, W), cumulative from above: the change of color into each column, and where a
        #: change is possible
        self._steps, self._either = _from_above(step), _from_above(either)
        self.any = self._either[-1]
        rows = np.arange(0, len(step), PIECE)
        #: like :meth:`seams`, for short pieces with something drawn on both sides
        self.inner_seams = _seams(_from_above(step * both), _from_above(both), rows, AROUND)
        #: float64 (W - 1,): number of pixels equal to those in the previous column, and of all
        #: drawn ones
        self._same = ((step == 0) & (either > 0)).sum(axis=0).astype(float)
        self._drawn = either.sum(axis=0).astype(float)

    def repeated_rims(self) -> dict[int, int]:
        """Sizes along x of cells whose outermost pixels are repeated on both sides, by the width of
        these rims; the smallest size for each width.
        """
        found: dict[int, int] = {}  # width of the rims by pitch
        place = np.arange(1, len(self._same) + 1)
        for pitch in range(LEAST_SIDE + 2, min(len(place) // 2, MOST_SIDE) + 1):
            if any(pitch % smaller == 0 for smaller in found):
                continue
            same, drawn = (
                np.bincount(place % pitch, each, pitch) for each in (self._same, self._drawn)
            )
            alike = same >= REPEATED * np.maximum(drawn, 1)
            rim = 0
            while rim < MOST_REPEATED and alike[rim + 1] and alike[pitch - rim - 1]:
                rim += 1
            inner = alike[rim + 1 : pitch - rim]
            if rim and not alike[0] and len(inner) >= LEAST_SIDE - 1 and inner.mean() <= ALIKE:
                found[pitch] = rim
        sides: dict[int, int] = {}
        for pitch, rim in found.items():
            sides.setdefault(rim, pitch - 2 * rim)
        return sides

    def seams(
        self, side: int, cell: int, margin: int, gap: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For the pieces of the line before each column, float64 (W,): how many are seams, and how
        many have something drawn on either side.

        ``side``: of cells along x; half of it is how far around a line to look. ``cell``,
        ``margin``, ``gap``: of cells along y. A piece is as long as a cell with its gap, or half a
        cell if there is none.
        """
        rows = np.arange(margin, len(self._steps), cell + gap if gap else max(4, cell // 2))
        return _seams(self._steps, self._either, rows, side // 2)


def _from_above(each: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums from above, (H + 1, W), of an array (H, W - 1); 0 for the first column."""
    return np.asarray(np.cumsum(np.pad(each, ((1, 0), (1, 0))), axis=0), np.float32)


def _seams(
    steps: NDArray[np.float32], there: NDArray[np.float32], rows: NDArray[np.intp], reach: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For the pieces of the line before each column, float64 (W,): how many are seams, and in how
    many colors can change.

    Parameters
    ----------
    steps, there : float32 (H + 1, W), cumulative from above: the change of color into each column,
        and where a change is possible.
    rows : the rows at which pieces begin.
    reach : how far around a piece to look.
    """
    rows = np.unique(np.append(rows, len(steps) - 1))
    steps, there = (np.diff(each[rows], axis=0) for each in (steps, there))
    x = np.arange(steps.shape[1])
    low, high = np.maximum(1, x - reach), np.minimum(len(x), x + reach + 1)
    around = []
    for each in (steps, there):
        total = np.pad(each.cumsum(axis=1), ((0, 0), (1, 0)))
        around.append(total[:, high] - total[:, low] - each)
    usual = around[0] / np.maximum(around[1], 1)
    possible = there > 0
    seam = possible & (steps / np.maximum(there, 1) > SEAM_TIMES * usual + SEAM_MORE)
    return seam.sum(axis=0).astype(float), possible.sum(axis=0).astype(float)


def _gain(overlap: NDArray[np.float64], shift: int) -> float:
    """How much larger an overlap is than the mean around it."""
    around = overlap[shift - shift // 2 : shift + shift // 2 + 1]
    return float(overlap[shift] - around.mean())


def _sums(cells: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hashes (rows, columns) of cells (rows, h, columns, w)."""
    down, across = (np.arange(1, n + 1, dtype=np.uint64) for n in cells.shape[1::2])
    mixed = (down * FIRST_FACTOR)[:, None, None] ^ (across * SECOND_FACTOR)
    return np.asarray((cells * (mixed | np.uint64(1))).sum(axis=(1, 3)), np.uint64)


def _is_whole(length: int, side: int, margin: int, gap: int) -> bool:
    """Whether cells fill a side of a sheet."""
    left = (length - margin + gap) % (side + gap)
    return left in (0, gap, margin, margin + gap) and (side % 2 == 0 or not (margin or gap))


def _lines(side: int, gap: int) -> tuple[tuple[int, ...], ...]:
    """The offsets from a cell's start at which colors may change: a tuple for each case."""
    # If cells extend their rims outward, colors change in the middle of the gap.
    return ((0, side), (side + gap // 2,)) if gap else ((0,),)


def _share(
    seams: NDArray[np.float64],
    pieces: NDArray[np.float64],
    line: NDArray[np.bool_],
    usual: float,
) -> tuple[float, float, float]:
    """Number of seams and of pieces on some lines, and of seams at the ``usual`` share."""
    count = float(pieces[line].sum())
    return float(seams[line].sum()), count, count * usual


def _excess(counts: list[tuple[float, float, float]]) -> float:
    """Logarithm of how much more often seams occur than elsewhere; near 0 for few pieces."""
    seams, pieces, usual = np.sum(counts, axis=0) if counts else (0.0, 0.0, 0.0)
    if not pieces:
        return 0.0
    doubt = 0.03 + 1 / pieces
    return float(np.log((seams / pieces + doubt) / (usual / pieces + doubt)))


def _log_likelihood(count: float, total: float) -> float:
    """Maximum log-likelihood of ``count`` successes in ``total`` trials."""
    return sum(n * math.log(n / total) for n in (count, total - count) if n > 0)


def _straight_edges(drawn: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Straight edges along y: the column after each, and its length.

    A drawing cut off by the right rim of the sheet has an edge there; the left rim does not count.
    """
    flips = np.diff(drawn.astype(np.int8), axis=1, append=0) != 0
    steps = np.diff(flips.T.astype(np.int8), axis=1, prepend=0, append=0)
    column, start = np.nonzero(steps == 1)
    length = np.nonzero(steps == -1)[1] - start
    long = (length >= EDGE) & (column + 1 < ENOUGH)  # beyond it, the sheet is not examined
    return column[long] + 1, length[long]
