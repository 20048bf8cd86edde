"""A reliability diagram: how often the most probable class was right, by its probability."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.core.results.calibration import Bar, Calibration, Reliability
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.theme import current_theme, tabular
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.plots.turned_text import draw_upwards
from sprite_lab.words import number_text, tr, trc, trn


class ReliabilityView(QWidget):
    """The diagram and a sentence; only the sentence if reliability was not measured.

    It is hidden while there is no calibration.
    """

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.diagram = _Diagram(name=f"{name}.diagram")
        self.words = dim_label(name=f"{name}.words")
        vbox(self.words, self.diagram, on=self, spacing=4)
        self.hide()

    def show_calibration(self, calibration: Calibration | None) -> None:
        """Show a calibration; None = hide everything."""
        self.setVisible(calibration is not None)
        told = None if calibration is None else calibration.reliability
        self.diagram.setVisible(told is not None)
        self.diagram.show_calibration(calibration)
        self.words.setText(_UNKNOWN if told is None else _judgment(told))


_UNKNOWN = tr(
    "This model is not calibrated: whether it is right as often as it says was not tested, so "
    "its probabilities use default values."
)


def _judgment(told: Reliability) -> str:
    """Says whether the probabilities are calibrated, and how often and how far they were off."""
    bars = told.bars()
    off = sum(not bar.agrees for bar in bars)
    verdict = (
        trn(
            "Not well calibrated: {n} of {bars} intervals misses the dashed line (95% for all "
            "together).",
            "Not well calibrated: {n} of {bars} intervals miss the dashed line (95% for all "
            "together).",
            off,
            bars=len(bars),
        )
        if off
        else tr("Calibrated: every interval meets the dashed line (95% for all together).")
    )
    facts = tr(
        "{accuracy:.0%} of {sprites:,} validation sprites were recognized; probabilities were off "
        "by {expected_error:.1%} on average.",
        accuracy=told.accuracy,
        sprites=told.sprites,
        expected_error=told.expected_error,
    )
    return f"{verdict} {facts}"


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
        self.bars: tuple[Bar, ...] = ()

    def show_calibration(self, calibration: Calibration | None) -> None:
        told = None if calibration is None else calibration.reliability
        self.bars = () if told is None else told.bars()
        self.setAccessibleDescription(", ".join(map(self.text, self.bars)))
        self.update()

    @staticmethod
    def text(bar: Bar) -> str:
        return tr(
            "{low:.0%} to {high:.0%} probable: {right:.0%} of {count:,} were right (interval "
            "{least:.0%} to {most:.0%})",
            low=bar.low,
            high=bar.high,
            right=bar.right,
            count=bar.count,
            least=bar.interval[0],
            most=bar.interval[1],
        )

    def sizeHint(self) -> QSize:
        return QSize(240, 7 * self.fontMetrics().height())

    def _room(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.height() + metrics.horizontalAdvance("100% ") + 4
        below = 2 * metrics.height() + 4
        return QRectF(left, 6, self.width() - left - 8, self.height() - below - 6)

    def _x(self, probability: float) -> float:
        room = self._room()
        return room.left() + room.width() * probability

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.bars:
            return
        theme, room = current_theme(), self._room()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shown in self.bars:
            bar = QRectF(self._x(shown.low) + 1, 0, 0, room.height() * shown.right)
            bar.setRight(self._x(shown.high) - 1)
            bar.moveBottom(room.bottom())
            color = QColor(theme.accent)
            color.setAlphaF(0.6)
            painter.fillRect(bar, color)
        painter.setPen(QPen(QColor(theme.text_dim), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(room.bottomLeft(), room.topRight())
        painter.setPen(QPen(QColor(theme.text), 1.5))
        for shown in self.bars:
            # At the mean probability: there, a bar as high as this probability meets the dashed
            # line.
            low, high = (room.bottom() - room.height() * share for share in shown.interval)
            x = self._x(shown.confidence)
            painter.drawLine(QPointF(x, low), QPointF(x, high))
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
        return tells(self, event, self._tip_at) or super().event(event)

    def _tip_at(self, place: QPointF) -> str:
        at = (bar for bar in self.bars if self._x(bar.low) <= place.x() < self._x(bar.high))
        return next(map(self.text, at), "")
