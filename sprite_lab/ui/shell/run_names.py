"""Asks for the name of a training run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.words import tr


def ask_run_name(parent: QWidget, lab: Lab, run: Path) -> None:
    """Rename a run of the library; a blank name restores the original one."""
    name, given = QInputDialog.getText(
        parent,
        tr("Rename run"),
        tr("Name of the run. Leave it empty to use its data set and date."),
        QLineEdit.EchoMode.Normal,
        run_title(run.name),
    )
    if given and name != run_title(run.name):
        lab.rename_run(run, name)
