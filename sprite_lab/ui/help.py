"""Help that needs no reading: the list of keys, and what this program is."""

from __future__ import annotations

import html

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QMessageBox,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sprite_lab import __version__
from sprite_lab.app.actions import MENUS, PLACES


def show_keys(parent: QWidget) -> None:
    """Open the list of keys."""
    dialog = QDialog(parent)
    dialog.setObjectName("help.keys.dialog")
    dialog.setWindowTitle("Keys")
    text = QTextBrowser()
    text.setAccessibleName("Keys")
    text.setHtml(keys_html())
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.addWidget(text)
    column.addWidget(buttons)
    dialog.resize(520, 640)
    dialog.exec()
    dialog.deleteLater()


def keys_html() -> str:
    """Every key there is, as a table."""
    parts = []
    for title, specs in MENUS.items():
        rows = [
            (_keys(spec.keys), spec.text.replace("&", "").rstrip("…"))
            for spec in specs
            if spec is not None and spec.keys
        ]
        parts.append(_table(title.replace("&", ""), rows))
    for place, keys in PLACES.items():
        parts.append(_table(place, list(keys)))
    return "".join(parts)


def _keys(keys: tuple[str, ...]) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    texts = (QKeySequence(key).toString(native).replace("Return", "Enter") for key in keys)
    return ", ".join(dict.fromkeys(texts))


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    body = "".join(
        f"<tr><td width='180'><b>{html.escape(keys)}</b></td><td>{html.escape(what)}</td></tr>"
        for keys, what in rows
    )
    return f"<h3>{html.escape(title)}</h3><table cellpadding='3'>{body}</table>"


def show_about(parent: QWidget) -> None:
    """Say what this program is."""
    QMessageBox.about(
        parent,
        "About Sprite Lab",
        f"<h3>Sprite Lab {__version__}</h3>"
        "<p>Trains small diffusion models on pixel-art sprites, on your own machine, and shows "
        "how they work: noise destroys a sprite step by step, and a network learns to undo "
        "it.</p><p>MIT licence. Built with PyTorch, Qt for Python, PyQtGraph, NumPy and "
        "Pillow.</p>",
    )
