"""The layout of the stage: views as large as space and whole-number scaling allow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect

#: Gaps between two views in logical pixels: side by side, and stacked.
BESIDE, BELOW = 16, 8

#: Bonus for a grid with a full last row.
_FULL = 1.35

#: Factor by which more must be shown to make one view larger than the others.
_UNEQUAL = 1.08

#: Minimum height of the views beside a larger one, as a share of its height, or too much room would
#: be empty.
_BESIDE_LARGE = 2 / 3


@dataclass(frozen=True)
class Subject:
    """What every view shows."""

    count: int  #: number of sprites
    #: size of a sprite, in its own pixels
    width: int = 16
    height: int = 16
    gap: int = 4  #: around and between the sprites, in device pixels
    heading: int = 24  #: height of a view's heading, in logical pixels
    least: int = 0  #: minimum width of a view, that of its heading, in logical pixels
    seen: float = 1.0  #: minimum device pixels per sprite pixel for clearly visible sprites


@dataclass(frozen=True)
class Arrangement:
    """Rectangles of the views, headings included, in logical pixels.

    ``columns`` is the same in every view, so that a sprite has the same position in each;
    ``main_scale`` and ``scale`` are device pixels per sprite pixel, in the first view and in the
    others.
    """

    places: tuple[QRect, ...]
    columns: int
    main_scale: int
    scale: int

    @property
    def unequal(self) -> bool:
        """Whether the first view is larger than the others."""
        return len(self.places) > 1 and self.main_scale > self.scale

    @property
    def shown(self) -> float:
        """How much is shown: larger views count more, but less than by area, or one would get all
        the room and the others none.
        """
        return float(self.main_scale**1.5 + (len(self.places) - 1) * self.scale**1.5)


class _Sizer:
    """Sizes of a view with its heading, for one number of columns."""

    def __init__(self, subject: Subject, columns: int, ratio: float) -> None:
        self.subject, self.columns, self.ratio = subject, columns, ratio
        self.rows = math.ceil(subject.count / columns)

    def size(self, scale: int) -> tuple[int, int]:
        """Width and height at a scale, in logical pixels."""
        s = self.subject
        across = self.columns * s.width * scale + (self.columns + 1) * s.gap
        down = self.rows * s.height * scale + (self.rows + 1) * s.gap
        wide = max(s.least, math.ceil(across / self.ratio))
        return wide, s.heading + math.ceil(down / self.ratio)

    def largest(self, width: float, height: float) -> int:
        """The largest scale that fits into logical pixels; 0 = none."""
        s = self.subject
        if width < s.least:
            return 0
        across = (width * self.ratio - (self.columns + 1) * s.gap) / (self.columns * s.width)
        down = (height - s.heading) * self.ratio - (self.rows + 1) * s.gap
        return max(0, math.floor(min(across, down / (self.rows * s.height)) + 1e-6))


@lru_cache(256)  # a layout requests the same several times
def arrange(
    views: int, subject: Subject, width: int, height: int, ratio: float = 1.0
) -> Arrangement:
    """Find the arrangement that shows the most: all views equal, or one larger than the others.

    Arrangements with all sprites clearly visible always win; without this rule, more height could
    make sprites smaller.

    Parameters
    ----------
    views : number of views, at least 1; the first may be larger.
    width, height : of the available room, in logical pixels.
    ratio : device pixels for each logical pixel.
    """
    best: Arrangement | None = None
    best_score = (False, 0.0, 0.0)
    for columns in _sensible_columns(subject.count):
        sizer = _Sizer(subject, columns, ratio)
        full = _FULL if columns * sizer.rows == subject.count else 1.0
        for found in _candidates(views, sizer, width, height):
            score = (
                found.scale >= subject.seen,
                found.shown * full / (_UNEQUAL if found.unequal else 1.0),
                -abs(columns - math.sqrt(subject.count)),
            )
            if score > best_score:
                best, best_score = found, score
    if best is None:
        # There is too little room: the grids cut off what does not fit.
        sizer = _Sizer(subject, math.ceil(math.sqrt(subject.count)), ratio)
        each = max(1, (width - BESIDE * (views - 1)) // views)
        best = _rows([[(each, max(1, height))] * views], sizer, (1, 1), width, height)
    return best


def _sensible_columns(count: int) -> Iterator[int]:
    """Numbers of columns, except those that need as many rows as fewer columns do."""
    for columns in range(1, count + 1):
        if math.ceil(count / math.ceil(count / columns)) == columns:
            yield columns


def _candidates(views: int, sizer: _Sizer, width: int, height: int) -> Iterator[Arrangement]:
    for across in range(1, views + 1):
        down = math.ceil(views / across)
        if math.ceil(views / down) == across:
            scale = sizer.largest(_share(width, across, BESIDE), _share(height, down, BELOW))
            if scale:
                sizes = _split([sizer.size(scale)] * views, across)
                yield _rows(sizes, sizer, (scale, scale), width, height)
    others = views - 1
    if others < 2:
        return
    for across in range(1, others + 1):
        down = math.ceil(others / across)
        if math.ceil(others / down) != across:
            continue
        most = sizer.largest(_share(width, across, BESIDE), _share(height, down, BELOW))
        for scale in range(1, most + 1):
            wide, high = sizer.size(scale)
            side, low = across * wide + (across - 1) * BESIDE, down * high + (down - 1) * BELOW
            main = sizer.largest(width - BESIDE - side, height)
            fills = low >= _BESIDE_LARGE * sizer.size(main)[1]
            if main > scale and low <= height and fills:
                yield _main_left(sizer, (main, scale), (others, across), width, height)
            main = sizer.largest(width, height - BELOW - low)
            if main > scale and side <= width:
                sizes = [[sizer.size(main)], *_split([(wide, high)] * others, across)]
                yield _rows(sizes, sizer, (main, scale), width, height)


def _share(whole: float, parts: int, space: int) -> float:
    """The length of each of several parts, side by side with ``space`` between them."""
    return (whole - space * (parts - 1)) / parts


def _split(sizes: list[tuple[int, int]], across: int) -> list[list[tuple[int, int]]]:
    """Rows of ``across`` views, the last one possibly with fewer."""
    return [sizes[start : start + across] for start in range(0, len(sizes), across)]


def _rows(
    rows: list[list[tuple[int, int]]],
    sizer: _Sizer,
    scales: tuple[int, int],
    width: int,
    height: int,
) -> Arrangement:
    """Rows of views of given sizes, with each row and the whole centered."""
    y = max(0, height - sum(row[0][1] for row in rows) - BELOW * (len(rows) - 1)) // 2
    places = []
    for row in rows:
        x = max(0, width - sum(wide for wide, _ in row) - BESIDE * (len(row) - 1)) // 2
        for wide, high in row:
            places.append(QRect(x, y, wide, high))
            x += wide + BESIDE
        y += row[0][1] + BELOW
    return Arrangement(tuple(places), sizer.columns, *scales)


def _main_left(
    sizer: _Sizer, scales: tuple[int, int], others: tuple[int, int], width: int, height: int
) -> Arrangement:
    """The first view large, ``others`` (how many, how many per row) on its right."""
    (wide, high), (side, low) = sizer.size(scales[0]), sizer.size(scales[1])
    count, across = others
    down = math.ceil(count / across)
    whole = max(high, down * low + (down - 1) * BELOW)
    x = (width - wide - across * (side + BESIDE)) // 2
    y = (height - whole) // 2
    places = [QRect(x, y, wide, high)]
    for i in range(count):
        row, column = divmod(i, across)
        # The outer edges of the outer rows align with the large view.
        top = y if down == 1 else y + row * (whole - low) // (down - 1)
        places.append(QRect(x + wide + BESIDE + column * (side + BESIDE), top, side, low))
    return Arrangement(tuple(places), sizer.columns, *scales)
