"""The words of the selected sprites, and how many sprites have each word of the set."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.texts import word_counts
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.ui.widgets.fields.words_field import WordsField
from sprite_lab.words import number_text, tr

#: Maximum number of words listed; rarer ones are found by typing.
_MOST_LISTED = 500

#: Number of rows visible at once, and the height of each in logical pixels.
_ROWS, _ROW_HEIGHT = 7, 24


class _WordTable(Table):
    """Enter or a click asks for the sprites that have a word."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__(
            2,
            name="data.word_counts",
            label=tr("Words of the set"),
            tip=tr("Click or Enter shows the sprites with this word"),
            row_height=_ROW_HEIGHT,
        )
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(1, 64)
        self.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cellClicked.connect(lambda row, _column: self._want(row))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _want(self, row: int) -> None:
        item = self.item(row, 0)
        if item is not None:
            self.wanted.emit(item.text())


class WordsGroup(FoldGroup):
    """The words of the selected sprites, and how common each word is."""

    wanted = Signal(str)  #: the word whose sprites to show

    def __init__(self, lab: Lab, chosen: Callable[[], NDArray[np.intp]]) -> None:
        super().__init__(tr("Words"), name="data.words_group")
        self._lab, self._chosen = lab, chosen
        self.field = WordsField(
            name="data.words",
            tip=tr(
                "What is drawn, such as “red slime left”: a model learns to draw from these "
                "words. Enter, a comma or a space ends a word; Backspace removes the last one "
                "from the sprites."
            ),
        )
        self._table = _WordTable()
        self._none = dim_label(tr("No sprite of this set has words yet."), name="data.no_words")
        self.add(self.field, self._none, self._table)
        self.field.added.connect(self._add_words)
        self.field.removed.connect(self._remove_word)
        self._table.wanted.connect(self.wanted)
        self._counts: dict[str, int] = {}
        self._why = ""
        self._room = 0  # number of rows that the table has room for
        self._base: weakref.ref[SpriteSet] | None = None  # the set that ``_room`` was for
        self.set_sprites(None, small=True)

    def set_sprites(self, sprites: SpriteSet | None, *, small: bool) -> None:
        """List the words of a set; ``small``: whether it is small enough to assign words."""
        self._counts = {} if sprites is None else word_counts(sprites.words)
        self._why = "" if small else tr("This set is too large to assign words to its sprites.")
        listed = list(self._counts.items())[:_MOST_LISTED]
        self._table.setRowCount(len(listed))
        for row, (word, count) in enumerate(listed):
            self._table.put(row, 0, word)
            self._table.put(row, 1, number_text(count), number=True)
        # While a set is edited, the table does not shrink, since widgets below would move.
        base = self._lab.edits.base
        same = base is not None and self._base is not None and self._base() is base
        self._room = max(len(listed), self._room if same else 0)
        self._base = None if base is None else weakref.ref(base)
        self._table.fit_rows(_ROWS, max(1, self._room))
        self._table.setVisible(self._room > 0)
        self._none.setVisible(self._room == 0)

    def _add_words(self, words: tuple[str, ...]) -> None:
        with self._lab.reporting():
            self._lab.edits.add_words(self._chosen(), words)

    def _remove_word(self, word: str) -> None:
        with self._lab.reporting():
            self._lab.edits.remove_word(self._chosen(), word)

    def show_chosen(self, sprites: SpriteSet | None, rows: NDArray[np.intp]) -> None:
        """Show the words of some sprites, and mark those that only some of them have."""
        chosen = sprites is not None and len(rows) > 0
        why = self._why or ("" if chosen else tr("Select sprites first."))
        self.field.set_offered(list(self._counts), why)
        if sprites is None or not chosen:
            self.field.set_words(())
            return
        counts = word_counts(sprites.words[rows])
        shared = [word for word, count in counts.items() if count == len(rows)]
        if len(rows) == 1:
            shared = str(sprites.words[rows[0]]).split()  # in their own order
        rest = {
            word: tr("on {n:,} of {count:,} selected sprites", n=n, count=len(rows))
            for word, n in counts.items()
            if n < len(rows)
        }
        self.field.set_words(shared, rest)
