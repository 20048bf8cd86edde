"""A legend entry: a sample of a curve and its name."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import Curve, current_theme
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.indices import with_indices

#: Qt's maximum width of a widget.
_NO_LIMIT = (1 << 24) - 1

#: Length of the sample, in logical pixels.
_SAMPLE = 28


def curve_pen(curve: Curve) -> QPen:
    """A pen in a curve's color and dash, the same on every screen."""
    result = QPen(QColor(curve.color), 2.0)
    result.setCosmetic(True)
    result.setCapStyle(Qt.PenCapStyle.FlatCap)
    if curve.dash:
        result.setDashPattern([float(part) for part in curve.dash])
    return result


class LegendEntry(QWidget):
    """A legend entry for a curve or area; ``which``: its index among the theme's curves.

    ``opacity``: opacity of an area, up to 255; None = a curve. ``formula``: whether to format
    indices, which a run's name such as x_t does not have.
    """

    def __init__(
        self,
        text: str,
        which: int,
        marked: bool = False,
        tip: str = "",
        *,
        formula: bool = False,
        opacity: int | None = None,
    ) -> None:
        super().__init__()
        self._opacity = opacity
        self.which, self._marked, self._formula = which, marked, formula
        self.setToolTip(tooltip(with_indices(tip) if formula else tip))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._words = dim_label(wrap=False)
        self._kept = ""
        self._row = hbox(self._words, on=self, spacing=-1)
        self.rename(text)

    def rename(self, text: str) -> None:
        self.setAccessibleName(text)
        self._words.setText(with_indices(text) if self._formula else text)
        self._words.setMaximumWidth(_NO_LIMIT if text else 0)
        self._row.setContentsMargins(_SAMPLE + (8 if text else 4), 0, 0, 0)

    def keep_room(self, text: str) -> None:
        """Reserve the width of another text, so that nothing moves when it is shown."""
        self._kept = text
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        self._words.ensurePolished()  # it may never have been shown
        kept = self._row.contentsMargins().left() + self.fontMetrics().horizontalAdvance(self._kept)
        return super().sizeHint().expandedTo(QSize(kept if self._kept else 0, 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        curve = theme.curves[self.which % len(theme.curves)]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        if self._opacity is not None:
            color = QColor(curve.color)
            color.setAlpha(self._opacity)
            painter.fillRect(QRectF(0, middle - 5, _SAMPLE, 10), color)
            return
        painter.setPen(curve_pen(curve))
        painter.drawLine(QPointF(0, middle), QPointF(_SAMPLE, middle))
        if self._marked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(curve.color))
            painter.drawEllipse(QPointF(_SAMPLE / 2, middle), 3, 3)
