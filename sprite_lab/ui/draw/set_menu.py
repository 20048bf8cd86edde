"""A menu for buttons that write sprites as a data set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QPushButton

from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr


def add_set_menu(button: QPushButton, write: Callable[[bool], object]) -> None:
    """Offer a new set, or one that includes the open set; ``write`` gets True for the latter."""
    name = button.objectName()
    menu = named(QMenu(button), f"{name}.menu")
    for kind, text, join in (
        ("new", tr("New set"), False),
        ("join", tr("New set, including the open one"), True),
    ):
        action = named(menu.addAction(text), f"{name}.{kind}")
        action.triggered.connect(lambda _=False, join=join: write(join))
    button.setMenu(menu)
