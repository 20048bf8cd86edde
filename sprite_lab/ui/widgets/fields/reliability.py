"""A reliability diagram: how often the most probable class was right, by its probability."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from sprite_lab.core.results.calibration import BINS, Calibration
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import plain
from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.plots.turned_text import draw_upwards
from sprite_lab.words import number_text, tr, trc


class ReliabilityView(QWidget):
    """The diagram with a sentence; only the sentence if the model is not calibrated."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.diagram = _Diagram(name=f"{name}.diagram")
        self.words = dim_label(name=f"{name}.words")
        self.words.setWordWrap(True)
        vbox(self.words, self.diagram, on=self, spacing=4)
        self.hide()

    def show_calibration(self, calibration: Calibration | None) -> None:
        """Show a calibration; None = nothing is known."""
        self.setVisible(calibration is not None)
        told = None if calibration is None else calibration.reliability
        self.diagram.setVisible(told is not None)
        self.diagram.show_calibration(calibration)
        self.words.setText(
            tr(
                "This model is not calibrated: its probabilities use default values. “sprite-lab "
                "evaluate --classify” calibrates a run."
            )
            if told is None
            else tr(
                "Calibrated. {accuracy:.0%} of {sprites:,} validation sprites were right "
                "(cross-validated); probabilities were off by {expected_error:.1%} on average.",
                sprites=told.sprites,
                accuracy=told.accuracy,
                expected_error=told.expected_error,
            )
        )


class _Diagram(QWidget):
    """A bar for each interval of probability, as high as the accuracy in it."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        named(
            self,
            name,
            tr("Share right (vertical) by probability of the most probable class (horizontal)"),
        )
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._calibration: Calibration | None = None

    def show_calibration(self, calibration: Calibration | None) -> None:
        self._calibration = calibration
        self.setAccessibleDescription(", ".join(filter(None, map(self.text, range(BINS)))))
        self.update()

    def text(self, k: int) -> str:
        """The text of the bar of interval ``k``; "" if it has no sprites."""
        told = self._calibration and self._calibration.reliability
        if not told or not told.count[k]:
            return ""
        right = tr("{right:.0%} of {count:,} were right", right=told.right[k], count=told.count[k])
        return tr("{confidence:.0%} probable: {right}", confidence=told.confidence[k], right=right)

    def sizeHint(self) -> QSize:
        return QSize(240, 7 * self.fontMetrics().height())

    def _room(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.height() + metrics.horizontalAdvance("100% ") + 4
        below = 2 * metrics.height() + 4
        return QRectF(left, 6, self.width() - left - 8, self.height() - below - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        told = self._calibration and self._calibration.reliability
        if not told:
            return
        theme, room = current_theme(), self._room()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = room.width() / BINS
        most = max(told.count)
        for k, (count, right) in enumerate(zip(told.count, told.right, strict=True)):
            if count:
                bar = QRectF(room.left() + k * width + 1, 0, width - 2, room.height() * right)
                bar.moveBottom(room.bottom())
                color = QColor(theme.accent)
                color.setAlphaF(0.35 + 0.65 * count / most)  # few sprites say little
                painter.fillRect(bar, color)
        painter.setPen(QPen(QColor(theme.text_dim), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(room.bottomLeft(), room.topRight())
        painter.setPen(QPen(QColor(theme.outline), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(QColor(theme.text_dim))
        height = self.fontMetrics().height()
        for share in (0.0, 0.5, 1.0):
            words = number_text(share, ".0%")
            wide = self.fontMetrics().horizontalAdvance(words)
            x = room.left() + share * (room.width() - wide)
            painter.drawText(QPointF(x, room.bottom() + height), words)
            if share:
                y = room.bottom() - share * (room.height() - height / 2)
                painter.drawText(QPointF(room.left() - wide - 4, y + height / 4), words)
        line = QRectF(room.left(), room.bottom() + height + 4, room.width(), height)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, tr("probability"))
        draw_upwards(painter, 0, room, trc("share", "right"))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            room = self._room()
            k = int((event.pos().x() - room.left()) / room.width() * BINS)
            if 0 <= k < BINS and (text := self.text(k)):
                QToolTip.showText(event.globalPos(), plain(text), self)
                return True
        return super().event(event)
