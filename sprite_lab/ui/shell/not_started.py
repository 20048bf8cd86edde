"""A message in place of the window if the app cannot start."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from sprite_lab.ui.shell.dialogs import CANCEL, question
from sprite_lab.words import tr


def show_why(problem: str) -> None:
    """Show one sentence, until it is closed."""
    app = QApplication.instance() or QApplication(["sprite-lab"])
    close = "close", tr("Close"), CANCEL
    question(None, "Sprite Lab", problem, [close], name="not_started")
    del app
