"""The choice of what is exported; what is not there is greyed, and its tooltip says why."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from sprite_lab.app.exports import SUBJECTS, Exports, Kind, Subject
from sprite_lab.ui.forms import grey_item
from sprite_lab.ui.widgets.calm import calm


class SubjectChoice(QComboBox):
    """Subjects of one kind. It is ``<name>``."""

    def __init__(self, exports: Exports, kind: Kind, *, name: str) -> None:
        super().__init__()
        self._exports = exports
        self._subjects = [subject for subject in SUBJECTS if subject.kind == kind]
        for subject in self._subjects:
            self.addItem(subject.title, subject.name)
        calm(self, name=name, label="What to export", tip="What to export, as it is now")
        self.refresh()

    @property
    def subject(self) -> str:
        """Name of the one that is chosen."""
        return str(self.currentData())

    @property
    def spec(self) -> Subject:
        """All about it."""
        return self._subjects[self.currentIndex()]

    @property
    def problem(self) -> str:
        """Why it cannot be exported; "" = it can."""
        return self._exports.problem(self.subject)

    def refresh(self) -> None:
        """Look again at which are there."""
        for index, subject in enumerate(self._subjects):
            grey_item(self, index, self._exports.problem(subject.name), subject.tip)

    def choose(self, name: str) -> None:
        """Choose one; if that is not there, or none is named, the first that is."""
        self.refresh()
        names = [subject.name for subject in self._subjects]
        there = [n for n in names if not self._exports.problem(n)]
        if name not in there and there and (name or self.problem):
            name = there[0]
        if name in names:
            self.setCurrentIndex(names.index(name))
