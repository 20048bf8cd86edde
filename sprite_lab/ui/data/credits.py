"""Attribution of the sprites of a set: a table by source, and the resulting text."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QApplication, QTableWidgetItem, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import source_words
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.sets.credits import Credit, attribution, credits_of
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.data.facts import source_counts
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import Page, heading_row
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.table import WRITABLE, Table
from sprite_lab.words import number_text, tr

_FIELDS = ("work", "author", "licence", "url")
_COLUMNS = (tr("Source"), tr("Sprites"), tr("Work"), tr("Author"), tr("License"), tr("Link"))
_EXAMPLES = (tr("Name of the pack"), tr("Who drew it"), "CC-BY 4.0", tr("Where to find it"))
_FIRST = 2  # first editable column
_ROW_HEIGHT = 28

#: Maximum number of rows; nobody fills in more.
_MOST_ROWS = 500


class CreditsPage(Page):
    """The artists of the sprites, as a table and as text."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("data.page.credits")
        self._lab = lab
        self._rows: tuple[Credit, ...] = ()
        self.table = Table(
            _COLUMNS,
            name="data.credits",
            label=tr("Credits by source"),
            tip=tr("Double-click or F2 to edit; Ctrl+Z to undo"),
            row_height=_ROW_HEIGHT,
        )
        self.table.setShowGrid(True)
        self.table.setSelectionBehavior(Table.SelectionBehavior.SelectItems)
        self.table.setEditTriggers(WRITABLE)
        head = heading_row(lab, tr("Credits by source"), "credits")
        vbox(head, (self.table, 99), ..., on=self, margins=(16, 8, 16, 16))
        self.setFocusProxy(self.table)
        self.inspector = self._build_inspector()
        self.table.itemChanged.connect(self._on_edited)
        lab.data.changed.connect(self._refresh)
        self._refresh()

    def _build_inspector(self) -> QWidget:
        self._facts = dim_label(name="data.credits.facts")
        self._text = named(
            Label(wrap=True, selectable=True), "data.credits.text", tr("Attribution")
        )
        self._copy = push_button(
            "data.credits.copy", tr("Copy"), "copy", tr("Copy the attribution to the clipboard")
        )
        self._copy.clicked.connect(lambda: QApplication.clipboard().setText(self._text.text()))
        parts = self._facts, self._text, self._copy
        about = FoldGroup(tr("Attribution"), *parts, name="data.credits.about")
        return Inspector(about, name="data.credits.inspector")

    def _refresh(self, *_: object) -> None:
        sprites = self._lab.data.value
        counts = dict(source_counts(sprites)[:_MOST_ROWS]) if sprites is not None else {}
        known = sprites.credits if sprites is not None else ()
        self._rows = credits_of(known, counts)
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(self._rows))
            for i, credit in enumerate(self._rows):
                source = source_words(credit.source) or tr("(none)")
                fixed = (source, number_text(counts[credit.source]))
                told = (getattr(credit, field) for field in _FIELDS)
                # Files name the built-in set in English.
                texts = (tr(BUILTIN_TITLE) if text == BUILTIN_TITLE else text for text in told)
                for column, text in enumerate((*fixed, *texts)):
                    self._put(i, column, text)
        self.table.share_width(_FIRST)
        thanks = attribution(credit for credit in known if credit.source in counts)
        self._text.setText(thanks)
        self._text.setVisible(bool(thanks))
        allow(self._copy, "" if thanks else tr("There is nothing to credit."))
        blank = sum(credit.is_blank for credit in self._rows)
        if sprites is None:
            text = ""
        elif blank == len(self._rows):
            text = tr(
                "There are no credits yet: type them into the table. They are added to the set's "
                "file, to the cards of models trained on it, and to what these models draw."
            )
        else:
            text = tr(
                "Sources with credits: {count} of {total}. The credits go into the set's file, "
                "the cards of models trained on it, and what these models draw:",
                count=len(self._rows) - blank,
                total=len(self._rows),
            )
        self._facts.setText(text)

    def _put(self, row: int, column: int, text: str) -> None:
        item = self.table.put(row, column, text, number=column == 1)
        if column < _FIRST:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        item.setToolTip(tooltip(text if text or column < _FIRST else _EXAMPLES[column - _FIRST]))

    def _on_edited(self, item: QTableWidgetItem) -> None:
        field = _FIELDS[item.column() - _FIRST]
        try:
            credit = replace(self._rows[item.row()], **{field: item.text().strip()})
            self._lab.edits.set_credit(credit)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            self._refresh()
