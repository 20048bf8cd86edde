"""Random choices that are cheap and stay the same on every Python version."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Choices for one sprite.

    Only `random.random` is used, whose sequence Python promises to keep; seeding a numpy
    generator for each sprite would take longer than drawing it.
    """

    def __init__(self, *key: int) -> None:
        self._next = random.Random("/".join(map(str, key))).random

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1."""
        return int(self._next() * n)

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """True in this share of the calls."""
        return self._next() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self._next() * len(options))]
