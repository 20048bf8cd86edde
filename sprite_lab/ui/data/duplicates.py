"""Exact and near duplicates in the set, group by group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.data.data_edits import MOST_TO_DROP_FROM
from sprite_lab.app.data.data_facts import KINDS, DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.groups import grouped_rows, runs
from sprite_lab.ui.data.browser_page import BrowserPage
from sprite_lab.ui.data.facts import laid_out, sprite_facts
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr, trn


class DuplicatesPage(BrowserPage):
    """Groups of copies, with actions on them."""

    def __init__(self, lab: Lab, facts: DataFacts) -> None:
        browser = SpriteBrowser(several=True, caption_lines=1)
        named(browser, "data.copies", tr("Groups of sprites that are copies of one another"))
        switch = Segmented(
            "data.copies.kind",
            tr("Kind of copies"),
            Option(
                "near",
                tr("Near-copies"),
                tip=tr("Shifted, mirrored, recolored, or different in few pixels"),
            ),
            Option("equal", tr("Exact duplicates"), tip=tr("Identical pixels")),
        )
        super().__init__(lab, facts, browser, switch, "duplicates", scale=4)
        browser.keep_whole(list(KINDS.values()))
        self._bands: NDArray[np.intp] = np.zeros(0, np.intp)
        self._kinds: dict[int, list[str]] = {}  # kinds of copies in each band
        self.inspector = self._build_inspector()

        self._switch.changed.connect(lambda _kind: self._refresh(keep=False))
        self.browser.current_changed.connect(self._show_chosen)
        self.browser.selection_changed.connect(self._show_chosen)
        facts.copies_changed.connect(self._on_data)
        lab.data.changed.connect(self._on_data)
        self._on_data()

    def _build_inspector(self) -> QWidget:
        self._large = named(SpriteView(), "data.copies.large", tr("The current sprite"))
        self._large.setMinimumHeight(176)
        self._text = named(Label(wrap=True, selectable=True), "data.copies.facts")
        self._drop_others = push_button("data.copies.drop_others", tr("Remove its copies"), "trash")
        self._drop = push_button("data.copies.drop", tr("Remove"), "trash", do=self.drop)
        parts = self._large, self._text, self._drop_others, self._drop
        sprite = FoldGroup(tr("Sprite"), *parts, name="data.copies.sprite")
        self._info = dim_label(name="data.copies.info")
        self._keep_one = push_button("data.copies.keep_one", tr("Keep one of each"), "accept")
        whole = FoldGroup(tr("All copies"), self._info, self._keep_one, name="data.copies.all")
        self._drop_others.clicked.connect(self.drop_others)
        self._keep_one.clicked.connect(self.keep_one)
        return Inspector(sprite, whole, name="data.copies.inspector")

    # -- display ----------------------------------------------------------------------------------

    def _on_data(self, *_: object) -> None:
        self._facts.want_copies()
        self._refresh(keep=True)

    def _group(self) -> NDArray[np.int64] | None:
        copies = self._facts.copies
        if copies is None:
            return None
        return copies.near if self._switch.value == "near" else copies.equal

    def _refresh(self, *, keep: bool) -> None:
        sprites, group = self._lab.data.value, self._group()
        place = self.browser.current
        if sprites is None or group is None or len(group) != len(sprites):
            shown = np.zeros(0, np.intp)
            empty = tr("Finding copies…") if sprites else tr("No data set is open.")
        else:
            shown, empty = grouped_rows(group), tr("No sprite appears twice.")
        self._bands = runs(group[shown]) if group is not None and len(shown) else shown
        self._kinds = {}
        now = min(place, len(shown) - 1) if keep and place >= 0 else None
        self._browse(shown, empty, self._caption, self._bands, current=now)
        groups = int(self._bands[-1]) + 1 if len(shown) else 0
        extra = len(shown) - groups
        count = trn(
            "{n:,} group, {count:,} sprites",
            "{n:,} groups, {count:,} sprites",
            groups,
            count=len(shown),
        )
        self._count.setText(count if sprites is not None and group is not None else "")
        info = "" if group is None else tr("Every sprite appears once.")
        if extra:
            info = tr(
                "{extra:,} sprites besides the first of each group. A model that sees the same "
                "drawing many times memorizes it instead of learning what its kind looks like.",
                extra=extra,
            )
        self._info.setText(info)
        self._show_chosen()

    def _caption(self, index: int) -> str:
        """How a sprite relates to the first of its group."""
        band = int(self._bands[index])
        start = int(np.searchsorted(self._bands, band))
        if band not in self._kinds:
            end = int(np.searchsorted(self._bands, band, side="right"))
            self._kinds[band] = self._facts.copy_kinds(self._shown[start:end])
        return self._kinds[band][index - start]

    def _show_chosen(self, *_: object) -> None:
        sprites, current = self._lab.data.value, self.browser.current
        there = sprites is not None and 0 <= current < len(self._shown)
        one = "" if there else tr("Select a sprite first.")
        any_ = "" if len(self._shown) else tr("There is no copy to remove.")
        many = tr(
            "Sprites can only be removed from sets of up to {most_to_drop_from:,}",
            most_to_drop_from=MOST_TO_DROP_FROM,
        )
        for button, why, tip in (
            (self._drop_others, one, tr("Keep this one of its group and remove the others")),
            (self._drop, one, tr("Remove the selected sprites from the set (Delete)")),
            (self._keep_one, any_, tr("Remove all but the first of each group")),
        ):
            allow(button, why if self._lab.edits.may_drop else many, tip)
        if sprites is None or not there:
            self._large.set_image(None)
            self._text.setText("")
            return
        row = int(self._shown[current])
        self._large.set_image(sprites.rgba_of(row))
        text = sprite_facts(sprites, row, self._facts.figures)
        self._text.setText(laid_out(text, title=int(bool(sprites.names[row]))))

    # -- edits ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers():
            self.drop()
        else:
            super().keyPressEvent(event)

    def drop(self) -> None:
        if len(self.chosen):
            with self._lab.reporting():
                self._lab.edits.drop(self.chosen)

    def drop_others(self) -> None:
        """Keep the current sprite and drop the others of its group."""
        current = self.browser.current
        if 0 <= current < len(self._shown):
            others = self._shown[self._bands == self._bands[current]]
            others = others[others != self._shown[current]]
            with self._lab.reporting():
                self._lab.edits.drop(others, tr("Remove copies"))

    def keep_one(self) -> None:
        """Drop all but the first sprite of each group."""
        first = np.ones(len(self._bands), np.bool_)
        first[1:] = self._bands[1:] != self._bands[:-1]
        rows = self._shown[~first]
        if len(rows):
            with self._lab.reporting():
                self._lab.edits.drop(
                    rows, tr("Keep one of each, remove {count:,}", count=len(rows))
                )
