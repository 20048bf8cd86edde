"""What an empty project says below its cells: how to begin, and the quickest way to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import push_button
from sprite_lab.ui.widgets.inspector import dim_label

_TIP = "Fill the cells with random sprites of the open data set and their classes, to begin from"


class Invitation(QWidget):
    """Invites to draw, to generate, or to begin from sprites that there are.

    Parts: ``draw.invitation``, ``draw.invitation.take``.

    Signals
    -------
    take_wanted : all cells should be filled with sprites of the data set.
    """

    take_wanted = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("draw.invitation")
        text = dim_label(
            "Draw in a cell, paste or drop a picture, generate from a class, or begin from "
            "sprites that there are:"
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._take = push_button(
            theme,
            "Fill from the data set",
            name="draw.invitation.take",
            icon_name="random",
            tip=_TIP,
        )
        self._take.clicked.connect(self.take_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(8)
        column.addWidget(text)
        column.addWidget(self._take, 0, Qt.AlignmentFlag.AlignCenter)

    def set_problem(self, why: str) -> None:
        """Why there are no sprites to begin from, or ""."""
        self._take.setEnabled(not why)
        self._take.setToolTip(why or _TIP)
