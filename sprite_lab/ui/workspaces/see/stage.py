"""The stage of See: three views of the same frame, side by side, linked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.inspector import dim_label
from sprite_lab.ui.widgets.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprite_view import SpriteView
from sprite_lab.ui.widgets.timeline import Timeline
from sprite_lab.ui.workspaces.see.frames import ViewName, frame_pixels


@dataclass(frozen=True)
class _Words:
    """What a view is called for each kind of trajectory."""

    view: ViewName
    symbol: str
    button: str
    forward: str
    reverse: str
    tip: str


VIEWS = (
    _Words(
        "x_t", "x<sub>t</sub>", "Noisy", "noisy sprite", "noisy sprite",
        "x_t: the sprite with the noise that it has at this level",
    ),
    _Words(
        "x0", "x̂<sub>0</sub>", "Clean", "clean sprite", "predicted clean sprite",
        "x0: what the network takes the clean sprite to be, seen from this level",
    ),
    _Words(
        "epsilon", "ε̂", "Noise", "added noise", "predicted noise",
        "epsilon: the noise that lies between the two; grey is none",
    ),
)


class _Panel(QWidget):
    """One view: a heading, and below it all sprites or the chosen one."""

    def __init__(self, theme: ThemeManager, words: _Words) -> None:
        super().__init__()
        self.words = words
        self.setObjectName(f"see.view.{words.view}")
        self.setAccessibleName(words.reverse)
        self._heading = QLabel()
        self._heading.setTextFormat(Qt.TextFormat.RichText)
        self._heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._heading.setToolTip(words.tip)
        self.grid = SpriteGrid(theme, gap=4, arrow_keys=False)
        self.grid.setObjectName(f"see.grid.{words.view}")
        self.grid.setAccessibleName(f"{words.reverse}, all sprites")
        self.large = SpriteView(theme)
        self.large.setObjectName(f"see.large.{words.view}")
        self.large.setAccessibleName(f"{words.reverse}, one sprite")
        self.large.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.large)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addLayout(self._stack, 1)
        self.set_kind("reverse")

    def set_kind(self, kind: str) -> None:
        symbol, text = self.words.symbol, self.words.reverse
        if kind == "forward":
            # Nothing is predicted here, so nothing wears a hat.
            symbol, text = symbol.replace("\u0302", ""), self.words.forward
        self._heading.setText(f"<i>{symbol}</i>&nbsp;&nbsp;{text}")

    def wait(self, text: str) -> None:
        """Show nothing but a few words."""
        self.grid.set_placeholder(text)
        self.grid.set_sprites(None)
        self._stack.setCurrentIndex(0)

    def keep_square(self, width: int) -> None:
        """Be no higher than wide, so that the heading stays near its sprites."""
        heading = self._heading.sizeHint().height() + 8
        self.setMaximumHeight(max(width, 120) + heading)

    def show_pixels(self, pixels: NDArray[np.uint8], large: bool) -> None:
        if large:
            self.large.set_image(pixels[0])
        else:
            self.grid.set_sprites(pixels)
        self._stack.setCurrentIndex(1 if large else 0)


class Stage(QWidget):
    """Three linked views; a click chooses a sprite in all of them, a double click enlarges it.

    Keys that it does not use itself go to the timeline. Parts: ``see.show.<view>`` switch a
    view, ``see.enlarge`` shows one sprite, ``see.grid.<view>`` and ``see.large.<view>``.

    Signals
    -------
    sprite_changed : the chosen sprite, -1 = none.
    """

    sprite_changed = Signal(int)

    def __init__(self, theme: ThemeManager, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self._trajectory: Trajectory | None = None
        self._frame, self._sprite, self._large = 0, -1, False
        self._previewing = False
        self._panels = tuple(_Panel(theme, words) for words in VIEWS)
        self._switches: dict[str, IconButton] = {}

        bar = QHBoxLayout()
        bar.setSpacing(4)
        for words, panel in zip(VIEWS, self._panels, strict=True):
            switch = IconButton(
                theme, "see", f"{words.tip}.\nClick to show or hide this view.",
                name=f"see.show.{words.view}", text=words.button, checkable=True,
            )
            switch.setChecked(True)
            switch.toggled.connect(self._apply_switches)
            self._switches[words.view] = switch
            bar.addWidget(switch)
            panel.grid.current_changed.connect(self.choose)
            panel.grid.double_clicked.connect(self._enlarge_one)
            panel.large.double_clicked.connect(lambda: self.set_large(False))
        bar.addStretch(1)
        self._about = dim_label(name="see.about", wrap=False)
        self._enlarge = IconButton(
            theme, "enlarge", "Show the chosen sprite large, or all (Enter, or double click)",
            name="see.enlarge", text="Enlarge", checkable=True,
        )
        self._enlarge.clicked.connect(self.set_large)
        bar.addWidget(self._about)
        bar.addSpacing(8)
        bar.addWidget(self._enlarge)

        views = QWidget()  # takes all the room, though the panels in it stay square
        row = QHBoxLayout(views)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for panel in self._panels:
            row.addWidget(panel, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(views, 1)

    # -- what is shown -------------------------------------------------------------------

    @property
    def sprite(self) -> int:
        """The chosen sprite, -1 = none."""
        return self._sprite

    def set_trajectory(self, trajectory: Trajectory) -> None:
        """Show another trajectory, at the frame that :meth:`show_frame` says next."""
        self._trajectory, self._previewing = trajectory, False
        for panel in self._panels:
            panel.set_kind(trajectory.kind)
        one = trajectory.count == 1
        self._enlarge.setEnabled(not one)
        self._large = one or (self._large and 0 <= self._sprite < trajectory.count)
        if not 0 <= self._sprite < trajectory.count:
            self.choose(0 if one else -1)
        self._enlarge.setChecked(self._large)
        self._frame = min(self._frame, len(trajectory) - 1)
        self._say_what()
        self._refresh()

    def show_frame(self, frame: int) -> None:
        """Show a recorded frame in every view that is switched on."""
        self._frame = frame
        if not self._previewing:
            self._refresh()

    def show_preview(self, images: NDArray[np.uint8]) -> None:
        """Show what the network takes the sprites to be so far, uint8 (N, H, W, 3)."""
        if not self._previewing:
            self._previewing = True
            self._about.setText("Coming out of noise")
            self._enlarge.setEnabled(False)
        shown = [panel for panel in self._panels if not panel.isHidden()]
        clean = next((panel for panel in shown if panel.words.view == "x0"), shown[0])
        for panel in shown:
            if panel is clean:
                panel.show_pixels(images, large=False)
            else:
                panel.wait("Comes when every step is recorded")

    def end_preview(self) -> None:
        """Back to the recorded frames."""
        self._previewing = False
        self._enlarge.setEnabled(self._trajectory is not None and self._trajectory.count > 1)
        self._say_what()
        self._refresh()

    def _refresh(self) -> None:
        trajectory = self._trajectory
        if trajectory is None:
            return
        sprite = self._sprite if self._large else None
        for panel in self._panels:
            if self._switches[panel.words.view].isChecked():
                pixels = frame_pixels(trajectory, self._frame, panel.words.view, sprite)
                panel.show_pixels(pixels, self._large)
        if not self._large and self._sprite >= 0:
            self._mark(self._sprite)

    def _apply_switches(self) -> None:
        if not any(switch.isChecked() for switch in self._switches.values()):
            # An empty stage helps no one: the last view stays.
            sender = self.sender()
            for switch in self._switches.values():
                if switch is sender:
                    switch.setChecked(True)
                    return
        for panel in self._panels:
            panel.setVisible(self._switches[panel.words.view].isChecked())
        self._keep_square()
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_square()

    def _keep_square(self) -> None:
        shown = sum(switch.isChecked() for switch in self._switches.values())
        room = self.width() - 32 - 16 * (shown - 1)
        for panel in self._panels:
            panel.keep_square(room // max(1, shown))

    def _say_what(self) -> None:
        trajectory = self._trajectory
        if trajectory is None:
            return
        many = f"{trajectory.count} sprites" if trajectory.count > 1 else "1 sprite"
        chosen = f"sprite {self._sprite + 1} of {trajectory.count}"
        self._about.setText(chosen if self._sprite >= 0 and trajectory.count > 1 else many)

    # -- one sprite ----------------------------------------------------------------------

    def choose(self, sprite: int) -> None:
        """Choose a sprite in every view; -1 = none."""
        if sprite == self._sprite or self._previewing:
            return
        self._sprite = sprite
        self._mark(sprite)
        self._say_what()
        self.sprite_changed.emit(sprite)
        if self._large:
            self.set_large(sprite >= 0)

    def _mark(self, sprite: int) -> None:
        for panel in self._panels:
            if sprite < panel.grid.count and panel.grid.current != sprite:
                panel.grid.set_current(sprite)

    def _enlarge_one(self, sprite: int) -> None:
        self.choose(sprite)
        self.set_large(True)

    def set_large(self, large: bool) -> None:
        """Show the chosen sprite (the first, if none is) alone, or all of them."""
        if self._trajectory is None or self._previewing:
            return
        if not large and self._trajectory.count == 1:
            large = True
        if large and self._sprite < 0:
            self._sprite = 0
            self.sprite_changed.emit(0)
        self._large = large
        self._enlarge.setChecked(large)
        self._say_what()
        self._refresh()
        if self.isAncestorOf(self.focusWidget() or self):
            panel = next(p for p in self._panels if p.isVisibleTo(self))
            (panel.large if large else panel.grid).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if self._large and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_large(False)
        elif self._large and key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._trajectory:
            step = -1 if key == Qt.Key.Key_Up else 1
            self.choose(min(max(self._sprite + step, 0), self._trajectory.count - 1))
        elif not self._timeline.handle_key(event):
            super().keyPressEvent(event)
