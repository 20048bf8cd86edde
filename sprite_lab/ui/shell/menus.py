"""Builds the menus from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction, QKeySequence, QMouseEvent, QStatusTipEvent
from PySide6.QtWidgets import QMainWindow, QMenu

from sprite_lab.app.shell.actions import MENUS, ActionSpec
from sprite_lab.ui.icons import icon
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import Theme, current_theme, theme_manager


class Menus(QObject):
    """The menus of a window: ``actions`` by name, ``menus`` by title, ``submenus`` by names ending
    in ".menu".

    A child of the window, so that themes never reach deleted actions.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self.submenus: dict[str, QMenu] = {}
        self._icons: dict[QAction, str] = {}
        for title, specs in MENUS.items():
            menu = self.menus[title] = window.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            menu.installEventFilter(self)
            menu.aboutToHide.connect(self._say_nothing)
            for spec in specs:
                if spec is None:
                    menu.addSeparator()
                elif spec.name.endswith(".menu"):
                    self.submenus[spec.name] = menu.addMenu(spec.text)
                else:
                    menu.addAction(self._make(window, spec))
        theme_manager().changed.connect(self._paint)
        self._paint(current_theme())

    def _make(self, window: QMainWindow, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, window)
        action.setObjectName(spec.name)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
        if spec.tip:
            action.setToolTip(tooltip(spec.tip))
            action.setStatusTip(spec.tip)
        if spec.icon:
            self._icons[action] = spec.icon
        # Keeps its keys working while the menu bar is hidden.
        window.addAction(action)
        self.actions[spec.name] = action
        return action

    def connect_all(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Connect actions to functions, by name, without passing on their checked state."""
        for name, slot in slots.items():
            self.actions[name].triggered.connect(lambda _=False, slot=slot: slot())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Menus show no status tip for disabled entries, where it is needed most.
        if isinstance(watched, QMenu) and isinstance(event, QMouseEvent):
            action = watched.actionAt(event.position().toPoint())
            if action is not None and not action.isEnabled():
                action.showStatusText(self._window)
        return False

    def _say_nothing(self) -> None:
        QCoreApplication.sendEvent(self._window, QStatusTipEvent(""))

    def _paint(self, theme: Theme) -> None:
        for action, name in self._icons.items():
            action.setIcon(icon(name, theme))
