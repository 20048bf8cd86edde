"""The window where a student reviews the results and saves them for the teacher."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.app.shell.class_table import summary
from sprite_lab.core import file_names
from sprite_lab.core.records import Outcome
from sprite_lab.formats.results import LONGEST_NAME, SUFFIX, Picture, Results
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import RESULT_FILES, ask_save, in_order
from sprite_lab.ui.tutorials.pictures import PictureList
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr


class HandInWindow(QDialog):
    """The results, the pictures, and an optional name."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)
        self._lab = lab
        self.setObjectName("results")
        self.setWindowTitle(tr("Save results"))
        self._lessons = desk.lessons_of(lab.settings.value.lessons)
        self._pictures: tuple[tuple[Path, Picture], ...] = ()
        self.name = named(QLineEdit(), "results.name", tr("Name"))
        self.name.setPlaceholderText(tr("Name (optional)"))
        self.name.setMaxLength(LONGEST_NAME)
        self.pictures = PictureList("results.pictures")
        self._none = dim_label(tr("No pictures yet: take them with the camera in a lesson."))
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._remove = push_button("results.remove", tr("Remove picture"), do=self._remove_picture)
        self.save = push_button("results.save", tr("Save…"), primary=True, do=self._save)
        close = push_button("results.close", tr("Close"), do=self.accept)
        about = tr(
            "The file contains your answers, how far you got in each lesson, and the pictures. "
            "It has your name only if you type one, and nothing is sent anywhere."
        )
        vbox(
            dim_label(summary(self._lessons)),
            self.name,
            (self._none, 1),
            (self.pictures, 1),
            dim_label(about),
            hbox(self._remove, ..., *in_order(self.save, close)),
            on=self,
            spacing=12,
            margins=(16, 16, 16, 12),
        )
        self.resize(560, 480)
        self.pictures.currentRowChanged.connect(lambda row: self._remove.setEnabled(row >= 0))
        for button in (self._remove, self.save):  # until the pictures have been read
            button.setEnabled(False)
        self._look()

    def _look(self) -> None:
        job = self._lab.do(desk.read_pictures(), self, then=self._show_pictures)
        job.ended.connect(self._on_read)

    def _on_read(self, _outcome: Outcome) -> None:
        there = bool(self._lessons or self._pictures)
        allow(self.save, "" if there else tr("There are no results yet. Take a lesson first."))

    def _show_pictures(self, found: tuple[tuple[Path, Picture], ...]) -> None:
        self._pictures = found
        self.pictures.set_pictures(picture for _, picture in found)
        self.pictures.setVisible(bool(found))
        self._remove.setVisible(bool(found))
        self._remove.setEnabled(False)
        self._none.setVisible(not found)

    def _remove_picture(self) -> None:
        path, _ = self._pictures[self.pictures.currentRow()]
        self._lab.do(desk.remove_picture(path), self, then=lambda _: self._look())

    def _save(self) -> None:
        name = self.name.text().strip()
        file = f"{file_names.safe(name) if name else 'sprite-lab'}{SUFFIX}"
        path = ask_save(
            self, self._lab.settings, tr("Save results"), file, RESULT_FILES, export=True
        )
        if path is None:
            return
        results = Results(name, self._lessons, tuple(picture for _, picture in self._pictures))

        def saved(path: Path) -> None:
            self._lab.notice.emit(tr("The results were saved as {name}.", name=path.name))
            self.accept()

        self._lab.do(desk.hand_in(path, results), self, then=saved)
