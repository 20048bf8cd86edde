"""The page of the export window that makes a web page of the open model."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from sprite_lab.app import model_tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.model_tasks import MadePage
from sprite_lab.app.shell.text_format import size_text
from sprite_lab.core import file_names
from sprite_lab.core.config import WebConfig
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import Inspector, dim_label

#: A page is made once a person has held still for so long, in milliseconds.
_STILL = 400
_FIELDS_WIDTH = 328

_NO_MODEL = "Open a model first: a web page is made of one."
_MAKING = "Wait until the page is made."


class WebExportPage(QWidget):
    """What a web page of the open model holds, a preview and its size.

    The page is made as soon as it is looked at, so that its size is known before it is written.
    """

    changed = Signal()  #: problem or button
    started = Signal(object)  #: the JobHandle of an export that was begun
    button = "Export…"  #: what the window's button says

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.setObjectName("export.web.page")
        self._lab = lab
        #: why nothing can be exported as it is set, in a sentence; "" = it can
        self.problem = _NO_MODEL
        self.written: Path | None = None  #: the file that was written last
        self._made: MadePage | None = None
        self._made_of: tuple[object, ...] = ()
        self.form = Form(WebConfig(), name="export.web")
        self.form.setParent(self)
        tip = "The process that See shows now"
        self._seen = named(QCheckBox("Sprites in See"), "export.web.seen", "", tip)
        tip = "Drawings of the project, to begin with in Draw"
        self._cells = named(QCheckBox("Drawings in Draw"), "export.web.drawings", "", tip)
        fields = Inspector(name="export.web.fields")
        model = self.form.group("Model", name="export.web.model")
        model.add(self._cells)
        recordings = self.form.group("Recordings", name="export.web.recordings")
        recordings.add(self._seen)
        fields.add(model)
        fields.add(recordings)
        fields.add(
            dim_label("One file for any browser. It needs no network.", name="export.web.about")
        )
        fields.setFixedWidth(_FIELDS_WIDTH)
        moving = lab.settings.value.motion
        self._player = Player(name="export.web.player", playing=moving)
        self._facts = ElidedLabel(name="export.web.facts")
        left = vbox((self._player, 1), self._facts, margins=(8, 8, 8, 8))
        hbox((left, 1), fields, on=self, spacing=0)
        self._timer = QTimer(self, singleShot=True, interval=_STILL)
        self._timer.timeout.connect(self._make_if_seen)
        self.form.changed.connect(self.refresh)
        for box in (self._seen, self._cells):
            box.toggled.connect(self.refresh)
        lab.trajectory.changed.connect(self.refresh)
        lab.model.changed.connect(self.refresh)

    def show_subject(self, name: str) -> None:
        """There is one subject: the open model."""
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Look again at what there is; if the page would be another one, make it soon."""
        there = self._lab.model.value is not None
        self._seen.setEnabled(self._lab.trajectory.value is not None)
        self._cells.setEnabled(any(not cell.is_blank for cell in self._lab.project.cells))
        if there and self._made is not None and self._wanted() == self._made_of:
            return
        self._made = None
        self.problem = _MAKING if there else _NO_MODEL
        self._facts.setText("")
        self._player.say(self.problem)
        self.changed.emit()
        if there:
            self._timer.start()

    # -- making it -------------------------------------------------------------------------------

    def _wanted(self) -> tuple[object, ...]:
        """What the page is made of; equal as long as it would be the same."""
        seen = self._lab.trajectory.value if self._takes(self._seen) else None
        cells = tuple(self._lab.project.cells) if self._takes(self._cells) else ()
        return self._lab.model_ref, self.form.value, cells, seen

    @staticmethod
    def _takes(box: QCheckBox) -> bool:
        return box.isEnabled() and box.isChecked()

    def _make_if_seen(self) -> None:
        ref = self._lab.model_ref
        if ref is None or not self.isVisible():
            return
        self._made_of = self._wanted()
        cells = self._lab.project.cells if self._takes(self._cells) else ()
        job = self._lab.do(
            model_tasks.make_web_page(
                ref,
                self.form.value,
                [cell.rgba for cell in cells if not cell.is_blank],
                self._lab.trajectory.value if self._takes(self._seen) else None,
            ),
            self,
            name="Making the web page",
            then=self._show,
            newest="export.preview",
            quiet=True,
        )
        job.ended.connect(self._on_ended)

    def _show(self, made: MadePage | None) -> None:
        if made is None or self._wanted() != self._made_of:
            return
        self._made = made
        self.problem = ""
        self._facts.setText(f"{size_text(len(made.data))}: {', '.join(made.parts)}")
        if made.frames:
            self._player.set_frames(made.frames)
        else:
            self._player.say("The model draws in the page; nothing is recorded.")
        self.changed.emit()

    def _on_ended(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self.problem = outcome.error
            self._player.say(outcome.error)
            self.changed.emit()

    # -- export ----------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask for a file, and write it."""
        if self._made is None:
            return
        name = file_names.safe(str(self._lab.model_ref).rpartition("/")[2])
        path = ask_save(
            self.window(), self._lab.settings, "Export web page", f"{name}.html",
            "Web page (*.html)", export=True,
        )  # fmt: skip
        if path is not None:
            self.written = path
            handle: JobHandle = self._lab.exports.write(
                model_tasks.write_web_page(self._made, path), path
            )
            self.started.emit(handle)
