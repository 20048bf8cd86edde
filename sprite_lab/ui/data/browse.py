"""The page for browsing, selecting, labeling and dropping sprites of the set."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from sprite_lab.app.data import data_edits, data_tasks
from sprite_lab.app.data.data_facts import DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.pixels.cells import MOST_CELLS
from sprite_lab.core.sets.credits import attribution, credits_of
from sprite_lab.core.sets.sprite_query import EXACTLY, SpriteQuery, find_rows
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.ui.data.facts import caption_of, chosen_facts, laid_out, set_facts, sprite_facts
from sprite_lab.ui.data.filter_bar import FilterBar
from sprite_lab.ui.data.label_group import LabelGroup
from sprite_lab.ui.data.words_group import WordsGroup
from sprite_lab.ui.flow import button_row
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import Page
from sprite_lab.ui.text import RoomyLabel
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser, in_line
from sprite_lab.ui.widgets.sprites.sprite_strips import Pixels
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr, trn

#: Larger sets are searched by a worker.
_AT_ONCE = 50_000


#: Lines of facts of one sprite, so that nothing below them moves if several are selected.
_FACTS = 5


class SpriteGroup(FoldGroup):
    """The selected sprites: a large view, facts and edits."""

    def __init__(self) -> None:
        super().__init__(tr("Sprite"), name="data.sprite")
        self.large = named(SpriteView(), "data.large", tr("The current sprite"))
        self.large.setMinimumHeight(176)
        self.facts = named(RoomyLabel(lines=_FACTS, selectable=True), "data.facts")
        tip = tr("Watch noise destroy this sprite, step by step (Enter)")
        self.dissolve = push_button("data.dissolve", tr("See it dissolve"), "forward-process", tip)
        tip = tr("Put copies of the selected sprites into the project's next blank cells")
        self.edit = push_button("data.edit", tr("Edit in Draw"), "draw", tip)
        self.drop = push_button("data.drop", tr("Remove"), "trash")
        tip = tr("The selected sprites as single pictures or a sheet (Ctrl+E)")
        self.export = push_button("data.export", tr("Export…"), "export", tip)
        buttons = vbox(self.dissolve, self.edit, button_row(self.export, self.drop))
        self.add(self.large, self.facts, buttons)
        self.allow_drop(True, True)

    def allow_drop(self, there: bool, small: bool) -> None:
        """Enable the buttons. ``there``: sprites are selected. ``small``: Remove may be used."""
        none = "" if there else tr("Select sprites first.")
        allow(self.export, none)
        many = tr(
            "Sprites can only be removed from sets of up to {most_to_drop_from:,}",
            most_to_drop_from=data_edits.MOST_TO_DROP_FROM,
        )
        tip = tr(
            "Remove the selected sprites from the set; the file keeps them until you save (Delete)"
        )
        allow(self.drop, none if small else many, tip)


class SetGroup(FoldGroup):
    """The set as a whole."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(tr("Data set"), name="data.set")
        self.info = dim_label(name="data.info")
        other = push_button(
            "data.open", tr("Open…"), "open", tr("Open another data set (Ctrl+Shift+O)")
        )
        self._save = push_button(
            "data.save", tr("Save"), "save", tr("Write the set as it is now to its file")
        )
        self._save_as = push_button(
            "data.save_as", tr("Save as…"), "", tr("Write the set as it is now to another file")
        )
        tip = tr("Make a set from pictures, sheets, folders or archives (Ctrl+I)")
        more = push_button("data.import", tr("Import…"), "import", tip, do=lab.import_wanted)
        save = button_row(self._save, self._save_as)
        self.add(self.info, vbox(button_row(other, more), save))
        other.clicked.connect(lambda: lab.want_data(None))
        self._save.clicked.connect(lab.save_data_wanted)
        self._save_as.clicked.connect(lab.save_data_as_wanted)

    def set_facts(self, text: str, *, there: bool, clean: bool) -> None:
        self.info.setText(text if clean else tr("{value}\nChanged, not saved yet.", value=text))
        why = "" if there else tr("No data set is open.")
        allow(self._save_as, why)
        allow(self._save, why or (tr("Nothing has changed.") if clean else ""))


class BrowsePage(Page):
    """Browse, filter and edit the sprites of the set."""

    def __init__(self, lab: Lab, facts: DataFacts) -> None:
        super().__init__("data.page.browse")
        self._lab, self._facts = lab, facts
        #: The rows of the sprites in the browser: int (M,), in the open set and in the set as it
        #: was opened.
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown_base: NDArray[np.intp] = np.zeros(0, np.intp)
        self._base: object = None
        self.browser = named(
            SpriteBrowser(several=True), "data.browser", tr("Sprites of the data set")
        )
        self.browser.setAccessibleDescription(
            tr("Keys 1 to 9 assign a class, 0 none; Delete removes")
        )
        self.filter = FilterBar(lab)
        vbox(self.filter, (in_line(self.browser), 1), on=self, spacing=0)
        self.setFocusProxy(self.browser)
        self._sprite, self._set = SpriteGroup(), SetGroup(lab)
        self._labels = LabelGroup(lab, lambda: self.chosen)
        self._words = WordsGroup(lab, lambda: self.chosen)
        groups = self._sprite, self._labels, self._words, self._set
        self.inspector = Inspector(*groups, name="data.inspector")

        self.filter.changed.connect(self._on_query)
        self.filter.zoom.changed.connect(lambda value: self.browser.set_scale(round(value)))
        self.filter.caption.currentIndexChanged.connect(self._show_captions)
        self.browser.current_changed.connect(self._show_chosen)
        self.browser.selection_changed.connect(self._show_chosen)
        self.browser.double_clicked.connect(lambda _index: self.dissolve())
        self._sprite.dissolve.clicked.connect(self.dissolve)
        self._sprite.edit.clicked.connect(self.edit)
        self._sprite.drop.clicked.connect(self.drop)
        self._sprite.export.clicked.connect(lambda: lab.exports.wanted.emit("data_chosen"))
        self._labels.added.connect(self.browser.setFocus)
        self._words.wanted.connect(lambda word: self.filter.search.setText(f"{EXACTLY}{word}"))
        facts.figures_changed.connect(self._on_facts)
        facts.copies_changed.connect(self._on_facts)
        facts.sides_changed.connect(self._show_set)
        lab.data.changed.connect(self._on_data)
        lab.edits.clean_changed.connect(self._show_set)
        self._on_data()

    # -- the sprites shown ------------------------------------------------------------------------

    def _on_data(self, *_: object) -> None:
        sprites, edits = self._lab.data.value, self._lab.edits
        self.filter.set_sprites(sprites)
        self._labels.set_sprites(sprites)
        self._words.set_sprites(sprites, small=edits.may_drop)
        another = edits.base is not self._base
        self._base = edits.base
        if another and sprites is not None and len(sprites) <= _AT_ONCE:
            self._facts.want_figures()  # in larger sets, only on request
        if another and sprites is not None and len(sprites) > _AT_ONCE:
            # Until the rows are found, keys must not act on rows of the previous set.
            self.browser.set_empty_text(tr("Finding sprites…"))
            self._take(np.zeros(0, np.intp), keep=False)
        self._refresh(keep=not another)
        self._show_set()

    def _on_query(self, query: SpriteQuery) -> None:
        if query.needs_figures:
            self._facts.want_figures()
        if query.needs_copies:
            self._facts.want_copies()
        self._refresh(keep=False)

    def _on_facts(self) -> None:
        query, facts = self.filter.query, self._facts
        if query.needs_figures or (query.needs_copies and facts.copies is not None):
            self._refresh(keep=True)
        self._show_chosen()

    def _refresh(self, *, keep: bool) -> None:
        """Run the query; ``keep``: whether selection and scroll position stay."""
        sprites, facts, query = self._lab.data.value, self._facts, self.filter.query

        def take(rows: NDArray[np.intp]) -> None:
            if self._lab.data.value is sprites:
                self._take(rows, keep=keep)

        if sprites is None:
            self._take(np.zeros(0, np.intp), keep=False)
        elif query.needs_copies and facts.copies is None:
            self.browser.set_empty_text(tr("Finding copies…"))
            self._take(np.zeros(0, np.intp), keep=False)
        elif len(sprites) <= _AT_ONCE:
            self._take(find_rows(sprites, query, facts.figures, facts.copies), keep=keep)
        else:
            task = data_tasks.answer(sprites, query, facts.figures, facts.copies)
            self._lab.do(task, self, then=take, newest="data.rows")

    def _take(self, rows: NDArray[np.intp], *, keep: bool) -> None:
        sprites, edits = self._lab.data.value, self._lab.edits
        before, place = self._shown_base, self.browser.current
        chosen, current = before[self.browser.chosen_rows], before[place] if place >= 0 else -1
        self._shown = rows
        self._shown_base = edits.rows[rows] if sprites is not None else rows
        self._fit_captions()
        if sprites is None:
            self.browser.clear()
        elif not keep or not len(rows) or place < 0:
            self.browser.set_source(len(rows), sprites.size[0], *self._parts())
        else:
            still = np.flatnonzero(np.isin(self._shown_base, chosen))
            there = np.flatnonzero(self._shown_base == current)
            now = int(there[0]) if len(there) else min(place, len(rows) - 1)
            self.browser.set_source(
                len(rows),
                sprites.size[0],
                *self._parts(),
                # If the chosen sprites no longer match, choose the one now in that place.
                chosen=(still if len(still) else np.array([now]), now),
            )
        if sprites is None:
            self.browser.set_empty_text(
                tr("No data set is open: choose one above, or import sprites (Ctrl+I).")
            )
        elif len(rows) or not self.filter.query.needs_copies:
            self.browser.set_empty_text(tr("No sprites match."))
        text = ""
        if sprites is not None:
            shown = number_text(len(rows))
            if len(rows) < len(sprites):
                shown = tr("{count:,} of {total:,}", count=len(rows), total=len(sprites))
            text = trn("{shown} sprite", "{shown} sprites", len(rows), shown=shown)
        self.filter.count.setText(text)
        self._show_chosen()

    def _parts(self) -> tuple[Pixels, Callable[[int], str], Callable[[int], str] | None]:
        """Functions for pixels, tooltips and captions of the sprites shown; None = no captions."""
        sprites, shown, facts = self._lab.data.value, self._shown, self._facts
        assert sprites is not None
        kind = self.filter.caption.currentData()
        return (
            lambda places: sprites.rgba_of(shown[places]),
            lambda i: sprite_facts(sprites, int(shown[i]), facts.figures),
            (lambda i: caption_of(sprites, int(shown[i]), kind)) if kind else None,
        )

    def _show_captions(self, _index: int) -> None:
        if self._lab.data.value is not None:
            self._fit_captions()
            caption = self._parts()[2]
            self.browser.set_caption_lines(0 if caption is None else 1, caption)

    def _fit_captions(self) -> None:
        """Show class names in full; names and words, which have any length, may be cut off."""
        sprites, by_class = self._lab.data.value, self.filter.caption.currentData() == "class"
        names = sprites.class_names if sprites is not None and by_class else ()
        self.browser.keep_whole(list(map(class_words, names)))

    def show_rows(self, rows: NDArray[np.intp], text: str) -> None:
        """Select sprites of the whole set, and describe them by ``text``."""
        self.filter.clear()
        if len(rows):
            self.browser.choose_rows(rows)
            self.browser.reveal(int(rows[0]))
        self._lab.notice.emit(text)

    # -- selection --------------------------------------------------------------------------------

    @property
    def chosen(self) -> NDArray[np.intp]:
        """The selected sprites, as rows of the set: int (M,)."""
        return self._shown[self.browser.chosen_rows]

    def _current(self) -> int | None:
        current = self.browser.current
        if self._lab.data.value is None or not 0 <= current < len(self._shown):
            return None
        return int(self._shown[current])

    def _show_chosen(self, *_: object) -> None:
        sprites, current, chosen = self._lab.data.value, self._current(), self.chosen
        there = sprites is not None and current is not None
        for button in (self._sprite.dissolve, self._sprite.edit):
            allow(button, "" if there else tr("Select a sprite first."))
        self._sprite.allow_drop(bool(len(chosen)), sprites is None or self._lab.edits.may_drop)
        self._labels.show_chosen()
        # Facts may arrive before the page shows the new or smaller set.
        stale = sprites is not None and bool((chosen >= len(sprites)).any())
        self._words.show_chosen(None if stale else sprites, chosen)
        if sprites is None or current is None or current >= len(sprites) or stale:
            self._sprite.large.set_image(None)
            self._sprite.facts.setText("")
            return
        self._sprite.large.set_image(sprites.rgba_of(current))
        several = len(chosen) > 1
        figures = self._facts.figures
        text = chosen_facts(sprites, chosen) if several else sprite_facts(sprites, current, figures)
        named = not several and bool(sprites.names[current])
        self._sprite.facts.setText(laid_out(text, title=int(named)))

    def _show_set(self, *_: object) -> None:
        sprites, lab = self._lab.data.value, self._lab
        if sprites is not None and (sprites.group is not None or len(sprites) <= _AT_ONCE):
            self._facts.want_sides()
        text = "" if sprites is None else set_facts(sprites, lab.data_title, self._facts.sides)
        self._set.set_facts(text, there=sprites is not None, clean=lab.edits.is_clean)

    # -- edits ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, digit = event.key(), event.key() - Qt.Key.Key_0
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and 0 <= digit <= 9 and len(self.chosen):
            self._labels.give(digit - 1)
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.drop()
        else:
            super().keyPressEvent(event)

    def drop(self) -> None:
        if len(self.chosen):
            with self._lab.reporting():
                self._lab.edits.drop(self.chosen)

    def dissolve(self) -> None:
        """Show in See how noise destroys the current sprite."""
        sprites, current = self._lab.data.value, self._current()
        if sprites is not None and current is not None:
            self._lab.forward(sprites.images[current : current + 1])
            self._lab.workspace_wanted.emit("see", "watch")

    def edit(self) -> None:
        """Put copies of the selected sprites into the project."""
        sprites, chosen = self._lab.data.value, self.chosen[:MOST_CELLS]
        if sprites is None or not len(chosen):
            return
        prompts, thanks = [], []
        for row in chosen.tolist():
            words = tuple(str(sprites.words[row]).split())
            prompts.append(Prompt.of_class(sprites.class_of(row), words))
            thanks.append(attribution(credits_of(sprites.credits, [str(sprites.source[row])])))
        with self._lab.reporting():
            self._lab.project_io.take_several(sprites.rgba_of(chosen), prompts, thanks)
