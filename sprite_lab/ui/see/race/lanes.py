"""The lanes of a race on screen: names, sprites and costs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QWidget

from sprite_lab.app.see.race_run import Entry, RaceRun
from sprite_lab.app.shell.text_format import DOT, prompt_words
from sprite_lab.core.trajectories.frame_views import ViewName, frame_pixels
from sprite_lab.core.trajectories.race import distance
from sprite_lab.ui.layouts import discard, hbox, keep_place, stack, vbox
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import ElidedLabel, narrowed
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.ui.widgets.plots.legend import LegendEntry
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.words import number_text, tr

#: Widths of the columns beside the sprites, in logical pixels; in a narrow window, names shrink to
#: the first.
NAME_LEAST, NAME_WIDTH, TOOLS_WIDTH = 94, 232, 52

#: Headings of the figures, and their tooltips.
FIGURES = (
    (
        tr("Evaluations"),
        tr(
            "Network evaluations per sprite: one per step, with Heun about two. Where guidance "
            "acts, it takes one more each time, and autoguidance another: 12 steps, 7 of them with "
            "both, take 12 + 7 + 7 = 26."
        ),
    ),
    (tr("Seconds"), tr("Time it took to draw all sprites of the lane")),
    (
        tr("Distance (0–255)"),
        tr(
            "How far the finished sprites are from the reference's: root mean square difference "
            "of their colors, 0 to 255, averaged over the sprites"
        ),
    ),
)

_SECONDS = 1  #: index of the figure that may be left out

#: The widest text of the first figure, whose heading may extend above the sprites.
_MOST_EVALUATIONS = "10,000"

#: Heights of a lane at the usual text size, in logical pixels: compact, minimum and maximum.
_COMPACT, _LEAST, _MOST = 30, 48, 240

#: Minimum number of letters of a model's name that still tell something.
_LEAST_NAME = 8

#: Minimum number of logical pixels per sprite pixel: for sprites below the name, and beside it.
_LEAST_SCALE, _SEEN_SCALE = 3, 2

#: Gaps between sprites, and between lanes, in logical pixels.
_GAP, _LANE_GAP = 3, 4


def _lines(heading: str) -> list[str]:
    """Split a figure's heading into its words and the scale in parentheses."""
    return heading.replace(" (", "\n(").split("\n")


class _Figure(Label):
    """A figure or its heading, as wide as the heading with its scale on a separate line. With
    ``widest``, it is only as wide as that text, as the heading has room to its left.
    """

    def __init__(self, heading: str, text: str = "", widest: str = "") -> None:
        super().__init__(text)
        self._widest = [widest] if widest else _lines(heading)
        self._least = 48 if widest else 72
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        width = max(map(self.fontMetrics().horizontalAdvance, self._widest))
        return QSize(max(self._least, width + 4), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def _tools_place() -> QWidget:
    """The column of a lane's buttons, whose width does not depend on the text size."""
    place = QWidget()
    place.setFixedWidth(TOOLS_WIDTH)
    return place


class _Maker(ElidedLabel):
    """Number of steps and model name; only the name is shortened or left out."""

    def __init__(self, *, name: str) -> None:
        super().__init__(name=name)
        self._steps = self._model = self._alone = ""

    def set_maker(self, steps: str, model: str, alone: str) -> None:
        """Set both; ``alone``: the text shown if both do not fit; "" = shorten the name."""
        self._steps, self._model, self._alone = steps, model, alone
        self.setText(DOT.join(filter(None, (steps, model))))

    def shown_text(self) -> str:
        metrics, whole = self.fontMetrics(), self.contentsRect().width()
        if self._alone and metrics.horizontalAdvance(self.text()) > whole:
            return metrics.elidedText(self._alone, Qt.TextElideMode.ElideRight, whole)
        room = whole - metrics.horizontalAdvance(self._steps + DOT)
        # Default names of runs often differ only in the time at the end.
        model = metrics.elidedText(self._model, Qt.TextElideMode.ElideMiddle, room)
        if len(model) < min(_LEAST_NAME, len(self._model)):
            return metrics.elidedText(self._steps, Qt.TextElideMode.ElideRight, whole)
        return DOT.join(filter(None, (self._steps, model)))


class LaneRow(QFrame):
    """A lane of ``count`` sprites, each ``side`` pixels wide and high.

    ``row``: the lane's number, from 0. ``title``: "" = the entry's own.
    """

    moved = Signal(int)  #: -1 up, +1 down
    removed = Signal()  #: this lane should be removed

    def __init__(self, entry: Entry, row: int, count: int, side: int, title: str = "") -> None:
        super().__init__()
        self.entry, self._whole = entry, title or entry.title
        place = "reference" if entry.is_reference else str(row)
        name = f"race.{place}"
        self.setObjectName(name)
        self.setProperty("card", True)
        self.setAccessibleName(self._whole)

        # Each text is on one line, so that all lanes have the same height. Names of samplers differ
        # at their ends.
        self._title = ElidedLabel(
            name=f"{name}.name",
            elide=Qt.TextElideMode.ElideMiddle,
            narrows=True,
            look="heading",
        )
        sampler, _, self._steps = self._whole.partition(", ")
        self._title.setText(tr("Reference") if entry.is_reference else sampler)
        self._title.setToolTip(tooltip(self._whole))
        self._model = _Maker(name=f"{name}.model")
        self._note = ElidedLabel(name=f"{name}.note", look="warn")
        self._note.hide()
        words = vbox(..., self._title, self._model, self._note, ..., spacing=0)
        left = self._left = QWidget()
        curve = self._curve = LegendEntry(
            "", row, row < len(current_theme().curves), tr("Its curve below")
        )
        if entry.is_reference:  # keeps the space, although its curve has no color
            keep_place(curve)
            curve.hide()
        hbox(curve, (words, 1), on=left, spacing=0)

        self.grid = SpriteGrid(gap=_GAP, arrow_keys=False)
        named(self.grid, f"{name}.grid", tr("Sprites of {title}", title=self._whole))
        self.grid.set_columns(count)
        self._count, self._side = count, side
        self.grid.setMinimumWidth(self._sprites_width(1))
        self.grid.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        progress = tr("Progress of {title}", title=self._whole)
        self._progress = ProgressBar(f"{name}.progress", progress)
        self._waiting = dim_label(name=f"{name}.waiting")
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._bar_place = QWidget()
        bar, room = self._bar_place, (16, 0, 16, 0)
        vbox(..., self._waiting, self._progress, ..., on=bar, spacing=-1, margins=room)
        # Without its own widget, a stacked layout would show its contents as windows.
        self._sprites = QWidget()
        self._middle = stack(self._sprites, self._bar_place, self.grid)
        # The same in every lane, whatever it shows.
        self._sprites.setMinimumWidth(self.grid.minimumWidth())
        for part in (left, self._sprites):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

        self._figures = []
        for i, (title, tip) in enumerate(FIGURES):
            widest = "" if i else _MOST_EVALUATIONS
            label = named(_Figure(title, "", widest), f"{name}.figure.{i}", title, tip)
            label.setFont(tabular(label.font()))
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._figures.append(label)
        self._parts = (left, self._sprites, *self._figures, self._tools(name))
        self._layout = QGridLayout(self)
        self._layout.setSpacing(4)
        self._layout.setColumnStretch(0, 2)
        self._layout.setRowStretch(1, 1)
        self._below: bool | None = None  # whether the sprites are below the name
        self.is_compact = False  #: whether it shows two lines of text at most
        self._name_least = round(NAME_LEAST * theme_manager().text_scale)
        self.put_sprites_below(False)

        if not entry.is_reference:
            for keys, slot in (
                ("Alt+Up", lambda: self.moved.emit(-1)),
                ("Alt+Down", lambda: self.moved.emit(1)),
                ("Del", self.removed.emit),
            ):
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(slot)
        theme_manager().text_resized.connect(self._fit)

    def _fit(self) -> None:
        """Set the height of the lane and the width of the name for the current text size."""
        scale = theme_manager().text_scale
        beside = 0 if self.is_compact else 48
        self.grid.setMinimumHeight(self._sprites_height(_LEAST_SCALE) if self._below else beside)
        edge = 0 if self.is_compact else 2
        self._layout.setContentsMargins(8, edge, 4, edge)
        least = self.least_height(compact=self.is_compact)
        self.setMinimumHeight(least)
        self.setMaximumHeight(round(_MOST * scale) + self._height_below)
        # With sprites below, the name gets all that figures and buttons leave.
        self._left.setMinimumWidth(NAME_LEAST if self._below else self._name_least)
        self._left.setMaximumWidth(round(NAME_WIDTH * scale))
        self._note.setVisible(bool(self._note.text()) and not self.is_compact)
        for button in self._order:
            button.setMaximumHeight(least // 2 - 3 if self.is_compact and not self._below else 100)

    @property
    def _height_below(self) -> int:
        """The height that sprites below the name need, in logical pixels."""
        return self._sprites_height(_LEAST_SCALE) + self._layout.spacing() if self._below else 0

    def least_height(self, *, compact: bool) -> int:
        """Minimum height of the lane in logical pixels; if compact, with room for small sprites."""
        scale = theme_manager().text_scale
        seen = self._sprites_height(_SEEN_SCALE) + 2 * self.frameWidth()
        beside = max(round(_COMPACT * scale), min(round(_LEAST * scale), seen))
        return (beside if compact else round(_LEAST * scale)) + self._height_below

    @property
    def name_needed(self) -> int:
        """The width of name and curve that is enough for the number of steps, in logical pixels."""
        return self._beside_curve(self._model.font(), self._steps)

    @property
    def names_whole(self) -> tuple[int, int]:
        """The widths that also show the sampler's full name: in usual and in narrow letters."""
        font, text = self._title.font(), self._title.text()
        fonts = font, narrowed(font, text, 0)
        usual, narrow = (max(self.name_needed, self._beside_curve(f, text)) for f in fonts)
        return usual, narrow

    def _beside_curve(self, font: QFont, text: str) -> int:
        words = QFontMetrics(font).horizontalAdvance(text)
        return self._curve.sizeHint().width() + words + 1  # rounded up

    def keep_name(self, least: int) -> None:
        """Reserve this width for name and curve beside the sprites, in logical pixels."""
        self._name_least = least
        self._fit()

    def set_compact(self, compact: bool) -> None:
        """Set whether to show at most two lines of text, to leave room for other lanes."""
        if compact != self.is_compact:
            self.is_compact = compact
            self._fit()

    def show_seconds(self, there: bool) -> None:
        """Set whether to show how long drawing took; without it, sprites have more room."""
        self._figures[_SECONDS].setVisible(there)

    def _sprites_height(self, scale: int) -> int:
        return scale * self._side + 2 * _GAP

    def _height_around(self, scale: int) -> int:
        """Height of the lane with sprites of this scale beside the name."""
        margins = self._layout.contentsMargins()
        around = margins.top() + margins.bottom() + 2 * self.frameWidth()
        return self._sprites_height(scale) + around

    def height_at(self, scale: int) -> int:
        """The height at which a sprite pixel is ``scale`` logical pixels large; 0 = impossible."""
        high = self._height_around(scale)
        fits = self.minimumHeight() <= high <= self.maximumHeight() and not self._below
        return high if fits else 0

    def hasHeightForWidth(self) -> bool:
        return False  # or lanes would be as high as their sprites can get

    def _sprites_width(self, scale: int) -> int:
        return self._count * self._side * scale + (self._count + 1) * _GAP

    def keep_sprites(self, scale: int) -> None:
        """Keep room for sprites with ``scale`` logical pixels per pixel, shrinking names."""
        self._sprites.setMinimumWidth(self._sprites_width(scale))

    def width_beside(self, scale: int = 1) -> int:
        """The minimum width for sprites of this scale beside the name, in logical pixels."""
        others = [part for part in self._parts[2:] if not part.isHidden()]
        least = [max(part.minimumSizeHint().width(), part.minimumWidth()) for part in others]
        widths = [min(w, part.maximumWidth()) for w, part in zip(least, others, strict=True)]
        widths += self._sprites_width(scale), self._name_least
        margins = self._layout.contentsMargins()
        around = margins.left() + margins.right() + 2 * self.frameWidth()
        return sum(widths) + self._layout.spacing() * (len(widths) - 1) + around

    def put_sprites_below(self, below: bool) -> None:
        """Put the sprites below name and figures, or between them."""
        if below == self._below:
            return
        self._below = below
        left, sprites, *rest = self._parts
        self._layout.addWidget(left, 0, 0)
        if below:
            self._layout.addWidget(sprites, 1, 0, 1, len(self._parts))
        else:
            self._layout.addWidget(sprites, 0, 1)
        for column, part in enumerate(rest, 2):
            self._layout.addWidget(part, 0, column)
        self._layout.setColumnStretch(1, int(not below))
        self._fit()

    def _tools(self, name: str) -> QWidget:
        place = _tools_place()
        self._order: tuple[QWidget, ...] = ()
        if self.entry.is_reference:
            return place
        tip = tr("Move this lane up (Alt+Up)")
        self.up = IconButton(f"{name}.up", "shift-up", tip, do=lambda: self.moved.emit(-1))
        tip = tr("Move this lane down (Alt+Down)")
        self.down = IconButton(f"{name}.down", "shift-down", tip, do=lambda: self.moved.emit(1))
        remove = IconButton(f"{name}.remove", "close", tr("Remove this lane (Del)"))
        remove.clicked.connect(self.removed)
        self._order = (self.up, self.down)
        for button in self._order:
            button.setProperty("tight", True)  # so that two fit into a low lane
        order = vbox(..., self.up, self.down, ..., spacing=0)
        hbox(order, remove, on=place, spacing=0)
        return place

    # -- display ----------------------------------------------------------------------------------

    def set_model(self, title: str, *, shared: bool = False) -> None:
        """Set the model's name beside the steps; ``shared``: whether all lanes have that model."""
        self._model.set_maker(self._steps, title, self._steps if shared else "")

    def say_drawing(self) -> None:
        """Show that the lane is being drawn, as previews look like finished sprites."""
        words = tr("still drawing")
        self._model.set_maker(self._steps, words, words)

    def set_note(self, text: str, tip: str) -> None:
        self._note.setText(text)
        self._note.setToolTip(tooltip(tip))
        self._title.setToolTip(tooltip("\n".join(filter(None, (self._whole, tip)))))
        self._note.setVisible(bool(text) and not self.is_compact)

    def set_ends(self, first: bool, last: bool) -> None:
        if not self.entry.is_reference:
            allow(self.up, tr("It is the first lane.") if first else "")
            allow(self.down, tr("It is the last lane.") if last else "")

    def show_waiting(self, text: str) -> None:
        """Show why there are no sprites yet."""
        self._middle.setCurrentWidget(self._bar_place)
        self._waiting.setText(text)
        self._progress.hide()
        self.show_figures("", "", "")

    def show_progress(self, done: int, total: int) -> None:
        self._waiting.setText("")
        self._progress.show()
        self._progress.show_progress(done, total)

    def show_pixels(self, images: NDArray[np.uint8], tips: Sequence[str] = ()) -> None:
        """Show uint8 (N, H, W, 3); ``tips``: the prompt of each."""
        self._middle.setCurrentWidget(self.grid)
        self.grid.set_sprites(images, tips)

    def show_figures(
        self, evaluations: str, seconds: str, distance: str, more: Sequence[str] = ("", "", "")
    ) -> None:
        """Show cost and distance to the reference; ``more``: additional text for their tooltips."""
        figures = zip(self._figures, (evaluations, seconds, distance), FIGURES, more, strict=True)
        for label, text, (_, tip), here in figures:
            label.setText(text)
            label.setToolTip(tooltip("\n".join(filter(None, (tip, here)))))

    def mark(self, sprite: int) -> None:
        """Mark one sprite as chosen, -1 = none."""
        if -1 <= sprite < self.grid.count and self.grid.current != sprite:
            self.grid.set_current(sprite)


class _Header(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._labels = []
        for text, tip in FIGURES:
            label = named(_Figure(text), tip=tip)
            label.setProperty("dim", True)
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            self._labels.append(label)
        self._better = dim_label(tr("Lower is better:"), wrap=False)
        self._better.setAlignment(Qt.AlignmentFlag.AlignBottom)
        labels, around = (self._better, *self._labels), (9, 0, 5, 0)
        hbox(..., *labels, _tools_place(), on=self, spacing=4, margins=around)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Set whether to omit the scales of the figures, which are also in tooltips."""
        for label, (text, _) in zip(self._labels, FIGURES, strict=True):
            label.setText("\n".join(_lines(text)[: 1 if compact else None]))

    def fit(self, room: int, *, seconds: bool) -> None:
        """Hide what does not fit into ``room`` logical pixels.

        ``seconds``: whether the lanes show them.
        """
        self._labels[_SECONDS].setVisible(seconds)
        hidden = self._better.sizeHint().width() + 4 if self._better.isHidden() else 0
        self._better.setVisible(room >= self.sizeHint().width() + hidden)


class LaneList(QScrollArea):
    """Shows the contents of a :class:`RaceRun`.

    Lanes scroll if there are too many; headings and references stay in sight.
    """

    #: entry and index of a sprite that was clicked or double-clicked
    chosen = Signal(object, int)
    opened = Signal(object, int)

    def __init__(self, run: RaceRun) -> None:
        super().__init__()
        self._run = run
        self._rows: list[LaneRow] = []
        self._header: _Header | None = None
        self._count = self._side = 0
        self._nothing = ""  # text on why there are no lanes
        named(self, "race.lanes", tr("Lanes"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = named(QWidget(), "scrolled")
        self._column = vbox(on=content, spacing=_LANE_GAP)
        self.setWidget(content)
        run.progressed.connect(self._on_progress)
        run.previewed.connect(self._on_preview)
        theme_manager().text_resized.connect(self._fit)

    @property
    def needed(self) -> int:
        """The height that all lanes need, in logical pixels."""
        rows = sum(row.minimumHeight() + _LANE_GAP for row in self._rows)
        return rows + (0 if self._header is None else self._header.sizeHint().height())

    @property
    def least(self) -> int:
        """The height that all lanes need in compact form, in logical pixels."""
        rows = sum(row.least_height(compact=True) + _LANE_GAP for row in self._rows)
        return rows + (0 if self._header is None else self._header.fontMetrics().height())

    @property
    def is_compact(self) -> bool:
        """Whether lanes show at most two lines."""
        return any(row.is_compact for row in self._rows)

    def make_room(self, most: int) -> None:
        """Make the lanes compact if they need more than this height."""
        for compact in (False, True):
            for row in self._rows:
                row.set_compact(compact)
            if self._header is not None:
                self._header.set_compact(compact)
            if self.needed <= most:
                break
        self._place()

    def height_within(self, room: int) -> int:
        """The height within ``room`` at which sprites are largest, at least :attr:`needed`."""
        best = self.needed
        around = best - sum(row.minimumHeight() for row in self._rows)
        for scale in range(1, room // max(1, self._side) + 1):
            heights = [row.height_at(scale) for row in self._rows]
            if all(heights) and around + sum(heights) <= room:
                best = max(best, around + sum(heights))
        return best

    def say_nothing(self, why: str) -> None:
        self._nothing = why
        if not self._rows:
            self._make_rows([])

    def refresh(self) -> None:
        entries = [*self._run.entries, *self._run.references]
        as_before = (self._count, self._side) == (self._run.base.count, self._run.side)
        if [row.entry for row in self._rows] != entries or not as_before:
            self._make_rows(entries)
        for row in self._rows:
            self._show_facts(row)

    def show_level(self, log_snr: float, view: ViewName, chosen: tuple[Entry, int] | None) -> None:
        """Show each lane at a noise level, with the chosen sprite marked."""
        for row in self._rows:
            lane = self._run.lane(row.entry)
            if lane is not None:
                tips = [tooltip(prompt_words(prompt)) for prompt in lane.trajectory.prompts]
                pixels = frame_pixels(lane.trajectory, lane.frame_at(log_snr), view)
                row.show_pixels(pixels, tips)
                row.mark(chosen[1] if chosen and chosen[0] == row.entry else -1)

    def reveal(self, entry: Entry) -> None:
        """Scroll to a lane, once it has its position."""

        def scroll() -> None:
            for row in self._rows:
                if row.entry == entry:
                    self.ensureWidgetVisible(row)

        QTimer.singleShot(0, self, scroll)

    def _make_rows(self, entries: list[Entry]) -> None:
        holder = self.focusWidget() or self
        focused = next((row.entry for row in self._rows if row.isAncestorOf(holder)), None)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                discard(widget)
        for fixed in (self._header, *(row for row in self._rows if row.entry.is_reference)):
            if fixed is not None:
                discard(fixed)
        self._rows, self._header = [], None
        self._count, self._side = self._run.base.count, self._run.side
        if not entries:
            nothing = dim_label(self._nothing, name="race.nothing")
            nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(nothing, 1)
            self._place()
            return
        self._header = _Header()
        self._header.setParent(self)
        self._header.show()
        last = len(self._run.entries) - 1
        for i, entry in enumerate(entries):
            row = LaneRow(entry, i, self._count, self._side, self._run.title(entry))
            row.set_ends(i == 0, i == last)
            row.grid.clicked.connect(partial(self.chosen.emit, entry))
            row.grid.double_clicked.connect(partial(self.opened.emit, entry))
            row.moved.connect(lambda by, entry=entry: self._run.move(entry, by))
            row.removed.connect(lambda entry=entry: self._run.remove(entry))
            if entry.is_reference:
                row.setParent(self)
            else:
                self._column.addWidget(row, 1)
            row.show()  # at once, not in the next cycle of the event loop
            self._rows.append(row)
            if entry == focused:
                row.grid.setFocus()
        self._fit()

    def _fit(self) -> None:
        """Put the sprites of all lanes below the names if, in at least one lane, they do not fit
        beside its name even if that is shortened and the seconds are hidden.
        """
        room = self.viewport().width()
        usual = round(NAME_LEAST * theme_manager().text_scale)
        needed = max((row.name_needed for row in self._rows), default=0)
        whole, narrow = map(max, zip((0, 0), *(row.names_whole for row in self._rows), strict=True))
        tries = ((usual, True), (usual, False), (min(needed, usual), False))
        fits = next((t for t in tries if self._fits_beside(*t, room)), None)
        below, (least, seconds) = fits is None, fits or tries[0]
        for width in () if below else (whole, narrow, needed, least):  # widen names if possible
            if self._fits_beside(max(width, least), seconds, room):
                break
        for row in self._rows:
            row.show_seconds(seconds)
            row.keep_sprites(1 if below else _SEEN_SCALE)
            row.put_sprites_below(below)
        if self._header is not None:
            self._header.fit(room, seconds=seconds)
        self._place()

    def _fits_beside(self, names: int, seconds: bool, room: int) -> bool:
        """Set the width of names; returns whether sprites at _SEEN_SCALE fit beside them."""
        for row in self._rows:
            row.keep_name(names)
            row.show_seconds(seconds)
        return all(row.width_beside(_SEEN_SCALE) <= room for row in self._rows)

    def _place(self) -> None:
        """Put the headings above the lanes and the references below, with rows of equal height."""
        if self._header is None:
            self.setViewportMargins(0, 0, 0, 0)
            return
        head, frame = self._header.sizeHint().height(), self.frameWidth()
        references = [row for row in self._rows if row.entry.is_reference]
        lanes = len(self._rows) - len(references)
        first = self._rows[0]
        room = self.height() - 2 * frame - head - _LANE_GAP * len(self._rows)
        each = room // len(self._rows)
        each = max(first.minimumHeight(), min(first.maximumHeight(), each))
        whole = lanes * each + _LANE_GAP * (lanes - 1)
        most = room - len(references) * each + _LANE_GAP * (lanes - 1)
        high = max(0, min(whole, most))
        below = self.height() - 2 * frame - head - _LANE_GAP - high
        self.setViewportMargins(0, head + _LANE_GAP, 0, max(0, below))
        width = self.viewport().width()
        self._header.setGeometry(frame, frame, width, head)
        top = frame + head + _LANE_GAP + high + _LANE_GAP
        for row in references:
            row.setGeometry(frame, top, width, each)
            top += each + _LANE_GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _show_facts(self, row: LaneRow) -> None:
        run, entry = self._run, row.entry
        models = {lane.ref for lane in (*run.entries, *run.references)}
        row.set_model(run.model_title(entry), shared=len(models) == 1)
        if run.config(entry).is_random:
            tip = tr(
                "Adds fresh noise on the way, so a sprite that differs from the reference's is "
                "not an error."
            )
            row.set_note(tr("Adds fresh noise"), tip)
        else:
            row.set_note("", "")
        found, lane = run.result(entry), run.lane(entry)
        if lane is None:
            row.show_waiting(found if isinstance(found, str) else "")
            return
        away, tip = "", ""
        if not entry.is_reference:
            reference = run.reference_of(entry)
            exact = None if reference is None else run.lane(reference)
            if reference is None:
                away, tip = "–", tr("The teacher of this student is not available.")
            elif exact is None:
                away, tip = "…", tr("Available once the reference is drawn.")
            else:
                each = distance(lane.trajectory.x0[-1], exact.trajectory.x0[-1])
                away = number_text(each.mean(), ".1f")
                tip = tr("Each: ") + ", ".join(number_text(value, ".1f") for value in each)
        once = lane.evaluations_of_steps
        cost = tr(
            "Here: {once:,} for the steps, {more:,.0f} more where guidance acts.",
            once=once,
            more=lane.evaluations - once,
        )
        row.show_figures(
            number_text(lane.evaluations, ",.0f"),
            number_text(lane.seconds, ".2f"),
            away,
            (cost if lane.evaluations > once else "", "", tip),
        )

    def _on_progress(self, entry: Entry, done: int, total: int) -> None:
        for row in self._rows:
            if row.entry == entry and self._run.lane(entry) is None:
                row.show_progress(done, total)

    def _on_preview(self, entry: Entry, images: NDArray[np.uint8]) -> None:
        for row in self._rows:
            if row.entry == entry and len(images) == self._count:
                row.show_pixels(images)
                row.say_drawing()
