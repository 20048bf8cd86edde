"""A simple lossless coder of sprites that has learnt from others: what a likelihood must beat.

PNG and WebP know nothing of a set. This one counts, in training sprites, how often a pixel repeats
a neighbor or a color that the sprite has used before, given the pixels that came before it, and
which colors occur. Sprites are coded one by one, with the counts as they are after training.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

#: What surrounds a decision: contexts from the widest to the narrowest. Nested tuples of numbers,
#: whose hashes are the same in every process.
Contexts = tuple[object, ...]

#: How many sightings the next wider context's share counts for.
_STRENGTH = 2.0

#: A sighting, in units of those where something was the case.
_SIGHTING = 1 << 24


class ContextCoder:
    """Counts of training sprites; see the module."""

    def __init__(self) -> None:
        self._seen: defaultdict[int, int] = defaultdict(int)  # by the hash of a context
        self._colors: Counter[int] = Counter()

    def learn(self, rgba: NDArray[np.uint8]) -> None:
        """Count what is in training sprites, uint8 (N, H, W, 4)."""
        for pixels in packed(rgba):
            self._colors.update(_walk(pixels, self._count))

    def bits(self, rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
        """What each of some sprites takes, (N,), from uint8 (N, H, W, 4)."""
        found = []
        for pixels in packed(rgba):
            spent: list[float] = []

            def pay(contexts: Contexts, case: bool, spent: list[float] = spent) -> None:
                share = self._share(contexts)
                spent.append(-math.log2(share if case else 1.0 - share))

            spent += [self._color_bits(color) for color in _walk(pixels, pay)]
            found.append(math.fsum(spent))
        return np.array(found)

    def _count(self, contexts: Contexts, case: bool) -> None:
        for context in contexts:
            self._seen[hash(context)] += _SIGHTING + case

    def _share(self, contexts: Contexts) -> float:
        """How probable it is that something is the case, within 0..1, from wide to narrow."""
        share = 0.5
        for context in contexts:
            times, cases = divmod(self._seen.get(hash(context), 0), _SIGHTING)
            share = (cases + _STRENGTH * share) / (times + _STRENGTH)
        return min(max(share, 1e-5), 1.0 - 1e-5)

    def _color_bits(self, color: int) -> float:
        """Of a color that the sprite has not used before: known ones by how frequent they are.

        Of others, one bit says whether they are opaque; their values are written as they are.
        """
        known = len(self._colors)
        all_of_them = self._colors.total() + known + 1
        if color in self._colors:
            return math.log2(all_of_them / self._colors[color])
        values = 25 if color & 255 == 255 else 33
        return math.log2(all_of_them / (known + 1)) + values


def packed(rgba: NDArray[np.uint8]) -> list[list[list[int]]]:
    """Every pixel of uint8 (N, H, W, 4) as one number, its alpha last."""
    channels = rgba.astype(np.int64)
    whole = channels[..., 0] << 24 | channels[..., 1] << 16 | channels[..., 2] << 8
    return (whole | channels[..., 3]).tolist()


def _walk(pixels: list[list[int]], decide: Callable[[Contexts, bool], None]) -> Iterator[int]:
    """Go through a sprite's pixels in reading order; yields each color that is new to it.

    A pixel is asked to be the one left of it, above, above right, above left, and then each color
    so far, the newest first. ``decide`` is told the contexts and whether that was the case.
    """
    used: list[int] = []
    for y, row in enumerate(pixels):
        above = pixels[y - 1] if y else [-1] * len(row)
        for x, color in enumerate(row):
            west = row[x - 1] if x else -1
            north, northwest = above[x], above[x - 1] if x else -1
            northeast = above[x + 1] if x + 1 < len(row) else -1
            far = row[x - 2] if x > 1 else -1
            around = (west, north, northeast, northwest)
            shape = tuple(a == b for a in (*around, far) for b in around)
            tried: list[int] = []
            for candidate in (*around, *used):
                if candidate < 0 or candidate in tried:
                    continue
                place = min(len(tried), 9)
                contexts = (
                    place,
                    (place, shape),
                    (place, shape, candidate),
                    (place, candidate, west, north),
                    (place, candidate, around, far),
                )
                decide(contexts, candidate == color)
                if candidate == color:
                    break
                tried.append(candidate)
            else:
                yield color
            if color in used:
                used.remove(color)
            used.insert(0, color)
