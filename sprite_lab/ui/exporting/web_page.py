"""The page of the export window that makes a web page of the open model."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox

from sprite_lab.app import model_tasks, tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.model_tasks import MadePage
from sprite_lab.app.shell.text_format import size_text
from sprite_lab.core import file_names
from sprite_lab.core.config import WebConfig
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.exporting.pages import ExportPage
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.forms import Form
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import Inspector, dim_label
from sprite_lab.words import tr

#: Milliseconds without a change after which a page is made.
_STILL = 400

_NO_MODEL = tr("Open a model first: a web page needs one.")
_MAKING = tr("The page is being made.")


class WebExportPage(ExportPage):
    """The contents of a web page of the open model, a preview and its size.

    The page is made as soon as it is looked at, so that its size is known before it is written.
    """

    def __init__(self, lab: Lab) -> None:
        self.form = Form(WebConfig(), name="export.web")
        tip = tr("The process shown in See")
        self._seen = named(QCheckBox(tr("Sprites in See")), "export.web.seen", "", tip)
        tip = tr("Drawings of the project to start from in Draw")
        self._cells = named(QCheckBox(tr("Drawings in Draw")), "export.web.drawings", "", tip)
        fields = Inspector(name="export.web.fields")
        model = self.form.group(tr("Model"), name="export.web.model")
        model.add(self._cells)
        recordings = self.form.group(tr("Recordings"), name="export.web.recordings")
        recordings.add(self._seen)
        about = tr("One file for any browser. It needs no network.")
        recordings.add(dim_label(about, name="export.web.about"))
        fields.add(model, recordings)
        player = Player(name="export.web.player", playing=lab.settings.value.motion)
        super().__init__(lab, fields, player, name="export.web.facts", still_ms=_STILL)
        self.setObjectName("export.web.page")
        self.setFocusProxy(self.form.widget("draws", QCheckBox))
        self.problem = _NO_MODEL
        self._made: MadePage | None = None
        self._made_of: tuple[object, ...] = ()
        self.form.setParent(self)
        self.form.changed.connect(self.refresh)
        for box in (self._seen, self._cells):
            box.toggled.connect(self.refresh)
        lab.model.changed.connect(self.refresh)

    def refresh(self, *_: object) -> None:
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
        else:
            self._timer.stop()

    # -- making the page --------------------------------------------------------------------------

    def _wanted(self) -> tuple[object, ...]:
        """What the page is made from; equal values give the same page."""
        seen = self._lab.trajectory.value if self._takes(self._seen) else None
        cells = tuple(self._lab.project.cells) if self._takes(self._cells) else ()
        return self._lab.model_ref, self.form.value, cells, seen

    @staticmethod
    def _takes(box: QCheckBox) -> bool:
        return box.isEnabled() and box.isChecked()

    def _draw_if_seen(self) -> None:
        if self._lab.model_ref is not None:
            super()._draw_if_seen()

    def _draw(self) -> JobHandle:
        ref = self._lab.model_ref
        assert ref is not None
        self._made_of = self._wanted()
        cells = self._lab.project.cells if self._takes(self._cells) else ()
        return self._lab.do(
            model_tasks.make_web_page(
                ref,
                self.form.value,
                [cell.rgba for cell in cells if not cell.is_blank],
                self._lab.trajectory.value if self._takes(self._seen) else None,
            ),
            self,
            name=tr("Making the web page"),
            then=self._show,
            newest="export.preview",
            quiet=True,
        )

    def _show(self, made: MadePage | None) -> None:
        if made is None or self._wanted() != self._made_of:
            return
        self._made = made
        self.problem = ""
        self._facts.setText(f"{size_text(len(made.data))}: {', '.join(made.parts)}")
        if made.frames:
            self._player.set_frames(made.frames)
        else:
            self._player.say(tr("The model draws on the page itself; nothing is recorded."))
        self.changed.emit()

    # -- export ----------------------------------------------------------------------------------

    def export(self) -> None:
        if self._made is None:
            return
        name = file_names.safe(str(self._lab.model_ref).rpartition("/")[2])
        path = ask_save(
            self.window(), self._lab.settings, tr("Export web page"), f"{name}.html",
            tr("Web page (*.html)"), export=True,
        )  # fmt: skip
        if path is not None:
            task = tasks.write_bytes(path, self._made.data)
            self.started.emit(self._lab.exports.write(task, path))
