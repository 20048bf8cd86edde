"""What people expect of a desktop program: keys of their own, commands, history, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.actions import MENUS
from sprite_lab.ui.key_bindings import CANVAS, WINDOW, KeyBindings
from sprite_lab.ui.menus import Menus
from sprite_lab.ui.theme import ThemeManager

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.ui.main_window import MainWindow

# ruff: noqa: PLC0415 (dialogs are loaded when they are first wanted, not as the app starts)


class DesktopActions(QObject):
    """Answers ``edit.history``, ``edit.commands``, ``edit.keys`` and ``edit.settings``."""

    def __init__(self, lab: Lab, theme: ThemeManager, window: MainWindow, menus: Menus) -> None:
        super().__init__(window)
        self._lab, self._theme, self._window = lab, theme, window
        self._actions, self._submenus = menus.actions, menus.submenus
        self.bindings = KeyBindings(lab.settings, self)
        for specs in MENUS.values():
            table = [s for s in specs if s is not None and not s.name.endswith(".menu")]
            self.bindings.adopt_specs(WINDOW, table, menus.actions, window.top_bar)
        for name, slot in {
            "edit.history": self.show_history,
            "edit.commands": self.show_commands,
            "edit.keys": self.change_keys,
            "edit.settings": self.show_settings,
        }.items():
            menus.actions[name].triggered.connect(slot)

    def adopt(self, name: str, workspace: QWidget, inspector: QWidget) -> None:
        """Take the keys of a workspace that has just been built."""
        title = name.capitalize()
        if name == "draw":
            from sprite_lab.ui.workspaces.draw.canvas_keys import CANVAS_KEYS

            self.bindings.adopt_specs(CANVAS, CANVAS_KEYS, {}, workspace)
        self.bindings.adopt_widgets(title, workspace, inspector)

    def show_history(self) -> None:
        """Open the history of the project, which is made in Draw."""
        self._window.show_workspace("draw")
        self._window.workspace("draw").area.show_history()

    def show_commands(self) -> None:
        """Open the command palette over the window."""
        from sprite_lab.ui.command_palette import CommandPalette, entries_of, of_action

        window = self._window
        entries = [
            of_action(self._actions[spec.name], menu.replace("&", ""))
            for menu, specs in MENUS.items()
            for spec in specs
            if spec is not None and spec.name in self._actions and spec.name != "edit.commands"
        ]
        for submenu in self._submenus.values():
            place = submenu.title().replace("&", "")
            entries += [of_action(a, place) for a in submenu.actions() if a.objectName()]
        workspace = window.workspace(window.current)
        title = window.current.capitalize()
        entries += entries_of(title, workspace, workspace.inspector)
        self._open(CommandPalette(entries, window))

    def change_keys(self) -> None:
        """Open the dialog in which keys are changed; it needs those of Draw, too."""
        from sprite_lab.ui.keys_dialog import KeysDialog

        self._window.workspace("draw")
        self._open(KeysDialog(self.bindings, self._theme, self._window))

    def show_settings(self) -> None:
        """Open the settings."""
        from sprite_lab.ui.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._lab.settings, self._theme, self._window)
        dialog.mode.changed.connect(self._choose_theme)
        dialog.keys.clicked.connect(dialog.accept)
        dialog.keys.clicked.connect(self.change_keys)
        self._open(dialog)

    def _choose_theme(self, mode: str) -> None:
        # The menu's entries do it, so that they show what is chosen.
        for action in self._submenus["view.theme.menu"].actions():
            if action.objectName() == f"view.theme.{mode}":
                action.trigger()

    def _open(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
