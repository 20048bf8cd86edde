"""Key bindings, command palette, history and settings of the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.actions import MENUS
from sprite_lab.ui.shell.key_bindings import CANVAS, WINDOW, KeyBindings
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.navigator import Navigator

# ruff: noqa: PLC0415 (dialogs are loaded when they are first wanted, not as the app starts)


class DesktopActions(QObject):
    """Answers ``edit.history``, ``.commands``, ``.keys`` and ``.settings``, and ``help.keys``.

    Parameters
    ----------
    window : parent of the dialogs.
    scope : widget whose tooltips name the keys of the menus.
    """

    def __init__(
        self, lab: Lab, navigator: Navigator, menus: Menus, window: QWidget, scope: QWidget
    ) -> None:
        super().__init__(window)
        self._lab, self._navigator, self._window = lab, navigator, window
        self._actions, self._submenus = menus.actions, menus.submenus
        self.bindings = KeyBindings(lab.settings, self)
        for specs in MENUS.values():
            table = [s for s in specs if s is not None and not s.name.endswith(".menu")]
            self.bindings.adopt_specs(WINDOW, table, menus.actions, scope)
        for name, slot in {
            "edit.history": self.show_history,
            "edit.commands": self.show_commands,
            "edit.keys": self.change_keys,
            "edit.settings": self.show_settings,
            "help.keys": self.show_keys,
        }.items():
            menus.actions[name].triggered.connect(slot)
        navigator.built.connect(self._adopt)

    @Slot(str, QWidget, QWidget)
    def _adopt(self, name: str, workspace: QWidget, inspector: QWidget) -> None:
        title = name.capitalize()
        if name == "draw":
            from sprite_lab.app.draw.tool_table import CANVAS_KEYS

            self.bindings.adopt_specs(CANVAS, CANVAS_KEYS, {}, workspace)
        self.bindings.adopt_widgets(title, workspace, inspector)

    def show_history(self) -> None:
        """Show the history of the project, in Draw."""
        self._navigator.go("draw")
        self._navigator.draw.show_history()

    def show_commands(self) -> None:
        """Open the command palette over the window."""
        from sprite_lab.ui.shell.command_palette import (
            CommandPalette,
            Entry,
            entries_of,
            of_action,
            settings_of,
        )

        entries = [
            of_action(self._actions[spec.name], menu.replace("&", ""))
            for menu, specs in MENUS.items()
            for spec in specs
            if spec is not None and spec.name in self._actions and spec.name != "edit.commands"
        ]
        for submenu in self._submenus.values():
            place = submenu.title().replace("&", "")
            entries += [of_action(a, place) for a in submenu.actions() if a.objectName()]
        name = self._navigator.current
        workspace = self._navigator.workspace(name)
        parts = workspace, workspace.inspector
        entries += entries_of(name.capitalize(), *parts)
        entries += settings_of(name.capitalize(), self._navigator.reveal, *parts)
        known = {shipped.name: shipped.title for shipped in self._lab.shipped.value}
        known |= {str(run.path): run.title for run in self._lab.runs.value if run.step is not None}
        for ref, title in known.items():
            entries.append(Entry(ref, title, "Model", "", "", partial(self._lab.open_model, ref)))
        self._open(CommandPalette(entries, self._window))

    def show_keys(self) -> None:
        """Open the list of keys, including those of Draw."""
        from sprite_lab.ui.help.help import show_keys

        self._navigator.workspace("draw")
        show_keys(self.bindings, self._window, change=self.change_keys)

    def change_keys(self) -> None:
        """Open the dialog that changes keys, including those of Draw."""
        from sprite_lab.ui.help.keys_dialog import KeysDialog

        self._navigator.workspace("draw")
        self._open(KeysDialog(self.bindings, self._window))

    def show_settings(self) -> None:
        from sprite_lab.ui.shell.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._lab.settings, self._window)
        dialog.mode.changed.connect(self._choose_theme)
        dialog.keys.clicked.connect(dialog.accept)
        dialog.keys.clicked.connect(self.change_keys)
        self._open(dialog)

    def _choose_theme(self, mode: str) -> None:
        # Trigger the menu entry, so that it is checked.
        for action in self._submenus["view.theme.menu"].actions():
            if action.objectName() == f"view.theme.{mode}":
                action.trigger()

    def _open(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
