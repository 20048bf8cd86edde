"""Parts of a page that are shown together if they fit, otherwise one at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr


@dataclass(frozen=True)
class PartSpec:
    """A part of a page, by name, with its title on the switch."""

    name: str
    title: str
    #: shown together; other parts may have them, too; nobody else shows or hides them
    widgets: tuple[QWidget, ...]
    tip: str = ""


class Parts(QWidget):
    """A page of parts. If they do not all fit, one is shown, and a switch above,
    ``<name>.part``, chooses which. Below that, the page scrolls: ``<name>.content``.

    ``content`` arranges the parts; the room of hidden ones goes to the others. ``least``: the size
    from which on all fit at the usual text size, in logical pixels. ``high`` returns the height
    that all need at a width; None = that of ``least``.
    """

    turned = Signal(bool)  #: whether one part is shown at a time

    def __init__(
        self,
        content: QWidget,
        *parts: PartSpec,
        least: QSize,
        name: str,
        high: Callable[[int], int] | None = None,
    ) -> None:
        super().__init__()
        self._parts, self._least, self._high = parts, least, high
        self.single = False  #: whether one part is shown at a time
        options = [Option(part.name, part.title, tip=part.tip) for part in parts]
        self.switch = Segmented(f"{name}.part", tr("Parts of the page"), *options, wraps=True)
        self.switch.hide()
        area = named(scrolling(content, clear=True), f"{name}.content")
        vbox(self.switch, (area, 1), on=self, spacing=8)
        self.switch.changed.connect(self._show)
        theme_manager().text_resized.connect(self.choose)

    def show_part_of(self, control: QWidget) -> None:
        for part in self._parts:
            if any(widget is control or widget.isAncestorOf(control) for widget in part.widgets):
                self.switch.set_value(part.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.choose()

    def fits(self) -> bool:
        """Whether all parts have room together."""
        room, least = self.size(), self._least * theme_manager().text_scale
        high = least.height() if self._high is None else self._high(room.width())
        return room.width() >= least.width() and room.height() >= high

    def choose(self) -> None:
        """Show all parts, or one at a time if there is no room."""
        single = not self.fits()
        if single != self.single:
            self.single = single
            self.switch.setVisible(single)
            self._show()
            self.turned.emit(single)

    def _show(self, *_: object) -> None:
        chosen = {
            widget
            for part in self._parts
            if not self.single or part.name == self.switch.value
            for widget in part.widgets
        }
        for part in self._parts:
            for widget in part.widgets:
                widget.setVisible(widget in chosen)
