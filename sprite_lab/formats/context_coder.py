"""A simple lossless coder of sprites, trained on others: a baseline for likelihoods.

Unlike PNG and WebP, it learns from a set: it counts in training sprites which colors occur, and how
often a pixel repeats a neighbor or an earlier color of its sprite, given the pixels before it.
Sprites are coded one by one, with the counts as they are after training.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

#: The contexts of a binary decision, from the widest to the narrowest: nested tuples of numbers,
#: whose hashes, unlike those of texts, are the same in every process.
Contexts = tuple[object, ...]

#: Weight of the next wider context's probability, in observations.
_STRENGTH = 2.0

#: One observation, in units of the counts.
_SIGHTING = 1 << 24

#: Minimum distance of a probability from 0 and 1.
_LEAST = 1e-5


class Counts:
    """How often a decision was True in each context."""

    def __init__(self) -> None:
        self._seen: defaultdict[int, int] = defaultdict(int)  # by hash of the context

    def add(self, contexts: Contexts, case: bool) -> None:
        for context in contexts:
            self._seen[hash(context)] += _SIGHTING + case

    def share(self, contexts: Contexts, least: float) -> float:
        """The probability of True by all contexts, at least ``least`` away from 0 and 1."""
        share = 0.5
        for context in contexts:
            times, cases = divmod(self._seen.get(hash(context), 0), _SIGHTING)
            share = (cases + _STRENGTH * share) / (times + _STRENGTH)
        return min(max(share, least), 1.0 - least)


class ContextCoder:
    """Coder with counts of training sprites; see the module."""

    def __init__(self) -> None:
        self._counts = Counts()
        self._colors: Counter[int] = Counter()

    def learn(self, rgba: NDArray[np.uint8]) -> None:
        """Count the colors and repeats of training sprites, uint8 (N, H, W, 4)."""
        for pixels in packed(rgba):
            self._colors.update(_walk(pixels, self._counts.add))

    def bits(self, rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Code length of each sprite in bits, float64 (N,); sprites are uint8 (N, H, W, 4)."""
        found = []
        for pixels in packed(rgba):
            spent: list[float] = []

            def pay(contexts: Contexts, case: bool, spent: list[float] = spent) -> None:
                share = self._counts.share(contexts, _LEAST)
                spent.append(-math.log2(share if case else 1.0 - share))

            spent += [self._color_bits(color) for color in _walk(pixels, pay)]
            found.append(math.fsum(spent))
        return np.array(found)

    def _color_bits(self, color: int) -> float:
        """Bits for a color that is new in the sprite; frequent colors of the training set take
        fewer.

        For an unknown color, one bit says whether it is opaque; its values are stored uncoded.
        """
        known = len(self._colors)
        all_of_them = self._colors.total() + known + 1
        if color in self._colors:
            return math.log2(all_of_them / self._colors[color])
        values = 25 if color & 255 == 255 else 33
        return math.log2(all_of_them / (known + 1)) + values


def packed(rgba: NDArray[np.uint8]) -> list[list[list[int]]]:
    """The pixels of uint8 (N, H, W, 4) as numbers, with alpha in the lowest byte."""
    channels = rgba.astype(np.int64)
    whole = channels[..., 0] << 24 | channels[..., 1] << 16 | channels[..., 2] << 8
    return (whole | channels[..., 3]).tolist()


def unpacked(colors: Sequence[int]) -> NDArray[np.uint8]:
    """The inverse of :func:`packed`: uint8 (N, 4)."""
    return np.array(colors, ">u4").view(np.uint8).reshape(-1, 4)


def _walk(pixels: list[list[int]], decide: Callable[[Contexts, bool], None]) -> Iterator[int]:
    """Go through a sprite's pixels in reading order; yields each color that is new in the sprite.

    ``decide`` gets the contexts of each candidate, and whether it is the pixel's color.
    """
    drawn = Drawn(len(pixels[0]))
    for color in (color for row in pixels for color in row):
        for candidate, contexts in drawn.candidates():
            decide(contexts, candidate == color)
            if candidate == color:
                break
        else:
            yield color
        drawn.add(color)


class Drawn:
    """The known part of a sprite, in reading order; ``used``: its colors, the most recent first.

    ``label``: the sprite's class; -1 = none.
    """

    def __init__(self, width: int, label: int = -1) -> None:
        self._width, self.label = width, label
        self._pixels: list[int] = []
        self.used: list[int] = []

    def add(self, color: int) -> None:
        """Add the next pixel's color."""
        self._pixels.append(color)
        if color in self.used:
            self.used.remove(color)
        self.used.insert(0, color)

    def around(self) -> tuple[int, int, int, int]:
        """The colors left, above, above right and above left of the next pixel; -1 = outside."""
        pixels, width = self._pixels, self._width
        y, x = divmod(len(pixels), width)
        return (
            pixels[-1] if x else -1,
            pixels[-width] if y else -1,
            pixels[1 - width] if y and x + 1 < width else -1,
            pixels[-width - 1] if y and x else -1,
        )

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the next pixel."""
        return divmod(len(self._pixels), self._width)

    def apart(self) -> tuple[int, ...]:
        """The colors of five more distant pixels; -1 = unknown.

        Three are near the mirror image of the next pixel, as figures are often symmetric: in the
        next pixel's row if known, else in the row above. One is two rows above the next pixel, and
        one two columns to its left.
        """
        (y, x), width = self.place, self._width
        mirrors = ((y if m < x else y - 1, m) for m in (width - 1 - x, width - 2 - x, width - x))
        return tuple(
            self._pixels[row * width + column] if row >= 0 <= column < width else -1
            for row, column in (*mirrors, (y - 2, x), (y, x - 2))
        )

    def candidates(self) -> Iterator[tuple[int, Contexts]]:
        """The neighbors' colors, then all others so far, without duplicates, each with the contexts
        for deciding whether the next pixel has that color.
        """
        around = self.around()
        west, north, *_ = around
        far = self._pixels[-2] if len(self._pixels) % self._width > 1 else -1
        shape = tuple(a == b for a in (*around, far) for b in around)
        tried: list[int] = []
        for candidate in (*around, *self.used):
            if candidate < 0 or candidate in tried:
                continue
            place = min(len(tried), 9)
            yield (
                candidate,
                (
                    place,
                    (place, shape),
                    (place, shape, candidate),
                    (place, candidate, west, north),
                    (place, candidate, around, far),
                ),
            )
            tried.append(candidate)
