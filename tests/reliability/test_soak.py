"""The trial that runs for hours: its waiting takes no memory, and it reports what grew."""

from __future__ import annotations

import gc
import sys

from tests.benchmarks.app import wait
from tests.reliability.soak import compared


def test_waiting_leaves_nothing_behind(qapp: object) -> None:
    def waited(times: int) -> int:
        for _ in range(times):
            wait(0.001)
        gc.collect()
        return sys.getallocatedblocks()

    waited(100)
    before = waited(1)
    assert waited(400) < before + 100


def test_what_grew_is_named() -> None:
    notes = [{"s": 60 * n, "kB": 1000 + 2 * n, "threads": 3 + n // 60} for n in range(121)]
    found = compared(notes, 600)
    assert found["grown"] == ["kB", "threads"]
    assert found["first"] == {"kB": 1046.0, "threads": 3}
    assert found["last"] == {"kB": 1214.0, "threads": 4}
    assert compared([note | {"kB": 1000, "threads": 3} for note in notes], 600)["grown"] == []
