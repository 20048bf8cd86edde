"""The three parts of the bound as one bar, each explained beside its color."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.ui.flow import WholeHeight
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import Html, html, joined
from sprite_lab.ui.theme import Theme, current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import number_text, tr

#: The least width of a part, which would otherwise be invisible, and the height of the bar, in
#: logical pixels at the usual text size.
_LEAST, _HEIGHT = 3, 12

#: Index and words of each part, from noise to sprite.
_PARTS = (
    ("T", tr("what the noise at t = T still shows")),
    ("t−1", tr("what all steps back guess wrong")),
    ("0", tr("the last step, to exact colors")),
)


def term_color(theme: Theme, term: int) -> QColor:
    """The color of L_T (0), of the sum of L_(t-1) (1) or of L_0 (2)."""
    return QColor(theme.curves[(2, 0, 1)[term]].color)


class TermsBar(WholeHeight):
    """L_T, the sum of L_(t-1), and L_0, in bits."""

    def __init__(self, *, name: str) -> None:
        super().__init__()
        named(self, name, tr("Parts of the bound, in bits"))
        self.terms = (0.0, 0.0, 0.0)  #: L_T, the sum of L_(t-1), and L_0
        self._bar = _Bar()
        self._words = dim_label(name=f"{name}.words")
        self._words.setFont(tabular(self._words.font()))
        vbox(self._bar, self._words, on=self, spacing=4)
        theme_manager().changed.connect(self._say)

    def show_terms(self, terms: tuple[float, float, float]) -> None:
        """Show L_T, the sum of L_(t-1), and L_0, in bits."""
        self.terms = terms
        self._bar.show_terms(terms)
        self._say()

    def _say(self, *_: object) -> None:
        theme = current_theme()
        rows: list[Html] = []
        for k, ((index, words), bits) in enumerate(zip(_PARTS, self.terms, strict=True)):
            symbol = html("Σ L<sub>{}</sub>" if k == 1 else "L<sub>{}</sub>", index)
            number = tr("{bits} bits", bits=number_text(bits, ",.1f"))
            rows.append(
                html(
                    "<span style='color: {}'>■</span> {} {}: {}",
                    term_color(theme, k).name(), symbol, number, words,
                )
            )  # fmt: skip
        self._words.setText(joined("<br>", rows))


class _Bar(QWidget):
    """The bar alone."""

    def __init__(self) -> None:
        super().__init__()
        self._terms = (0.0, 0.0, 0.0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_manager().text_resized.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(120, round(_HEIGHT * theme_manager().text_scale))

    def show_terms(self, terms: tuple[float, float, float]) -> None:
        self._terms = terms
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        whole = sum(self._terms)
        if whole <= 0:
            return
        painter, theme = QPainter(self), current_theme()
        painter.setPen(Qt.PenStyle.NoPen)
        widths = [max(_LEAST, self.width() * max(bits, 0.0) / whole) for bits in self._terms]
        widths[1] = self.width() - widths[0] - widths[2]
        left = 0.0
        for k, width in enumerate(widths):
            painter.fillRect(QRectF(left, 0, width, self.height()), term_color(theme, k))
            left += width
