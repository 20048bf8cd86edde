"""The strip above the stage at the first launch: things to do, and a way to close it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr

#: The first card: icon, text, tip.
_REVERSE = (
    "reverse-process",
    tr("Watch noise become sprites"),
    tr("The reverse process: a model removes noise step by step"),
)
_FORWARD = (
    "forward-process",
    tr("Watch sprites dissolve into noise"),
    tr("The forward process: noise destroys a sprite step by step"),
)


class Welcome(QFrame):
    """Cards ``welcome.watch``, ``.train``, ``.draw``, ``.lessons``, and ``welcome.close``.

    Parameters
    ----------
    with_model : whether there is a model that can generate from the first day on.
    """

    #: a card was pressed
    watch_wanted = Signal()
    train_wanted = Signal()
    draw_wanted = Signal()
    lessons_wanted = Signal()
    closed = Signal()  #: it is not wanted anymore

    def __init__(self, *, with_model: bool) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self.setProperty("card", True)
        self._title = heading(tr("Welcome to Sprite Lab"))
        self._words = dim_label(tr("A model learns to undo noise"), wrap=False)
        cards = []
        for name, icon_name, text, tip, signal in (
            ("watch", *(_REVERSE if with_model else _FORWARD), self.watch_wanted),
            (
                "train",
                "train",
                tr("Train"),
                tr("Let a network learn to undo the noise"),
                self.train_wanted,
            ),
            (
                "draw",
                "draw",
                tr("Draw"),
                tr("Draw sprites, and let a model finish them"),
                self.draw_wanted,
            ),
            (
                "lessons",
                "lesson",
                tr("Lessons"),
                tr("See how it works, a few minutes at a time"),
                self.lessons_wanted,
            ),
        ):
            button = push_button(f"welcome.{name}", text, icon_name, tip)
            button.clicked.connect(signal)
            cards.append(button)
        self._cards = cards
        close = IconButton("welcome.close", "close", tr("Close and do not show again"))
        close.clicked.connect(self.closed)
        head = QWidget()
        vbox(self._title, self._words, on=head, spacing=0)
        # The title has its own row if there is no room beside it.
        self._row = Flow(None, head, *cards, spacing=8, last_right=False)
        around = (close, 0, Qt.AlignmentFlag.AlignTop)
        hbox((self._row, 1), around, on=self, margins=(16, 5, 8, 5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        titles = (self._title, self._words)
        head = max(title.sizeHint().width() for title in titles)
        cards = (card.sizeHint().width() + self._row.spacing() for card in self._cards)
        wanted = head + sum(cards)
        self._words.setVisible(wanted <= self._row.geometry().width())
