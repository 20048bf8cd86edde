"""The text behind the "?" of a view: a few sentences over the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.markdown import show_markdown
from sprite_lab.words import tr

#: Width in logical pixels: about sixty letters per line.
_WIDTH, _MOST_HEIGHT, _MARGIN, _GAP = 432, 640, 12, 4


class Explanation(QWidget):
    """A few sentences that close on a click beside them or Esc; Tab goes through the links."""

    followed = Signal(QUrl)  #: the QUrl of a link that was pressed

    def __init__(self, parent: QWidget, markdown: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        named(self, "help.explanation", tr("Explanation"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("popup", True)
        self.text = named(RichView(), "help.explanation.text", tr("Explanation"))
        self.text.setProperty("bare", True)
        self.text.document().setDocumentMargin(4)
        self._markdown = markdown
        self._show_text()
        theme_manager().changed.connect(self._show_text)
        self.text.anchorClicked.connect(self._follow)
        vbox(self.text, on=self, spacing=-1, margins=(_MARGIN, _MARGIN, _MARGIN, _MARGIN))

    def _show_text(self, *_: object) -> None:
        show_markdown(self.text, self._markdown, current_theme())

    def place(self, button: QRect, screen: QRect) -> None:
        """Place it below a button, or above if there is more room; both in screen coordinates."""
        document = self.text.document()
        document.setTextWidth(_WIDTH - 2 * _MARGIN)
        wanted = min(_MOST_HEIGHT, round(document.size().height()) + 2 * _MARGIN + 2)
        below = screen.bottom() - button.bottom() - 2 * _GAP
        above = button.top() - screen.top() - 2 * _GAP
        upwards = wanted > below and above > below
        height = min(wanted, max(above, below))
        self.setFixedSize(_WIDTH, height)
        y = button.top() - _GAP - height if upwards else button.bottom() + _GAP
        x = min(button.left(), screen.right() - _WIDTH - _GAP)
        self.move(max(screen.left() + _GAP, x), y)

    def event(self, event: QEvent) -> bool:
        # It gets all keys while open: shortcuts of the page behind would close it.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _follow(self, url: QUrl) -> None:
        self.followed.emit(url)
        self.close()
