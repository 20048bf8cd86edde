"""The base class of pages that Draw shows in place of the canvas."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal

from sprite_lab.ui.page import Page
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.words import tr


class DrawPage(Page):
    """A page in place of the canvas, with a button ``<name>.back``; refreshed while visible."""

    back_wanted = Signal()  #: go to the canvas, or to the page shown before

    def __init__(self, name: str, back: str = tr("Back to the canvas (Esc)")) -> None:
        super().__init__(name)
        self._back = IconButton(f"{name}.back", "back", back, do=self.back_wanted)

    def on_shown(self) -> None:
        self.refresh()

    def escape(self) -> None:
        """Esc: go back; pages with jobs cancel the running one first."""
        self.back_wanted.emit()

    def _refresh_if_seen(self, *_: object) -> None:
        if self.isVisible():
            self.refresh()

    @abstractmethod
    def refresh(self) -> None:
        """Update everything shown."""
