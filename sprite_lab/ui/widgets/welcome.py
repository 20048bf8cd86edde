"""The strip above the stage of Watch at the first launch: things to try, and a close button."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr

#: The first card: text, icon and tip.
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


@dataclass(frozen=True)
class _Look:
    """Which parts of the strip are shown."""

    words: bool  #: the line below the title
    icons: bool
    title: str
    without: tuple[QWidget, ...] = ()


class Welcome(QFrame):
    """Cards in a single row, to leave the height to the sprites.

    If there is not enough room, it drops the line below the title first, then icons, most of the
    title, and cards for what the tabs above also offer. ``with_model``: whether there is a model to
    generate with.
    """

    def __init__(self, parent: QWidget | None = None, *, with_model: bool) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setProperty("card", True)
        # Its own margin, which disappears along with it.
        self.setStyleSheet("#welcome { margin: 8px 8px 4px 8px; }")
        self.hide()
        title = tr("Welcome to Sprite Lab")
        self._title = named(heading(title), "welcome.title")
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
        tabs = self.train, self.draw
        self._looks = (
            _Look(True, True, title),
            _Look(False, True, title),
            _Look(False, False, title),
            _Look(False, False, tr("Welcome")),
            _Look(False, False, tr("Welcome"), tabs[:1]),
            _Look(False, False, tr("Welcome"), tabs),
            _Look(False, False, "", tabs),
        )
        head = vbox(self._title, self._words, spacing=0)
        around = (self.never, 0, Qt.AlignmentFlag.AlignTop)
        hbox(head, *self._cards, ..., around, on=self, spacing=8, margins=(16, 5, 8, 5))

    def _needed(self, look: _Look) -> int:
        """The width that a look needs, in logical pixels."""
        title = self._title.fontMetrics().horizontalAdvance(look.title)
        words = self._words.sizeHint().width() if look.words else 0
        parts = [card.wanted(icons=look.icons) for card in self._cards if card not in look.without]
        parts += [max(title, words), self.never.sizeHint().width()]
        layout = self.layout()
        assert layout is not None, "made with it"
        margins = layout.contentsMargins()
        around = margins.left() + margins.right() + self.width() - self.contentsRect().width()
        return around + sum(parts) + layout.spacing() * len(parts)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._needed(self._looks[-1]), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()  # the text may be larger now
        return super().event(event)

    def _arrange(self) -> None:
        fitting = (look for look in self._looks if self._needed(look) <= self.width())
        look = next(fitting, self._looks[-1])
        self._words.setVisible(look.words)
        self._title.setText(look.title)
        self._title.setVisible(bool(look.title))
        for card in self._cards:
            card.set_icons(look.icons)
            card.setVisible(card not in look.without)
