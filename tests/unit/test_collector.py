"""Garbage is collected on the UI thread alone."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from sprite_lab.jobs import Collector


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.remove()


class Circle:
    """Refers to itself, and records on which thread it ends."""

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
