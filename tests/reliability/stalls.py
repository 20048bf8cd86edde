"""Stalls by chance, as on a busy machine: they let tests fail that wait for less than they assert.

    SPRITE_LAB_STALLS=7 python -m pytest -p tests.reliability.stalls tests/gui

The number is a seed: a test has the same stalls each time, as far as threads allow. Some tests have
a slow worker, some a slow window, some stop between two of their lines while the worker goes on,
and some have all of it. Each has its own time between switches of threads.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

#: Environment variable with the seed.
VARIABLE = "SPRITE_LAB_STALLS"

#: Most seconds that a test stalls on each thread, however many steps it takes.
MOST_SECONDS = 2.0

#: Most seconds of a usual and of a long stall, and the percentage of long ones.
USUAL, LONG, LONG_PERCENT = 0.05, 0.6, 3

#: What stalls in a test, chosen at random.
KINDS = (("worker",), ("window",), ("test",), ("worker", "window", "test"))

_TESTS = str(Path(__file__).resolve().parent.parent)


class Stalls:
    """The stalls of one test; without a seed there are none."""

    def __init__(self, seed: str = "") -> None:
        rng = random.Random(seed)
        self.kinds: tuple[str, ...] = rng.choice(KINDS) if seed else ()
        self.interval = rng.choice((1e-5, 0.005, 0.1))
        self._rngs = {kind: random.Random(f"{seed} {kind}") for kind in self.kinds}
        self._left = dict.fromkeys(self.kinds, MOST_SECONDS)

    def at(self, kind: str, share: float) -> bool:
        """Stall in a fraction of the calls; returns whether it did."""
        if kind not in self.kinds or self._left[kind] <= 0:
            return False
        rng = self._rngs[kind]
        if rng.random() > share:
            return False
        seconds = rng.random() * (LONG if 100 * rng.random() < LONG_PERCENT else USUAL)
        self._left[kind] -= seconds
        time.sleep(seconds)
        return True

    def trace(self, frame: FrameType, event: str, argument: object) -> Any:
        """Stall between lines of tests."""
        if not frame.f_code.co_filename.startswith(_TESTS):
            return None
        if event == "line":
            self.at("test", 0.25)
        return self.trace


_stalls = Stalls()


def before(kind: str, share: float, call: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with a stall before a fraction of its calls."""

    def stalled(*arguments: Any) -> Any:
        _stalls.at(kind, share)
        return call(*arguments)

    return stalled


def pytest_collection() -> None:
    from sprite_lab import jobs
    from sprite_lab.jobs.worker import Worker
    from tests import qt

    def checked_seldom(condition: Callable[[], bool], seconds: float = 120.0) -> None:
        """Check a condition rarely: more may happen between two checks than a test expects."""
        while not condition():
            if _stalls.at("window", 0.3):
                qt.wait(30)
            else:
                qt.wait(3)

    def tick(self: jobs.JobRunner) -> None:
        if self._shut or not _stalls.at("window", 0.3):
            usual_tick(self)

    def wait_until(self: Any, callback: Callable[[], object], *, timeout: int = 0) -> None:
        def checked() -> object:
            if _stalls.at("window", 0.3):
                qt.wait(30)
            return callback()

        usual_wait(self, checked, timeout=timeout)

    usual_tick = jobs.JobRunner._tick
    usual_wait = qt.PatientBot.waitUntil
    # Unlike checked_seldom, it reports what did not happen.
    qt.PatientBot.waitUntil = wait_until  # type: ignore[method-assign]
    qt.until = checked_seldom
    jobs.JobRunner._tick = tick  # type: ignore[method-assign]
    jobs.QuickJob._on_arrived = before("window", 0.3, jobs.QuickJob._on_arrived)  # type: ignore[method-assign]
    Worker._next = before("worker", 0.2, Worker._next)  # type: ignore[method-assign]
    Worker._advance = before("worker", 0.2, Worker._advance)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    global _stalls
    _stalls = Stalls(f"{os.environ.get(VARIABLE, '0')} {item.nodeid}")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(_stalls.interval)
    if "test" in _stalls.kinds:
        sys.settrace(_stalls.trace)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        sys.setswitchinterval(interval)
        _stalls = Stalls()
