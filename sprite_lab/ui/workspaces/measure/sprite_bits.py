"""The chosen sprite: where its bits are, what it costs, and which class it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sprite_lab.core.measured import Measured
from sprite_lab.ui.theme import ThemeManager, tabular
from sprite_lab.ui.widgets.elided_label import ElidedLabel
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import dim_label
from sprite_lab.ui.widgets.pixel_map import PixelMap

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class SpriteBits(QWidget):
    """Parts: ``measure.sprite.title``, ``measure.sprite.bits``, ``measure.sprite.map``,
    ``measure.sprite.readout``."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._index = -1
        self._title = ElidedLabel(name="measure.sprite.title")
        self._title.setProperty("dim", False)
        self._title.setProperty("heading", True)
        self._bits = QLabel()
        self._bits.setObjectName("measure.sprite.bits")
        self._bits.setFont(tabular(self._bits.font()))
        self.map = PixelMap(
            theme, name="measure.sprite.map", label="Bits of each pixel", unit="bits"
        )
        self._readout = dim_label(name="measure.sprite.readout", wrap=False)
        self._readout.setFont(tabular(self._readout.font()))
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._title, 1000)  # all there is, as far as its text goes
        bar.addWidget(HelpButton(lab, theme, "probability"))
        bar.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(bar)
        column.addWidget(self._bits)
        column.addWidget(self.map, 1)
        column.addWidget(self._readout)
        self.map.pointed.connect(self._on_pointed)

    def show_sprite(self, measured: Measured, index: int) -> None:
        """Show one of the measured sprites."""
        self._measured, self._index = measured, index
        bound, sprites = measured.bound, measured.sprites
        name = str(sprites.names[index]) or f"sprite {index + 1}"
        self._title.setText(name[:1].upper() + name[1:])
        self._title.ensurePolished()
        self._title.setMaximumWidth(self._title.sizeHint().width() + 4)
        per_dim, stderr = bound.bits[index] / bound.dims, bound.bits_stderr[index] / bound.dims
        self._bits.setText(
            f"{per_dim:.3f} ± {stderr:.3f} bits/dim    PNG {measured.png[index]:.3f}    "
            f"WebP {measured.webp[index]:.3f}"
        )
        self._bits.setToolTip(
            f"{bound.bits[index]:,.0f} bits for {bound.dims} values, each with what chance is "
            "left in the estimate; beside them what the pixels take as picture files."
        )
        self.map.show_values(sprites.rgba_of(index), bound.pixels[index])
        self._on_pointed(-1, -1)

    def _on_pointed(self, row: int, column: int) -> None:
        if self._measured is None:
            return
        if row < 0:
            self._readout.setText("Bits of each pixel, over all channels and noise levels")
            return
        value, whole = self.map.values[row, column], self.map.values.sum()
        self._readout.setText(
            f"Column {column + 1}, row {row + 1}: {value:.1f} bits, {value / whole:.1%} of them"
        )
