"""The README's promises about the window, with a test for each."""

from __future__ import annotations

import gc
import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QDesktopServices, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab import log
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.run import Run, RunControl
from sprite_lab.ui.help.crash import CrashWindow
from sprite_lab.ui.shell.app import ErrorHooks
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.widgets.pages import Pages
from tests.network import Asked

pytestmark = pytest.mark.opens("data")


class _Painter(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        raise KeyError("the fault")


class _NestedPainter(QWidget):
    def event(self, event: QEvent) -> bool:
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        {}["the fault"]


class _Deleted:
    def __del__(self) -> None:
        raise KeyError("the fault")


def _in_a_slot(lab: Lab) -> None:
    QTimer.singleShot(0, _raise)


def _in_a_paint_event(lab: Lab) -> None:
    _in_a_paint_event.widget = _Painter()  # type: ignore[attr-defined]
    _in_a_paint_event.widget.show()  # type: ignore[attr-defined]


def _in_a_nested_paint_event(lab: Lab) -> None:
    """Raise an exception in Python code that Qt calls during a call from Python."""
    painter = _NestedPainter()
    QTimer.singleShot(0, painter.grab)


def _in_a_thread(lab: Lab) -> None:
    threading.Thread(target=_raise).start()


def _in_a_task(lab: Lab) -> None:
    def make(control: RunControl) -> Run[None]:
        yield None
        _raise()

    lab.do(Task(make), lab, name="Faulty")


def _raise() -> None:
    raise KeyError("the fault")


@pytest.mark.parametrize(
    "fail", [_in_a_slot, _in_a_paint_event, _in_a_nested_paint_event, _in_a_thread, _in_a_task]
)
def test_an_exception_anywhere_is_shown_with_details_to_copy_and_logged(
    fail, window: MainWindow, lab: Lab, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:  # type: ignore[no-untyped-def]
    hooks = ErrorHooks(lab)
    try:
        with caplog.at_level(logging.ERROR, logger="sprite_lab"), qtbot.capture_exceptions():
            # pytest-qt has replaced our hook with its own in this block.
            before, sys.excepthook = sys.excepthook, hooks._on_error
            fail(lab)
            qtbot.waitUntil(window.error.isVisible, timeout=20_000)
            sys.excepthook = before
    finally:
        hooks.remove()
        if fail is _in_a_paint_event:
            fail.widget.hide()
    said = window.error.findChild(QLabel, "error.text").text()  # type: ignore[union-attr]
    assert "went wrong" in said or "KeyError" in said
    assert "Traceback" not in said
    copy = window.error.findChild(QPushButton, "error.copy")
    assert copy is not None
    copy.click()
    copied = QApplication.clipboard().text()
    assert "Traceback" in copied
    # PySide says where it happened
    assert re.search(r"KeyError: '(Error calling .*)?the fault'", copied)
    assert copied.startswith("Sprite Lab ")
    assert any("the fault" in record.message for record in caplog.records)


def test_what_cannot_be_raised_is_logged(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    hooks = ErrorHooks(lab)
    try:
        with caplog.at_level(logging.ERROR, logger="sprite_lab"):
            _Deleted()
            gc.collect()
    finally:
        hooks.remove()
    assert any("the fault" in record.message for record in caplog.records)


def test_the_log_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path))
    root = logging.getLogger("sprite_lab")
    before = list(root.handlers)
    monkeypatch.setattr("faulthandler.enable", lambda *_: None)  # the handler of the tests stays
    monkeypatch.setattr(logging, "raiseExceptions", True)  # monkeypatch restores it
    path = log.start_logging()
    assert path is not None
    try:
        for _ in range(40):
            root.info("x" * 100_000)
        sizes = [file.stat().st_size for file in path.parent.glob("sprite-lab.log*")]
        assert len(sizes) == 3
        assert max(sizes) <= 1_100_000
    finally:
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
            handler.close()


def test_the_next_start_offers_the_report(window: MainWindow, lab: Lab, home: Path) -> None:
    logs = home / "logs"
    logs.mkdir(parents=True)
    (logs / "crash.last.txt").write_bytes(b"Fatal Python error: Segmentation fault\n\xff")
    crash = log.last_crash()
    assert "Segmentation" in crash
    window.offer_report(crash)
    (shown,) = window.findChildren(CrashWindow)
    assert shown.isVisible()
    assert not shown.isModal()
    text = shown.findChild(QPlainTextEdit, "crash.text")
    assert text is not None
    assert "Segmentation fault" in text.toPlainText()
    copy = shown.findChild(QPushButton, "crash.copy")
    assert copy is not None
    copy.click()
    assert "Segmentation fault" in QApplication.clipboard().text()
    shown.close()
    window.offer_report("")
    assert not any(each.isVisible() for each in window.findChildren(CrashWindow))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    asked = Asked()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.note(url.toString()))
    yield asked
    asked.stop()


def test_no_network_unless_asked(
    window: MainWindow, lab: Lab, asked: Asked, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every view is opened; only the check for updates contacts a server."""
    lab.open_data(None)
    qtbot.waitUntil(lambda: lab.data.value is not None, timeout=60_000)
    for spec in WORKSPACES:
        window.navigator.go(spec.name)
        shown = window.navigator.workspace(spec.name)
        for page in shown.names if isinstance(shown, Pages) else ():
            window.navigator.go(spec.name, page)
            QApplication.processEvents()
    window.learning.show_about()
    QApplication.processEvents()
    assert asked.whom == []
    assert "PySide6.QtNetwork" not in sys.modules
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPRITE_LAB_UPDATES", "http://127.0.0.1:9/")  # where nothing listens
    window.learning.check_for_updates()
    qtbot.waitUntil(lambda: bool(asked.whom), timeout=20_000)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=60_000)
