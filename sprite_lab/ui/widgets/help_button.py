"""The "?" of a view: what one sees, what to try, the formula, and the code behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt, QUrl, Signal
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from sprite_lab.app import tasks
from sprite_lab.paths import resource
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.links import open_link
from sprite_lab.ui.widgets.markdown import show_markdown

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: Of the popup, in logical pixels: about sixty letters to a line.
_WIDTH, _MOST_HEIGHT, _MARGIN, _GAP = 432, 640, 12, 4


class HelpButton(IconButton):
    """Shows ``resources/help/views/<topic>.md``; its objectName is ``help.<topic>``."""

    def __init__(self, lab: Lab, theme: ThemeManager, topic: str) -> None:
        super().__init__(theme, "help", "What is this?", name=f"help.{topic}")
        # So that it is told from the others by who only hears it.
        self.setAccessibleName(f"What is this? {topic.replace('_', ' ').capitalize()}")
        self._lab, self._page = lab, resource("help", "views", f"{topic}.md")
        self.clicked.connect(self._ask)

    def _ask(self) -> None:
        self._lab.do(
            tasks.read_page(self._page),
            name="Opening help",
            then=self._show,
            io=True,
            newest="explanation",
        )

    def _show(self, markdown: str) -> None:
        popup = Explanation(self, self._theme, markdown)
        popup.followed.connect(self._follow)
        top_left = self.mapToGlobal(QPoint(0, 0))
        popup.place(QRect(top_left, self.size()), self.screen().availableGeometry())
        popup.show()
        popup.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def _follow(self, url: QUrl) -> None:
        open_link(url, self._lab, self._theme, self.window())


class Explanation(QWidget):
    """A few sentences that go away with a click beside them or Esc; Tab goes through its links.

    Signals
    -------
    followed : the QUrl of a link that was pressed.
    """

    followed = Signal(QUrl)

    def __init__(self, parent: QWidget, theme: ThemeManager, markdown: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("help.explanation")
        self.setAccessibleName("Explanation")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("popup", True)
        self.text = QTextBrowser()
        self.text.setObjectName("help.explanation.text")
        self.text.setAccessibleName("Explanation")
        self.text.setOpenLinks(False)
        self.text.setProperty("bare", True)
        self.text.document().setDocumentMargin(4)
        show_markdown(self.text, markdown, theme.theme)
        self.text.anchorClicked.connect(self._follow)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.addWidget(self.text)

    def place(self, button: QRect, screen: QRect) -> None:
        """Lie below a button, or above it where there is more room; both in screen coordinates."""
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

    def _follow(self, url: QUrl) -> None:
        self.followed.emit(url)
        self.close()
