"""The page of variations, shown in place of the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sprite_lab.app.draw.generate.batch import Batch, Order, Scores
from sprite_lab.app.draw.generate.batch_drawing import COUNT, BatchDrawing
from sprite_lab.app.draw.generate.last_batch import MOST
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import size_text
from sprite_lab.core.config.base import Setting
from sprite_lab.core.sets.vocabulary import split_variants, usual_variants
from sprite_lab.ui.draw.generate.class_choice import ClassChoice
from sprite_lab.ui.draw.page import DrawPage
from sprite_lab.ui.draw.set_menu import add_set_menu
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, editable, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import heading
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.ui.widgets.keys import ENTER, claims
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import tr, trn

#: Minimum widths of the lists of earlier results and of words, in letters, with usual and with
#: large text.
_HISTORY, _WORDS = (15, 10), (24, 16)

_DISCARD_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_D)
_HINT = tr("K keeps, Delete discards, Enter puts the kept ones into blank cells")


class BatchGrid(SpriteGrid):
    """K keeps the chosen sprites, Delete or D discards them, Enter puts kept ones into cells.

    Undo takes back decisions, unless ``undoes_cells`` returns True: then it takes back edits of
    cells.
    """

    #: a key was pressed to keep, discard, put into cells or undo; a double click keeps, too
    keep_wanted = Signal()
    discard_wanted = Signal()
    put_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self, undoes_cells: Callable[[], bool]) -> None:
        super().__init__(gap=3, multiple=True)
        self._undoes_cells = undoes_cells
        self._kept: frozenset[int] = frozenset()
        self._discarded: frozenset[int] = frozenset()
        self._in_cells: frozenset[int] = frozenset()
        self.double_clicked.connect(lambda _index: self.keep_wanted.emit())

    def show_batch(
        self,
        images: NDArray[np.uint8] | None,
        kept: frozenset[int] = frozenset(),
        discarded: frozenset[int] = frozenset(),
        in_cells: frozenset[int] = frozenset(),
        tips: Sequence[str] = (),
    ) -> None:
        """Show ``images``, uint8 (N, H, W, 4); the frozensets contain indices into them."""
        self._kept, self._discarded, self._in_cells = kept, discarded, in_cells
        self.set_sprites(images, tips)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme = current_theme()
        painter = QPainter(self)
        for index in self._discarded:
            if index < self.count:
                veil = QColor(theme.background)
                veil.setAlpha(215)
                painter.fillRect(self.cell_rect(index), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in self._kept | self._in_cells:
            if index < self.count:
                self._paint_tick(painter, self.cell_rect(index), kept=index in self._kept)

    def _paint_tick(self, painter: QPainter, rect: QRectF, *, kept: bool) -> None:
        """Paint a tick, so that the mark does not rely on color alone.

        It is on a disc if the sprite is ``kept``, or in a ring if it is in a cell.
        """
        theme = current_theme()
        side = min(16.0, rect.width() / 2)
        disc = QRectF(rect.right() - side + 3, rect.top() - 3, side, side)
        painter.setPen(QPen(QColor(theme.surface if kept else theme.text), 1.5))
        painter.setBrush(QColor(theme.accent if kept else theme.surface))
        painter.drawEllipse(disc)
        painter.setPen(QPen(QColor(theme.accent_text if kept else theme.text), max(1.2, side / 8)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        at = [
            QPointF(disc.left() + x * side, disc.top() + y * side)
            for x, y in ((0.28, 0.52), (0.44, 0.68), (0.72, 0.34))
        ]
        painter.drawPolyline(QPolygonF(at))

    def event(self, event: QEvent) -> bool:
        # Otherwise Delete would clear the chosen cells.
        return claims(event, self._takes) or super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        ours = plain and event.key() in (Qt.Key.Key_K, *_DISCARD_KEYS, *ENTER)
        return ours or self._is_undo(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if key == Qt.Key.Key_K and plain:
            self.keep_wanted.emit()
        elif key in _DISCARD_KEYS and plain:
            self.discard_wanted.emit()
        elif key in ENTER:
            self.put_wanted.emit()
        elif self._is_undo(event):
            self.undo_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _is_undo(self, event: QKeyEvent) -> bool:
        return event.matches(QKeySequence.StandardKey.Undo) and not self._undoes_cells()

    def move_on(self, index: int) -> None:
        """Make the sprite at an index current, or else the nearest one."""
        if self.count:
            self.set_current(min(max(index, 0), self.count - 1))


#: The orders of the sprites: title, and description.
_ORDERS: dict[Order, tuple[str, str]] = {
    "best": (
        tr("Best"),
        tr("Best first: those that the critic finds most usable in a game"),
    ),
    "likelihood": (
        tr("Typical"),
        tr("Typical first: about as probable to the model as most others"),
    ),
    "novelty": (
        tr("Novelty"),
        tr("Novelty first: the least like the sprites it learned"),
    ),
    "palette": (tr("Palette"), tr("Palette first: those whose colors match it best")),
    "drawn": (tr("As drawn"), tr("As drawn: in the order in which they were made")),
}

#: The description of "best" if the model has learned from the user's sprites.
_BEST_OF_OWN = tr(
    "Best first: those that the critic finds most usable in a game; those with fewer colors "
    "inside than yours come later, and those nearly the same as one of yours come last"
)


class BatchPage(DrawPage):
    """Lets the user draw variations, and keep or discard them."""

    def __init__(self, lab: Lab, session: DrawSession, batches: BatchDrawing) -> None:
        super().__init__("draw.batch", tr("Back (Esc)"))
        self._lab, self._batches = lab, batches
        self._session = session
        self._names: Sequence[str] = ()  # names of the model's classes
        self.grid = named(
            BatchGrid(lambda: batches.undoes_cells), "draw.batch.grid", tr("Variations")
        )
        self.grid.setAccessibleDescription(
            tr(
                "K keeps the selected sprites, Delete discards them, Enter puts the kept ones "
                "into cells"
            )
        )
        vbox(
            self._make_head(),
            (self.grid, 1),
            self._make_sort(),
            self._make_foot(),
            on=self,
            margins=(12, 8, 12, 12),
        )
        theme_manager().on_text(self._fit_rows)
        self._connect()
        self._on_running(batches.running)
        self.refresh()

    # -- parts ---------------------------------------------------------------------------

    def _make_head(self) -> Flow:
        self._history = calm(
            ElidedComboBox(),
            "draw.batch.history",
            tr("Earlier results"),
            trn(
                "Earlier results; the last {n} is here again at the next launch",
                "Earlier results; the last {n} are here again at the next launch",
                MOST,
            ),
        )
        self._history.setPlaceholderText(tr("Earlier results"))
        help_button = HelpButton(self._lab, "draw_batch")
        # in one widget, since the flow might break the row otherwise
        title = as_widget(hbox(self._back, heading(tr("Fill the grid")), help_button))
        starts = self._make_start()
        # All in one flow, which leaves the most room for the sprites.
        return Flow(None, title, *starts, self._history, spacing=8, grows=self._variants)

    @Slot()
    def _fit_rows(self) -> None:
        """Adjust widths to the text size.

        Less fits into a row of large text, and another row would take room from the sprites.
        """
        self._history.setMinimumContentsLength(_HISTORY[theme_manager().text_is_large])
        self._variants.setMinimumContentsLength(_WORDS[theme_manager().text_is_large])
        for button in (self._into_set, self._put):
            button.set_icons(not theme_manager().text_is_large)
        self._sorted.setVisible(not theme_manager().text_is_large)  # tips of the buttons say it

    def _make_start(self) -> tuple[QWidget, ...]:
        self._noise = Segmented(
            "draw.batch.noise",
            tr("How to vary"),
            Option(
                "seeds",
                tr("New seeds"),
                tip=tr(
                    "Different sprites with the settings of the cell; of all classes in turn, if "
                    "it asks for none"
                ),
            ),
            Option("around", tr("Similar"), tip=tr("Similar sprites, from noises near the cell's")),
            Option(
                "words", tr("Words"), tip=tr("The same noise with other colors, materials or words")
            ),
            wraps=True,
        )
        self._class = ClassChoice(self._batches, "draw.batch.class")
        self._class.setSizeAdjustPolicy(ElidedComboBox.SizeAdjustPolicy.AdjustToContents)
        self._share = NumberField(
            Setting(
                tr("Difference"),
                tip=tr("Difference: how far to turn the noise toward another one"),
                low=1,
                high=100,
                unit="%",
            ),
            25,
            name="draw.batch.share",
        )
        self._variants = calm(
            ElidedComboBox(),
            "draw.batch.variants",
            tr("Words of the variants"),
            tr("One sprite for each, separated by commas: red, blue, dark green"),
        )
        self._variants_line = editable(self._variants)
        self._start = push_button(
            "draw.batch.start", tr("Draw {count}", count=COUNT), "generate", primary=True
        )
        self._progress = ProgressBar("draw.batch.progress", tr("Progress of drawing variations"))
        self._cancel = push_button(
            "draw.batch.cancel",
            tr("Cancel"),
            "close",
            tr("Cancel and go back to the previous result (Esc)"),
        )
        fields = self._class, self._share, self._variants, self._progress
        return (self._noise, *fields, self._start, self._cancel)

    def _make_sort(self) -> QVBoxLayout:
        self._sort = Segmented(
            "draw.batch.sort",
            tr("Order of the variations"),
            *(Option(order, text, tip=tip) for order, (text, tip) in _ORDERS.items()),
            wraps=True,
        )
        self._sorted = HintLabel(name="draw.batch.sorted")
        return vbox(hbox(self._sort, ...), self._sorted, spacing=4)

    def _make_foot(self) -> QVBoxLayout:
        # Reserve room for all figures: the likelihood arrives last, and would move the grid.
        one = np.ones(1)
        usual = Scores(one, 100 * one, of_training=True, palette=one / 10, critic=9 * one).words(0)
        room = ", ".join([tr("in cells"), *usual, tr("seed {seed}", seed=999_999)])
        self._words = HintLabel(room, name="draw.batch.words", steady=True)
        self._keep = IconButton("draw.batch.keep", "accept", tr("Keep (K)"))
        self._discard = IconButton("draw.batch.discard", "trash", tr("Discard (Delete)"))
        self._put = push_button(
            "draw.batch.put",
            tr("Into cells"),
            "fill-grid",
            tr("Write the kept ones into the next blank cells; can be undone in one step (Enter)"),
        )
        self._into_set = push_button(
            "draw.batch.set",
            tr("Into a set"),
            "data",
            tr("Write the kept ones as a data set, with their classes and words"),
        )
        add_set_menu(self._into_set, lambda join: self._batches.put_into_set(join=join))
        decide = as_widget(hbox(self._keep, self._discard, spacing=4))
        return vbox(self._words, Flow(None, decide, self._into_set, self._put), spacing=4)

    def _connect(self) -> None:
        batches, grid = self._batches, self.grid
        self._start.clicked.connect(self._draw)
        self._cancel.clicked.connect(batches.cancel)
        self._noise.changed.connect(lambda _value: self._show_share())
        self._sort.changed.connect(batches.sort_by)
        self._listed: tuple[Batch | None, list[int]] = (None, [])
        self._keep.clicked.connect(lambda: self._decide(batches.keep))
        self._discard.clicked.connect(lambda: self._decide(batches.discard))
        self._put.clicked.connect(self._put_into_cells)
        self._history.activated.connect(self._on_history)
        grid.keep_wanted.connect(lambda: self._decide(batches.keep))
        grid.discard_wanted.connect(lambda: self._decide(batches.discard))
        grid.undo_wanted.connect(self._undo)
        grid.put_wanted.connect(batches.put_into_cells)
        grid.current_changed.connect(lambda _index: self._show_words())
        grid.selection_changed.connect(lambda _chosen: self._show_words())
        batches.running_changed.connect(self._on_running)
        batches.progressed.connect(self._progress.show_progress)
        batches.changed.connect(self.refresh)
        batches.history_changed.connect(self._show_history)
        self._session.project.cells_changed.connect(self._refresh_if_seen)
        self._show_history()
        self._lab.model.changed.connect(self._on_model)
        self._lab.model_loading.changed.connect(self.refresh)
        self._on_model(self._lab.model.value)

    def _on_model(self, model: Model | None) -> None:
        """Offer the classes, colors and materials that the model knows."""
        self._names = () if model is None else model.class_names
        self._class.offer(self._names)
        self._show_share()
        self._variants.clear()
        if model is not None:
            self._variants.addItems(usual_variants(model.vocabulary))
            self._variants_line.setCursorPosition(0)  # so that its beginning is visible

    # -- actions ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        share = self._share.value / 100 if self._noise.value == "around" else None
        worded = self._noise.value == "words"
        variants = split_variants(self._variants.currentText()) if worded else None
        self._batches.start(share, variants)
        self.grid.setFocus()

    def _put_into_cells(self) -> None:
        self.grid.setFocus()  # the button is about to be grayed out
        self._batches.put_into_cells()

    def escape(self) -> None:
        if self._batches.running:
            self._batches.cancel()
        else:
            super().escape()

    def _chosen(self) -> list[int]:
        """The chosen sprites, by their numbers in the order drawn."""
        order = self._batches.order
        return [order[place] for place in self.grid.selection if place < len(order)]

    def _decide(self, what: Callable[[list[int]], None]) -> None:
        """Keep or discard the chosen sprites, and move on to the next one."""
        chosen, place = self._chosen(), self.grid.current
        if not chosen or self._batches.running:
            return
        order = self._batches.order
        # The next in the order shown, so that a whole batch can be sorted with one key.
        following = next((i for i in order[place + 1 :] if i not in chosen), None)
        what(chosen)
        if following is not None:
            self.grid.move_on(self._batches.order.index(following))

    def _undo(self) -> None:
        """Undo the last decision, and go back to its sprite."""
        if not self._batches.can_undo:
            self._session.context.notice.emit(
                tr("No decision is left to undo. Edit ▸ Undo takes edits of cells back.")
            )
            return
        changed, order = self._batches.undo(), self._batches.order
        self.grid.set_selection(n for n, i in enumerate(order) if i in changed)

    def _on_history(self, row: int) -> None:
        batches = self._batches.history.batches
        if row < len(batches) and not self._batches.running:
            self._batches.show(batches[row])

    # -- display ----------------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        batches = self._batches
        order = batches.order
        kept = frozenset(n for n, i in enumerate(order) if i in batches.kept)
        discarded = frozenset(n for n, i in enumerate(order) if i in batches.discarded)
        there = frozenset() if batches.running else batches.in_cells
        in_cells = frozenset(n for n, i in enumerate(order) if i in there)
        tips = [] if batches.running else [batches.score_words(i) for i in order]
        self.grid.show_batch(batches.images, kept, discarded, in_cells, tips)
        problem = self._session.problem
        self._show_empty()
        if order and not batches.running:
            self._stay(order)
        self._start.setEnabled(not problem and not batches.running)
        self._start.setToolTip(
            tooltip(problem or tr("Draw {count} sprites to choose from", count=COUNT))
        )
        # While the grid is empty, keys have nothing to act on.
        begins = self._start.isEnabled() and not self.grid.count
        self.setFocusProxy(self._start if begins else self.grid)
        self._class.offer(self._names)
        self._show_words()
        self._show_sort()
        with QSignalBlocker(self._history):
            shown = batches.batch
            rows = batches.history.batches
            self._history.setCurrentIndex(-1 if shown is None else rows.index(shown))

    def _show_empty(self) -> None:
        """Show why there are no sprites, or how to draw some."""
        how = tr("Press {button}, then keep the best.", button=self._start.text())
        self.grid.set_placeholder(self._session.problem or how)

    def _stay(self, order: list[int]) -> None:
        """Keep the same sprite current in a new ``order``; if it was the first, keep that place."""
        batches, (batch, before) = self._batches, self._listed
        self._listed = batches.batch, order
        place = self.grid.current
        if place < 0:
            self.grid.move_on(0)
        elif batch is batches.batch and before != order and 0 < place < len(before):
            self.grid.move_on(order.index(before[place]))

    def _show_words(self) -> None:
        batches = self._batches
        chosen = self._chosen()
        decided = bool(chosen) and not batches.running
        undecided = tr("They are being drawn.") if batches.running else tr("Select some first.")
        for button in (self._keep, self._discard):
            allow(button, "" if decided else undecided)
        count = len(batches.kept)
        for use in (self._put, self._into_set):
            allow(use, "" if count else tr("Keep some of the variations first."))
        self._put.setText(tr("{count} into cells", count=count) if count else tr("Into cells"))
        if not decided or batches.batch is None:
            self._words.setText(_HINT if batches.batch is not None else "")
        else:
            self._words.setText(batches.score_words(chosen[0]))

    def _show_sort(self) -> None:
        scores = self._batches.scores
        nothing = "" if scores is not None else tr("There is nothing to sort yet.")
        allow(self._sort, nothing)
        by = self._batches.sorted_by
        with QSignalBlocker(self._sort):
            self._sort.set_value(by)
        tips = {order: tip for order, (_, tip) in _ORDERS.items()}
        if scores is not None and scores.copies is not None:
            tips["best"] = _BEST_OF_OWN
        self._sorted.keep_room(list(tips.values()))
        self._sorted.setText("" if scores is None else tips[by])
        compared = scores is not None and scores.novelty is not None
        bits = None if scores is None else scores.bits_per_dim
        for order, tip in tips.items():
            why = "" if compared or order in ("best", "drawn") else tr("Still being compared.")
            if scores is None:
                why = nothing
            elif order == "likelihood" and compared and bits is None:
                why = tr("A student has no likelihood: open its teacher")
            button = self._sort.findChild(QWidget, f"draw.batch.sort.{order}")
            assert isinstance(button, QWidget)
            allow(button, why, tip)

    def _show_history(self) -> None:
        history = self._batches.history
        with QSignalBlocker(self._history):
            self._history.clear()
            for batch in history.batches:
                count = len(batch.cells)
                who = batch.cells[0].set_name
                words = f"{batch.words}: {who}" if who else batch.words
                self._history.addItem(f"{words} ({count})" if count > 1 else words)
        used, most = size_text(history.nbytes), size_text(history.budget)
        # Grayed out rather than hidden, so that widgets beside it do not move once there are some.
        others = len(history.batches) > 1
        none = tr("They are being drawn.") if self._batches.running else tr("There are none yet.")
        allow(
            self._history,
            "" if others and not self._batches.running else none,
            tr("Earlier results; they take {used} of {most}", used=used, most=most),
        )

    def _show_share(self) -> None:
        noise = "" if self._batches.running else self._noise.value
        self._class.setVisible(noise == "seeds" and len(self._names) > 1)
        self._share.setVisible(noise == "around")
        self._variants.setVisible(noise == "words")
        self._start.setText(
            tr("Draw each") if noise == "words" else tr("Draw {count}", count=COUNT)
        )
        self._show_empty()

    def _on_running(self, running: bool) -> None:
        self._start.setVisible(not running)
        self._cancel.setVisible(running)
        self._progress.setVisible(running)
        self._noise.setVisible(not running)
        self._show_history()
        self._progress.show_progress(0, 0)
        self._show_share()
