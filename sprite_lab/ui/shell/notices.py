"""Notices, which disappear on their own, and errors, which stay."""

from __future__ import annotations

import datetime
from collections import deque

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QGuiApplication, QHideEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy, QWidget

from sprite_lab.app.files.project import Project
from sprite_lab.core.printable import LONGEST, printable
from sprite_lab.log import report
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label, curled
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import heading
from sprite_lab.words import tr

SHOWN_MS = 4000
#: A notice younger than this, in milliseconds, stays when another page is shown: it may say why.
ARRIVING_MS = 500
#: A notice younger than this, in milliseconds, stays, and the next one waits: both at once would
#: cover controls. An older one makes way.
TOGETHER_MS = 1000
#: For this long after the launch, in milliseconds, notices wait for each other, unless the new one
#: offers to undo something: they are about the last session, not about what the user does.
STARTING_MS = 15_000
KEPT = 100
#: Smallest width of a notice with a long text, in logical pixels.
LEAST_WIDTH = 340
#: Preferred height of the details of an error.
DETAILS_HEIGHT = 240
#: How far a high notice may reach below the text of the status bar, in logical pixels.
_MARGIN = 2
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class _Toast(QFrame):
    """One notice; stays while the pointer is on it.

    ``about``: the project whose last step it is about. It then has a button that undoes that step,
    and disappears when the project's history changes.
    """

    def __init__(self, text: str, about: Project | None) -> None:
        super().__init__()
        self.setProperty("card", True)
        named(self, "notice", text)
        label = Label(text, wrap=True, selectable=True)
        close = IconButton("notice.close", "close", tr("Dismiss"), do=self.leave)
        # As low as possible: one line must fit into the status bar.
        top = Qt.AlignmentFlag.AlignTop
        self._undo = push_button("notice.undo", tr("Undo"), "undo")
        self._undo.setProperty("flat", True)
        self._undo.setVisible(about is not None)
        self._row = hbox((label, 1), self._undo, (close, 0, top), on=self, margins=(12, 0, 2, 0))
        self._label, self._close = label, close
        if about is not None:
            self._undo.clicked.connect(about.history.undo)
            about.history_changed.connect(self.leave)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.leave)
        self._timer.start(SHOWN_MS)
        self._age = QElapsedTimer()
        self._age.start()

    @property
    def makes_way(self) -> bool:
        """Whether the next notice may replace it: it is not new, and not under the pointer."""
        return self._age.elapsed() >= TOGETHER_MS and self._timer.isActive()

    def leave_page(self) -> None:
        """Disappear, since another page is shown, unless it is so new that it may explain why."""
        if self._age.elapsed() >= ARRIVING_MS:
            self.leave()

    def leave(self) -> None:
        self.hide()
        self.deleteLater()

    def repeats(self, text: str) -> bool:
        """Whether it has this text; if so, its time is restarted."""
        if self._label.text() != text:
            return False
        if self._timer.isActive():  # not while the pointer is on it
            self._timer.start(SHOWN_MS)
        return True

    def fit(self, room: int) -> None:
        """Fit the width to the text, within the available width."""
        lines = self._label.text().split("\n")
        self._label.ensurePolished()  # otherwise its font would be unknown
        # One more, since rounding could break the line.
        text = max(self._label.fontMetrics().horizontalAdvance(line) for line in lines) + 1
        margins = self._row.contentsMargins()
        around = margins.left() + margins.right() + self._row.spacing() + 2
        if not self._undo.isHidden():
            around += self._row.spacing() + self._undo.sizeHint().width()
        width = min(room, text + around + self._close.sizeHint().width())
        # Layouts ignore the height of wrapped text in aligned widgets.
        self.setFixedSize(width, self.heightForWidth(width))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start(SHOWN_MS)
        super().leaveEvent(event)


class NoticeArea(QWidget):
    """Shows notices, one at a time, over the status bar's text (``free``), and lists them.

    Only long ones cover other widgets. While ``free`` is hidden, they stay at the lower right. They
    never cover ``error``.
    """

    def __init__(self, parent: QWidget, free: QWidget, error: ErrorBar) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self._parent, self._free, self._error = parent, free, error
        self.kept: deque[tuple[datetime.datetime, str]] = deque(maxlen=KEPT)
        self._column = vbox(on=self, spacing=4)
        self._age = QElapsedTimer()
        self._age.start()
        self._waiting: dict[str, QElapsedTimer] = {}  # texts, with the time since each was said
        for watched in (free, parent, error):
            watched.installEventFilter(self)
        self.hide()

    def say(self, text: str, about: Project | None = None) -> None:
        """Show a sentence for four seconds, and list it; a repeated one is shown once.

        ``about`` : the project whose last step it reports, which can be undone there.
        """
        text = curled(printable(text, longest=LONGEST))
        self.keep(text)
        shown = self._shown
        if text in self._waiting or (shown is not None and shown.repeats(text)):
            return
        in_turn = self._waiting or (shown and (self._is_starting or not shown.makes_way))
        if in_turn and about is None:  # else it offers to undo something now
            self._waiting[text] = QElapsedTimer()
            self._waiting[text].start()
            return
        if shown is not None:
            shown.leave()
        self._show(text, about)

    def _show(self, text: str, about: Project | None = None) -> None:
        toast = _Toast(text, about)
        toast.destroyed.connect(self._settle_later)
        self._column.addWidget(toast, 0, Qt.AlignmentFlag.AlignRight)
        self.show()
        toast.show()  # layouts ignore hidden widgets
        self.raise_()
        self._settle()

    def leave_page(self) -> None:
        """Hide notices of the page that was just left; they stay in the list."""
        if (shown := self._shown) is not None:
            shown.leave_page()
        if not self._is_starting:
            young = {
                text: age for text, age in self._waiting.items() if age.elapsed() < ARRIVING_MS
            }
            self._waiting = young

    @property
    def _is_starting(self) -> bool:
        return self._age.elapsed() < STARTING_MS

    def keep(self, text: str) -> None:
        """Add a sentence to the list without showing it."""
        self.kept.append((datetime.datetime.now(), text))

    def show_list(self, above: QWidget) -> None:
        """Open the list of notices, newest at the bottom, above a button."""
        popup = named(QFrame(self.window(), Qt.WindowType.Popup), "notices.list")
        popup.setProperty("popup", True)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QPlainTextEdit()
        text.setReadOnly(True)
        text.setProperty("bare", True)  # one border is enough
        text.document().setDocumentMargin(0)
        text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it wraps
        text.setAccessibleName(tr("Notices"))
        text.setPlainText(
            "\n".join(f"{when:%H:%M:%S}  {what}" for when, what in self.kept)
            or tr("No notices yet.")
        )
        vbox(heading(tr("Notices")), (text, 1), on=popup, margins=(12, 10, 8, 8))
        popup.resize(520, 260)
        corner = above.mapToGlobal(QPoint(above.width(), 0))
        popup.move(corner - QPoint(popup.width(), popup.height()))
        popup.show()
        text.verticalScrollBar().setValue(text.verticalScrollBar().maximum())

    def _settle_later(self) -> None:
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        if self._column.count() == 0 and self._waiting:
            text = next(iter(self._waiting))
            del self._waiting[text]
            self._show(text)
            return
        if self._column.count() == 0:
            self.hide()
            return
        free = QRect(self._free.mapTo(self._parent, QPoint(0, 0)), self._free.size())
        if not self._free.isVisible():
            free = self._parent.rect().adjusted(0, 0, -16, -16)
        width = max(LEAST_WIDTH, free.width())
        if (shown := self._shown) is not None:
            shown.fit(width)
        self._column.activate()
        self.resize(width, self._column.sizeHint().height())
        # Centered in the line, unless it does not fit.
        below = max(-_MARGIN, (free.height() - self.height()) // 2)
        bottom = free.bottom() + 1 - below
        if self._error.isVisible():
            bottom = self._error.y()
        self.move(free.right() + 1 - width, bottom - self.height())

    @property
    def _shown(self) -> _Toast | None:
        # Not by the items of the layout: Qt deletes those, but their Python wrappers would stay and
        # be mistaken for what Qt then puts in their place.
        return next((one for one in self.findChildren(_Toast) if not one.isHidden()), None)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._settle()  # a notice was added or removed, or its font became known
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self.isVisible():
            self._settle_later()  # after the layout is done
        return False


def dismiss_error(widget: QWidget) -> bool:
    """Hide the error over a widget's window; returns whether there was one."""
    shown = [bar for bar in widget.window().findChildren(ErrorBar) if bar.isVisible()]
    for bar in shown:
        bar.hide()
    return bool(shown)


class ErrorBar(QFrame):
    """The latest error, over the status bar's text until dismissed, without moving other widgets.

    Only a sentence of more than two lines covers other widgets. ``status``: the bar; while it is
    hidden the error stays at the bottom. ``free``: the rightmost part of the bar to cover.
    """

    def __init__(self, parent: QWidget, status: QWidget, free: QWidget) -> None:
        super().__init__(parent)
        self._parent, self._status, self._free = parent, status, free
        for watched in (parent, free):
            watched.installEventFilter(self)
        self.setObjectName("error")
        self.setProperty("card", True)
        self._text = named(Label(wrap=True, selectable=True, look="bad"), "error.text")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._fold = push_button("error.details", tr("Details"), "chevron-right")
        self._fold.setCheckable(True)
        self._fold.setProperty("flat", True)
        self._copy = push_button(
            "error.copy", tr("Copy details"), "copy", tr("Copy the details for a bug report")
        )
        self._copy.setProperty("flat", True)
        self._copy.clicked.connect(self._copy_details)
        close = IconButton("error.close", "close", tr("Dismiss"), do=self.hide)
        self._details = named(QPlainTextEdit(), "error.traceback", tr("Details of the error"))
        self._details.setReadOnly(True)
        self._details.hide()
        row = hbox((self._text, 1), self._fold, self._copy, close)
        self._column = vbox(row, on=self, spacing=0, margins=(12, 0, 2, 0))
        self._fold.toggled.connect(self._show_details)
        self.hide()

    def _show_details(self, shown: bool) -> None:
        # An overlay outside the layout: a window on a small screen cannot grow.
        if shown:
            self._details.setParent(self._parent)
            self._place_details()
            self._details.raise_()
        self._details.setVisible(shown)

    def _place_details(self) -> None:
        place = self.geometry().marginsRemoved(self.contentsMargins())
        height = min(DETAILS_HEIGHT, place.top() - 8)
        self._details.setGeometry(place.left(), place.top() - height, place.width(), height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self.isVisible():
            QTimer.singleShot(0, self, self._place)  # after the layout is done
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Use the width free in the status bar, and the height that the sentence needs."""
        bar = QRect(self._status.mapTo(self._parent, QPoint(0, 0)), self._status.size())
        bar.setRight(self._free.mapTo(self._parent, QPoint(self._free.width(), 0)).x())
        if not self._status.isVisible():
            bar = self._parent.rect().adjusted(0, 0, 0, -8)
        width = bar.width() - 16
        self._column.activate()  # otherwise the height would be that of the former sentence
        height = self._column.totalHeightForWidth(width)
        # Its border stays within the window.
        below = max(2, (bar.height() - height) // 2) if self._status.isVisible() else 0
        self.setGeometry(bar.left() + 8, bar.bottom() + 1 - below - height, width, height)
        self._place_details()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._fold.setChecked(False)

    def say(self, sentence: str, details: str = "") -> None:
        sentence = curled(printable(sentence, longest=LONGEST))
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._details.setPlainText(details)
        self._fold.setChecked(False)
        self._fold.setVisible(bool(details))
        self._copy.setVisible(bool(details))
        self.show()  # layouts ignore hidden widgets
        self._place()
        self.raise_()

    def _copy_details(self) -> None:
        details = f"{self._text.text()}\n\n{self._details.toPlainText()}"
        QGuiApplication.clipboard().setText(report(details))
