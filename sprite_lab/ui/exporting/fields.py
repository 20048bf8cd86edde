"""What the settings of every kind of export share."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal

from sprite_lab.app.exports import Exports, Kind
from sprite_lab.ui.exporting.subject_choice import SubjectChoice
from sprite_lab.ui.widgets.inspector import Inspector


class ExportFields(Inspector):
    """Groups of settings below the choice of what is exported, which is ``<subject>``.

    Attributes
    ----------
    problem : why nothing can be exported with these settings; "" = it can.

    Signals
    -------
    changed : what is set.
    """

    changed = Signal()

    def __init__(self, exports: Exports, kind: Kind, *, name: str, subject: str) -> None:
        super().__init__(name=name)
        self._filling = False
        self.choice = SubjectChoice(exports, kind, name=subject)
        self.choice.currentIndexChanged.connect(self._on_changed)

    @property
    def problem(self) -> str:
        return ""

    def _on_changed(self, *_: object) -> None:
        if not self._filling:
            self._grey()
            self.changed.emit()

    # Qt's metaclass leaves no room for ABCMeta, but mypy checks that subclasses have it.
    @abstractmethod
    def _grey(self) -> None:
        """Grey what changes nothing as it is set, and say so."""
