"""A simple lossless coder of sprites that has learnt from others: what a likelihood must beat.

PNG and WebP know nothing of a set. This one counts, in training sprites, how often a pixel repeats
a neighbor or a color that the sprite has used before, given the pixels that came before it, and
which colors occur. Sprites are coded one by one, with the counts as they are after training.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterator

import numpy as np
from numpy.typing import NDArray

#: (contexts from the widest to the narrowest, what is the case) -> what is the case. A learner, a
#: meter or an encoder is told; a decoder finds out and is given None.
Decide = Callable[[tuple[Hashable, ...], bool | None], bool]

#: How many sightings the next wider context's share counts for.
_STRENGTH = 2.0

#: Values of the four channels of a pixel whose color no training sprite has.
_ANY_COLOR = 2**32


class ContextCoder:
    """Counts of training sprites; see the module.

    Parameters
    ----------
    rgba : uint8 (N, H, W, 4), the training sprites. Their mirror images are learnt from as well.
    """

    def __init__(self, rgba: NDArray[np.uint8]) -> None:
        self._seen: dict[Hashable, list[int]] = {}  # times, and times that it was the case
        self._colors: Counter[int] = Counter()
        for pixels in packed(np.concatenate([rgba, rgba[:, :, ::-1]])):
            for color in _walk(pixels, self._learn):
                self._colors[color] += 1

    def bits(self, rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
        """What each of some sprites takes, (N,), from uint8 (N, H, W, 4)."""
        found = []
        for pixels in packed(rgba):
            spent = 0.0

            def pay(contexts: tuple[Hashable, ...], case: bool | None) -> bool:
                nonlocal spent
                share = self.share(contexts)
                spent -= math.log2(share if case else 1.0 - share)
                return bool(case)

            colors = sum(self._color_bits(color) for color in _walk(pixels, pay))
            found.append(spent + colors)
        return np.array(found)

    def share(self, contexts: tuple[Hashable, ...]) -> float:
        """How probable it is that something is the case, within 0..1, from wide to narrow."""
        share = 0.5
        for context in contexts:
            times, cases = self._seen.get(context, (0, 0))
            share = (cases + _STRENGTH * share) / (times + _STRENGTH)
        return min(max(share, 1e-5), 1.0 - 1e-5)

    def _learn(self, contexts: tuple[Hashable, ...], case: bool | None) -> bool:
        for context in contexts:
            times = self._seen.setdefault(context, [0, 0])
            times[0] += 1
            times[1] += bool(case)
        return bool(case)

    def _color_bits(self, color: int) -> float:
        """Of a color that the sprite has not used before: known ones by how frequent they are."""
        known = len(self._colors)
        all_of_them = self._colors.total() + known + 1
        if color in self._colors:
            return math.log2(all_of_them / self._colors[color])
        return math.log2(all_of_them / (known + 1)) + math.log2(_ANY_COLOR)


def packed(rgba: NDArray[np.uint8]) -> list[list[list[int]]]:
    """Every pixel of uint8 (N, H, W, 4) as one number."""
    channels = rgba.astype(np.int64)
    whole = channels[..., 0] << 24 | channels[..., 1] << 16 | channels[..., 2] << 8
    return (whole | channels[..., 3]).tolist()


def _walk(pixels: list[list[int]], decide: Decide) -> Iterator[int]:
    """Go through a sprite's pixels in reading order; yields each color that is new to it.

    A pixel is asked to be the one left of it, above, above right, above left, and then each color
    so far, the newest first.
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
                if decide(contexts, candidate == color):
                    break
                tried.append(candidate)
            else:
                yield color
            if color in used:
                used.remove(color)
            used.insert(0, color)
