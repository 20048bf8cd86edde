"""The explanation behind the "?" of a view: a few sentences over the window."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRect, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.markdown import show_markdown
from sprite_lab.ui.widgets.keys import claims
from sprite_lab.words import tr

#: In logical pixels; widths and maximum height at the usual text size: about sixty letters per
#: line, or more if the text would scroll.
_WIDTHS, _MOST_HEIGHT, _MARGIN, _GAP = (432, 528, 624), 640, 12, 4


class Explanation(QWidget):
    """A few sentences, closed by Esc or a click beside them; Tab goes through the links."""

    followed = Signal(QUrl)  #: QUrl of the link that was pressed

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
        """Fit its size to its text, and move it below ``button``, or above if it does not fit below
        and there is more room above; ``button`` and ``screen``: in screen coordinates.
        """
        below = screen.bottom() - button.bottom() - 2 * _GAP
        above = button.top() - screen.top() - 2 * _GAP
        scale = theme_manager().text_scale
        room = min(round(_MOST_HEIGHT * scale), max(above, below))
        for width in (min(round(width * scale), screen.width() - 2 * _GAP) for width in _WIDTHS):
            wanted = self._height_at(width)
            if wanted <= room:
                break
        upward = wanted > below and above > below
        height = min(wanted, room)
        self.setFixedSize(width, height)
        y = button.top() - _GAP - height if upward else button.bottom() + _GAP
        x = min(button.left(), screen.right() - width - _GAP)
        self.move(max(screen.left() + _GAP, x), y)

    def _height_at(self, width: int) -> int:
        """The height that shows all text at a width, in logical pixels."""
        document = self.text.document().clone()  # the original has the width of its view
        document.setTextWidth(width - 2 * _MARGIN)
        return math.ceil(document.size().height()) + 2 * _MARGIN + 2

    def event(self, event: QEvent) -> bool:
        # While open, it takes all keys, as shortcuts of the page behind would close it.
        return claims(event, lambda _: True) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _follow(self, url: QUrl) -> None:
        self.followed.emit(url)
        self.close()
