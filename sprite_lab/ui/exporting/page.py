"""A page of the export window: a preview that follows the settings beside it."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Outcome
from sprite_lab.ui.exporting.fields import ExportFields
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.elided_label import ElidedLabel

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle

#: Nothing is drawn before a person has held still for so long, in milliseconds.
_STILL = 120
_FIELDS_WIDTH = 328


class ExportPage(QWidget):
    """A preview at the left, settings at the right; the window has the button.

    Parameters
    ----------
    fields : the settings; player : shows the preview.
    name : of the line under the preview with what is told of the file; beside : what stands
        before it.

    Attributes
    ----------
    problem : why nothing can be exported as it is set, in a sentence; "" = it can.
    button : what the window's button says.

    Signals
    -------
    changed : problem or button.
    started : the JobHandle of an export that was begun.
    """

    changed = Signal()
    started = Signal(object)
    problem = ""
    button = "Export…"

    def __init__(
        self,
        lab: Lab,
        fields: ExportFields[AnimationConfig] | ExportFields[SpriteFilesConfig],
        player: Player,
        *beside: QWidget,
        name: str,
    ) -> None:
        super().__init__()
        self._lab, self._exports = lab, lab.exports
        self._fields, self._player = fields, player
        self._facts = ElidedLabel(name=name)
        self._timer = QTimer(self, singleShot=True, interval=_STILL)
        self._timer.timeout.connect(self._draw_if_seen)
        left = vbox((player, 1), margins=(8, 8, 8, 8))
        below = QHBoxLayout()
        below.setSpacing(8)
        # In line with the tabs above: a button has room around its icon, a text has none.
        below.setContentsMargins(0 if beside else 8, 0, 8, 0)
        for part in beside:
            below.addWidget(part)
        below.addWidget(self._facts, 1)
        left.addLayout(below)
        hbox((left, 1), fields, on=self, spacing=0)
        fields.setFixedWidth(_FIELDS_WIDTH)
        fields.changed.connect(self.refresh)
        lab.trajectory.changed.connect(self.refresh)

    def show_subject(self, name: str) -> None:
        """Choose what is exported; "" = what can be, as far as anything can."""
        self._fields.choice.choose(name)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Look again at what there is, and draw it soon."""
        self._fields.choice.refresh()
        self.problem = self._fields.choice.problem or self._fields.problem
        self.changed.emit()
        self._facts.setText("")  # it is no longer true
        if self.problem:
            self._timer.stop()
            self._player.say(self.problem)
        else:
            self._timer.start()

    def _draw_if_seen(self) -> None:
        if not self.problem and self.isVisible():
            self._draw().ended.connect(self._on_drawn)

    def _on_drawn(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self.problem = outcome.error
            self._player.say(outcome.error)
            self.changed.emit()

    # Qt's metaclass leaves no room for ABCMeta, but mypy checks that subclasses have it.
    @abstractmethod
    def _draw(self) -> JobHandle:
        """Begin to draw the preview."""

    @abstractmethod
    def export(self) -> None:
        """Ask where to, and begin."""

    def _write(self, path: Path, config: AnimationConfig | SpriteFilesConfig) -> None:
        try:
            handle = self._exports.run(self._fields.choice.subject, config, path)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
        else:
            self.started.emit(handle)
