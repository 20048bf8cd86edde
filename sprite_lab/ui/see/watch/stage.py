"""The stage of See: linked views of the same frame."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import prompt_words
from sprite_lab.core.trajectories.frame_views import (
    ViewName,
    frame_pixels,
    has_noise,
    knows_noise,
    pixel_values,
)
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.see.watch.views import FIRST_VIEWS, VIEWS, Board, Panel
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.buttons import IconButton, ShrinkingButton
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.words import number_text, tr, with_marks


def pixel_words(
    trajectory: Trajectory, frame: int, sprite: int, x: int, y: int, *, of_v: bool
) -> str:
    """The formula of x_t, or of v, with the numbers of a pixel's red channel."""
    p = pixel_values(trajectory, frame, sprite, x, y)
    hat = "" if trajectory.kind == "forward" else "\u0302"  # no hats, as nothing is predicted
    x0, epsilon = f"x{hat}₀", f"ε{hat}"
    signal, std, clean, noise, v, x_t = (
        number_text(value, ".3f") for value in (p.signal, p.noise_std, p.x0, p.epsilon, p.v, p.x_t)
    )
    if not has_noise(trajectory, frame):
        formula = tr("xₜ = {x0} = {clean}, without noise", x0=x0, clean=clean)
    elif of_v:
        numbers = f"{signal} · ({noise}) − {std} · ({clean}) = {v}"
        formula = with_marks(f"v{hat} = {signal} · {epsilon} − {std} · {x0} = {numbers}")
    else:
        numbers = f"{signal} · ({clean}) + {std} · ({noise}) = {x_t}"
        formula = with_marks(f"xₜ = {signal} · {x0} + {std} · {epsilon} = {numbers}")
    # Counted from 1, as elsewhere in the window.
    words = tr("Red at column {x}, row {y}: {formula}", x=x + 1, y=y + 1, formula=formula)
    return words.replace("-", "−")  # use a minus sign as in formulas


class Stage(QWidget):
    """Linked views; a click chooses a sprite in all of them, a double click enlarges it."""

    sprite_changed = Signal(int)  #: index of the chosen sprite, -1 = none
    #: name of the view where a menu was requested, and the position on the screen
    menu_wanted = Signal(str, object)
    #: whether a single sprite of several is visible and enlarged: it may take the whole window
    room_wanted = Signal(bool)

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        #: the trajectory shown, its frame, and the chosen sprite, -1 = none
        self.trajectory: Trajectory | None = None
        self.frame, self.sprite = 0, -1
        self.previewing = False  #: whether the sprites shown are previews, not yet recorded
        self._large = False
        self._tips: list[str] = []  # the prompt of each sprite
        #: view, sprite, column and row of the pixel under the pointer
        self._pixel: tuple[ViewName, int, int, int] | None = None
        self.panels = tuple(Panel(lab, words) for words in VIEWS)
        last = lab.settings.value.views
        wanted = [words.view for name in last for words in VIEWS if words.view == name]
        wanted = wanted or list(FIRST_VIEWS)
        self._main: ViewName = wanted[0]
        self._switches: dict[str, IconButton] = {}

        bar = QWidget()
        # Whatever does not fit into a row is moved together, rather than a single button.
        halves = QWidget(), QWidget()
        rows = [hbox(on=half, spacing=4) for half in halves]
        self._bar = flow = Flow(bar, *halves)
        for words, panel in zip(VIEWS, self.panels, strict=True):
            switch = IconButton(
                f"see.show.{words.view}",
                "see",
                tr("{tip}.\nClick to show or hide this view.", tip=words.tip),
                words.button,
                checkable=True,
            )
            switch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            switch.setProperty("labeled", False)
            switch.setProperty("words", True)
            switch.setChecked(words.view in wanted)
            switch.toggled.connect(self._apply_switches)
            self._switches[words.view] = switch
            rows[len(self._switches) > len(VIEWS) / 2].addWidget(switch)
            panel.pixel_pointed.connect(partial(self._point, panel.words.view))
            panel.grid.current_changed.connect(self.choose)
            panel.grid.double_clicked.connect(self._enlarge_one)
            panel.large.double_clicked.connect(lambda: self.set_large(False))
        self._about = dim_label(name="see.about", wrap=False)
        tip = tr("Show the selected sprite large, or all (Enter or double-click)")
        self._enlarge = ShrinkingButton(
            "see.enlarge", "enlarge", tip, tr("Enlarge"), checkable=True
        )
        self._enlarge.clicked.connect(self.set_large)
        self.board = Board(self.panels)
        self.board.set_main(self._main)
        self.board.set_views(wanted)
        self.board.promoted.connect(self.promote)
        # Queued: showing the pager may change the layout, which may hide the pager.
        self.board.paged.connect(self._say_page, Qt.ConnectionType.QueuedConnection)
        self._page = dim_label(name="see.page", wrap=False)
        back = IconButton("see.page.back", "chevron-left", tr("Previous views"))
        on = IconButton("see.page.on", "chevron-right", tr("Next views"))
        back.clicked.connect(lambda: self.board.turn(-1))
        on.clicked.connect(lambda: self.board.turn(1))
        self._pager = as_widget(hbox(self._page, back, on, spacing=4))
        self._pager.hide()
        flow.addWidget(self._pager)
        flow.addWidget(self._enlarge)
        self._asked = ElidedLabel(name="see.asked")
        self._asked.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._asked.hide()
        self._caption = TrajectoryCaption(lab, name="see.caption")
        self._caption.gray(self.board)
        top = Qt.AlignmentFlag.AlignTop  # if the caption wraps
        head = hbox((self._caption, 1), (self._about, 0, top))
        self.board.taken = self._taken_by_pager
        vbox(bar, head, (self.board, 1), self._asked, on=self, margins=(16, 8, 16, 8))

    # -- display ----------------------------------------------------------------------------------

    @property
    def view(self) -> ViewName:
        """The view that keys act on: the one with the focus, or else the largest."""
        for panel in self.board.order:
            if panel.face.hasFocus():
                return panel.words.view
        return self.board.order[0].words.view

    def set_trajectory(self, trajectory: Trajectory) -> None:
        """Show another trajectory, at the frame set by the next :meth:`show_frame`."""
        was_alone = self._alone
        self.trajectory, self.previewing = trajectory, False
        self._caption.show_making("")
        self._tips = [tooltip(prompt_words(prompt)) for prompt in trajectory.prompts]
        self.frame = min(self.frame, len(trajectory) - 1)  # before the next painting
        self._allow_promoting(True)
        for panel in self.panels:
            panel.set_kind(trajectory.kind)
        self.board.arrange()  # headings have changed
        one = trajectory.count == 1
        self._allow_enlarging()
        # A single sprite was enlarged without a request.
        asked = self._large and not was_alone
        self._large = one or (asked and 0 <= self.sprite < trajectory.count)
        if not 0 <= self.sprite < trajectory.count:
            self.choose(0 if one else -1)
        self._enlarge.setChecked(self._large and not one)
        self._ask_for_room()
        self._say_what()
        self._refresh()

    def show_frame(self, frame: int) -> None:
        """Show a recorded frame in every view that is switched on."""
        self.frame = frame
        if not self.previewing:
            self._refresh()

    def show_preview(self, images: NDArray[np.uint8], making: str) -> None:
        """Show the network's latest prediction, uint8 (N, H, W, 3), and what is being made."""
        self._caption.show_making(making)
        if not self.previewing:
            self.previewing = True
            self._allow_promoting(False)
            self._read_pixel()
            self._about.setText(tr("Emerging from noise"))
            self._allow_enlarging()
        for panel in self.panels:
            panel.set_noise(noise=True, known=True)
        shown = self.board.order
        clean = next((panel for panel in shown if panel.words.view == "x0"), shown[0])
        # It becomes the finished sprite, so it is the largest view until then.
        self.board.set_main(clean.words.view)
        self.board.set_subject(*images.shape[:3])
        for panel in shown:
            if panel is clean:
                panel.show_pixels(images, large=False)
            else:
                panel.wait(tr("Not before the end"))

    def end_preview(self) -> None:
        """Return to the recorded frames."""
        self.previewing = False
        self._caption.show_making("")
        self._allow_promoting(True)
        self._allow_enlarging()
        self._say_what()
        self._refresh()

    def _refresh(self) -> None:
        trajectory = self.trajectory
        if trajectory is None:
            return
        sprite = self.sprite if self._large else None
        count, height, width = trajectory.x_t.shape[1:4]
        self.board.set_main(self._main)
        self.board.set_subject(1 if self._large else count, height, width)
        noise = has_noise(trajectory, self.frame)
        known = knows_noise(trajectory, self.frame)
        model = self._lab.model.value
        ours = trajectory.kind == "reverse" and model is not None and model.key == trajectory.model
        output = model.prediction_type if ours and model is not None else None
        renamed = [panel.set_output(panel.words.view == output) for panel in self.panels]
        if any(renamed):
            self.board.arrange()
        for panel in self.panels:
            panel.set_noise(noise=noise, known=known)
            if panel.words.view == "guidance" and trajectory.x0_uncond is None:
                panel.wait(
                    tr("These sprites used no guidance: select a class and a guidance above 1")
                )
            elif self._switches[panel.words.view].isChecked():
                pixels = frame_pixels(trajectory, self.frame, panel.words.view, sprite)
                panel.show_pixels(pixels, self._large, self._tips)
        if not self._large and self.sprite >= 0:
            self._mark(self.sprite)
        self._read_pixel()

    def _point(self, view: ViewName, pixel: tuple[int, int, int] | None) -> None:
        self._pixel = None if pixel is None else (view, *pixel)
        self._read_pixel()

    def _read_pixel(self) -> None:
        """Show the values of the pixel under the pointer in the caption."""
        trajectory, pixel, words = self.trajectory, self._pixel, ""
        if trajectory is not None and pixel is not None and not self.previewing:
            view, shown, x, y = pixel
            sprite = self.sprite if self._large else shown
            count, height, width = trajectory.x_t.shape[1:4]
            if sprite < count and x < width and y < height:
                words = pixel_words(trajectory, self.frame, sprite, x, y, of_v=view == "v")
        self._caption.show_reading(words)

    def _apply_switches(self) -> None:
        if not any(switch.isChecked() for switch in self._switches.values()):
            sender = self.sender()
            if isinstance(sender, IconButton):
                sender.setChecked(True)  # the last view cannot be hidden
                return
        views = (panel.words.view for panel in self.panels)
        self.board.set_views(view for view in views if self._switches[view].isChecked())
        self._remember()
        self._refresh()

    def show_views(self, views: Sequence[ViewName]) -> None:
        """Show these views, the first one largest, and all sprites."""
        for view, switch in self._switches.items():
            with QSignalBlocker(switch):
                switch.setChecked(view in views)
        self._main = views[0]
        self.set_large(False)
        self._apply_switches()

    def _remember(self) -> None:
        self._lab.settings.replace(views=tuple(panel.words.view for panel in self.board.order))

    def promote(self, view: ViewName) -> None:
        """Give a view the largest place."""
        self._main = view
        self.board.set_main(view)
        self._remember()

    def _taken_by_pager(self) -> int:
        """The height that the pager takes from the views, if it needs its own row."""
        if self._pager.isHidden():
            return 0
        room = self._bar.geometry()
        return max(0, room.height() - self._bar.height_without(self._pager, room.width()))

    def _say_page(self) -> None:
        shown, count = self.board.in_sight, len(self.board.order)
        self._pager.setVisible(len(shown) < count)
        one, several = tr("View {start} of {count}"), tr("Views {start} to {stop} of {count}")
        words = one if len(shown) == 1 else several
        self._page.setText(words.format(start=shown.start + 1, stop=shown.stop, count=count))

    def _allow_promoting(self, allowed: bool) -> None:
        for panel in self.panels:
            why = "" if allowed else tr("The sprites are still emerging from noise.")
            allow(panel.promote, why)

    def _allow_enlarging(self) -> None:
        why = ""
        if self.trajectory is None or self.previewing:
            why = tr("The sprites are still emerging from noise.")
        elif self.trajectory.count == 1:
            why = tr("There is only one sprite, already as large as possible.")
        allow(self._enlarge, why)

    def _say_what(self) -> None:
        trajectory = self.trajectory
        if trajectory is None:
            return
        count, text = trajectory.count, tr("1 sprite")
        if count > 1 and self.sprite >= 0:
            text = tr("sprite {sprite} of {count}", sprite=self.sprite + 1, count=count)
        elif count > 1:
            text = tr("{count} sprites", count=count)
        self._about.setText(text)
        # Without words, prompts are just classes, which the panel shows.
        told = any(prompt.words or prompt.style for prompt in trajectory.prompts)
        self._asked.setVisible(told)
        sprite = 0 if count == 1 else self.sprite
        text = tr("Select a sprite to see its prompt.")
        if told and sprite >= 0:
            words = prompt_words(trajectory.prompts[sprite])
            text = tr("Prompt: {prompt_words}", prompt_words=words)
        self._asked.setText(text)

    # -- one sprite ----------------------------------------------------------------------

    def choose(self, sprite: int) -> None:
        """Choose a sprite in every view; -1 = none."""
        if sprite == self.sprite or self.previewing:
            return
        self.sprite = sprite
        self._mark(sprite)
        self._say_what()
        self.sprite_changed.emit(sprite)
        if self._large:
            self.set_large(sprite >= 0)

    def _mark(self, sprite: int) -> None:
        for panel in self.panels:
            if sprite < panel.grid.count and panel.grid.current != sprite:
                panel.grid.set_current(sprite)

    def _enlarge_one(self, sprite: int) -> None:
        self.choose(sprite)
        self.set_large(True)

    def set_large(self, large: bool) -> None:
        """Set whether to show only the chosen sprite (or else the first), or all of them."""
        if self.trajectory is None or self.previewing:
            return
        large = large or self._alone
        if large and self.sprite < 0:
            self.sprite = 0
            self.sprite_changed.emit(0)
        self._large = large
        self._enlarge.setChecked(large and not self._alone)
        self._ask_for_room()
        self._say_what()
        self._refresh()
        if self.isAncestorOf(self.focusWidget() or self):
            self.board.order[0].face.setFocus()

    @property
    def _alone(self) -> bool:
        """Whether there is only one sprite."""
        return self.trajectory is not None and self.trajectory.count == 1

    def _ask_for_room(self) -> None:
        self.room_wanted.emit(self._large and not self._alone and self.isVisible())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_for_room()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.window().isVisible():  # not if the window is closing
            self._ask_for_room()

    # -- mouse and keys ------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            view = self.view
            face = next(panel for panel in self.panels if panel.words.view == view).face
            self.menu_wanted.emit(view, face.mapToGlobal(face.rect().center()))
            return
        for panel in self.board.order:
            if panel.face.rect().contains(panel.face.mapFromGlobal(place)):
                sprite = panel.sprite_at(place)
                if sprite >= 0:
                    if not self._large:
                        self.choose(sprite)
                    self.menu_wanted.emit(panel.words.view, place)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self._large and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_large(False)
        elif self._large and key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.trajectory:
            step = -1 if key == Qt.Key.Key_Up else 1
            self.choose(min(max(self.sprite + step, 0), self.trajectory.count - 1))
        else:
            super().keyPressEvent(event)
