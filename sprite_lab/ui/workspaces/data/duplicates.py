"""Sprites that are there twice, or nearly so, group by group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from sprite_lab.app.data_edits import MOST_TO_DROP_FROM
from sprite_lab.app.data_facts import DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.groups import grouped_rows, runs
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprite_view import SpriteView
from sprite_lab.ui.workspaces.data.facts import sprite_facts

#: What each kind of copy is called below it.
_WORDS = {
    "first": "first",
    "equal": "equal",
    "shifted": "shifted",
    "mirrored": "mirrored",
    "recoloured": "colours",
    "similar": "similar",
}


class DuplicatesPage(QWidget):
    """Parts: ``data.copies``, ``data.copies.kind``, ``data.copies.count``, ``data.copies.large``,
    ``data.copies.facts``, ``data.copies.info``, ``data.copies.keep_one``,
    ``data.copies.drop_others``, ``data.copies.drop``."""

    def __init__(self, lab: Lab, theme: ThemeManager, facts: DataFacts) -> None:
        super().__init__()
        self.setObjectName("data.page.duplicates")
        self._lab, self._facts = lab, facts
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self._bands: NDArray[np.intp] = np.zeros(0, np.intp)
        self._kinds: dict[int, list[str]] = {}  # by band
        self.browser = SpriteBrowser(theme, several=True, caption_lines=1)
        self.browser.setObjectName("data.copies")
        self.browser.setAccessibleName("Sprites that are copies of one another, by groups")
        self.browser.set_scale(4)
        self._kind = Segmented(
            theme,
            [
                Option("near", "Near-copies", tip="Shifted, mirrored, recoloured, or few pixels"),
                Option("equal", "Exact duplicates", tip="The very same pixels"),
            ],
            name="data.copies.kind",
            label="Which copies",
        )
        self._count = dim_label(name="data.copies.count", wrap=False)
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 8, 16, 8)
        bar.setSpacing(8)
        bar.addWidget(self._kind)
        bar.addWidget(self._count)
        bar.addWidget(HelpButton(lab, theme, "duplicates"))
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.browser, 1)
        self.setFocusProxy(self.browser)
        self.inspector: QWidget = self._build_inspector(theme)

        self._kind.changed.connect(lambda _kind: self._refresh(keep=False))
        self.browser.current_changed.connect(self._show_chosen)
        self.browser.selection_changed.connect(self._show_chosen)
        facts.copies_changed.connect(self._on_data)
        lab.data.changed.connect(self._on_data)
        self._on_data()

    def _build_inspector(self, theme: ThemeManager) -> QWidget:
        self._large = SpriteView(theme)
        self._large.setObjectName("data.copies.large")
        self._large.setAccessibleName("The current sprite")
        self._large.setMinimumHeight(176)
        self._text = dim_label(name="data.copies.facts")
        self._drop_others = push_button(
            theme, "Drop its copies", name="data.copies.drop_others", icon_name="trash"
        )
        self._drop = push_button(theme, "Drop", name="data.copies.drop", icon_name="trash")
        sprite = FoldGroup(theme, "Sprite", name="data.copies.sprite")
        for widget in (self._large, self._text, self._drop_others, self._drop):
            sprite.add(widget)
        self._info = dim_label(name="data.copies.info")
        self._keep_one = push_button(
            theme, "Keep one of each", name="data.copies.keep_one", icon_name="accept"
        )
        whole = FoldGroup(theme, "All copies", name="data.copies.all")
        for widget in (self._info, self._keep_one):
            whole.add(widget)
        inspector = Inspector(name="data.copies.inspector")
        inspector.add(sprite)
        inspector.add(whole)
        self._drop_others.clicked.connect(self.drop_others)
        self._drop.clicked.connect(self.drop)
        self._keep_one.clicked.connect(self.keep_one)
        return inspector

    # -- what is shown ---------------------------------------------------------------------

    def _on_data(self, *_: object) -> None:
        self._facts.want_copies()
        self._refresh(keep=True)

    def _group(self) -> NDArray[np.int64] | None:
        copies = self._facts.copies
        return None if copies is None else getattr(copies, self._kind.value)

    def _refresh(self, *, keep: bool) -> None:
        sprites, group, facts = self._lab.data.value, self._group(), self._facts
        place = self.browser.current
        if sprites is None or group is None or len(group) != len(sprites):
            self._shown = np.zeros(0, np.intp)
            self.browser.set_empty_text(
                "Looking for copies…" if sprites else "No data set is open."
            )
        else:
            self._shown = grouped_rows(group)
            self.browser.set_empty_text("No sprite is there twice.")
        shown = self._shown
        self._bands = runs(group[shown]) if group is not None and len(shown) else shown
        self._kinds = {}
        if sprites is None or not len(shown):
            self.browser.set_source(0, 16, lambda p: np.zeros((0, 16, 16, 4), np.uint8), str)
        else:
            stays = keep and place >= 0
            now = min(max(place, 0), len(shown) - 1)
            self.browser.set_source(
                len(shown),
                sprites.size[0],
                lambda places: sprites.rgba_of(shown[places]),
                lambda i: sprite_facts(sprites, int(shown[i]), facts.figures),
                self._caption,
                bands=self._bands,
                current=now if stays else None,
                chosen=np.array([now]) if stays else None,
            )
        groups = int(self._bands[-1]) + 1 if len(shown) else 0
        extra = len(shown) - groups
        self._count.setText(
            f"{groups:,} groups, {len(shown):,} sprites" if sprites is not None else ""
        )
        self._info.setText(
            f"{extra:,} sprites beyond the first of each group. A model that sees a drawing many "
            "times learns it by heart rather than its kind."
            if extra
            else "Every sprite is there once."
            if group is not None
            else ""
        )
        self._show_chosen()

    def _caption(self, index: int) -> str:
        """What a sprite is to the first of its group."""
        band = int(self._bands[index])
        start = int(np.searchsorted(self._bands, band))
        if band not in self._kinds:
            end = int(np.searchsorted(self._bands, band, side="right"))
            self._kinds[band] = self._facts.copy_kinds(self._shown[start:end])
        return _WORDS[self._kinds[band][index - start]]

    def _show_chosen(self, *_: object) -> None:
        sprites, current = self._lab.data.value, self.browser.current
        there = sprites is not None and 0 <= current < len(self._shown)
        small = self._lab.edits.may_drop
        for button, able, tip in (
            (self._drop_others, there, "Keep this one of its group and drop the others"),
            (self._drop, there, "Leave the chosen sprites out of the set (Delete)"),
            (self._keep_one, bool(len(self._shown)), "Drop all but the first of each group"),
        ):
            button.setEnabled(able and small)
            many = f"Sprites can be dropped from sets of up to {MOST_TO_DROP_FROM:,} only"
            button.setToolTip(tip if small else many)
        if sprites is None or not there:
            self._large.set_image(None)
            self._text.setText("")
            return
        row = int(self._shown[current])
        self._large.set_image(sprites.rgba_of(row))
        self._text.setText(sprite_facts(sprites, row, self._facts.figures))

    # -- what is done with it --------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers():
            self.drop()
        else:
            super().keyPressEvent(event)

    def drop(self) -> None:
        """Leave the chosen sprites out of the set."""
        rows = self._shown[self.browser.chosen_rows]
        if len(rows):
            self._try(lambda: self._lab.edits.drop(rows))

    def drop_others(self) -> None:
        """Keep the current sprite and drop the others of its group."""
        current = self.browser.current
        if 0 <= current < len(self._shown):
            others = self._shown[self._bands == self._bands[current]]
            others = others[others != self._shown[current]]
            self._try(lambda: self._lab.edits.drop(others, "Drop copies"))

    def keep_one(self) -> None:
        """Drop all but the first sprite of each group."""
        first = np.ones(len(self._bands), np.bool_)
        first[1:] = self._bands[1:] != self._bands[:-1]
        rows = self._shown[~first]
        if len(rows):
            self._try(lambda: self._lab.edits.drop(rows, f"Keep one of each, drop {len(rows):,}"))

    def _try(self, edit: Callable[[], object]) -> None:
        try:
            edit()
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
