"""The split of the set into training and validation, and whether near-copies leak across it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from sprite_lab.app.data.data_facts import DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.core.presets import FEW_SPRITES
from sprite_lab.core.sets.groups import across, grouped_rows, runs
from sprite_lab.ui.data.browser_page import BrowserPage
from sprite_lab.ui.data.facts import class_counts
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.words import number_text, tr, trc, trn

_ROW_HEIGHT, _MOST_ROWS = 24, 10

_PARTS = trc("part of the set", "Training"), trc("part of the set", "Validation")


class SplitPage(BrowserPage):
    """Shows which sprites are held out of training."""

    def __init__(self, lab: Lab, facts: DataFacts) -> None:
        browser = named(SpriteBrowser(), "data.split", tr("Sprites of one part of the split"))
        switch = Segmented(
            "data.split.side",
            tr("Part"),
            Option("training", _PARTS[0], tip=tr("What a model learns from")),
            Option("validation", _PARTS[1], tip=tr("Held out to check it")),
            Option("leaks", tr("Leaks"), tip=tr("Groups of near-copies that are in both parts")),
            wraps=True,
        )
        super().__init__(lab, facts, browser, switch, "split", scale=3)
        self._leaks: NDArray[np.bool_] | None = None
        self.inspector = self._build_inspector()

        self._switch.changed.connect(self._refresh)
        facts.sides_changed.connect(self._refresh)
        facts.copies_changed.connect(self._refresh)
        lab.data.changed.connect(self._refresh)
        theme_manager().text_resized.connect(self._table.fit_columns)
        self._refresh()

    def _build_inspector(self) -> QWidget:
        self._table = Table(
            (tr("Class"), _PARTS[0], trc("column", "Validation")),  # this one may be shorter
            name="data.split.table",
            label=tr("Sprites of each class in each part"),
            tip=tr("Sprites of each class used for training and held out"),
            row_height=_ROW_HEIGHT,
        )
        about = tr(
            "Every training run splits the set this way: of each class, the same share of groups "
            "is held out. The sprites of a group stay together; some groups are larger than "
            "others, so the shares of sprites differ. A tuning run on fewer than {few} sprites "
            "learns from all.",
            few=FEW_SPRITES,
        )
        told = dim_label(about, name="data.split.about")
        sides = FoldGroup(tr("Split"), self._table, told, name="data.split.sides")
        self._check = dim_label(name="data.split.check")
        self._join = push_button("data.split.join", tr("Keep near-copies together"), "lock")
        leaks = FoldGroup(tr("Leakage check"), self._check, self._join, name="data.split.leakage")
        self._join.clicked.connect(self.join)
        return Inspector(sides, leaks, name="data.split.inspector")

    # -- display ----------------------------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        facts, sprites = self._facts, self._lab.data.value
        facts.want_sides()
        facts.want_copies()
        sides, copies = facts.sides, facts.copies
        self._leaks = None
        if sprites is not None and sides is not None and copies is not None:
            self._leaks = across(copies.near, sides)
        self._show_table()
        self._show_check()
        self._show_sprites()

    def _show_sprites(self) -> None:
        sprites, facts, side = self._lab.data.value, self._facts, self._switch.value
        shown, bands, text = np.zeros(0, np.intp), None, tr("Splitting the set…")
        if sprites is None:
            text = tr("No data set is open.")
        elif facts.sides is None and "sides" in facts.done:
            text = tr("This set cannot be split.")
        elif side == "leaks" and self._leaks is not None and facts.copies is not None:
            text = tr("There are no near-copies in both parts.")
            if self._leaks.any():
                shown = grouped_rows(facts.copies.near, self._leaks)
                bands = runs(facts.copies.near[shown])
        elif side != "leaks" and facts.sides is not None:
            shown = np.flatnonzero(facts.sides == (side == "validation"))
            text = tr("There are no sprites in this part.")
        sides = facts.sides

        def side_of(place: int) -> str:
            assert sides is not None
            return tr("valid.") if sides[shown[place]] else tr("train")

        self._browse(shown, text, None if bands is None else side_of, bands)
        self.browser.set_caption_lines(0 if bands is None else 1)
        known = sides is not None if side != "leaks" else self._leaks is not None
        many = trn("{n:,} sprite", "{n:,} sprites", len(shown))
        self._count.setText(many if known else "")

    def _show_table(self) -> None:
        sprites, sides = self._lab.data.value, self._facts.sides
        rows = class_counts(sprites) if sprites is not None else []
        self._table.setRowCount(len(rows))
        for i, (name, label, count) in enumerate(rows):
            assert sprites is not None
            counts = "–", "–"  # while the set is being split, or if it cannot be
            if sides is not None:
                of_class = sides if label is None else sides[sprites.labels == label]
                aside = int(of_class.sum())
                counts = number_text(count - aside), number_text(aside)
            # Below the title "Class", "All" says enough; in Spanish, longer words widen the panel.
            words = trc("classes", "All") if label is None else name
            for column, text in enumerate((words, *counts)):
                item = self._table.put(i, column, text, number=column > 0)
                item.setToolTip(tooltip("" if column else text))  # long names are cut off
        self._table.fit_rows(_MOST_ROWS)
        self._table.fit_columns()

    def _show_check(self) -> None:
        sprites, facts, leaks = self._lab.data.value, self._facts, self._leaks
        grouped = sprites is not None and sprites.group is not None
        if sprites is None:
            text = ""
        elif facts.sides is None and "sides" in facts.done:
            text = tr(
                "The set cannot be split: it has only one sprite, or all are near-copies of one "
                "another. Add different ones."
            )
        elif leaks is None or facts.copies is None:
            text = tr("Finding near-copies in both parts…")
        elif not leaks.any():
            text = tr("No near-copies are in both parts: the detected groups keep them together.")
            if grouped:
                text = tr(
                    "No near-copies are in both parts: the set's own groups keep them together."
                )
        else:
            groups = len(np.unique(facts.copies.near[leaks]))
            text = trn(
                "{n:,} group of near-copies ({sum:,} sprites) is in both parts, because the set's "
                "own groups separate them. A model looks better than it is when checked with "
                "copies of what it has learned.",
                "{n:,} groups of near-copies ({sum:,} sprites) are in both parts, because the "
                "set's own groups separate them. A model looks better than it is when checked "
                "with copies of what it has learned.",
                groups,
                sum=int(leaks.sum()),
            )
        self._check.setText(text)
        able = leaks is not None and bool(leaks.any())
        why = "" if able else tr("There are no near-copies in both parts")
        tip = tr("Merge the set's own groups with the detected near-copies; can be undone")
        allow(self._join, why, tip)

    # -- edits ------------------------------------------------------------------------------------

    def join(self) -> None:
        """Merge groups of the set so that near-copies stay on one side."""
        copies = self._facts.copies
        if self._lab.data.value is not None and copies is not None:
            self._lab.edits.keep_together(copies.near)
