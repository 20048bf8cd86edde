"""Hiding controls during a lesson."""

from __future__ import annotations

from collections.abc import Iterable

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QWidget


class Hiding(QObject):
    """Hides controls and menu entries by objectName until :meth:`restore`.

    Controls that the app shows or hides in the meantime are left as they are.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._wanted: dict[QWidget, bool] = {}
        self._actions: list[QAction] = []
        self._busy = False

    def hide(self, names: Iterable[str]) -> None:
        """Hide the controls with these names. Call it again when pages are built."""
        for name in names:
            for widget in self._window.findChildren(QWidget, name):
                self._take(widget)
                for label in self._labels_of(widget):
                    self._take(label)
            for action in self._window.findChildren(QAction, name):
                if action not in self._actions:
                    self._actions.append(action)
                    action.setVisible(False)

    def restore(self) -> None:
        wanted, self._wanted = self._wanted, {}
        actions, self._actions = self._actions, []
        for widget, visible in wanted.items():
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
                widget.setVisible(visible)
        for action in actions:
            if shiboken6.isValid(action):
                action.setVisible(True)

    def _labels_of(self, widget: QWidget) -> list[QLabel]:
        """The labels of a field; ``widget`` is the field, or the line that is its main part."""
        parent = widget.parentWidget()
        if parent is not None and parent.focusProxy() is widget:
            widget, parent = parent, parent.parentWidget()
        if parent is None:
            return []
        one_level = Qt.FindChildOption.FindDirectChildrenOnly
        labels = parent.findChildren(QLabel, options=one_level)
        return [label for label in labels if label.buddy() is widget]

    def _take(self, widget: QWidget) -> None:
        if widget not in self._wanted:
            self._wanted[widget] = not widget.isHidden()
            self._put_away(widget)
            widget.installEventFilter(self)

    def _put_away(self, widget: QWidget) -> None:
        self._busy = True
        widget.hide()
        # As if it were not hidden explicitly, or Qt would not signal when the app hides it.
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        self._busy = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._busy and isinstance(watched, QWidget) and watched in self._wanted:
            if event.type() == QEvent.Type.ShowToParent:
                self._wanted[watched] = True
                self._put_away(watched)
            elif event.type() == QEvent.Type.HideToParent:
                self._wanted[watched] = False
                watched.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        return super().eventFilter(watched, event)
