"""All sprites that were measured, the least probable first or last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from sprite_lab.core.measured import Measured
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.sprite_browser import SpriteBrowser

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

SCALE = 4  # logical pixels for each sprite pixel


class Ranking(QWidget):
    """Parts: ``measure.order``, ``measure.ranking``.

    Signals
    -------
    chosen : index among the measured sprites.
    """

    chosen = Signal(int)

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self.order = calm(
            QComboBox(),
            name="measure.order",
            label="Order",
            tip="Bad labels and odd drawings come up among the least probable",
        )
        for text, value in (
            ("Least probable first", "least"),
            ("Most probable first", "most"),
            ("As they came", "given"),
        ):
            self.order.addItem(text, value)
        self.order.setMinimumContentsLength(16)
        self.browser = SpriteBrowser(theme, caption_lines=2)
        self.browser.setObjectName("measure.ranking")
        self.browser.setAccessibleName("Measured sprites")
        self.browser.set_scale(SCALE)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self.order)
        bar.addWidget(HelpButton(lab, theme, "least-probable"))
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self.browser, 1)
        self.order.currentIndexChanged.connect(self._show)
        self.browser.current_changed.connect(self._on_current)

    def show_measured(self, measured: Measured) -> None:
        """List other sprites; the first of the order is chosen."""
        self._measured = measured
        self._show()

    def index_of(self, place: int) -> int:
        """Which of the measured sprites is shown at a place of the browser."""
        return int(self._shown[place])

    def _show(self, *_: object) -> None:
        measured = self._measured
        if measured is None:
            return
        self._shown = measured.order(self.order.currentData())
        self.browser.set_sprites(
            measured.sprites.rgba_of(self._shown),
            lambda place: facts(measured, self.index_of(place)),
            [caption(measured, index) for index in self._shown.tolist()],
        )

    def _on_current(self, place: int) -> None:
        if place >= 0:
            self.chosen.emit(self.index_of(place))


def _class_of(measured: Measured, index: int) -> str:
    return (measured.class_of(index) or "").replace("_", " ")


def caption(measured: Measured, index: int) -> str:
    """Two lines: bits/dim, and the class."""
    bound = measured.bound
    return f"{bound.bits[index] / bound.dims:.3f}\n{_class_of(measured, index) or 'no class'}"


def facts(measured: Measured, index: int) -> str:
    """What is known of one sprite, in lines."""
    bound, sprites = measured.bound, measured.sprites
    lines = [str(sprites.names[index]).capitalize()]
    lines.append(f"Class: {_class_of(measured, index) or 'none'}")
    lines.append(f"{bound.bits[index]:,.0f} ± {bound.bits_stderr[index]:,.0f} bits")
    if sprites.source[index]:
        lines.append(f"From: {sprites.source[index]}")
    return "\n".join(lines)
