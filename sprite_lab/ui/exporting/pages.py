"""The pages of the export window: a preview that follows the settings beside it."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QWidget

from sprite_lab.app import model_tasks, tasks
from sprite_lab.app.files import export_tasks
from sprite_lab.app.files.export_tasks import AnimationPreview, SpritesPreview
from sprite_lab.app.lab import Lab
from sprite_lab.app.model_tasks import MadePage
from sprite_lab.app.shell.text_format import size_text
from sprite_lab.core import file_names
from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig, WebConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.file_names import safe
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.exporting.fields import AnimationFields, ExportFields, SpritesFields
from sprite_lab.ui.exporting.player import Player
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import ask_folder, ask_save, confirm
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import Inspector, dim_label
from sprite_lab.words import tr, trn

#: Maximum number of files named in a question; its details name them all.
_NAMED = 12


class ExportPage(QWidget):
    """A preview on the left, and settings on the right; the window has the button.

    Parameters
    ----------
    fields : the settings.
    player : shows the preview.
    name : name of the line below the preview that describes the file.
    beside : widgets to the left of that line.
    still_ms : milliseconds without a change after which the preview is drawn.
    """

    changed = Signal()  #: ``problem`` may have changed
    started = Signal(object)  #: the JobHandle of a started export; the window reports its end
    problem = ""  #: why nothing can be exported with these settings, in a sentence; "" = it can

    def __init__(
        self,
        lab: Lab,
        fields: Inspector,
        player: Player,
        *beside: QWidget,
        name: str,
        still_ms: int = 120,
    ) -> None:
        super().__init__()
        self._lab, self._exports, self._player = lab, lab.exports, player
        self._facts = HintLabel(name=name)
        self._timer = QTimer(self, singleShot=True, interval=still_ms)
        self._timer.timeout.connect(self._draw_if_seen)
        # Aligned with the tabs above: a button has padding around its icon, but a text has none.
        indent = (0 if beside else 8, 0, 8, 0)
        below = hbox(*beside, (self._facts, 1), margins=indent)
        left = vbox((player, 1), below, margins=(8, 8, 8, 8))
        hbox((left, 1), fields, on=self, spacing=0)
        fields.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        lab.trajectory.changed.connect(self.refresh)

    def show_subject(self, name: str) -> None:
        """Choose what to export; "" = anything that can be exported, if possible."""
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _draw_if_seen(self) -> None:
        if self.isVisible():
            self._draw().ended.connect(self._on_drawn)

    def _on_drawn(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self.problem = outcome.error
            self._player.say(outcome.error)
            self.changed.emit()

    @abstractmethod
    def refresh(self, *_: object) -> None:
        """Check again what is available, and draw the preview soon."""

    @abstractmethod
    def _draw(self) -> JobHandle:
        """Start drawing the preview."""

    @abstractmethod
    def export(self) -> None:
        """Ask for the target, and start the export."""


class Target(NamedTuple):
    """The file dialog that asks for the target: its title, the suggested name, kinds of files."""

    title: str
    name: str
    kinds: str


class SubjectPage(ExportPage):
    """A page that exports one of several subjects."""

    def __init__(
        self,
        lab: Lab,
        fields: ExportFields[AnimationConfig] | ExportFields[SpriteFilesConfig],
        player: Player,
        *beside: QWidget,
        name: str,
    ) -> None:
        super().__init__(lab, fields, player, *beside, name=name)
        self._fields = fields
        self.setFocusProxy(fields.choice)
        fields.changed.connect(self.refresh)

    def show_subject(self, name: str) -> None:
        self._fields.choice.choose(name)
        self.refresh()

    def refresh(self, *_: object) -> None:
        self._fields.choice.refresh()
        self.problem = self._fields.choice.problem or self._fields.problem
        self.changed.emit()
        self._facts.setText("")  # outdated
        if self.problem:
            self._timer.stop()
            self._player.say(self.problem)
        else:
            self._timer.start()

    @abstractmethod
    def _target(self) -> Target | None:
        """The file dialog; None = files go into a folder."""

    def export(self) -> None:
        """Ask for a file or folder, and write; replace existing files only if the user agrees."""
        settings, target = self._lab.settings, self._target()
        if target is None:
            start = Path(settings.value.export_folder or Path.home())
            path = ask_folder(self.window(), settings, tr("Export to folder"), start)
            if path is not None:
                settings.replace(export_folder=str(path))
        else:
            path = ask_save(self.window(), settings, *target, export=True, alone=False)
        if path is not None:
            if target is not None:
                path = self._fields.heed_ending(path)
            self._write_if_agreed(path, self._fields.config)

    def _write_if_agreed(self, path: Path, config: AnimationConfig | SpriteFilesConfig) -> None:
        """Write a file, or into a folder; ask once before replacing any files."""

        def answer(there: list[Path]) -> None:
            # Ask only when the job is over, not within it.
            if there:
                QTimer.singleShot(0, self, lambda: self._ask(path, config, there))
            else:
                self._write(path, config)

        maker = self._exports.take(self._fields.choice.subject)
        if isinstance(config, AnimationConfig):
            task = export_tasks.clashes_of_clip(path, maker, config)
        else:
            task = export_tasks.clashes(path, maker, config)
        self._lab.do(task, self, name=tr("Checking {name}", name=path.name), then=answer)

    def _ask(
        self, path: Path, config: AnimationConfig | SpriteFilesConfig, there: list[Path]
    ) -> None:
        many = trn("{n:,} file", "{n:,} files", len(there))
        names = [file.name for file in there]
        some = names if len(names) <= _NAMED else [*names[:_NAMED], "…"]
        sure = confirm(
            self,
            tr("Replace {many}?", many=many),
            trn(
                "“{name}” contains {n} file with the same name, which would be overwritten.",
                "“{name}” contains {n:,} files with the same names, which would be overwritten.",
                len(there),
                name=there[0].parent.name,
            )
            + "\n\n"
            + "\n".join(some),
            tr("Replace"),
            name="export.replace",
            details="" if some == names else "\n".join(names),
        )
        if sure:
            self._write(path, config)

    def _write(self, path: Path, config: AnimationConfig | SpriteFilesConfig) -> None:
        with self._lab.reporting():
            subject = self._fields.choice.subject
            self.started.emit(self._exports.run(subject, config, path, tell=False))


class AnimationPage(SubjectPage):
    """Settings and player of an animation."""

    def __init__(self, lab: Lab) -> None:
        self.fields = AnimationFields(lab.exports)
        moving = lab.settings.value.motion
        self.player = Player(name="export.animation.player", playing=moving)
        self._play = IconButton("export.animation.play", "pause", tr("Play or pause"))
        self._frame = dim_label(name="export.animation.frame", wrap=False)
        self._what = self._size = self._credits = ""  # texts about the file
        beside = self._play, self._frame
        super().__init__(lab, self.fields, self.player, *beside, name="export.animation.facts")
        self.setObjectName("export.animation.page")
        self.player.frame_changed.connect(self._show_frame)
        self.player.playing_changed.connect(self._show_playing)
        self._play.clicked.connect(lambda: self.player.set_playing(not self.player.playing))
        self._show_playing(moving)
        lab.training_runs.last_run.changed.connect(self.refresh)

    # -- display ----------------------------------------------------------------------------------

    def _draw(self) -> JobHandle:
        maker = self._exports.take(self.fields.choice.subject)
        config = self.fields.config
        self._what = self._size = self._credits = ""
        # A previous request is canceled, and its result is ignored.
        drawing = self._lab.do(
            export_tasks.preview_animation(maker, config, self.player.room),
            self,
            then=self._show,
            newest="export.preview",
            quiet=True,
        )
        self._lab.do(
            export_tasks.measure_animation(maker, config),
            self,
            then=self._show_size,
            newest="export.size",
            quiet=True,
        )
        return drawing

    def _show(self, preview: AnimationPreview) -> None:
        self.player.set_frames(preview.frames, preview.durations_ms)
        width, height = preview.size
        self._what = trn(
            "{width:,}×{height:,} px, {n:,} frame, {seconds:.1f} s",
            "{width:,}×{height:,} px, {n:,} frames, {seconds:.1f} s",
            preview.count,
            width=width,
            height=height,
            seconds=preview.seconds,
        )
        if preview.files > 1:
            self._what = tr("{files} files of {what}", files=preview.files, what=self._what)
        self._credits = _credits_words(preview.works, beside=preview.beside)
        self._show_facts()

    def _show_size(self, size: tuple[int, bool]) -> None:
        count, exact = size
        self._size = (
            size_text(count) if exact else tr("about {size_text}", size_text=size_text(count))
        )
        self._show_facts()

    def _show_facts(self) -> None:
        facts = ", ".join(filter(None, (self._what, self._size)))
        self._facts.setText("\n".join(filter(None, (facts, self._credits))))

    def _show_frame(self, frame: int) -> None:
        count = self.player.count
        words = tr("{frame:,} of {count:,}", frame=frame + 1, count=count) if count else ""
        widest = tr("{frame:,} of {count:,}", frame=count, count=count)
        # So that the text beside it does not move during playback.
        self._frame.setMinimumWidth(self._frame.fontMetrics().horizontalAdvance(widest))
        self._frame.setText(words)

    def _show_playing(self, playing: bool) -> None:
        self._play.set_icon("pause" if playing else "play")

    def _target(self) -> Target | None:
        if self.fields.choice.spec.apart:
            return None
        config = self.fields.config
        formats = settings_of(AnimationConfig)["format"]
        names = sorted(self.fields.formats, key=lambda name: name != config.format)
        kinds = [f"{tr(formats.choice(name).label)} (*.{name})" for name in names]
        name = f"{self.fields.choice.subject}{config.suffix}"
        return Target(tr("Export animation"), name, ";;".join(kinds))


def _credits_words(works: int, *, beside: bool) -> str:
    """Where the credits of an export are; "" = none are due. ``beside``: also in another file."""
    if not works:
        return ""
    if beside:
        return trn(
            "{n} work must be credited: the files name it, and so does a CREDITS file beside them.",
            "{n} works must be credited: the files name them, and so does a CREDITS file beside "
            "them.",
            works,
        )
    return trn(
        "{n} work must be credited: the files name it.",
        "{n} works must be credited: the files name them.",
        works,
    )


class SpritesPage(SubjectPage):
    """Settings and preview of exported sprites."""

    def __init__(self, lab: Lab) -> None:
        self.fields = SpritesFields(lab.exports)
        self.preview = Player(name="export.sprites.preview", playing=False)
        self._title = ""  # title of the sprites in the preview
        super().__init__(lab, self.fields, self.preview, name="export.sprites.facts")
        self.setObjectName("export.sprites.page")
        lab.data.changed.connect(self.refresh)

    # -- display ----------------------------------------------------------------------------------

    def _draw(self) -> JobHandle:
        config, self._title = self.fields.config, ""
        maker = self._exports.take(self.fields.choice.subject)
        return self._lab.do(
            export_tasks.preview_sprites(maker, config),
            self,
            then=lambda preview: self._show(preview, config),
            newest="export.preview",
            quiet=True,
        )

    def _show(self, preview: SpritesPreview, config: SpriteFilesConfig) -> None:
        self._title = preview.title
        self.preview.set_frames([preview.picture])
        width, height = preview.size
        many = trn("{n:,} sprite", "{n:,} sprites", preview.count)
        names = ", ".join(f"{name}.png" for name in preview.names[:2])
        more = ", …" if len(preview.names) > 2 else ""
        size = tr("{width:,}×{height:,} px", width=width, height=height)
        facts = {
            "files": tr(
                "{many} of {size}: {names}{more}", many=many, size=size, names=names, more=more
            ),
            "sheet": tr("{many} on {size}", many=many, size=size),
            "both": tr(
                "{many} on {size}, plus single files: {names}{more}",
                many=many,
                size=size,
                names=names,
                more=more,
            ),
        }[config.kind]
        beside = config.kind != "files" and config.engine != "none"
        due = _credits_words(preview.works, beside=beside)
        self._facts.setText("\n".join(filter(None, (facts, due))))

    def _target(self) -> Target | None:
        if self.fields.config.kind != "sheet":
            return None
        own = safe(self._title or "sprites")
        kinds = [tr("PNG picture (*.png)")]
        kinds += [f"{label} (*{suffix})" for suffix, label in self.fields.endings.items()]
        return Target(tr("Export sheet"), f"{own}.png", ";;".join(kinds))


#: Milliseconds without a change after which the web page is made.
_STILL = 400

_NO_MODEL = tr("Open a model first: a web page needs one.")
_MAKING = tr("The page is being made.")
_NO_HISTORY = tr("Only training runs keep the samples of their training.")


class WebExportPage(ExportPage):
    """Settings of a web page of the open model, with a preview and its size.

    The web page is made as soon as its settings are shown, so that its size is known before it is
    written.
    """

    def __init__(self, lab: Lab) -> None:
        self.form = Form(WebConfig(), name="export.web")
        tip = tr("The process shown in See")
        self._seen = named(QCheckBox(tr("Sprites in See")), "export.web.seen", "", tip)
        tip = tr("Drawings of the project to start from in Draw")
        self._cells = named(QCheckBox(tr("Drawings in Draw")), "export.web.drawings", "", tip)
        model = self.form.group(tr("Model"), name="export.web.model")
        model.add(self._cells)
        recordings = self.form.group(tr("Recordings"), name="export.web.recordings")
        recordings.add(self._seen)
        about = tr("One file for any browser. It needs no network.")
        recordings.add(dim_label(about, name="export.web.about"))
        fields = Inspector(model, recordings, name="export.web.fields")
        player = Player(name="export.web.player", playing=lab.settings.value.motion)
        super().__init__(lab, fields, player, name="export.web.facts", still_ms=_STILL)
        self.setObjectName("export.web.page")
        self.setFocusProxy(self.form.widget("draws", QCheckBox))
        self.problem = _NO_MODEL
        self._made: MadePage | None = None
        self._made_of: tuple[object, ...] = ()
        self.form.setParent(self)
        self.form.gray("training", lambda _: "" if self._keeps_history else _NO_HISTORY)
        self._kept_history = True
        self.form.changed.connect(self.refresh)
        for box in (self._seen, self._cells):
            box.toggled.connect(self.refresh)
        lab.model.changed.connect(self.refresh)

    @property
    def _keeps_history(self) -> bool:
        """Whether the open model belongs to a run, which has samples of its training."""
        ref = str(self._lab.model_ref)
        return any(str(run.path) == ref for run in self._lab.runs.value)

    def refresh(self, *_: object) -> None:
        there = self._lab.model.value is not None
        self.form.refresh()
        if self._kept_history != (keeps := self._keeps_history):
            self._kept_history = keeps
            self.form.set_value(self.form.value.having({"training": keeps}))
        recorded = self._lab.trajectory.value is not None
        allow(self._seen, "" if recorded else tr("Generate some in See first."))
        drawn = any(not cell.is_blank for cell in self._lab.project.cells)
        allow(self._cells, "" if drawn else tr("Nothing is drawn yet."))
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
        """Everything that the page is made from; equal values give the same page."""
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
            self.started.emit(self._lab.exports.write(task, path, tell=False))
