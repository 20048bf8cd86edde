"""The list of keys."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QWidget

from sprite_lab.app.shell.actions import PLACES
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.shell.key_bindings import KeyBindings, native
from sprite_lab.ui.text import Html, RichView, html, joined
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr


def show_keys(bindings: KeyBindings, window: QWidget, *, change: Callable[[], None]) -> None:
    """Open the list of keys over a window; ``change`` opens the dialog that changes them."""
    dialog = named(QDialog(window), "help.keys.dialog")
    dialog.setWindowTitle(tr("Keys"))
    text = named(RichView(), "help.keys", tr("Keys"))
    text.show_html(keys_html(bindings))
    search = named(QLineEdit(), "help.keys.search", tr("Search"))
    search.setPlaceholderText(tr("Search for an action or a key"))
    search.setClearButtonEnabled(True)
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
