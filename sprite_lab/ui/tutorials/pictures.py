"""Pictures that students took, in a list; a double click shows one large."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDialog, QListView, QListWidget, QListWidgetItem

from sprite_lab.formats.results import Picture
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr

_SIZE = QSize(192, 120)


class PictureList(QListWidget):
    """Pictures with their titles."""

    def __init__(self, name: str) -> None:
        super().__init__()
        named(self, name, tr("Pictures"), tr("Double-click or press Enter to enlarge one"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(_SIZE)
        self.setSpacing(4)
        self._pictures: list[Picture] = []
        self.itemActivated.connect(lambda item: self._show_large(self.row(item)))

    def set_pictures(self, pictures: Iterable[Picture]) -> None:
        self.clear()
        self._pictures = list(pictures)
        for picture in self._pictures:
            item = QListWidgetItem(QIcon(_pixmap(picture)), picture.title)
            item.setToolTip(tooltip(picture.title))
            item.setSizeHint(QSize(_SIZE.width() + 16, _SIZE.height() + 48))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            self.addItem(item)

    def _show_large(self, row: int) -> None:
        picture = self._pictures[row]
        window = QDialog(self.window())
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.setWindowTitle(picture.title)
        shown = named(Label(), "picture.large", picture.title)
        pixmap = _pixmap(picture)
        shown.setPixmap(pixmap)
        vbox((scrolling(shown), 1), on=window)
        window.resize(pixmap.size().boundedTo(QSize(1200, 760)) + QSize(4, 4))
        window.show()


def _pixmap(picture: Picture) -> QPixmap:
    """The picture; empty if its data are damaged."""
    pixmap = QPixmap()
    pixmap.loadFromData(picture.png, "PNG")
    return pixmap
