"""Items of lists and tables whose text wraps."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem


class WrappedItems(QStyledItemDelegate):
    """Makes items as high as their wrapped text, which Qt measures without the style sheet's
    padding.
    """

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        view.setItemDelegate(self)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        padding = self._padding(option, index)
        narrow = QStyleOptionViewItem(option)
        rect = narrow.rect
        rect.setWidth(rect.width() - padding)
        narrow.rect = rect
        hint = super().sizeHint(narrow, index)
        return QSize(hint.width() + padding, hint.height())

    def _padding(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> int:
        """The style sheet's padding on both sides of the text, in logical pixels."""
        words = QStyleOptionViewItem(option)
        self.initStyleOption(words, index)
        words.features = QStyleOptionViewItem.ViewItemFeature.HasDisplay
        words.icon = QIcon()  # for which Qt itself leaves room
        place = QStyle.SubElement.SE_ItemViewItemText
        room = self._view.style().subElementRect(place, words, self._view)
        return option.rect.width() - room.width()
