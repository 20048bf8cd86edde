"""A lossless coder of pixels that learns as it goes and can use a model's predictions.

Like :class:`.ContextCoder`, it decides for each pixel whether it repeats a color already in the
sprite. Four predictors give a probability: from the pixel's neighbors, from the model's prediction,
from the pixel's mirror image, and from its position in sprites of the class. They are mixed as in
PAQ (Mahoney 2005): a weighted sum of log odds, with weights learned from the outcomes.

A new color is predicted from those of other sprites, above all those that occur together with the
sprite's colors or are near the model's prediction; a color that is none of them is coded by its
distance from them. The same code writes and reads: each step takes a value, or None to read it, and
returns it.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sprite_lab.formats.context_coder import Contexts, Counts, Drawn, unpacked

#: Minimum distance of a probability from 0 and 1.
_LEAST = 1e-4

#: Learning rate of the weights that mix predictions, and their initial value.
_RATE, _WEIGHT = 0.008, 0.3

#: Twice the variance of a known color around the predicted one: its probability is a Gaussian of
#: the distance over all channels.
_REACH = 2 * 60.0**2

#: The rate at which trust in a ranking of known colors decays, and how often two colors must occur
#: together to count fully.
_FORGET, _BELIEVED = 0.02, 4

#: A new channel value comes from a mixture of distributions of these widths around a known value,
#: and a uniform one; their initial shares, which are then learned.
_SPREADS, _SHARES = (1.5, 6.0, 25.0), (0.45, 0.3, 0.2, 0.05)

# Kinds of contexts: numbers, because texts hash differently in each process.
_NEAR, _MIRROR, _PLACE, _EXACT, _CLASS, _KNOWN, _OPAQUE = range(-15, -8)

_VALUES = np.arange(256)
_KERNELS = [np.exp(-np.abs(_VALUES[:, None] - _VALUES) / spread) for spread in _SPREADS]
_KERNELS = [kernel / kernel.sum(axis=0) for kernel in _KERNELS]


class Answers(Protocol):
    """Writes or reads decisions: an arithmetic coder."""

    def bit(self, share: float, case: bool | None) -> bool:
        """The decision, which is True with probability ``share``."""


class Unwritten(Answers):
    """Accepts decisions without writing them, for sprites that are only learned from."""

    def bit(self, share: float, case: bool | None) -> bool:
        return bool(case)


class PixelCoder:
    """Writes or reads colors through ``answers``, and learns from them."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self._counts = Counts()
        self._weights: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
        self._colors = _Colors()
        self._shares = np.array(_SHARES)

    def pixel(self, drawn: Drawn, expected: NDArray[np.int64], color: int | None) -> int:
        """Code the next pixel of a sprite, and add it to the sprite.

        ``expected``: int (3 or 4,), the channels that the model predicts, within 0..255. ``color``:
        see :func:`.packed`; None = to be read.
        """
        found = None
        apart = _distances(drawn.used, expected)
        order = sorted(apart.values())
        for place, (candidate, contexts) in enumerate(drawn.candidates()):
            rank = min(order.index(apart[candidate]), 3)
            rival = order[0] if rank else order[1] if len(order) > 1 else -1
            opinions = (
                contexts,
                *_opinions(drawn, candidate, place, (apart[candidate], rank, rival)),
            )
            case = None if color is None else candidate == color
            if self._bit(opinions, case, (min(place, 4), min(rank, 2))):
                found = candidate
                break
        if found is None:
            found = self._new(drawn, expected, color)
        drawn.add(found)
        return found

    def _new(self, drawn: Drawn, expected: NDArray[np.int64], color: int | None) -> int:
        """Code a color that is new in the sprite."""
        colors = self._colors
        used = drawn.used
        weights = colors.weights(used, expected)
        known = None if color is None else color in colors.index
        about = (_KNOWN,), (_KNOWN, min(len(used), 12))
        found = None
        if len(weights) and self._bit((about,), known):
            at = self._choice(weights, None if color is None else colors.index.get(color))
            colors.reward(at)
            found = colors.color(at)
        if found is None:
            opaque = self._bit((((_OPAQUE,),),), None if color is None else color & 255 == 255)
            found = self._values(weights, 3 if opaque else 4, color) | (255 if opaque else 0)
        colors.add(found, used)
        return found

    def _values(self, weights: NDArray[np.float64], count: int, color: int | None) -> int:
        """Code the first ``count`` channels of an unknown color, one by one. Each known color makes
        values near its own probable; a color that is far off in one channel counts less in the
        next.
        """
        found = 0
        table = self._colors.table
        near = (weights + 1 / max(len(weights), 1)) / 2
        mixed = self._shares[:, None] * near if len(near) else np.ones((len(_SHARES), 0))
        for channel in range(count):
            at, anything = table[:, channel], mixed[-1].sum() / 256
            density = np.full(256, anything if len(near) else 1.0)
            for kernel, part in zip(_KERNELS, mixed, strict=False):
                density += (kernel * np.bincount(at, part, 256)).sum(axis=1)
            shift = 24 - 8 * channel
            value = self._choice(density, None if color is None else color >> shift & 255)
            found |= value << shift
            mixed = mixed * [*(kernel[value, at] for kernel in _KERNELS), np.full(len(at), 1 / 256)]
            mixed /= mixed.sum()
        if len(near):
            self._shares += _FORGET * (0.9 * mixed.sum(axis=1) + 0.1 / len(_SHARES) - self._shares)
        return found

    def _choice(self, weights: NDArray[np.float64], value: int | None) -> int:
        """Code an index into ``weights`` by a binary search, with probabilities in proportion."""
        below = np.concatenate([[0.0], weights.cumsum()])
        low, high = 0, len(weights)
        while high - low > 1:
            middle = (low + high) // 2
            share = float((below[middle] - below[low]) / (below[high] - below[low]))
            if self.answers.bit(share, None if value is None else value < middle):
                high = middle
            else:
                low = middle
        return low

    def _bit(
        self, opinions: Sequence[Contexts], case: bool | None, which: tuple[int, int] = (-1, -1)
    ) -> bool:
        """Code one decision with the mixture of all predictors, then update them."""
        odds = [_log_odds(self._counts.share(each, _LEAST)) for each in opinions]
        weights = self._weights[which]
        if not weights:
            weights += [_WEIGHT if len(odds) > 1 else 1.0] * len(odds)
        total = sum(weight * each for weight, each in zip(weights, odds, strict=True))
        share = min(max(1.0 / (1.0 + math.exp(-total)), _LEAST), 1.0 - _LEAST)
        case = self.answers.bit(share, case)
        for k, each in enumerate(odds):
            weights[k] += _RATE * (case - share) * each
        for contexts in opinions:
            self._counts.add(contexts, case)
        return case


class _Colors:
    """The colors of all sprites so far, and which of them occur together."""

    def __init__(self) -> None:
        self.index: dict[int, int] = {}
        self.table = np.empty((0, 4), np.int64)  #: the colors by channel
        self._sprites = np.empty(0)  # number of sprites with each color
        self._together: defaultdict[int, Counter[int]] = defaultdict(Counter)  # by index
        self._ranked = np.empty((0, 0))
        self._trust = np.ones(0)

    def color(self, at: int) -> int:
        return int.from_bytes(self.table[at].astype(np.uint8).tobytes(), "big")

    def weights(self, used: Sequence[int], expected: NDArray[np.int64]) -> NDArray[np.float64]:
        """The probability of each color as the next new one in a sprite, given its other colors."""
        count = len(self.index)
        free = np.ones(count)
        free[[self.index[color] for color in used]] = 1e-9
        together = np.zeros(count)
        for color in used:
            others = self._together[color]
            times = np.zeros(count)
            times[list(others)] = list(others.values())
            times *= free
            together += times / max(times.sum(), _BELIEVED)
        apart = ((self.table[:, : len(expected)] - expected) ** 2).sum(axis=1)
        near = np.exp(-apart / _REACH)
        often = self._sprites * free
        self._ranked = np.stack([often, often * near, together, together * near])
        self._ranked += 1e-6 * often + 1e-9 * free
        self._ranked /= self._ranked.sum(axis=1, keepdims=True)
        if not len(self._trust):
            self._trust = np.full(len(self._ranked), 1 / len(self._ranked))
        weights: NDArray[np.float64] = (self._trust[:, None] * self._ranked).sum(axis=0)
        return weights

    def reward(self, at: int) -> None:
        """Increase trust in the rankings that found the color probable."""
        trust = self._trust * self._ranked[:, at]
        self._trust = (1 - _FORGET) * trust / trust.sum() + _FORGET / len(trust)

    def add(self, color: int, used: Sequence[int]) -> None:
        """Count a color that is new in a sprite, and its occurrence together with ``used``."""
        at = self.index.setdefault(color, len(self.index))
        if at == len(self.table):
            self.table = np.concatenate([self.table, unpacked([color]).astype(np.int64)])
            self._sprites = np.append(self._sprites, 0.0)
        self._sprites[at] += 1
        for other in used:
            self._together[other][at] += 1


def _opinions(
    drawn: Drawn, candidate: int, place: int, told: tuple[int, int, int]
) -> Iterator[Contexts]:
    """Contexts of a candidate for three predictors: model, mirror image and position.

    ``told``: the candidate's distance from the model's prediction, how many of the sprite's colors
    are nearer to it (at most 3), and the distance of the nearest other color (-1 = none).
    """
    beside = tuple(candidate == other for other in drawn.around())
    apart = tuple(candidate == other for other in drawn.apart())
    distance, rank, rival = told
    near = (_NEAR, rank, distance)
    yield near, (*near, rival), (*near, rival, min(place, 9)), (*near, rival, beside)
    mirror = (_MIRROR, apart[:3], place)
    yield mirror, (*mirror, beside), (*mirror, beside, apart[3:]), (*mirror, beside, distance, rank)
    (y, x), clear = drawn.place, candidate & 255 == 0
    area, exact = (_PLACE, clear, y // 2, x // 2), (_EXACT, clear, y, x, beside)
    yield area, (*area, beside), exact, (_CLASS, *exact, drawn.label)


def _log_odds(share: float) -> float:
    return math.log(share / (1.0 - share))


def _distances(used: Sequence[int], expected: NDArray[np.int64]) -> dict[int, int]:
    """Distances of colors from the predicted one, in steps that grow with distance."""
    squares = ((unpacked(used)[:, : len(expected)] - expected) ** 2).sum(axis=1)
    return {
        color: int(2 * math.log2(1 + math.sqrt(square) / 4))
        for color, square in zip(used, squares.tolist(), strict=True)
    }
