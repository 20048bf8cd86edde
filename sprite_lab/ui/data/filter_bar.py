"""The query, order, captions and zoom of the sprite browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import source_words
from sprite_lab.core.config.base import Setting
from sprite_lab.core.sets.sprite_figures import FLAWS
from sprite_lab.core.sets.sprite_query import SpriteQuery
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.data.facts import class_counts, source_counts
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.words import number_text, tr

#: Width of the search field with text of the usual size, in logical pixels.
_SEARCH = 160

#: Milliseconds after the last key before the search starts.
_PATIENCE = 150

#: Maximum number of sources listed; others are found by searching.
_MOST_SOURCES = 200

_ORDERS = (
    (tr("As in the set"), "set", tr("In the order of the file")),
    (tr("By class"), "class", tr("Grouped by class, sprites without a class last")),
    (tr("By name"), "name", tr("In alphabetical order")),
    (tr("By source"), "source", tr("In alphabetical order of their sources")),
    (
        tr("By copies"),
        "copies",
        tr("Sprites with many near-copies first, copies beside each other"),
    ),
    (tr("By colors"), "colors", tr("Sprites with many colors first")),
    (tr("By size"), "drawn", tr("Sprites with many drawn pixels first")),
    (tr("By brightness"), "brightness", tr("Bright sprites first")),
)


_CAPTIONS = (
    (tr("No captions"), ""),
    (tr("Classes"), "class"),
    (tr("Names"), "name"),
    (tr("Words"), "words"),
)


class FilterBar(QWidget):
    """Search, filters, order, captions and size of the sprites."""

    changed = Signal(object)  #: the new SpriteQuery

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.query = SpriteQuery()
        tip = tr(
            "Show sprites whose name, words, source or class contain all of this; “word:red” shows "
            "those with exactly the word red"
        )
        self.search = named(QLineEdit(), "data.search", tr("Search"), tip)
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.classes = _choice("class", tr("Class"), tr("Show sprites of one class only"), 150)
        self.sources = _choice("source", tr("Source"), tr("Show sprites of one source only"), 150)
        self.show_only = _choice(
            "show", tr("Show"), tr("Show only sprites with flaws or copies"), 150
        )
        self.order = _choice("order", tr("Order"), tr("Order of the sprites"), 130)
        self.caption = _choice("caption", tr("Captions"), tr("Caption below each sprite"), 160)
        size = Setting(
            tr("Size"), tip=tr("Screen pixels per sprite pixel"), low=1, high=8, unit=" ×"
        )
        self.zoom = NumberField(size, 3, name="data.zoom", width=64)
        self.zoom.setMinimumWidth(168)
        self.count = dim_label(name="data.count", wrap=False)
        self._fill_fixed()
        for box in (self.classes, self.show_only, self.order, self.caption):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        zoom = as_widget(hbox(dim_label(size.label, wrap=False), self.zoom))
        choices = self.classes, self.sources, self.show_only, self.order, self.caption
        about = self.count, HelpButton(lab, "data")
        theme_manager().on_text(self._fit_text)
        row = Flow(None, self.search, *choices, *about, zoom, spacing=8)
        vbox(row, on=self, margins=(16, 8, 16, 8))

        self._typing = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._typing.timeout.connect(self._ask)
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._ask)
        for box in (self.classes, self.sources, self.show_only, self.order):
            box.currentIndexChanged.connect(self._ask)

    def _fit_text(self) -> None:
        # Fixed, since its clear button, which appears with the first letter, would move widgets
        # beside it.
        self.search.setFixedWidth(round(_SEARCH * theme_manager().text_scale))

    def _fill_fixed(self) -> None:
        equal = tr("Another sprite has identical pixels")
        near = tr("Another sprite differs only by a shift, a flip, colors or details")
        copies = (
            (tr("Exact duplicates"), ("copies", "equal"), equal),
            (tr("Near-copies"), ("copies", "near"), near),
        )
        flaws = ((tr(text), ("flaw", flaw), tr(tip)) for flaw, (text, tip) in FLAWS.items())
        fill(self.show_only, [(tr("All sprites"), ("", "")), *copies, *flaws])
        fill(self.order, _ORDERS)
        fill(self.caption, _CAPTIONS)

    def set_sprites(self, sprites: SpriteSet | None) -> None:
        """List the classes and sources of a set; choices that still exist are kept."""
        for box in (self.classes, self.sources):
            chosen = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                if sprites is not None:
                    rows: Sequence[tuple[str, int | str | None, int]] = (
                        class_counts(sprites) if box is self.classes else _source_rows(sprites)
                    )
                    for name, value, count in rows:
                        box.addItem(f"{name} ({number_text(count)})" if count else name, value)
                    box.setCurrentIndex(max(0, _index_of(box, chosen)))
        one = tr("All sprites of this set are of one source, or of none.")
        allow(self.sources, "" if self.sources.count() > 1 else one)
        self.query = self._read()

    def clear(self) -> None:
        """Show all sprites again, in the order of the set."""
        for widget in (self.search, self.classes, self.sources, self.show_only, self.order):
            with QSignalBlocker(widget):
                if isinstance(widget, QComboBox):
                    widget.setCurrentIndex(0)
                else:
                    widget.clear()
        self._ask()

    def _ask(self, *_: object) -> None:
        self._typing.stop()
        query = self._read()
        if query != self.query:
            self.query = query
            self.changed.emit(query)

    def _read(self) -> SpriteQuery:
        query = SpriteQuery(
            label=self.classes.currentData(),
            text=self.search.text(),
            source=self.sources.currentData(),
            order=self.order.currentData(),
        )
        what, value = self.show_only.currentData()
        return replace(query, **{what: value}) if what else query


def _choice(name: str, label: str, tip: str, width: int) -> QComboBox:
    box = calm(ElidedComboBox(), f"data.{name}", label, tip)
    box.setMinimumWidth(width)
    return box


def _index_of(box: QComboBox, value: object) -> int:
    # Not findData, which would confuse None with -1.
    return next((i for i in range(box.count()) if box.itemData(i) == value), -1)


def _source_rows(sprites: SpriteSet) -> list[tuple[str, str | None, int]]:
    counts = source_counts(sprites)
    rows: list[tuple[str, str | None, int]] = [(tr("All sources"), None, 0)]
    if len(counts) > 1:
        rows += [
            (source_words(source) or tr("No source"), source, n)
            for source, n in counts[:_MOST_SOURCES]
        ]
    return rows
