"""Drives the window like a user, through its visible widgets, and takes pictures of it.

The pictures depend neither on the clock nor on chance: all dice for seeds fall the same way each
time, and the date is always the same.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QFont, QFontInfo, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QCheckBox, QLineEdit, QWidget

SIZES = ((1280, 800), (1920, 1080))
THEMES = ("light", "dark")

#: Pictures are only comparable in one font; every machine that makes them has this one (Debian:
#: fonts-dejavu-core).
FONT = ("DejaVu Sans", 9)

DAY = datetime.datetime(2026, 11, 25, 12, 0)


@dataclass(frozen=True)
class View:
    """A wanted picture of a state of the window.

    Parameters
    ----------
    size : of the window; None = as it is.
    shown : size of the file; None = the same.
    colors : of the file; None = as many as there are.
    text : how large text is, in percent.
    """

    file: Path
    scene: str
    state: str
    mode: str
    size: tuple[int, int] | None = None
    shown: tuple[int, int] | None = None
    colors: int | None = None
    text: int = 100

    @staticmethod
    def to_look_at(out: Path, texts: Sequence[int] = (100,)) -> Views:
        """All views, each in every theme, size of text and, unless it has its own, in every
        size."""

        def views(state: str, sized: bool) -> list[View]:
            return [
                View(
                    out / f"{state}-{mode}{'-{}x{}'.format(*size) if size else ''}"
                    f"{f'-{text}' if text != 100 else ''}.png",
                    "",
                    state,
                    mode,
                    size,
                    text=text,
                )
                for text in texts
                for mode in THEMES
                for size in (SIZES if sized else (None,))
            ]

        return views


#: Training time; with small batches, long enough for the samples to be sprites.
EPOCHS = 8

#: The wanted pictures of a state, by its name and whether its window takes any size.
Views = Callable[[str, bool], Sequence[View]]


class _Day(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return DAY

    @classmethod
    def fromtimestamp(cls, t: float, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return DAY


def leave_nothing_to_chance() -> None:
    """Stop the library's clock and seed everything random that users do not seed."""
    from sprite_lab.app.files import library

    class Clock:
        datetime = _Day

    library.datetime = Clock  # type: ignore[attr-defined]
    generator = np.random.default_rng
    np.random.default_rng = lambda seed=0: generator(seed)  # type: ignore[assignment]


def wait(milliseconds: int) -> None:
    """Let Qt work for a while. QTest.qWait would hold the GIL, and block the workers."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], object], seconds: float = 900) -> None:
    """Let Qt work until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the app did not come to the state that was waited for")
        wait(20)


class Photographer:
    """The app, its window, and the wanted pictures.

    Parameters
    ----------
    data : sprites to open; None = the built-in set.
    epochs : of the training.
    """

    def __init__(self, views: Views, data: Path | None = None, epochs: int = EPOCHS) -> None:
        from sprite_lab.app.lab import Lab
        from sprite_lab.app.shell.settings import Settings
        from sprite_lab.ui.shell.main_window import MainWindow
        from sprite_lab.ui.shell.startup import Startup
        from sprite_lab.ui.theme import ThemeManager

        leave_nothing_to_chance()
        self._views, self._epochs = views, epochs
        self.app = QApplication.instance() or QApplication([])
        self.app.setFont(QFont(*FONT))
        if QFontInfo(self.app.font()).family() != FONT[0]:
            raise SystemExit(f"The pictures are made with the font {FONT[0]}: install it first.")
        self.theme = ThemeManager(self.app, "light")
        self.lab = Lab(Settings())
        self.window = MainWindow(self.lab)
        self.startup = Startup(self.lab, self.window, str(data) if data else None)
        self.window.resize(*SIZES[0])
        self.window.show()

    def go(self, *names: str) -> None:
        """Press the tab of a workspace, and of one of its pages."""
        for name in names:
            self.click(name)
            wait(200)

    def type_number(self, name: str, value: int) -> None:
        """Type a number into a field."""
        field = self.find(name).findChild(QAbstractSpinBox)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, str(value))
        QTest.keyClick(field, Qt.Key.Key_Return)
        field.findChild(QLineEdit).deselect()  # as when the focus goes elsewhere

    def rest(self, seconds: float = 300) -> None:
        """Wait until all computing is done, and its results are painted."""
        wait(300)
        wait_for(lambda: not self.lab.jobs.handles, seconds)
        wait(300)

    def find(self, name: str) -> QWidget:
        """The visible widget with this name."""
        for widget in self.window.findChildren(QWidget, name):
            if widget.isVisible():
                return widget
        raise LookupError(f"nothing called {name} is to be seen")

    def click(self, name: str) -> None:
        widget = self.find(name)
        assert widget.isVisible(), f"{name} cannot be seen"
        assert widget.isEnabled(), f"{name} is grayed"
        if isinstance(widget, QCheckBox):  # beside its text, a click does nothing
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(8, widget.height() // 2))
        else:
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def shoot(self, state: str, window: QWidget | None = None, *, sized: bool = True) -> None:
        """Take the wanted pictures of this state, with windows open above.

        ``window``: another than the main one; ``sized``: whether it takes any size.
        """
        window = window or self.window
        for view in self._views(state, sized):
            self.theme.set_mode(view.mode)
            self.theme.set_text_size(view.text)
            if view.size is not None:
                window.resize(*view.size)
            wait(500)
            picture = window.grab()
            popup = QApplication.activePopupWidget()
            if popup is not None:
                place = window.mapFromGlobal(popup.mapToGlobal(QPoint(0, 0)))
                painter = QPainter(picture)
                painter.drawPixmap(QPointF(place), popup.grab())
                painter.end()
            save(picture, view)
        self.theme.set_mode(THEMES[0])
        self.theme.set_text_size(100)
        if sized:
            window.resize(*SIZES[0])
        wait(100)

    def close(self) -> None:
        for handle in self.lab.jobs.handles:
            handle.stop()
        wait_for(lambda: not self.lab.jobs.handles)
        self.lab.jobs.shut_down(10)


def save(picture: QPixmap, view: View) -> None:
    """Save a picture as required: reduced, and in few colors, since the repository keeps it."""
    image = Image.fromqpixmap(picture).convert("RGB")
    if view.shown is not None:
        image = image.resize(view.shown, Image.Resampling.LANCZOS)
    if view.colors is not None:
        image = image.quantize(view.colors, dither=Image.Dither.NONE)
    image.save(view.file, optimize=True)
    print(view.file.name, flush=True)
