"""Threads that share work as processes do, without torch and without connecting processes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from sprite_lab.core.errors import RunError
from sprite_lab.core.shares import SharedControl

T = TypeVar("T")


class _Member:
    """One of several threads; implements :class:`.Group`."""

    def __init__(self, rank: int, barrier: threading.Barrier, given: list[object]) -> None:
        self.rank, self.size = rank, len(given)
        self._barrier, self._given = barrier, given

    def gather(self, mine: T, *, everywhere: bool = True) -> list[T]:
        self._given[self.rank] = mine
        self._barrier.wait(60)
        found = cast(list[T], list(self._given))
        self._barrier.wait(60)
        return found if everywhere or self.rank == 0 else []

    def agree(self, sprites: str) -> None:
        if len(set(self.gather(sprites))) > 1:
            raise RunError("They say different things.")


def shared(size: int, work: Callable[[SharedControl], T]) -> list[T]:
    """What ``work`` returns in each of ``size`` threads, in the order of their ranks."""
    barrier, given = threading.Barrier(size), [None] * size

    def member(rank: int) -> T:
        control = SharedControl()
        control.processes = _Member(rank, barrier, cast(list[object], given))
        try:
            return work(control)
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(member, range(size)))
