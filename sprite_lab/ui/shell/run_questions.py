"""Questions about a run: its name, and whether to train a student of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import rough_time_text, run_title
from sprite_lab.core.config import SEGMENTS
from sprite_lab.core.presets import STUDENT
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, ask_text, question
from sprite_lab.words import tr


def ask_run_name(parent: QWidget, lab: Lab, run: Path) -> None:
    """Rename a run of the library; a blank name restores the original one."""
    name = ask_text(
        parent,
        tr("Rename run"),
        tr("Name of the run. Leave it empty to use its data set and date."),
        run_title(run.name),
    )
    if name is not None and name != run_title(run.name):
        lab.rename_run(run, name)


def ask_student(parent: QWidget, lab: Lab, teacher: Path | str) -> None:
    """Train a student of a model, if the user agrees to the time it takes."""
    text = tr(
        "It learns from “{teacher}” to draw in at most {most} steps. This takes about {time}.",
        teacher=run_title(Path(teacher).name),
        most=SEGMENTS,
        time=rough_time_text(STUDENT.max_seconds or 0),
    )
    choices = [("yes", tr("Train the student"), ACCEPT), ("no", tr("Cancel"), CANCEL)]
    title = tr("Make a few-step student?")
    if question(parent, title, text, choices, name="student") == "yes":
        with lab.reporting():
            lab.training_runs.make_student(teacher)
