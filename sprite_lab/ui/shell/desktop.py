"""Key bindings, command palette, history and settings of the window."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.actions import DRAW_SETS, MENUS
from sprite_lab.core.config.base import Setting
from sprite_lab.ui.help.learning import Learning
from sprite_lab.ui.shell.dialogs import open_over
from sprite_lab.ui.shell.key_bindings import CANVAS, WINDOW, KeyBindings
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.widgets.fields.calm import why_not_allowed
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.ui.shell.command_palette import CommandPalette, Entry

# ruff: noqa: PLC0415 (dialogs are loaded when they are first wanted, not as the app starts)

#: Controls that do the same as a command of a menu, which is listed instead.
_IN_MENUS = frozenset(
    (
        "see.generate", "welcome.train", "welcome.draw", "welcome.lessons",
        "draw.undo", "draw.redo", "draw.history",
        *(f"draw.{place}.{name}" for place in ("invitation", "sets") for name in DRAW_SETS),
    )
)  # fmt: skip

#: Commands of the Edit menu that Draw lists as its own, with their keys.
_OF_DRAW = frozenset(("edit.cut", "edit.copy", "edit.paste"))


def _about(one: Setting) -> str:
    """What a setting is for, and what can be chosen."""
    words = (one.tip, *(word for choice in one.choices for word in (choice.label, choice.tip)))
    return " ".join(tr(word) for word in words if word)


class DesktopActions(QObject):
    """Key bindings, command palette, history and settings of a window.

    ``window``: the parent of dialogs. ``scope``: the widget whose tooltips name the menus' keys.
    """

    def __init__(
        self,
        lab: Lab,
        navigator: Navigator,
        learning: Learning,
        menus: Menus,
        library: QWidget,
        window: QWidget,
        scope: QWidget,
    ) -> None:
        super().__init__(window)
        self._lab, self._navigator, self._window = lab, navigator, window
        self._learning, self._library = learning, library
        self._actions, self._submenus = menus.actions, menus.submenus
        self.bindings = KeyBindings(lab.settings, self)
        for specs in MENUS.values():
            table = [s for s in specs if s is not None and not s.name.endswith(".menu")]
            self.bindings.adopt_specs(WINDOW, table, menus.actions, scope)
        menus.connect_all(
            {
                "edit.history": self.show_history,
                "edit.commands": self.show_commands,
                "edit.keys": self.change_keys,
                "edit.settings": self.show_settings,
                "help.keys": self.show_keys,
                "run.contact_sheet": self.show_contact_sheet,
            }
        )
        navigator.built.connect(self._adopt)

    @Slot(str, QWidget, QWidget)
    def _adopt(self, name: str, workspace: QWidget, inspector: QWidget) -> None:
        title = tr(name.capitalize())
        if name == "draw":
            from sprite_lab.app.draw.tools.tool_table import CANVAS_KEYS

            self.bindings.adopt_specs(CANVAS, CANVAS_KEYS, {}, workspace)
        self.bindings.adopt_widgets(title, workspace, inspector)

    def show_history(self) -> None:
        """Show the history of the project, in Draw."""
        self._navigator.go("draw")
        self._navigator.draw.show_history()

    def show_commands(self) -> None:
        from sprite_lab.ui.shell.command_palette import (
            CommandPalette,
            Entry,
            entries_of,
            of_action,
        )

        here = self._navigator.current
        left_out = {"edit.commands", *(_OF_DRAW if here == "draw" else ())}
        entries = [
            of_action(self._actions[spec.name], menu.replace("&", ""))
            for menu, specs in MENUS.items()
            for spec in specs
            if spec is not None and spec.name in self._actions and spec.name not in left_out
        ]
        for submenu in self._submenus.values():
            place = submenu.title().replace("&", "")
            entries += [of_action(a, place) for a in submenu.actions() if a.objectName()]
        entries += self._entries_in(here)
        entries += entries_of(tr("Library"), self._library)
        known = {shipped.name: shipped.title for shipped in self._lab.shipped.value}
        known |= {str(run.path): run.title for run in self._lab.runs.value if run.step is not None}
        for ref, title in known.items():
            entries.append(
                Entry(ref, title, tr("Model"), "", "", partial(self._lab.open_model, ref))
            )
        palette = CommandPalette(entries, self._window)
        palette.searched.connect(partial(self._look_elsewhere, palette))
        open_over(palette)

    def _entries_in(self, name: str, page: str = "") -> list[Entry]:
        """The commands and settings of a page; "" = the visible ones of its workspace."""
        from sprite_lab.ui.shell.command_palette import entries_of, settings_of

        workspace, title = self._navigator.workspace(name), tr(name.capitalize())
        place = workspace.page(page) if page else workspace
        parts = [part for part in (place, place.inspector) if part is not None]
        entries = entries_of(title, *parts, reveal=self._reveal)
        entries = [entry for entry in entries if entry.name not in _IN_MENUS]
        return entries + settings_of(title, self._reveal, *parts)

    def _reveal(self, control: QWidget) -> None:
        """Show the page and the panels that contain a control of the current workspace."""
        self._navigator.workspace(self._navigator.current).show_page_of(control)
        self._navigator.reveal(control)

    def _look_elsewhere(self, palette: CommandPalette) -> None:
        """Offer settings, lessons, chapters, and the entries of other pages, a page at a time."""
        from sprite_lab.app.shell.desk import read_shipped
        from sprite_lab.app.shell.guide_search import PAGES, Chapter, read_guide
        from sprite_lab.app.shell.settings import Preferences
        from sprite_lab.core.config.base import settings_of
        from sprite_lab.formats.lessons import Lesson
        from sprite_lab.ui.shell.command_palette import Entry
        from sprite_lab.ui.shell.navigator import WORKSPACES

        lab, here = self._lab, self._navigator.current
        palette.add(
            Entry(f"settings.{one.name}", one.label, tr("Settings"), "", "",
                  partial(self.show_settings, one.name), _about(one), elsewhere=True)
            for one in settings_of(Preferences).values() if one.label
        )  # fmt: skip

        def lessons(found: tuple[Lesson, ...]) -> None:
            start = self._learning.lessons.start
            numbers = itertools.count(1)
            entries = []
            for one in found:
                kind = tr("Lesson") if one.test else tr("Lesson {number}", number=next(numbers))
                begin = partial(start, one)
                entries.append(Entry(one.key, one.title, kind, "", "", begin, kind, elsewhere=True))
            palette.add(entries)

        def chapters(found: tuple[Chapter, ...]) -> None:
            go = lab.guide_wanted.emit
            palette.add(
                Entry(
                    f"{one.page}#{one.name}", one.heading, PAGES[one.page], "", "",
                    partial(go, one.page, one.name), elsewhere=True,
                )
                for one in found
            )  # fmt: skip

        def places(name: str, page: str, *left: tuple[str, str]) -> None:
            palette.add(
                replace(entry, run=partial(self._go_and_run, name, page, entry.run), elsewhere=True)
                for entry in self._entries_in(name, page)
            )
            left += () if page else self._pages_of(name)
            if left:
                QTimer.singleShot(0, palette, partial(places, *left[0], *left[1:]))

        lab.do(read_shipped(), palette, then=lessons, quiet=True)
        lab.do(read_guide(), palette, then=chapters, quiet=True)
        others = [(spec.name, "") for spec in WORKSPACES if spec.name != here]
        first, *left = [*others, *self._pages_of(here)]
        QTimer.singleShot(0, palette, partial(places, *first, *left))

    def _pages_of(self, name: str) -> tuple[tuple[str, str], ...]:
        """A pair for each page of a workspace: the workspace's name, and the page's."""
        return tuple((name, page) for page in self._navigator.workspace(name).names)

    def _go_and_run(self, name: str, page: str, run: Callable[[], object]) -> None:
        self._navigator.go(name, page)
        run()

    def show_contact_sheet(self) -> None:
        """Open the window of contact sheets in front of the page; a lesson continues."""
        from sprite_lab.ui.see.watch.contact_sheet import ContactSheetWindow

        config = self._navigator.see.watch.reverse.config
        ContactSheetWindow(self._lab, config, self._window).show()

    def show_keys(self) -> None:
        """Open the list of keys, including those of Draw."""
        from sprite_lab.ui.help.keys import show_keys

        self._navigator.workspace("draw")
        show_keys(self.bindings, self._window, change=self.change_keys)

    def change_keys(self) -> None:
        """Open the dialog that changes keys, including those of Draw."""
        from sprite_lab.ui.help.keys import KeysDialog

        self._navigator.workspace("draw")
        open_over(KeysDialog(self.bindings, self._window))

    def show_settings(self, at: str = "") -> None:
        """Open the settings; ``at``: the name of the setting to focus, "" = none."""
        from sprite_lab.ui.shell.settings_dialog import SettingsDialog

        theme = self._submenus["view.theme.menu"].actions()[0]
        dialog = SettingsDialog(self._lab.settings, self._window, why_not_allowed(theme))
        dialog.keys.clicked.connect(dialog.accept)
        dialog.keys.clicked.connect(self.change_keys)
        open_over(dialog)
        field = dialog.findChild(QWidget, f"settings.{at}")
        if field is not None:
            field.setFocus()
