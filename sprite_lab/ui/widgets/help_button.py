"""The "?" of a view: what one sees, what to try, the formula, and the code behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from sprite_lab.app import tasks
from sprite_lab.paths import resource
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_WIDTH = 380


class HelpButton(IconButton):
    """Shows ``resources/help/views/<topic>.md``; its objectName is ``help.<topic>``."""

    def __init__(self, lab: Lab, theme: ThemeManager, topic: str) -> None:
        super().__init__(theme, "help", "What is this?", name=f"help.{topic}")
        self._lab, self._page = lab, resource("help", "views", f"{topic}.md")
        self.clicked.connect(self._ask)

    def _ask(self) -> None:
        self._lab.do(tasks.read_page(self._page), name="Opening help", then=self._show, io=True)

    def _show(self, markdown: str) -> None:
        popup = Explanation(self, markdown)
        place = self.mapToGlobal(QPoint(0, self.height() + 4))
        screen = self.screen().availableGeometry()
        place.setX(max(screen.left(), min(place.x(), screen.right() - popup.width())))
        place.setY(max(screen.top(), min(place.y(), screen.bottom() - popup.height())))
        popup.move(place)
        popup.show()


class Explanation(QWidget):
    """A few sentences that go away with a click beside them or Esc."""

    def __init__(self, parent: QWidget, markdown: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("help.explanation")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setMarkdown(markdown)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.text)
        document = self.text.document()
        document.setTextWidth(_WIDTH - 24)
        self.setFixedSize(_WIDTH, min(520, round(document.size().height()) + 32))
