"""The strip above the stage of Watch at the first launch: things to do, and a way to close it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr

#: The first card: text, icon, tip.
_REVERSE = (
    tr("Watch noise become sprites"),
    "reverse-process",
    tr("The reverse process: a model removes noise step by step"),
)
_FORWARD = (
    tr("Watch sprites dissolve into noise"),
    "forward-process",
    tr("The forward process: noise destroys a sprite step by step"),
)


class _Head(QWidget):
    """The title, which may ask for the width of its row, but never needs it."""

    _wanted = 0

    def widen(self, wanted: int) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(max(hint.width(), self._wanted), hint.height())


class Welcome(QFrame):
    """Cards ``welcome.watch``, ``.train``, ``.draw``, ``.lessons``, and ``welcome.close``.

    Parameters
    ----------
    with_model : whether there is a model that can generate from the first day on.
    """

    def __init__(self, parent: QWidget | None = None, *, with_model: bool) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setProperty("card", True)
        # A margin of its own, which disappears with it.
        self.setStyleSheet("#welcome { margin: 8px 8px 4px 8px; }")
        self.hide()
        self._title = heading(tr("Welcome to Sprite Lab"))
        self._words = dim_label(tr("A model learns to undo noise"), wrap=False)
        self.watch = push_button("welcome.watch", *(_REVERSE if with_model else _FORWARD))
        self.train = push_button(
            "welcome.train", tr("Train"), "train", tr("Let a network learn to undo the noise")
        )
        self.draw = push_button(
            "welcome.draw", tr("Draw"), "draw", tr("Draw sprites, and let a model finish them")
        )
        self.lessons = push_button(
            "welcome.lessons",
            tr("Lessons"),
            "lesson",
            tr("See how it works, a few minutes at a time"),
        )
        self._cards = (self.watch, self.train, self.draw, self.lessons)
        self.never = IconButton("welcome.close", "close", tr("Close and do not show again"))
        self._head = _Head()
        vbox(self._title, self._words, on=self._head, spacing=0)
        self._row = Flow(None, self._head, *self._cards, spacing=8, last_right=False)
        around = (self.never, 0, Qt.AlignmentFlag.AlignTop)
        hbox((self._row, 1), around, on=self, margins=(16, 5, 8, 5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # its text may be larger now
        return super().event(event)

    def _arrange(self) -> None:
        """Without room for all in one row, give the title a row of its own if the cards fit into
        the other.
        """
        room, gap = self._row.geometry().width(), self._row.spacing()
        title = self._title.sizeHint().width()
        head = max(title, self._words.sizeHint().width())
        cards = sum(card.sizeHint().width() + gap for card in self._cards)
        self._words.setVisible(head + cards <= room)
        alone = title + cards > room >= cards - gap
        self._head.widen(room if alone else 0)
