"""The window of the user guide and model cards."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import machine_tasks
from sprite_lab.app.shell.guide_search import (
    ANSWERING,
    PAGES,
    Chapter,
    Hit,
    read_guide,
    read_names,
    search,
    slug,
)
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import RichView, tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.markdown import show_markdown
from sprite_lab.ui.wrapped_items import WrappedItems
from sprite_lab.words import english_page, page_in_language, tr

#: Margin around the text, in logical pixels.
_MARGIN = 16

#: Width of the list of chapters at the usual text size, in logical pixels.
_SIDE = 208


class Guide(QDialog):
    """List of chapters, and the text of one page at a time; a search goes through all of them.

    While a lesson asks questions, the search lists only titles, without chapters for teachers, so
    as not to give answers away.
    """

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._lab = lab
        self._page: Path | None = None  # the current page
        self._markdown = ""
        self.setObjectName("help.guide.window")
        self.contents = named(QListWidget(), "help.guide.contents", tr("Chapters"))
        self.search = named(QLineEdit(), "help.guide.search", tr("Search the guide"))
        self.search.setPlaceholderText(tr("Search the guide"))
        self.search.setClearButtonEnabled(True)
        self.found = named(QListWidget(), "help.guide.found", tr("Search results"))
        self.found.setWordWrap(True)
        WrappedItems(self.found)
        self.found.setSpacing(3)
        for chapters in (self.contents, self.found):
            chapters.setProperty("padded", True)
            chapters.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.found.hide()
        self._places: dict[str, int] = {}  # positions of headings, by their names in links
        self._chapters: tuple[Chapter, ...] = ()
        self._sought = ""  # a word to go to once its page is shown
        self.text = named(RichView(), "help.guide")
        self.text.document().setDocumentMargin(_MARGIN)
        self.contents.setWordWrap(True)
        WrappedItems(self.contents)
        self._side = side = QWidget()
        vbox(self.search, (self.contents, 1000), (self.found, 1000), ..., on=side)
        hbox(side, (self.text, 1), on=self, margins=(8, 8, 8, 8))
        set_first_size(self, 1128, 720)  # wide enough for its pictures and tables
        self.contents.itemActivated.connect(self._go_to)
        self.contents.itemClicked.connect(self._go_to)
        self.search.textChanged.connect(self._search)
        lab.is_asking.changed.connect(lambda _: self._search(self.search.text()))
        self.search.returnPressed.connect(lambda: self._open_found(self.found.item(0)))
        self.found.itemActivated.connect(self._open_found)
        self.found.itemClicked.connect(self._open_found)
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self.search.setFocus)
        self.text.anchorClicked.connect(self._follow)
        theme_manager().changed.connect(self._show_text)
        theme_manager().on_text(self._fit_text)

    def _fit_text(self) -> None:
        # Grows half as much as the text: the names of chapters wrap, and pictures need the room.
        self._side.setFixedWidth(round(_SIDE * (1 + theme_manager().text_scale) / 2))

    def open_help(self, page: str, chapter: str = "") -> None:
        """Show one of ``PAGES`` at a chapter, named as in links: "your-own-sprites"."""
        if page in PAGES:
            self.open_page(page_in_language("help", f"{page}.md"), PAGES[page], chapter)

    def open_page(self, page: Path, title: str, chapter: str = "") -> None:
        """Show a Markdown page that ships with the app."""
        of_machine = page.name == "gpu.md"  # its facts may change, and reading them needs torch
        if page == self._page and not of_machine:
            self._bring_to_front()
            self._go_to_chapter(chapter)
            return

        def take(markdown: str) -> None:
            self._page, self._markdown = page, markdown
            if self._is_card:
                self.search.clear()
            self.search.setVisible(not self._is_card)  # the search covers the guide only
            self.setWindowTitle(tr("{title} – Sprite Lab", title=title))
            self.text.setAccessibleName(title)
            self._show_text()
            self.text.verticalScrollBar().setValue(0)
            self._bring_to_front()
            if page == english_page(page):
                self._go_to_chapter(chapter)
                return
            then = partial(self._name_chapters, chapter)
            self._lab.do(read_names(page), self, then=then, newest="n")

        read = machine_tasks.read_machine_page if of_machine else tasks.read_page
        self._lab.do(
            read(page), self, name=tr("Opening {title}", title=title), then=take, newest="page"
        )

    @property
    def _is_card(self) -> bool:
        """Whether a model card is shown, with names of people and places, but no formulas."""
        return self._page is not None and self._page.name == "card.md"

    def _name_chapters(self, chapter: str, names: Sequence[str]) -> None:
        """Name the chapters of a translated page in English, as links do, and go to ``chapter``."""
        places = sorted(self._places.values())[-len(names) :]
        self._places |= dict(zip(names, places, strict=False))
        self._go_to_chapter(chapter)

    def _follow(self, url: QUrl) -> None:
        if url.isRelative() and not url.path():
            self._go_to_chapter(url.fragment())  # of this page
        else:
            open_link(url, self._lab, self)

    # -- searching -------------------------------------------------------------------------

    def _search(self, typed: str) -> None:
        """List the chapters with the typed words; the pages are read at the first search."""
        searches = bool(typed.strip())
        self.found.setVisible(searches)
        self.contents.setVisible(not searches and self.contents.count() > 1)
        if not self._chapters and not searches:
            return
        if not self._chapters:
            self._lab.do(read_guide(), self, then=self._take, newest="guide")
            return
        self.found.clear()
        asking = self._lab.is_asking.value
        for hit in search(self._chapters, typed):
            if asking and hit.chapter.page in ANSWERING:
                continue
            title = hit.chapter.heading
            page = PAGES[hit.chapter.page]
            item = QListWidgetItem(title if asking else f"{title}\n{hit.around}")
            item.setToolTip(tooltip(f"{page}: {title}"))
            item.setData(Qt.ItemDataRole.UserRole, hit)
            self.found.addItem(item)
        if searches and not self.found.count():
            self.found.addItem(tr("Nothing found; try fewer letters."))

    def _take(self, chapters: tuple[Chapter, ...]) -> None:
        self._chapters = chapters
        self._search(self.search.text())

    def _open_found(self, item: QListWidgetItem | None) -> None:
        hit = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        if isinstance(hit, Hit):
            self._sought = hit.word
            self.open_help(hit.chapter.page, hit.chapter.name)

    def _mark_sought(self) -> None:
        """Select the word searched for, starting at the current chapter."""
        sought, self._sought = self._sought, ""
        top = self.text.cursorForPosition(QPoint(_MARGIN, _MARGIN))
        cursor = self.text.document().find(sought, top) if sought else None
        if cursor is not None and not cursor.isNull():
            self.text.setTextCursor(cursor)
            self.text.ensureCursorVisible()

    # -- a page ----------------------------------------------------------------------------

    def _bring_to_front(self) -> None:
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
        folder, indices = self._page.parent, not self._is_card
        show_markdown(self.text, self._markdown, current_theme(), folder, indices=indices)
        self.contents.clear()
        self._places.clear()
        block = self.text.document().begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            if level:
                self._places.setdefault(slug(block.text()), block.position())
            if level == 2:
                item = QListWidgetItem(block.text())
                item.setData(Qt.ItemDataRole.UserRole, block.position())
                self.contents.addItem(item)
            block = block.next()
        self.contents.setVisible(self.contents.count() > 1 and not self.search.text().strip())
        bar.setValue(place)

    def _go_to_chapter(self, chapter: str) -> None:
        place = self._places.get(chapter)
        if place is not None:
            for row in range(self.contents.count()):  # ends at the chapter around it
                item = self.contents.item(row)
                if item is not None and item.data(Qt.ItemDataRole.UserRole) <= place:
                    self.contents.setCurrentItem(item)
            self._scroll_to(place)
        self._mark_sought()

    def _go_to(self, item: QListWidgetItem) -> None:
        self._scroll_to(item.data(Qt.ItemDataRole.UserRole))

    def _scroll_to(self, place: int) -> None:
        document = self.text.document()
        top = document.documentLayout().blockBoundingRect(document.findBlock(place)).top()
        self.text.verticalScrollBar().setValue(round(top) - _MARGIN // 2)
