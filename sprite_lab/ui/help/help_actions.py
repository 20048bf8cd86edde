"""The Help menu; each of its windows is built on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from sprite_lab import extras
from sprite_lab.app.lab import Lab
from sprite_lab.ui.help.learning import Learning
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.ui.help.updates import UpdatesWindow


class HelpActions(QObject):
    """Handles the actions ``help.…``, except ``help.keys``."""

    def __init__(self, lab: Lab, learning: Learning, menus: Menus, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._window = lab, window
        self._updates: UpdatesWindow | None = None
        self._check = menus.actions["help.updates"]
        self._check_tip = self._check.toolTip()
        for name, slot in {
            "help.guide": lambda: lab.guide_wanted.emit("guide", ""),
            "help.gpu": lambda: lab.guide_wanted.emit("gpu", ""),
            "help.lessons": lambda on: learning.lessons.toggle(on),
            "help.results": lambda: learning.lessons.hand_in(),
            "help.teaching": lambda: lab.guide_wanted.emit("teaching", ""),
            "help.control_name": lambda: learning.lessons.tell_name(),
            "help.updates": self.check_for_updates,
            "help.about": self.show_about,
        }.items():
            menus.actions[name].triggered.connect(slot)
        menus.menus[tr("&Help")].aboutToShow.connect(self._refresh)

    def check_for_updates(self, *_: object) -> None:
        """Ask whether there is a newer version, and show the answer."""
        from sprite_lab.ui.help.updates import UpdatesWindow  # noqa: PLC0415 (few ever ask)

        if self._updates is None:
            self._updates = UpdatesWindow(self._lab, self._window)
        self._updates.ask()

    def show_about(self, *_: object) -> None:
        """Show the version, licences and folders."""
        from sprite_lab.ui.help.about import AboutWindow  # noqa: PLC0415 (few ever ask)

        AboutWindow(self._lab, self._window).open()

    def _refresh(self) -> None:
        missing = extras.missing("updates")
        allow(self._check, missing, self._check_tip)
        self._check.setStatusTip(self._check.toolTip())
