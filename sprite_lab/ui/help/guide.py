"""The window of the user guide and model cards."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.train import machine_tasks
from sprite_lab.paths import resource
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.markdown import show_markdown

#: Room around the text, in logical pixels.
_MARGIN = 16

#: Pages of the guide, by their names in links.
PAGES = {
    "guide": "User guide",
    "lessons": "Writing lessons",
    "gpu": "Using a graphics card",
    "scaling": "When one machine is too small",
    "library": "Sprite Lab from Python",
    "serve": "In Aseprite and other programs",
    "limits": "Limits of files",
}


class Guide(QDialog):
    """List of chapters, and the text of one.

    It shows one page at a time.
    """

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._lab = lab
        self._page: Path | None = None  # the page that is shown
        self._markdown = ""
        self.setObjectName("help.guide.window")
        self.contents = named(QListWidget(), "help.guide.contents", "Chapters")
        self.contents.setFixedWidth(176)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = named(RichView(), "help.guide")
        self.text.document().setDocumentMargin(_MARGIN)
        hbox(self.contents, (self.text, 1), on=self, margins=(8, 8, 8, 8))
        self.resize(1024, 720)  # wide enough for its pictures
        self.contents.itemActivated.connect(self._go_to)
        self.contents.itemClicked.connect(self._go_to)
        self.text.anchorClicked.connect(lambda url: open_link(url, lab, self))
        theme_manager().changed.connect(self._show_text)

    def open_help(self, page: str, chapter: str = "") -> None:
        """Show one of ``PAGES`` at a chapter, named as in links: "your-own-sprites"."""
        if page in PAGES:
            self.open_page(resource("help", f"{page}.md"), PAGES[page], chapter)

    def open_page(self, page: Path, title: str, chapter: str = "") -> None:
        """Show a Markdown page that ships with the app."""
        of_machine = page.name == "gpu.md"  # its facts may change, and reading them needs torch
        if page == self._page and not of_machine:
            self._come_up()
            self._go_to_chapter(chapter)
            return

        def take(markdown: str) -> None:
            self._page, self._markdown = page, markdown
            self.setWindowTitle(f"{title} – Sprite Lab")
            self.text.setAccessibleName(title)
            self._show_text()
            self.text.verticalScrollBar().setValue(0)
            self._come_up()
            self._go_to_chapter(chapter)

        read = machine_tasks.read_machine_page if of_machine else tasks.read_page
        self._lab.do(read(page), self, name=f"Opening {title}", then=take, newest="page")

    def _come_up(self) -> None:
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _show_text(self, *_: object) -> None:
        """Render the page in the colors of the theme; keeps the position."""
        if self._page is None:
            return
        bar = self.text.verticalScrollBar()
        place = bar.value()
        show_markdown(self.text, self._markdown, current_theme(), self._page.parent)
        self.contents.clear()
        block = self.text.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() == 2:
                item = QListWidgetItem(block.text())
                item.setData(Qt.ItemDataRole.UserRole, block.position())
                self.contents.addItem(item)
            block = block.next()
        self.contents.setVisible(self.contents.count() > 1)
        bar.setValue(place)

    def _go_to_chapter(self, chapter: str) -> None:
        for row in range(self.contents.count()):
            item = self.contents.item(row)
            if item is not None and slug(item.text()) == chapter:
                self.contents.setCurrentItem(item)
                self._go_to(item)

    def _go_to(self, item: QListWidgetItem) -> None:
        block = self.text.document().findBlock(item.data(Qt.ItemDataRole.UserRole))
        self.text.verticalScrollBar().setValue(round(_top(self.text, block)) - _MARGIN // 2)


def slug(heading: str) -> str:
    """A heading as in links: "Timeline and log-SNR" gives "timeline-and-log-snr"."""
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-")


def _top(text: RichView, block: QTextBlock) -> float:
    return text.document().documentLayout().blockBoundingRect(block).top()
