"""The list of keys, and the dialog that changes them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QKeySequenceEdit,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from sprite_lab.app.shell.actions import PLACES
from sprite_lab.app.shell.fuzzy import fit
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import confirm
from sprite_lab.ui.shell.key_bindings import KeyBindings, native
from sprite_lab.ui.text import Html, RichView, RoomyLabel, html, joined
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.words import tr, trn

_NAME = Qt.ItemDataRole.UserRole


def show_keys(bindings: KeyBindings, window: QWidget, *, change: Callable[[], None]) -> None:
    """Open the list of keys over a window; ``change`` opens the dialog that changes them."""
    dialog = named(QDialog(window), "help.keys.dialog")
    dialog.setWindowTitle(tr("Keys"))
    text = named(RichView(), "help.keys", tr("Keys"))
    text.show_html(keys_html(bindings))
    search = _search_field("help.keys.search")
    search.textChanged.connect(lambda typed: text.show_html(keys_html(bindings, typed)))
    buttons = QDialogButtonBox()
    close = buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
    close.setObjectName("help.keys.close")
    changing = buttons.addButton(tr("Change keys…"), QDialogButtonBox.ButtonRole.ActionRole)
    changing.setObjectName("help.keys.change")
    for button in (close, changing):
        button.setAutoDefault(False)  # so that Enter in the search does not close the dialog
    changing.clicked.connect(dialog.reject)
    changing.clicked.connect(change)
    buttons.rejected.connect(dialog.reject)
    vbox(search, (text, 1), buttons, on=dialog, margins=(16, 16, 16, 12))
    set_first_size(dialog, 520, 640)
    dialog.exec()
    dialog.deleteLater()


def _search_field(name: str) -> QLineEdit:
    field = named(QLineEdit(), name, tr("Search"))
    field.setPlaceholderText(tr("Search for an action or a key"))
    field.setClearButtonEnabled(True)
    return field


def keys_html(bindings: KeyBindings, typed: str = "") -> Html:
    """All keys as tables, or those whose key or action contains the typed words."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for binding in bindings.all.values():
        rows = tables.setdefault(binding.place, [])
        keys = native(bindings.keys(binding.name))
        if keys:
            rows.append((keys, binding.text))
    for place, fixed in PLACES.items():
        tables.setdefault(place, []).extend(fixed)
    words = typed.casefold().split()
    parts = [
        _table(place, [row for row in rows if all(w in " ".join(row).casefold() for w in words)])
        for place, rows in tables.items()
    ]
    return joined("", parts) or html(tr("<p>No key matches.</p>"))


def _table(title: str, rows: list[tuple[str, str]]) -> Html:
    if not rows:
        return html("")
    width = round(180 * theme_manager().text_scale)
    lines = [html("<tr><td width='{}'><b>{}</b></td><td>{}</td></tr>", width, *row) for row in rows]
    return html(
        "<h3 style='margin-left: 5px'>{}</h3><table cellpadding='3'>{}</table>",
        title,
        joined("", lines),
    )


class KeysDialog(QDialog):
    """Changes keys; every change is applied and saved immediately."""

    def __init__(self, bindings: KeyBindings, parent: QWidget) -> None:
        super().__init__(parent)
        self._bindings = bindings
        self.setObjectName("keys")
        self.setWindowTitle(tr("Change keys"))
        self.search = _search_field("keys.search")
        named(self.search, tip=tr("A few letters of an action's name, or a key such as Ctrl+D"))
        tip = tr("Select an action, then press its new key below")
        self.list = named(QTreeWidget(), "keys.list", tr("Actions and their keys"), tip)
        self.list.setHeaderLabels([tr("Action"), tr("Keys")])
        self.list.setUniformRowHeights(True)
        tip = tr("Press the new key here")
        self.edit = named(QKeySequenceEdit(), "keys.edit", tr("New key"), tip)
        self.edit.setMaximumSequenceLength(1)
        self._said = named(RoomyLabel(lines=2), "keys.said")
        self._give = push_button(
            "keys.give", tr("Assign"), tip=tr("Assign this key to the action"), primary=True
        )
        self._clear = push_button("keys.clear", tr("No key"), tip=tr("Leave it without a key"))
        self._reset = push_button(
            "keys.reset", tr("Default key"), tip=tr("Restore the default key")
        )
        self._reset_all = push_button(
            "keys.reset_all", tr("Reset all"), tip=tr("Restore the default keys of all actions")
        )
        close = push_button("keys.close", tr("Close"), tip=tr("Changes are saved (Esc)"))
        # Two rows, or large text would leave the field no room for a key.
        rows = vbox(hbox((self.edit, 1), self._give), hbox(self._clear, self._reset, ...))
        last = hbox(self._reset_all, ..., close, spacing=-1)
        vbox(self.search, (self.list, 1), rows, self._said, last, on=self, margins=(16, 16, 16, 12))
        set_first_size(self, 560, 620)
        self.search.textChanged.connect(lambda *_: self._filter())
        self.list.currentItemChanged.connect(self._on_chosen)
        self.edit.keySequenceChanged.connect(lambda *_: self._check())
        self._give.clicked.connect(lambda *_: self._assign())
        self._clear.clicked.connect(lambda *_: self._do(bindings.give))
        self._reset.clicked.connect(lambda *_: self._do(bindings.give_back))
        self._reset_all.clicked.connect(lambda *_: self._on_reset_all())
        close.clicked.connect(self.accept)
        bindings.changed.connect(self._show_keys)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._places: dict[str, QTreeWidgetItem] = {}
        self._fill()
        self._on_chosen()

    def _fill(self) -> None:
        for binding in self._bindings.all.values():
            parent = self._places.get(binding.place)
            if parent is None:
                parent = self._places[binding.place] = QTreeWidgetItem([binding.place, ""])
                parent.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.list.addTopLevelItem(parent)
                parent.setExpanded(True)
            item = QTreeWidgetItem([binding.text, ""])
            item.setData(0, _NAME, binding.name)
            parent.addChild(item)
            self._items[binding.name] = item
        self.list.setColumnWidth(0, 330)
        self._show_keys()

    def _show_keys(self) -> None:
        for name, item in self._items.items():
            keys = native(self._bindings.keys(name))
            usual = self._bindings.is_usual(name)
            item.setText(1, keys if usual else (keys or tr("No key")) + tr("  (changed)"))
        nothing = "" if self._bindings.changed_keys else tr("All keys are the default ones.")
        allow(self._reset_all, nothing)

    def _filter(self) -> None:
        typed = self.search.text()
        found: set[str] = set()
        for name, item in self._items.items():
            keys = native(self._bindings.keys(name)).casefold()
            hit = fit(typed, item.text(0)) is not None or typed.strip().casefold() in keys
            item.setHidden(not hit)
            if hit:
                found.add(self._bindings.all[name].place)
        for place, top in self._places.items():
            top.setHidden(place not in found)

    @property
    def _name(self) -> str | None:
        item = self.list.currentItem()
        name = None if item is None else item.data(0, _NAME)
        return name if isinstance(name, str) else None

    @property
    def _key(self) -> str:
        return self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    def _on_chosen(self, *_: object) -> None:
        self.edit.clear()
        self._check()

    def _check(self) -> None:
        """Show what assigning the key in the field would do."""
        name, key = self._name, self._key
        for widget in (self.edit, self._clear, self._reset):
            widget.setEnabled(name is not None)
        text, possible, bad = tr("Select an action, then press its new key."), False, False
        if name is not None and not key:
            action = self._bindings.all[name].text
            text = tr("Press the new key for “{value}” in the field.", value=action)
        elif name is not None:
            text = self._bindings.refusal(name, key)
            bad, possible = bool(text), not text
            rival = self._bindings.rival(name, key)
            if possible and rival is not None:
                text = tr(
                    "{native} belongs to “{value}” ({place}), which would lose it.",
                    native=native((key,)),
                    value=rival.text,
                    place=rival.place,
                )
        self._said.setText(text)
        self._said.setProperty("bad", bad)
        self._said.style().polish(self._said)
        self._give.setEnabled(possible)

    def _assign(self) -> None:
        name, key = self._name, self._key
        if name is not None and key and not self._bindings.refusal(name, key):
            self._bindings.give(name, key)
            self.edit.clear()
            action = self._bindings.all[name].text
            words = tr("“{value}” is now {native}.", value=action, native=native((key,)))
            self._said.setText(words)
            self.list.setFocus()  # not the button that takes the key away again

    def _do(self, what: Callable[[str], None]) -> None:
        name = self._name
        if name is not None:
            what(name)
            self._on_chosen()

    def _on_reset_all(self) -> None:
        text = trn(
            "{n} action gets its default key back.",
            "{n} actions get their default keys back.",
            self._bindings.changed_keys,
        )
        if confirm(self, tr("Reset all keys?"), text, tr("Reset all"), name="keys.reset_them"):
            self._bindings.give_all_back()
            self._on_chosen()
