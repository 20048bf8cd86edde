"""The switches of Live and the judge below the canvas, and a note below the cells."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.draw.menu_slider import MenuSlider
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.widgets.fields.buttons import IconButton, ShrinkingButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import tr

_LIVE_TIP = tr("Live: at every stroke, the model shows what it would make of the drawing")
_JUDGE_TIP = tr("Judge: mark the pixels that surprise the model, instead of showing suggestions")
_REDRAW_TIP = tr(
    "Redraw these pixels: redraw those that surprise the model far more than the others"
)
_KEEP_TIP = tr("Keep drawn: keep what was drawn by hand; the model draws around it")
_TAKE_TIP = tr("Take the suggestion (Enter)")
_MAKE_TIP = tr(
    "Train a student that draws in four steps what this model draws in many.\n"
    "It takes a while; you can keep drawing."
)


class LiveBar(QWidget):
    """Buttons of Live and the judge, a menu for suggestions, and ``take_brush``.

    The menu sets how suggestions are made and shown; ``take_brush`` is the button of the tool that
    takes them pixel by pixel.
    """

    def __init__(self, take_brush: QWidget) -> None:
        super().__init__()
        self.live = IconButton("draw.live", "live", _LIVE_TIP, tr("Live"), checkable=True)
        judge = tr("Judge")
        self.judge = ShrinkingButton("draw.judge", "judge", _JUDGE_TIP, judge, checkable=True)
        # To the left of the others, so that they do not move when it appears.
        self.redraw = IconButton("draw.judge.redraw", "generate", _REDRAW_TIP)
        self.take = IconButton("draw.live.take", "accept", _TAKE_TIP)
        self.dismiss = IconButton(
            "draw.live.dismiss", "close", tr("Hide the suggestion until something changes (Esc)")
        )
        self._menu = named(QMenu(self), "draw.live.options")
        self._menu.setToolTipsVisible(True)
        tip = tr(
            "All blank cells show other suggestions, each from its own seed.\n"
            "Off: only those that are selected together with the drawing do."
        )
        self.variations = self._option("variations", tr("Variations in blank cells"), tip)
        self.keep = self._option("keep", tr("Keep drawn"), _KEEP_TIP)
        self.opacity = MenuSlider(
            self._menu,
            tr("Opacity of suggestions"),
            10,
            "draw.live.opacity",
            tr("How visible suggestions are"),
            tr("How visible suggestions are over the drawing"),
        ).slider
        more = IconButton("draw.live.menu", "more", tr("Live options"))
        more.setMenu(self._menu)
        parts = (self.redraw, self.judge, self.live, self.take, take_brush, self.dismiss, more)
        hbox(*parts, on=self, spacing=0)
        self.show_ghost(False)

    def _option(self, name: str, text: str, tip: str) -> QAction:
        action = named(self._menu.addAction(text), f"draw.live.{name}", tip=tip)
        action.setCheckable(True)
        return action

    def set_problems(self, live: str, judge: str) -> None:
        """Gray out the switches with their reasons; "" = enable them."""
        for part, problem, tip in ((self.live, live, _LIVE_TIP), (self.judge, judge, _JUDGE_TIP)):
            allow(part, problem, tip)

    def show_verdict(self, *, on: bool, there: bool) -> None:
        """Show the button that redraws surprising pixels if ``on``, and enable it if ``there``."""
        self.redraw.setVisible(on)
        unmarked = "" if there else tr("The judge has marked nothing here")
        allow(self.redraw, unmarked, _REDRAW_TIP)

    def show_ghost(self, there: bool) -> None:
        """Enable the buttons that take or dismiss a suggestion."""
        none = "" if there else tr("There is no suggestion on the canvas")
        allow(self.take, none, _TAKE_TIP)
        allow(self.dismiss, none)


class LiveNote(QWidget):
    """Shows how fast Live is and what the judge finds, and offers to make Live faster."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._state = HintLabel(name="draw.live.state")
        self.make = push_button("draw.live.make", tr("Train student"), "live", _MAKE_TIP)
        label = tr("Progress of training the student")
        self._progress = ProgressBar("draw.live.progress", label, width=96)
        self.stop = IconButton(
            "draw.live.stop", "stop", tr("Stop and draw with what it has learned so far")
        )
        help_button = HelpButton(lab, "draw_live")
        hbox((self._state, 1), self.make, self._progress, self.stop, help_button, on=self)
        self.show_making(slow=False, making=False)

    def show_words(self, text: str) -> None:
        if text != self._state.text():
            self._state.setText(text)

    def show_making(self, *, slow: bool, making: bool, problem: str = "") -> None:
        """Offer to train a student of a ``slow`` model, or show progress while ``making`` one.

        ``problem``: why no student can be trained; "" = one can.
        """
        self.make.setVisible(slow and not making)
        allow(self.make, problem, _MAKE_TIP)
        if making and self._progress.isHidden():
            self._progress.show_progress(0, 0)
        self._progress.setVisible(making)
        self.stop.setVisible(making)

    def show_progress(self, done: int, total: int) -> None:
        self._progress.show_progress(done, total)
