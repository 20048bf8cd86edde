"""Text that is shortened if there is too little room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QFontMetrics,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QWidget,
)

from sprite_lab.ui.text import Label, held, tooltip

#: Widths of letters to try if a text does not fit, in percent of the usual.
NARROW = 85, 80

#: Minimum size of a label that narrows, as a share of the usual.
_SMALLEST = 0.85


def _width(font: QFont, text: str) -> float:
    """The width of a text, with fractions of a pixel, as used by the elision."""
    return QFontMetricsF(font).horizontalAdvance(text)


def narrowed(font: QFont, text: str, room: float) -> QFont:
    """The font, or a narrower one if the text needs more than ``room``."""
    narrow = font
    for stretch in NARROW:
        if _width(narrow, text) <= room:
            break
        narrow = QFont(font)
        narrow.setStretch(stretch)
    return narrow


class ElidedLabel(Label):
    """A one-line label, dimmed by default, with "…" if it does not fit.

    ``elide``: where text is left out; ``narrows``: whether to try narrower and slightly smaller
    letters first.
    """

    def __init__(
        self,
        *,
        name: str,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        narrows: bool = False,
        look: str = "dim",
    ) -> None:
        super().__init__(look=look)
        self._elide, self._narrows = elide, narrows
        self.setObjectName(name)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(tooltip(text))

    def shown_text(self) -> str:
        room = self.contentsRect().width()
        return QFontMetrics(self._shown_font).elidedText(self.text(), self._elide, room)

    @property
    def _shown_font(self) -> QFont:
        room = self.contentsRect().width()
        if not self._narrows:
            return self.font()
        font = narrowed(self.font(), self.text(), room)
        pixels = QFontInfo(font).pixelSize()
        least = round(_SMALLEST * pixels)
        while pixels > least and _width(font, self.text()) > room:
            pixels -= 1
            font.setPixelSize(pixels)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._shown_font)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            self.shown_text(),
            self.foregroundRole(),
        )


class HintLabel(Label):
    """A hint on what to do next, which wraps, is never cut off, and is dimmed by default.

    It does not make its surroundings wider or higher. With ``steady``, it is always high enough for
    its initial text, or those given to :meth:`keep_room`, so that nothing moves when shorter texts
    replace it.
    """

    def __init__(
        self, text: str = "", *, name: str, steady: bool = False, look: str = "dim"
    ) -> None:
        self._heights: dict[int, int] = {}  #: heights by width
        super().__init__(text, wrap=True, look=look)
        self._steady: Sequence[str] = [text] if steady else []
        self.setObjectName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        # Rounded up, as the text would wrap if a fraction of a pixel were missing.
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def keep_room(self, texts: Sequence[str]) -> None:
        """Keep the height of the highest of these texts, whichever is shown."""
        if self._steady != texts:
            self._steady = texts
            self._heights.clear()
            self.updateGeometry()

    def wrapping_text(self) -> str:
        """The text with spaces wherever it may break."""
        return self.text()

    def setText(self, text: str) -> None:
        self._heights.clear()
        super().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        self._heights.clear()  # the font may have changed
        super().changeEvent(event)

    def heightForWidth(self, width: int) -> int:
        """Cached, as layouts request it a dozen times in a row."""
        if width not in self._heights:
            wrap, room = Qt.TextFlag.TextWordWrap, QRect(0, 0, width, 10_000)
            texts, metrics = (self.wrapping_text(), *self._steady), self.fontMetrics()
            self._heights[width] = max(
                metrics.boundingRect(room, wrap, text).height() for text in texts
            )
        return self._heights[width]


class Still(QWidget):
    """Holds a label whose text changes with every frame.

    Whenever a label's text changes, Qt lays out the whole window again. This holder has no layout,
    which prevents that.
    """

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        label.setParent(self)
        self.setSizePolicy(label.sizePolicy())

    def sizeHint(self) -> QSize:
        return self._label.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._label.minimumSizeHint()

    def heightForWidth(self, width: int) -> int:
        return self._label.heightForWidth(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._label.resize(event.size())


#: Space between the text of a combo box and the edges of its field, in logical pixels.
_INSET = 2


class ElidedComboBox(QComboBox):
    """A combo box that shortens long entries in the middle, as names differ at their ends, with the
    full text in the tooltip and the open list. Qt would cut them off without any sign.
    """

    @property
    def _stands_in(self) -> bool:
        """Whether the placeholder is shown instead of an entry."""
        return self.currentIndex() < 0 and bool(self.placeholderText())

    def shown_text(self) -> str:
        """The visible text of the chosen entry, or of the placeholder."""
        option = self._option()
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = (
            self.style()
            .subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
            .width()
        )
        text = self.placeholderText() if self._stands_in else option.currentText
        return self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room - _INSET)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + _INSET, hint.height())

    def setEditable(self, editable: bool) -> None:
        super().setEditable(editable)
        line = self.lineEdit()
        if line is not None:
            line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the tooltip also over the line edit that covers an editable box."""
        if watched is self.lineEdit() and event.type() == QEvent.Type.ToolTip:
            return self.event(event)
        return super().eventFilter(watched, event)

    def showPopup(self) -> None:
        bar = self.view().verticalScrollBar().sizeHint().width()
        wanted = self.view().sizeHintForColumn(0) + bar + 2 * _INSET
        self.view().setMinimumWidth(min(wanted, self.screen().availableGeometry().width()))
        super().showPopup()
        # Qt assumes a narrower frame than the list has, and then replaces the last entry by a
        # scroll arrow.
        view = self.view()
        around = view.parentWidget()
        layout = None if around is None else around.layout()
        rows = sum(view.sizeHintForRow(row) for row in range(self.count()))
        if around is None or layout is None or rows > around.height():
            return  # the screen is too low
        for part in around.findChildren(QWidget):
            if part.inherits("QComboBoxPrivateScroller"):
                part.hide()
        layout.activate()
        missing = rows - view.viewport().height()
        around.resize(around.width(), around.height() + max(0, missing))

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return option

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = filter(None, (self.currentText(), held(self.toolTip())))
            QToolTip.showText(event.globalPos(), tooltip(*words), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        if self._stands_in and self.isEnabled():
            dim = option.palette.placeholderText()
            option.palette.setBrush(QPalette.ColorRole.ButtonText, dim)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
