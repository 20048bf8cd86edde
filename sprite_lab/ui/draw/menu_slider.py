"""A slider as a menu entry."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QSlider, QWidget, QWidgetAction

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import calm

#: Widths before the text of entries, in logical pixels: the padding, and the mark, which grows with
#: the text (``theme.qss``).
_PADDING, _MARK = 18, 12


class MenuSlider(QWidget):
    """A ``slider`` for percent and its ``words``, aligned with entries; adds itself to a menu.

    ``name``, ``label``, ``tip``: those of the slider.
    """

    def __init__(
        self, menu: QMenu, words: str, least: int, name: str, label: str, tip: str = ""
    ) -> None:
        super().__init__()
        self.words = Label(words)
        self.slider = calm(QSlider(Qt.Orientation.Horizontal), name, label, tip)
        self.slider.setRange(least, 100)
        self.slider.setMinimumWidth(96)
        self._row = hbox(self.words, (self.slider, 1), on=self, spacing=6)
        theme_manager().on_text(self._line_up)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self)
        menu.addAction(action)

    def _line_up(self) -> None:
        left = _PADDING + round(_MARK * theme_manager().text_scale)
        self._row.setContentsMargins(left, 4, 12, 4)
