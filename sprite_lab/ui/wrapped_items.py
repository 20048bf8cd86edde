"""Items of lists and tables whose text wraps."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

#: The most that style sheet and style leave free beside the text, in logical pixels.
_PADDING = 16


class WrappedItems(QStyledItemDelegate):
    """Makes items as high as their wrapped text.

    Qt measures the text without the padding of the style sheet, so that it may wrap into one line
    more than there is room for, which would be cut.
    """

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        view.setItemDelegate(self)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        narrow = QStyleOptionViewItem(option)
        rect = narrow.rect
        rect.setWidth(rect.width() - _PADDING)
        narrow.rect = rect
        hint = super().sizeHint(narrow, index)
        return QSize(hint.width() + _PADDING, hint.height())
