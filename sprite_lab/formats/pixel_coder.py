"""A lossless coder of pixels that learns as it goes and may be told what a model expects.

As :class:`.ContextCoder` it asks for each pixel whether it repeats a color that the sprite has
already. A second opinion comes from how near that color is to the expected one; the two are mixed
as in PAQ (Mahoney 2005): log odds are added up with weights that follow from what came true.
One code writes and reads: each step takes a value, or None to read it, and returns it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.formats.arithmetic_coder import Decoder, Encoder
from sprite_lab.formats.context_coder import Contexts, Counts, Drawn, unpacked

#: Shares keep away from 0 and 1 by this.
_LEAST = 1e-4

#: How fast the weights of the two opinions follow, and what they begin with.
_RATE, _WEIGHTS = 0.02, (0.6, 0.4)

#: How fast a known color gets less probable with its squared distance from what is expected, over
#: all channels, and the share of its frequency that stays however far it is.
_REACH, _ANYWAY = 2 * 60.0**2, 0.05

# What a context is of; numbers, as texts have other hashes in each process.
_NEAR, _KNOWN, _OPAQUE = range(-9, -6)


class PixelCoder:
    """Writes or reads colors by an arithmetic coder, and counts them."""

    def __init__(self, coder: Encoder | Decoder) -> None:
        self._coder = coder
        self._counts = Counts()
        self._weights: defaultdict[int, list[float]] = defaultdict(lambda: [*_WEIGHTS])
        self._colors: Counter[int] = Counter()
        self._table = np.empty((0, 4))  # the same colors, by channel

    def pixel(self, drawn: Drawn, expected: NDArray[np.int64], color: int | None) -> int:
        """The next pixel of a sprite, which is added to it.

        Parameters
        ----------
        expected : int (3 or 4,), the channels that the model expects, within 0..255.
        color : as of :func:`.packed`; None = to be read.
        """
        found = None
        apart = _distances(drawn.used, expected)
        order = sorted(apart.values())
        for place, (candidate, contexts) in enumerate(drawn.candidates()):
            rank = min(order.index(apart[candidate]), 3)
            rival = order[0] if rank else order[1] if len(order) > 1 else -1
            near = (_NEAR, rank, apart[candidate])
            beside = tuple(candidate == other for other in drawn.around())
            told = (near, (*near, rival), (*near, rival, min(place, 9)), (*near, rival, beside))
            case = None if color is None else candidate == color
            if self._bit(contexts, told, case, min(place, 4)):
                found = candidate
                break
        if found is None:
            found = self._new(expected, color)
        drawn.add(found)
        return found

    def _new(self, expected: NDArray[np.int64], color: int | None) -> int:
        """A color that the sprite does not have yet: a known one, which is the more probable the
        more frequent it is and the nearer to the expected one; or any other."""
        known = None if color is None else color in self._colors
        if self._colors and self._bit((_KNOWN,), (), known):
            colors = list(self._colors)
            apart = ((self._table[:, : len(expected)] - expected) ** 2).sum(axis=1)
            weights = np.array([*self._colors.values()]) * (np.exp(-apart / _REACH) + _ANYWAY)
            found = colors[self._choice(weights, None if color is None else colors.index(color))]
        else:
            # Which color it is nobody can say: all are as probable, but most are opaque.
            opaque = self._bit((_OPAQUE,), (), None if color is None else color & 255 == 255)
            found = 255 if opaque else self._digits(8, None if color is None else color & 255)
            found |= self._digits(24, None if color is None else color >> 8) << 8
        if found not in self._colors:
            self._table = np.concatenate([self._table, unpacked([found])])
        self._colors[found] += 1
        return found

    def _choice(self, weights: NDArray[np.float64], value: int | None) -> int:
        """One of several by their weights: which half it is in, and so on."""
        below = np.concatenate([[0.0], weights.cumsum()])
        low, high = 0, len(weights)
        while high - low > 1:
            middle = (low + high) // 2
            share = float((below[middle] - below[low]) / (below[high] - below[low]))
            if self._coder.bit(share, None if value is None else value < middle):
                high = middle
            else:
                low = middle
        return low

    def _digits(self, count: int, value: int | None) -> int:
        """A number of so many binary digits, any of which is as probable."""
        found = 0
        for k in reversed(range(count)):
            found = found << 1 | self._coder.bit(
                0.5, None if value is None else bool(value >> k & 1)
            )
        return found

    def _bit(self, contexts: Contexts, told: Contexts, case: bool | None, which: int = 0) -> bool:
        """One answer, by both opinions where there are two; then they are told."""
        odds = [_log_odds(self._counts.share(each, _LEAST)) for each in (contexts, told) if each]
        weight = self._weights[which]
        total = odds[0] if len(odds) == 1 else odds[0] * weight[0] + odds[1] * weight[1]
        share = min(max(1.0 / (1.0 + math.exp(-total)), _LEAST), 1.0 - _LEAST)
        case = self._coder.bit(share, case)
        if told:
            for k, each in enumerate(odds):
                weight[k] += _RATE * (case - share) * each
        self._counts.add((*contexts, *told), case)
        return case


def _log_odds(share: float) -> float:
    return math.log(share / (1.0 - share))


def _distances(used: Sequence[int], expected: NDArray[np.int64]) -> dict[int, int]:
    """How far colors are from an expected one, in steps that grow with the distance."""
    squares = ((unpacked(used)[:, : len(expected)] - expected) ** 2).sum(axis=1)
    return {
        color: int(2 * math.log2(1 + math.sqrt(square) / 4))
        for color, square in zip(used, squares.tolist(), strict=True)
    }
