"""What the app says without being asked: notices that go by themselves, errors that stay."""

from __future__ import annotations

import datetime
from collections import deque

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton, push_button

SHOWN_MS = 4000
KEPT = 100
WIDTH = 340


class _Toast(QFrame):
    """One notice; it stays while the pointer is on it."""

    def __init__(self, theme: ThemeManager, text: str) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.setObjectName("notice")
        self.setAccessibleName(text)
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = IconButton(theme, "close", "Dismiss", name="notice.close")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 6, 8)
        row.addWidget(label, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.deleteLater)
        self._timer.start(SHOWN_MS)
        close.clicked.connect(self.deleteLater)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start(SHOWN_MS)
        super().leaveEvent(event)


class NoticeArea(QWidget):
    """Notices in the lower right of a widget, newest at the bottom, and a list.

    Parameters
    ----------
    parent : what it lies in; ``over`` : the part of that whose corner it keeps to.
    """

    def __init__(self, theme: ThemeManager, parent: QWidget, over: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self._theme, self._over = theme, over
        self.kept: deque[tuple[datetime.datetime, str]] = deque(maxlen=KEPT)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setFixedWidth(WIDTH)
        over.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show a sentence for four seconds, and keep it in the list."""
        self.keep(text)
        toast = _Toast(self._theme, text)
        toast.destroyed.connect(self._settle_later)
        self._column.addWidget(toast)
        self.show()
        toast.show()  # a layout leaves no room for what is not shown yet
        self.raise_()
        self._settle()

    def keep(self, text: str) -> None:
        """Put a sentence into the list without showing it."""
        self.kept.append((datetime.datetime.now(), text))

    def show_list(self, above: QWidget) -> None:
        """Open the list of what was said, newest at the bottom, above a button."""
        popup = QFrame(self.window(), Qt.WindowType.Popup)
        popup.setObjectName("notices.list")
        popup.setProperty("card", True)
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = QPlainTextEdit()
        text.setReadOnly(True)
        text.setAccessibleName("Notices")
        text.setPlainText(
            "\n".join(f"{when:%H:%M:%S}  {what}" for when, what in self.kept)
            or "Nothing was said yet."
        )
        column = QVBoxLayout(popup)
        column.addWidget(text)
        popup.resize(520, 260)
        corner = above.mapToGlobal(QPoint(above.width(), 0))
        popup.move(corner - QPoint(popup.width(), popup.height()))
        popup.show()
        text.verticalScrollBar().setValue(text.verticalScrollBar().maximum())

    def _settle_later(self) -> None:
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        if self._column.count() == 0:
            self.hide()
            return
        # Word-wrapped text has a height only for a width.
        self._column.activate()
        height = self._column.totalHeightForWidth(WIDTH)
        self.resize(WIDTH, height if height > 0 else self.sizeHint().height())
        area = self._over.geometry()
        self.move(area.right() - WIDTH - 15, area.bottom() - self.height() - 15)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._settle()  # a notice has come or gone, or its font has become known
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False


class ErrorBar(QFrame):
    """One sentence on what went wrong, above the stage, until it is dismissed.

    Parts: ``error.text``, ``error.details`` (folds out the traceback), ``error.close``.
    """

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("error")
        self.setProperty("card", True)
        self._text = QLabel()
        self._text.setObjectName("error.text")
        self._text.setProperty("bad", True)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._fold = push_button(theme, "Details", name="error.details", icon_name="chevron-right")
        self._fold.setCheckable(True)
        self._fold.setProperty("flat", True)
        close = IconButton(theme, "close", "Dismiss", name="error.close")
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setObjectName("error.traceback")
        self._details.setAccessibleName("Details of the error")
        self._details.setMaximumHeight(160)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self._fold)
        row.addWidget(close)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        column.addLayout(row)
        column.addWidget(self._details)
        self._fold.toggled.connect(self._details.setVisible)
        close.clicked.connect(self.hide)
        self._details.hide()
        self.hide()

    def minimumSizeHint(self) -> QSize:
        # A label that wraps asks for the height of a narrow one, and the window would grow.
        hint, parent = super().minimumSizeHint(), self.parentWidget()
        width = self.width() if parent is None else parent.contentsRect().width()
        return QSize(hint.width(), self._column.totalMinimumHeightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def say(self, sentence: str, details: str = "") -> None:
        """Show an error in the place of the one before."""
        self._text.setText(sentence)
        self.setAccessibleName(sentence)
        self._details.setPlainText(details)
        self._fold.setChecked(False)
        self._fold.setVisible(bool(details))
        self.show()
