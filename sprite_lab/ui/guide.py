"""The user guide and model cards, in a window of its own that stays open beside the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser

from sprite_lab.app import tasks
from sprite_lab.paths import resource
from sprite_lab.ui.theme import ThemeManager

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from sprite_lab.app.lab import Lab

#: Room around the text, above a chapter, and before a formula, in logical pixels.
_MARGIN, _ABOVE, _INDENT = 16, 24, 24
_LINE_PERCENT = 120.0


class Guide(QDialog):
    """Parts: ``help.guide.contents`` lists the chapters, ``help.guide`` is the text.

    It shows one page at a time.
    """

    def __init__(self, lab: Lab, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._lab = lab
        self._page: Path | None = None  # what is shown
        self._markdown = ""
        self.setObjectName("help.guide.window")
        self.contents = QListWidget()
        self.contents.setObjectName("help.guide.contents")
        self.contents.setAccessibleName("Chapters")
        self.contents.setFixedWidth(176)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QTextBrowser()
        self.text.setObjectName("help.guide")
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(_MARGIN)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self.contents)
        row.addWidget(self.text, 1)
        self.resize(920, 720)
        self.contents.itemActivated.connect(self._go_to)
        self.contents.itemClicked.connect(self._go_to)
        theme.changed.connect(self._show_text)

    def open_guide(self) -> None:
        """Show the guide."""
        self.open_page(resource("help", "guide.md"), "User guide")

    def open_page(self, page: Path, title: str) -> None:
        """Show a page of Markdown that comes with the app."""
        if page == self._page:
            self._come_up()
            return

        def take(markdown: str) -> None:
            self._page, self._markdown = page, markdown
            self.setWindowTitle(f"{title} – Sprite Lab")
            self.text.setAccessibleName(title)
            self.text.setSearchPaths([str(page.parent)])
            self._show_text()
            self.text.verticalScrollBar().setValue(0)
            self._come_up()

        self._lab.do(
            tasks.read_page(page), name=f"Opening {title}", then=take, io=True, newest="page"
        )

    def _come_up(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _show_text(self, *_: object) -> None:
        """Set the text in the colours of the theme, and stay at the same place."""
        if not self._markdown:
            return
        bar = self.text.verticalScrollBar()
        place = bar.value()
        self.text.setMarkdown(self._markdown)
        self.contents.clear()
        block = self.text.document().begin()
        while block.isValid():
            _set_block(block)
            if block.blockFormat().headingLevel() == 2:
                item = QListWidgetItem(block.text())
                item.setData(Qt.ItemDataRole.UserRole, block.position())
                self.contents.addItem(item)
            block = block.next()
        self.contents.setVisible(self.contents.count() > 1)
        bar.setValue(place)

    def _go_to(self, item: QListWidgetItem) -> None:
        block = self.text.document().findBlock(item.data(Qt.ItemDataRole.UserRole))
        top = self.text.document().documentLayout().blockBoundingRect(block).top()
        self.text.verticalScrollBar().setValue(round(top) - _MARGIN // 2)


def _set_block(block: QTextBlock) -> None:
    """Give a paragraph the room that Markdown does not ask for."""
    style = block.blockFormat()
    style.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    if style.headingLevel() == 2:
        style.setTopMargin(_ABOVE)
    elif style.nonBreakableLines():  # a formula or a command
        style.setLeftMargin(_INDENT)
    QTextCursor(block).setBlockFormat(style)
