"""The views of the stage: what each shows, and how they are arranged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import x_t_words
from sprite_lab.core.trajectories.frame_views import ViewName
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.see.watch.arrange import Arrangement, Subject, arrange
from sprite_lab.ui.text import Label, held, html
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr, within

_GAP = 4
_HEADING, _SPACE = 20, 2

#: Minimum logical pixels per sprite pixel.
LEAST_SCALE = 2


@dataclass(frozen=True)
class Words:
    """The texts of a view for each kind of trajectory."""

    view: ViewName
    symbol: str
    button: str
    forward: str
    reverse: str
    tip: str


#: Note on views with signed values.
_GRAY = tr("gray = none")

VIEWS = (
    Words(
        "x_t",
        "x<sub>t</sub>",
        tr("Noisy"),
        tr("noisy sprite"),
        tr("noisy sprite"),
        tr("x_t: the sprite with the noise of this level"),
    ),
    Words(
        "x0",
        "x̂<sub>0</sub>",
        tr("Clean"),
        tr("clean sprite"),
        tr("predicted clean sprite"),
        tr("x0: the network's estimate of the clean sprite at this level"),
    ),
    Words(
        "epsilon",
        "ε̂",
        tr("Noise"),
        tr("added noise"),
        tr("predicted noise"),
        tr("epsilon: the noise between the two; {gray}", gray=_GRAY),
    ),
    Words(
        "v",
        "v̂",
        "v",
        "v",
        tr("predicted v"),
        tr("v: a mix of noise and sprite, √ᾱ · ε − √(1 − ᾱ) · x0; {gray}", gray=_GRAY),
    ),
    Words(
        "score",
        tr("σ² ∇ log p"),
        tr("Score"),
        "score",
        tr("predicted score"),
        tr(
            "score: where more probable sprites pull each pixel, times σ² to be in units of the "
            "picture; {gray}",
            gray=_GRAY,
        ),
    ),
    Words(
        "posterior_mean",
        "μ̃",
        tr("Mean"),
        tr("mean one step back"),
        tr("mean of the next step"),
        tr("posterior mean: the average of the next step down if the clean sprite is right"),
    ),
    Words(
        "change",
        tr("Δx̂<sub>0</sub>"),
        tr("Change"),
        tr("what this step added"),
        tr("what the network changed"),
        tr(
            "change: how the predicted clean sprite (in a forward process, the noisy one) "
            "changed since the last frame, doubled; {gray}",
            gray=_GRAY,
        ),
    ),
    Words(
        "guidance",
        "x̂<sub>0</sub> − x̂<sub>0</sub>(∅)",
        tr("Guidance"),
        "guidance",
        tr("what guidance adds"),
        tr(
            "guidance: how the prediction differs from the one for no class (or the negative "
            "class), doubled; {gray}",
            gray=_GRAY,
        ),
    ),
)

#: The views switched on by default.
FIRST_VIEWS: tuple[ViewName, ...] = ("x_t", "x0", "epsilon")


def heading_height() -> int:
    """Height of a view's heading, in logical pixels."""
    return round(_HEADING * theme_manager().text_scale)


class Panel(QWidget):
    """One view: a heading above all sprites, or above the chosen one."""

    #: sprite, column and row of the pixel under the pointer (tuple of int), None = none; the sprite
    #: is 0 if only one is shown
    pixel_pointed = Signal(object)

    def __init__(self, lab: Lab, words: Words) -> None:
        super().__init__()
        self.words = words
        named(self, f"see.view.{words.view}", words.reverse)
        self._heading = named(Label(), f"see.heading.{words.view}", tip=words.tip)
        tip = tr("Show the {reverse} large", reverse=words.reverse)
        self.promote = IconButton(f"see.promote.{words.view}", "enlarge", tip, size=12)
        self._help = HelpButton(lab, words.view)
        self.promote.hide()
        every = tr("{reverse}, all sprites", reverse=words.reverse)
        one = tr("{reverse}, one sprite", reverse=words.reverse)
        self.grid = named(SpriteGrid(gap=_GAP, arrow_keys=False), f"see.grid.{words.view}", every)
        self.large = named(SpriteView(), f"see.large.{words.view}", one)
        self.large.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.large.setMouseTracking(True)
        self.grid.pointed.connect(self._point_in_grid)
        self.large.pointed.connect(self._point_in_large)
        self._stack = QStackedLayout()
        head = hbox(..., self._heading, self.promote, self._help, ..., spacing=4)
        vbox(head, (self._stack, 1), on=self, spacing=_SPACE)
        # Only now that the stack has a parent, or it would show its first widget as a window.
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.large)
        self._briefly = self._output = False
        self._known_widths: dict[tuple[str, str], int] = {}  # widths of headings by text and font
        self.set_kind("reverse")
        self.fit_heading()

    def fit_heading(self) -> None:
        """Make the heading as high as its text needs."""
        height = heading_height()
        self._heading.setFixedHeight(height)
        for button in (self.promote, self._help):
            button.setFixedSize(height, height)
        self._measure()

    def set_brief(self, briefly: bool) -> None:
        """Set whether the heading is short, which leaves more room for the sprites."""
        self._briefly = briefly
        self._heading.setText(self._headings[briefly])

    def set_kind(self, kind: str) -> None:
        """Use the texts for a forward or a reverse process."""
        self._kind = kind
        self._say(noise=True, known=True)

    def set_noise(self, *, noise: bool, known: bool) -> None:
        """Set whether the frame has noise, and whether it is known; unknown noise is gray."""
        if (noise, known) != (self._noise, self._known):
            self._say(noise, known)

    def set_output(self, output: bool) -> bool:
        """Set whether the view shows the network's output, from which others are computed; returns
        whether this changed the heading.
        """
        changed, self._output = output != self._output, output
        if changed:
            self._say(self._noise, self._known)
        return changed

    def _say(self, noise: bool, known: bool) -> None:
        self._noise, self._known = noise, known
        forward = self._kind == "forward"
        symbol, text = self.words.symbol, self.words.forward if forward else self.words.reverse
        if forward:
            # No hat, as nothing is predicted.
            symbol = symbol.replace("\u0302", "")
            if self.words.view == "change":
                symbol = tr("Δx<sub>t</sub>")
        brief = within(self.words.button)
        view = self.words.view
        # Reserve room for the longest heading at any noise level, or headings would move.
        longest = tr("noise to be added") if forward and view == "epsilon" else text
        none = not (noise if view == "score" else known or view not in ("epsilon", "v"))
        self.grid.set_faded(none)
        self.large.set_faded(none)
        if none:
            text = tr("no noise yet") if forward else tr("no noise left")
        elif not noise and forward and view == "epsilon":
            text = longest
        elif self._output:
            text = tr("{words} = the network's output", words=text)
            brief = tr("{words} = output", words=brief)
        elif not noise and view == "x_t":
            text = x_t_words(self._kind, noise=noise)
            brief = within(tr("Clean")) if forward else tr("finished")
        self._headings = [
            html("<i>{}</i>&nbsp;&nbsp;{}", held(symbol), words) for words in (text, brief, longest)
        ]
        self._measure()

    def _measure(self) -> None:
        around = 2 * (4 + heading_height())
        whole, brief, longest = (self._width_of(heading) + around for heading in self._headings)
        self._widths = max(whole, longest), brief
        self.set_brief(self._briefly)

    def _width_of(self, heading: str) -> int:
        """The width of a heading, cached because laying out markup is slow."""
        key = heading, self._heading.font().key()
        if key not in self._known_widths:
            self._heading.setText(heading)
            self._known_widths[key] = self._heading.sizeHint().width()
        return self._known_widths[key]

    def heading_width(self, briefly: bool) -> int:
        """The width that the heading needs, in logical pixels."""
        return self._widths[briefly]

    def wait(self, text: str) -> None:
        """Show a short text instead of sprites."""
        self.grid.set_placeholder(text)
        self.grid.set_sprites(None)
        self._stack.setCurrentIndex(0)

    def show_pixels(self, pixels: NDArray[np.uint8], large: bool, tips: Sequence[str] = ()) -> None:
        """Show uint8 (N, H, W, 3), or (1, H, W, 3) for one sprite shown large.

        ``tips``: tooltips of the sprites.
        """
        if large:
            self.large.set_image(pixels[0])
        else:
            self.grid.set_sprites(pixels, tips)
        self._stack.setCurrentIndex(1 if large else 0)

    @property
    def face(self) -> QWidget:
        """The widget that currently shows the sprites."""
        return self.large if self._stack.currentWidget() is self.large else self.grid

    def _point_in_grid(self, place: QPointF | None) -> None:
        self.pixel_pointed.emit(None if place is None else self.grid.pixel_at(place))

    def _point_in_large(self, place: QPointF | None) -> None:
        pixel = None if place is None else self.large.pixel_at(place)
        self.pixel_pointed.emit(None if pixel is None else (0, *pixel))

    def sprite_at(self, place: QPoint) -> int:
        """The sprite at a screen position, -1 = none; 0 if only one is shown."""
        if self.face is self.large:
            return 0
        return self.grid.index_at(self.grid.mapFromGlobal(place).toPointF())


class Board(QWidget):
    """Arranges the views so that their sprites are as large as possible.

    If sprites would be smaller than LEAST_SCALE, views are split into pages.
    """

    promoted = Signal(str)  #: name of the view to show largest
    paged = Signal()  #: the visible views changed

    def __init__(self, panels: tuple[Panel, ...]) -> None:
        super().__init__()
        self._panels = panels
        self._on: frozenset[ViewName] = frozenset()
        self.main: ViewName = panels[0].words.view  #: the view that may be larger than the others
        self._subject = Subject(1)
        self._page, self._per_page = 0, len(panels)
        #: returns the height that the buttons for pages take from the views
        self.taken: Callable[[], int] = lambda: 0
        for panel in panels:
            panel.setParent(self)
            panel.hide()
            view = panel.words.view
            panel.promote.clicked.connect(lambda _=False, view=view: self.promoted.emit(view))
        theme_manager().text_resized.connect(self._fit_headings)

    def _fit_headings(self) -> None:
        for panel in self._panels:
            panel.fit_heading()
        self.arrange()

    @property
    def order(self) -> tuple[Panel, ...]:
        """All views that are switched on, the largest first."""
        shown = [panel for panel in self._panels if panel.words.view in self._on]
        return tuple(sorted(shown, key=lambda panel: panel.words.view != self.main))

    @property
    def in_sight(self) -> range:
        """Indices in :attr:`order` of the views on the current page."""
        first = self._page * self._per_page
        return range(first, min(first + self._per_page, len(self.order)))

    def set_views(self, views: Iterable[ViewName]) -> None:
        """Switch these views on, and all others off; turn to a page with a new view."""
        before, self._on = self._on, frozenset(views)
        self.arrange()
        added = [i for i, panel in enumerate(self.order) if panel.words.view not in before]
        if before and added and added[0] not in self.in_sight:
            self._page = added[0] // self._per_page
            self.arrange()

    def turn(self, pages: int) -> None:
        """Turn to another page; the last page is followed by the first."""
        self._page = (self._page + pages) % max(1, -(-len(self.order) // self._per_page))
        self.arrange()

    def set_main(self, view: ViewName) -> None:
        if view != self.main:
            self.main, self._page = view, 0
            self.arrange()

    def set_subject(self, count: int, height: int, width: int) -> None:
        subject = Subject(count, width, height)
        if subject != self._subject:
            self._subject = subject
            self.arrange()

    def arrange(self) -> None:
        order = self.order
        if not order:
            return
        for count in range(len(order), 0, -1):
            # Without other pages, there is more room.
            found, briefly = self._arranged(count, self.taken() if count == len(order) else 0)
            if found.scale >= LEAST_SCALE * self.devicePixelRatioF():
                break
        self._per_page = count
        self._page = min(self._page, (len(order) - 1) // count)
        page = [order[i] for i in self.in_sight]
        if len(page) < count or count == len(order):
            found, briefly = self._arranged(len(page))
        if not found.unequal:
            page = [panel for panel in self._panels if panel in page]
        for panel in self._panels:
            panel.setVisible(panel in page)
        for index, (panel, place) in enumerate(zip(page, found.places, strict=True)):
            panel.grid.set_columns(found.columns)
            panel.promote.setVisible(found.unequal and index > 0)
            panel.set_brief(briefly)
            panel.setGeometry(place)
        self.paged.emit()

    def _arranged(self, count: int, more: int = 0) -> tuple[Arrangement, bool]:
        """The positions of ``count`` views, and whether short headings would leave more room for
        sprites; ``more``: height in addition to the board's, in logical pixels.
        """
        ratio = self.devicePixelRatioF()
        whole, brief = (
            arrange(
                count,
                replace(
                    self._subject,
                    gap=max(1, round(_GAP * ratio)),
                    heading=heading_height() + _SPACE,
                    least=max(panel.heading_width(briefly) for panel in self.order),
                    seen=LEAST_SCALE * ratio,
                ),
                self.width(),
                self.height() + more,
                ratio,
            )
            for briefly in (False, True)
        )
        if (brief.scale >= LEAST_SCALE * ratio) != (whole.scale >= LEAST_SCALE * ratio):
            briefly = brief.scale > whole.scale
        else:
            briefly = brief.shown > whole.shown
        return (brief if briefly else whole), briefly

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 136)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()
