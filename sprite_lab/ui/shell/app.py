"""Builds the application: theme, lab, window, and the handlers of errors and signals."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import (
    QEvent,
    QLibraryInfo,
    QLocale,
    QObject,
    QSocketNotifier,
    QTimer,
    QTranslator,
    Signal,
)
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from sprite_lab.app.files.inbox import Inbox
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.jobs import Collector
from sprite_lab.log import last_crash
from sprite_lab.paths import APP_ID
from sprite_lab.ui.icons import app_icon
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.startup import Startup
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.words import ENGLISH, language, tr, trc

Opener = Callable[[tuple[Path, ...]], object]


class Application(QApplication):
    """Forwards files that the system asks the app to open; early ones wait."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._opener: Opener | None = None
        self._files: list[Path] = []

    def open_files_with(self, opener: Opener | None) -> None:
        """Set what opens files, including those received so far; None = nothing."""
        self._opener = opener
        self._hand_over()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            file = event.url().toLocalFile() or event.file()
            if file:
                # Each of several files has its own event: collect them.
                if not self._files:
                    QTimer.singleShot(0, self, self._hand_over)
                self._files.append(Path(file))
            return True
        return super().event(event)

    def _hand_over(self) -> None:
        if self._files and self._opener is not None:
            files, self._files = self._files, []
            self._opener(tuple(files))


#: Switch interval of Python's threads, in seconds. With the default of 5 ms, a busy worker triples
#: the longest frame time.
SWITCH_INTERVAL = 0.0005

#: Qt's environment variable for the scale.
_SCALE = "QT_SCALE_FACTOR"

_log = logging.getLogger(__name__)


def run_app(
    data: str | None = None,
    model: str | None = None,
    paths: Sequence[Path] = (),
    settings: Settings | None = None,
) -> int:
    """Open the app; returns its exit code. ``data``, ``model`` and ``paths``: see
    :class:`Startup`. ``settings``: the saved settings; None = read them.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    settings = settings or Settings()
    scale_interface(settings.value.ui_scale)
    app = QApplication.instance() or Application(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Sprite Lab")
    app.setDesktopFileName(APP_ID)
    app.setWindowIcon(app_icon())
    translate_qt(app)
    theme = ThemeManager(app, settings.value.theme)
    code, fresh = _open_window(app, theme, Lab(settings), data, model, paths)
    while fresh:
        code, fresh = _open_window(app, theme, Lab())
    return code


def _open_window(
    app: QApplication,
    theme: ThemeManager,
    lab: Lab,
    data: str | None = None,
    model: str | None = None,
    paths: Sequence[Path] = (),
) -> tuple[int, bool]:
    """Show a window until it is closed; returns the exit code, and whether to open a new one."""
    theme.set_contrast(False)
    theme.set_text_size(lab.settings.value.text_size)
    window = MainWindow(lab)
    collector = Collector(window)
    lab.machine.changed.connect(lambda *_: collector.settle())  # torch is loaded now
    hooks = ErrorHooks(lab)
    signals = SystemSignals(window)
    signals.arrived.connect(window.closing.leave_now)
    app.commitDataRequest.connect(window.closing.leave_with_session)
    startup = Startup(lab, window, data, model, paths)
    inbox = Inbox(lab, window)
    inbox.arrived.connect(startup.open)
    inbox.arrived.connect(window.bring_to_front)
    if isinstance(app, Application):
        app.open_files_with(startup.open)
    # Only the main window decides, not other open windows.
    app.setQuitOnLastWindowClosed(False)
    window.closed.connect(app.exit)
    window.show()
    window.offer_report(last_crash())
    code = app.exec()
    window.closed.disconnect(app.exit)
    app.commitDataRequest.disconnect(window.closing.leave_with_session)
    inbox.close()
    if isinstance(app, Application):
        app.open_files_with(None)
    hooks.remove()
    # Handle signals until the threads have ended: a second signal must not interrupt a save.
    in_time = lab.jobs.shut_down(window.closing.seconds_left)
    if window.fresh_wanted:  # only now: what this clears may have just been saved
        with contextlib.suppress(OSError):
            desk.clear()
    signals.remove()
    if not in_time:
        # Running threads must be neither destroyed nor killed: exit without cleaning up.
        _log.error("a worker has not ended; leaving all the same")
        logging.shutdown()
        os._exit(code or 1)
    collector.remove()
    fresh = window.fresh_wanted
    for gone in (window, lab) if fresh else ():  # slots would keep them as long as the app lives
        gone.deleteLater()
    del startup, window
    return code, fresh


def scale_interface(percent: int) -> None:
    """Set Qt's scale factor, in percent from 50 to 400, before the QApplication is made.

    Qt's own environment variable wins if it is set.
    """
    if percent != 100 and _SCALE not in os.environ:
        os.environ[_SCALE] = f"{min(max(percent, 50), 400) / 100:g}"


def translate_qt(app: QApplication) -> None:
    """Use the app's language for Qt's own words and for numbers in its fields."""
    QLocale.setDefault(QLocale(language()))
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if language() != ENGLISH and translator.load(f"qtbase_{language()}", folder):
        app.installTranslator(translator)
        app.installTranslator(_KeyNames(app))


class _KeyNames(QTranslator):
    """Names of keys as in the app's texts: in Spanish, Qt says "Control+Mayúsculas"."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._names = {
            "Ctrl": trc("key", "Ctrl"),
            "Shift": trc("key", "Shift"),
            "Return": trc("key", "Enter"),
            "Del": trc("key", "Del"),
            "Esc": trc("key", "Esc"),
        }

    def translate(
        self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        """The name of a key; None leaves everything else to Qt."""
        return self._names.get(sourceText) if context == "QShortcut" else None


class ErrorHooks(QObject):
    """Logs and shows uncaught errors of any thread."""

    _happened = Signal(str, str)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error
        sys.unraisablehook = self._on_unraisable
        # Crosses to the UI thread, where the lab lives.
        self._happened.connect(lab.failed)

    def remove(self) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def _on_error(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        _log.error("uncaught\n%s", details)
        if isinstance(error, SpriteLabError):
            sentence, details = str(error), ""  # the user can fix it; the log has the details
        else:
            sentence = tr(
                "Something went wrong in Sprite Lab ({name}: {error}). Save your work; the "
                "copied details help fix it.",
                name=kind.__name__,
                error=error,
            )
        self._happened.emit(sentence, details)

    def _on_thread_error(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_error(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_unraisable(self, args: sys.UnraisableHookArgs) -> None:
        """An error while an object is destroyed: only logged, since the user did nothing."""
        error = args.exc_value
        details = "" if error is None else "".join(traceback.format_exception(error))
        _log.error("%s\n%s", args.err_msg or "uncaught while an object was destroyed", details)


class SystemSignals(QObject):
    """Brings SIGTERM, SIGINT and SIGHUP into Qt's event loop; ignored ones stay ignored.

    While Qt waits, Python runs no handlers, but writes the signal's number to a socket, which wakes
    Qt.
    """

    arrived = Signal()  #: the system asks the app to quit

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        for end in (self._read, self._write):
            end.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._ignore)
            for name in ("SIGTERM", "SIGINT", "SIGHUP")  # Windows has no SIGHUP
            if (number := getattr(signal, name, None)) is not None
            and signal.getsignal(number) is not signal.SIG_IGN
        }
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)

    def remove(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()

    def _ignore(self, _number: int, _frame: FrameType | None) -> None:
        """Python writes the byte to the socket only if there is a handler."""

    def _on_woken(self) -> None:
        try:
            numbers = self._read.recv(64)
        except BlockingIOError:
            return
        if self._before.keys() & set(numbers):
            self.arrived.emit()
