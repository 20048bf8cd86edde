"""The base class of Copies and Split: a switch above a browser of some sprites of the set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.data.data_facts import DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.ui.data.facts import sprite_facts
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.page import Page
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser, in_line


class BrowserPage(Page):
    """A page named after its help ``topic``; the label ``_count`` shows the number of sprites.

    ``scale``: logical pixels for each pixel of a sprite, with text of the usual size.
    """

    def __init__(
        self,
        lab: Lab,
        facts: DataFacts,
        browser: SpriteBrowser,
        switch: Segmented[str],
        topic: str,
        *,
        scale: int,
    ) -> None:
        super().__init__(f"data.page.{topic}")
        self._lab, self._facts, self._switch, self.browser = lab, facts, switch, browser
        self._usual_scale = scale
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self._count = dim_label(name=f"{browser.objectName()}.count", wrap=False)
        bar = hbox(switch, self._count, HelpButton(lab, topic), ..., margins=(16, 8, 16, 8))
        vbox(bar, (in_line(browser), 1), on=self, spacing=0)
        self.setFocusProxy(browser)
        theme_manager().on_text(self._fit_text)

    @property
    def chosen(self) -> NDArray[np.intp]:
        """The selected sprites, as rows of the set: int (M,)."""
        return self._shown[self.browser.chosen_rows]

    def _fit_text(self) -> None:
        """Make room for the usual number of letters below each sprite."""
        self.browser.set_scale(round(self._usual_scale * theme_manager().text_scale))

    def _browse(
        self,
        rows: NDArray[np.intp],
        empty: str,
        caption: Callable[[int], str] | None,
        bands: NDArray[np.intp] | None,
        *,
        current: int | None = None,
    ) -> None:
        """Show rows of the set, int (M,), or the text ``empty``; see SpriteBrowser.set_source."""
        sprites = self._lab.data.value
        self._shown = rows
        self.browser.set_empty_text(empty)
        if sprites is None or not len(rows):
            self.browser.clear()
            return

        def tip(place: int) -> str:
            """The tooltip of a sprite, with its caption, which may be cut off below the sprite."""
            below = "" if caption is None else caption(place)
            facts = sprite_facts(sprites, int(rows[place]), self._facts.figures)
            return f"{facts}\n{below}" if below and below not in facts else facts

        self.browser.set_source(
            len(rows),
            sprites.size[0],
            lambda places: sprites.rgba_of(rows[places]),
            tip,
            caption,
            bands=bands,
            chosen=None if current is None else (np.array([current]), current),
        )
