"""The Data workspace: pages about the sprites that models learn from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from sprite_lab.app.data.data_facts import DataFacts
from sprite_lab.app.files.exports import NOT_YET, Offered, rows_of_set
from sprite_lab.app.lab import Lab
from sprite_lab.ui.data.browse import BrowsePage
from sprite_lab.ui.data.browser_page import BrowserPage
from sprite_lab.ui.data.credits import CreditsPage
from sprite_lab.ui.data.duplicates import DuplicatesPage
from sprite_lab.ui.data.split import SplitPage
from sprite_lab.ui.page import Page
from sprite_lab.ui.widgets.pages import Pages, PageSpec
from sprite_lab.words import tr


class DataWorkspace(Pages):
    """Pages to browse the set, find its flaws, and see how it is split."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        self._lab = lab
        self.facts = facts = DataFacts(lab)

        def colors() -> Page:
            from sprite_lab.ui.data.colors import ColorsPage  # noqa: PLC0415

            page = ColorsPage(lab, facts)  # imported here because it loads pyqtgraph
            page.rows_wanted.connect(self._show_rows)
            return page

        browse_tip = tr("Look through the sprites, select some, assign classes, or remove them")
        copies_tip = tr("Sprites that appear twice, or nearly so")
        colors_tip = tr("How many colors sprites have, and which are common")
        split_tip = tr(
            "What a training run learns from, what it is checked with, and leaks between the two"
        )
        credits_tip = tr("Who made the sprites, and under which license")
        specs = [
            PageSpec("browse", tr("Sprites"), "grid", browse_tip, lambda: BrowsePage(lab, facts)),
            PageSpec(
                "duplicates",
                tr("Copies"),
                "duplicate",
                copies_tip,
                lambda: DuplicatesPage(lab, facts),
            ),
            PageSpec("colors", tr("Colors"), "picker", colors_tip, colors),
            PageSpec("split", tr("Split"), "compare", split_tip, lambda: SplitPage(lab, facts)),
            PageSpec("credits", tr("Credits"), "star", credits_tip, lambda: CreditsPage(lab)),
        ]
        super().__init__(specs, name="data", parent=parent)
        facts.setParent(self)
        lab.exports.offer("data_chosen", self._export)

    @property
    def chosen(self) -> NDArray[np.intp]:
        """The sprites selected on the page shown, as rows of the set: int (M,)."""
        page = self.page(self.current)
        if isinstance(page, (BrowsePage, BrowserPage)):
            return page.chosen
        return np.zeros(0, np.intp)

    def _export(self) -> Offered:
        sprites, chosen = self._lab.data.value, self.chosen.tolist()
        if sprites is None or not chosen:
            return NOT_YET["data_chosen"]
        return rows_of_set(sprites, chosen)

    def _show_rows(self, rows: NDArray[np.intp], text: str) -> None:
        self.show_page("browse")
        page = self.page("browse")
        assert isinstance(page, BrowsePage)
        page.show_rows(rows, text)
