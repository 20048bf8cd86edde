"""The probability of each class as a bar."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.words import tr, with_marks

#: At the usual text size: height of a row and width of names, in logical pixels.
_ROW, _NAME = 24, 84

#: Minimum width of the bars, in logical pixels.
_LEAST = 36

#: The widest possible text of a bar.
_WIDEST = "88.8 ± 0.4%"


_ERROR = tr("±: standard error of this estimate, which is made from random noise.")


class ClassBars(QWidget):
    """A bar for each class, in the model's order, with its standard error as a whisker."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        named(self, name, tr("Probability of each class"))
        self._found: ClassProbabilities | None = None
        self._own = ""
        self._least = 0  # number of bars to reserve room for while there are none
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        theme_manager().on_text(self._fit)

    def _fit(self) -> None:
        scale = theme_manager().text_scale
        self._row, self._name = round(_ROW * scale), round(_NAME * scale)
        self._text = self.fontMetrics().horizontalAdvance(_WIDEST) + 12
        count = self._least if self._found is None else len(self._found.class_names)
        self.setMinimumSize(self._name + self._text + _LEAST, count * self._row)
        self.updateGeometry()

    def keep_room(self, count: int) -> None:
        """Reserve room for this many bars while there are none, so that nothing moves later."""
        self._least = count
        self._fit()

    def show_probabilities(self, found: ClassProbabilities | None, own: str | None = None) -> None:
        """Show the probabilities of the first sprite (None = no bars); ``own``: its labeled class,
        to be shown in bold.
        """
        self._found, self._own = found, own or ""
        self._fit()
        self.setAccessibleDescription(", ".join(self.texts()))
        self.update()

    def texts(self) -> list[str]:
        """Class and probability of each bar, as one text; [] while there are none."""
        if self._found is None:
            return []
        return [
            f"{class_words(name)} {percent_text(*self._values(k))}"
            for k, name in enumerate(self._found.class_names)
        ]

    def _values(self, k: int) -> tuple[float, float]:
        assert self._found is not None
        return float(self._found.probability[0, k]), float(self._found.stderr[0, k])

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth() + 48, self.minimumHeight())

    def _at(self, k: int) -> QRectF:
        return QRectF(0, k * self._row, self.width(), self._row)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._found is None:
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, track = Qt.AlignmentFlag.AlignVCenter, QColor(theme.tokens()["track"])
        best = int(self._found.probability[0].argmax())
        for k, name in enumerate(self._found.class_names):
            value, stderr = self._values(k)
            place = self._at(k)
            font = self.font()
            font.setBold(name == self._own)
            painter.setFont(font)
            painter.setPen(QColor(theme.text))
            shown = painter.fontMetrics().elidedText(
                class_words(name), Qt.TextElideMode.ElideRight, self._name - 8
            )
            painter.drawText(QRectF(0, place.top(), self._name - 8, self._row), middle, shown)
            painter.setFont(self.font())
            room = QRectF(
                self._name, place.top() + 6, place.width() - self._name - self._text, self._row - 12
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(track)
            painter.drawRoundedRect(room, 3, 3)
            filled = QRectF(room)
            filled.setWidth(room.width() * value)
            painter.setBrush(QColor(theme.accent if k == best else theme.outline))
            if filled.width() >= 1:
                painter.drawRoundedRect(filled, 3, 3)
            ends = [
                room.left() + room.width() * min(max(value + s, 0), 1) for s in (-stderr, stderr)
            ]
            if ends[1] - ends[0] >= 1:
                painter.setPen(QPen(QColor(theme.text), 1.5))
                y = round(room.center().y())
                painter.drawLine(round(ends[0]), y, round(ends[1]), y)
            painter.setPen(QColor(theme.text if k == best else theme.text_dim))
            text = QRectF(room.right() + 8, place.top(), self._text - 8, self._row)
            painter.drawText(text, middle, percent_text(value, stderr))

    def event(self, event: QEvent) -> bool:
        return tells(self, event, self._tip_at) or super().event(event)

    def _tip_at(self, place: QPointF) -> str:
        k = int(place.y() // self._row)
        if self._found is None or not 0 <= k < len(self._found.class_names):
            return ""
        bits, name = self._found.bits[0], class_words(self._found.class_names[k])
        more = bits[k] - bits.min()
        tail = tr("the least") if more == 0 else tr("{more:,.1f} more than the best", more=more)
        takes = tr(
            "As {name} it takes {bits:,.1f} bits, {tail}.", name=name, bits=bits[k], tail=tail
        )
        return f"{takes}\n{_ERROR}"


def percent_text(value: float, stderr: float) -> str:
    """A probability, with its standard error unless it is practically certain or impossible.

    >>> percent_text(0.734, 0.05), percent_text(0.007, 0.002), percent_text(1e-30, 0.0)
    ('73 ± 5%', '0.7 ± 0.2%', '<0.1%')
    """
    percent, error = 100 * value, min(100 * stderr, 50)  # no standard error is larger than that
    if error >= 0.5:
        return with_marks(f"{percent:.0f} ± {error:.0f}%")
    if percent < 0.1:
        return with_marks("<0.1%")
    if percent > 99.9:
        return with_marks(">99.9%" if value < 1.0 else "100%")
    return with_marks(f"{percent:.1f} ± {error:.1f}%")
