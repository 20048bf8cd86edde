"""Shared by tests of Qt objects."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QObject,
    QPoint,
    QPointF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.core.run import Run, RunControl
from sprite_lab.jobs import JobRunner
from sprite_lab.jobs.worker import SHORT_STEPS_PER_LONG

#: Single-shot timers up to this length, in milliseconds, collect changes; longer ones save, or hide
#: a notice.
SOON_MS = 500

#: Least time that tests wait for something to happen, in milliseconds.
PATIENCE_MS = 120_000


class PatientBot(QtBot):
    """Waits as long as a busy machine may take for what has to happen."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        if options.get("raising", True):  # assertNotEmitted waits for what must not happen
            timeout = max(timeout, PATIENCE_MS)
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitSignals(self, signals: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        return super().waitSignals(signals, timeout=max(timeout, PATIENCE_MS), **options)

    def waitExposed(self, widget: QWidget, *, timeout: int = PATIENCE_MS) -> Any:
        return super().waitExposed(widget, timeout=max(timeout, PATIENCE_MS))


def delete_now(*objects: QObject) -> None:
    """Destroy objects with their children. Slots keep their closures alive until then, and Python's
    collector does not see that, so a test's window would live until the last test.
    """
    for each in objects:
        each.deleteLater()
        QCoreApplication.sendPostedEvents(each, QEvent.Type.DeferredDelete)


def wait(milliseconds: int) -> None:
    """Let the event loop run; unlike QTest.qWait, it does not hold the GIL meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(condition: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Let the event loop run until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        wait(3)


def activate(window: QWidget) -> None:
    """Wait until a window is active: earlier, keys of menus are lost, and a menu deactivates it."""
    until(lambda: window.activateWindow() or window.isActiveWindow())


def at_work(runner: JobRunner) -> list[str]:
    """The names of running jobs, except the one that saves the settings a second after a change."""
    names = [handle.name for handle in runner.handles]
    return [name for name in names if name != "Saving the settings"]


def let_train(runner: JobRunner) -> None:
    """Give a training run that is not paused 50 turns or more, and let all its records arrive."""

    def short(control: RunControl) -> Run[None]:
        for _ in range(50 * SHORT_STEPS_PER_LONG):
            yield None

    for _ in range(2):  # the tick that reports its end may have polled the training before
        handle = runner.start(short, name="short")
        until(lambda handle=handle: handle.outcome is not None)


def turn_wheel(
    widget: QWidget,
    notches: int = 1,
    *,
    at: QPointF | None = None,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> bool:
    """Turn the wheel over a place of a widget; None = its center.

    Returns whether the widget accepted the event; otherwise Qt passes it to the parent.
    """
    place = QPointF(widget.rect().center()) if at is None else at
    turned, button = QPoint(0, 120 * notches), Qt.MouseButton.NoButton
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), turned, button, held, phase, False
    )
    QCoreApplication.sendEvent(widget, event)
    return event.isAccepted()


class _Unrest(QObject):
    """Notices what is laid out or painted."""

    KINDS = frozenset(
        {
            QEvent.Type.LayoutRequest,
            QEvent.Type.UpdateRequest,
            QEvent.Type.Paint,
            QEvent.Type.Resize,
            QEvent.Type.Move,
            QEvent.Type.Show,
            QEvent.Type.Hide,
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.noticed = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.noticed = self.noticed or event.type() in self.KINDS
        return False


def settle(*widgets: QWidget) -> None:
    """Lay out and paint widgets now: a paint may request a layout, and that another paint."""
    for widget in widgets:
        if not widget.isVisible():
            widget.grab()  # also lays it out
    unrest, app = _Unrest(), QCoreApplication.instance()
    assert app is not None
    app.installEventFilter(unrest)
    for _ in range(50):  # a layout passes from part to part; a playing animation never rests
        unrest.noticed = False
        QCoreApplication.processEvents()
        if not unrest.noticed:
            break
    app.removeEventFilter(unrest)


def is_at_rest(*owners: QObject) -> bool:
    """Whether no single-shot timer of some objects and their children is about to fire."""
    timers = [timer for owner in owners for timer in owner.findChildren(QTimer)]
    return not any(t.isActive() and t.isSingleShot() and t.interval() <= SOON_MS for t in timers)


class Resizes(QObject):
    """Counts how often a part is resized, and stops a recursion before the stack is full."""

    MOST = 40

    def __init__(self, part: QWidget) -> None:
        super().__init__(part)
        self.count = 0
        part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Resize
        return event.type() == QEvent.Type.Resize and self.count > self.MOST
