"""Garbage is collected only on the UI thread."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from sprite_lab.jobs import Collector
from sprite_lab.jobs import collector as module
from sprite_lab.jobs.collector import give_back


@pytest.fixture(autouse=True)
def _frozen_again() -> Iterator[None]:
    """Otherwise the next test's collection would search everything, which takes a second."""
    yield
    gc.freeze()


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.remove()


class Circle:
    """Refers to itself, and records the thread on which it is collected."""

    ended: list[int] = []

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        Circle.ended.append(threading.get_ident())


def test_what_a_worker_allocates_is_collected_on_this_thread(
    qtbot: QtBot, collector: Collector
) -> None:
    Circle.ended = []

    def work() -> None:
        for _ in range(2_000):
            Circle()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert Circle.ended == []
    qtbot.waitUntil(lambda: len(Circle.ended) == 2_000, timeout=5000)
    assert set(Circle.ended) == {threading.get_ident()}


def test_nothing_is_gone_through_where_nothing_is_due(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 0))
    collector.collect()
    assert collected == []
    monkeypatch.setattr(gc, "get_count", lambda: (10_000, 10_000, 0))
    collector.collect()
    assert collected == [1]


def test_what_has_settled_is_not_gone_through_again(collector: Collector) -> None:
    before = gc.get_freeze_count()
    collector.settle()
    assert gc.get_freeze_count() > before
    collector.remove()
    assert gc.get_freeze_count() == 0


def test_python_collects_again_where_it_did_before(qapp: object) -> None:
    for before in (True, False):
        if before:
            gc.enable()
        collector = Collector()
        assert not gc.isenabled()
        collector.remove()
        assert gc.isenabled() == before
        gc.disable()  # as in all tests


def resident() -> int:
    """Bytes of this process in memory."""
    with open("/proc/self/statm") as status:
        return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="glibc's"
)
def test_what_was_freed_goes_back_to_the_system() -> None:
    parts = [bytearray(b"x" * 10_000) for _ in range(4_000)]
    held = parts[-1]  # above all others in memory, so that the allocator keeps them
    parts.clear()
    before = resident()
    give_back()
    assert resident() < before - 20_000_000
    assert len(held) == 10_000


def test_freed_memory_is_returned_again_and_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    returned: list[None] = []
    monkeypatch.setattr(module, "give_back", lambda: returned.append(None))
    monkeypatch.setattr(module, "GIVE_BACK_MS", 1)
    collector = Collector()
    qtbot.waitUntil(lambda: len(returned) >= 2, timeout=5000)
    collector.remove()


def test_systems_without_glibc_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    give_back()  # as with musl
    monkeypatch.setattr(ctypes, "CDLL", None)
    monkeypatch.setattr(sys, "platform", "win32")
    give_back()
