"""The settings of an export: what to export, and how."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab import extras
from sprite_lab.app.files.exports import SUBJECTS, Exports, Kind, Subject
from sprite_lab.core import file_names
from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig
from sprite_lab.core.config.base import Config, settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.formats.animation import video
from sprite_lab.formats.images.engines import ENGINES, MAPS
from sprite_lab.ui.forms import Form, gray_item
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, HintLabel
from sprite_lab.ui.widgets.fields.inspector import Inspector, dim_label
from sprite_lab.words import tr

C = TypeVar("C", bound=Config)

#: The video formats among those of an animation.
_VIDEOS = [suffix[1:] for suffix in video.SUFFIXES]

#: The endings of files beside a sheet, and the engines that read them.
_BESIDE = {".aseprite": ["aseprite"]}
for _engine, _ending in ENGINES.items():
    _BESIDE.setdefault(_ending, []).append(_engine)

#: The same for the map of a terrain.
_OF_MAPS = {ending: [engine] for engine, ending in MAPS.items()}

# Why a setting is grayed out.
_NOT_SHOWN = tr("Only for forward and reverse processes in See")
_NOT_A_GIF = tr("Only for GIF")
_A_VIDEO = tr("A video plays once")
_FRAMES = tr("Frames from Draw keep their own durations")
_HOLDS = ("hold_first_s", "hold_last_s")
_NO_CAPTION = tr("Turn on the caption first")
_NO_CURVE = tr("Only for the training history")
_ONE_ROW = tr("A sheet for GB Studio is one row of sprites at their own size")
_NO_BLANK_FILES = tr("Only for a sheet: blank cells are never single files")
#: Settings that a sheet for GB Studio determines; ``scale`` still applies to single files.
_NOT_OF_GB = ("columns", "padding", "extrusion", "json", "power_of_two")


#: The meanings of the placeholders in names.
_PLACEHOLDERS = {
    "index": tr("number from 1; {index:03} gives 001"),
    "seed": tr("seed; 0 if drawn by hand"),
    "class": tr("class, or animation of a character"),
    "name": tr(
        "name of the cell, tile or frame, or else the cell's words; if it has neither, "
        "{class}-{index}, or just {class} where the template has {index}"
    ),
}


class SubjectChoice(ElidedComboBox):
    """Subjects of one kind; unavailable ones are grayed out, with the reason as tooltip."""

    def __init__(self, exports: Exports, kind: Kind, *, name: str) -> None:
        super().__init__()
        self._exports = exports
        self.subjects = [subject for subject in SUBJECTS if subject.kind == kind]
        for subject in self.subjects:
            self.addItem(subject.title, subject.name)
        calm(self, name, tr("What to export"), tr("What to export, in its current state"))
        self.refresh()

    @property
    def subject(self) -> str:
        return str(self.currentData())

    @property
    def spec(self) -> Subject:
        return self.subjects[self.currentIndex()]

    @property
    def problem(self) -> str:
        """Why the chosen subject cannot be exported; "" = it can."""
        return self._exports.problem(self.subject)

    def refresh(self) -> None:
        """Check again which subjects are available."""
        for index, subject in enumerate(self.subjects):
            gray_item(self, index, self._exports.problem(subject.name), subject.tip)

    def choose(self, name: str) -> None:
        """Choose a subject, or the first available one if this is not; "" = stay if possible."""
        self.refresh()
        names = [subject.name for subject in self.subjects]
        there = [n for n in names if not self._exports.problem(n)]
        if name not in there and there and (name or self.problem):
            name = there[0]
        if name in names:
            self.setCurrentIndex(names.index(name))


def _about_choice(name: str, config: type[Config], field: str) -> HintLabel:
    """A label that explains the chosen value of a field, with room for the longest text."""
    label = HintLabel(name=name)
    label.keep_room([tr(choice.tip) for choice in settings_of(config)[field].choices])
    return label


class ExportFields(Inspector, Generic[C]):
    """Groups of settings below the choice of the subject, whose name is ``subject``.

    ``problem``: why nothing can be exported with these settings; "" = it can.
    """

    changed = Signal()  #: the settings changed

    def __init__(
        self, exports: Exports, kind: Kind, form: Form[C], *, name: str, subject: str
    ) -> None:
        super().__init__(name=name)
        self.form = form
        form.setParent(self)
        self.choice = SubjectChoice(exports, kind, name=subject)
        self._of: str | None = None  # subject whose own settings are shown
        self._before: Mapping[str, object] = {}  # the shared settings that its own ones replaced
        self._own = {s.name: exports.own_settings(s) for s in self.choice.subjects}
        self.choice.currentIndexChanged.connect(self._on_subject)
        form.changed.connect(self.changed)

    @property
    def problem(self) -> str:
        return ""

    @property
    def config(self) -> C:
        return self.form.value

    def heed_ending(self, path: Path) -> Path:
        """Adapt the settings to the ending of a chosen file; returns the file to write."""
        return path

    def _set(self, values: Mapping[str, object], *_: object) -> None:
        self.form.set_value(self.form.value.having(values))

    def _on_subject(self, *_: object) -> None:
        now = self.form.value
        if self._of is not None:
            self._own[self._of] = {path: now.at(path) for path in self._before}
            self._set(self._before)
        own = self._own[self.choice.subject]
        self._of = self.choice.subject if own else None
        self._before = {path: self.form.value.at(path) for path in own}
        self._set(own)
        self.form.refresh()
        self.changed.emit()

    def _usual_scales(self) -> QWidget:
        """Buttons for the scale of a game, and for a scale for viewing."""
        buttons = []
        for scale, text in ((1, tr("For a game: 1×")), (8, tr("For display: 8×"))):
            button = push_button(f"{self.form.name}.scale.{scale}", text)
            button.clicked.connect(partial(self._set, {"scale": scale}))
            buttons.append((button, 1))
        return as_widget(hbox(*buttons))


class AnimationFields(ExportFields[AnimationConfig]):
    """Settings of an animation."""

    def __init__(self, exports: Exports) -> None:
        form = Form(
            exports.settings_of(AnimationConfig),
            name="export",
            names={
                "max_frames": "frames",
                "hold_first_s": "hold_first",
                "hold_last_s": "hold_last",
            },
        )
        super().__init__(
            exports, "animation", form, name="export.animation.fields", subject="export.subject"
        )
        self._about = _about_choice("export.format.about", AnimationConfig, "format")
        export = [(tr("Export"), self.choice)]
        self.add(form.group(tr("What"), name="export.group.what", above=export))
        below = {"format": self._about, "scale": self._usual_scales()}
        self.add(form.group(tr("File"), name="export.group.file", below=below))
        self.add(form.group(tr("Time"), name="export.group.time"))
        self.add(form.group(tr("Overlay"), name="export.group.beside"))

        formats = settings_of(AnimationConfig)["format"]
        #: the formats that this installation can write
        self.formats = [str(choice.value) for choice in formats.choices]
        if no_videos := extras.missing("video"):
            for name in _VIDEOS:
                text = tr("{label} – needs ffmpeg", label=formats.choice(name).label)
                form.set_choice("format", name, text=text, why=no_videos)
                self.formats.remove(name)
            if form.value.format in _VIDEOS:
                form.set_value(form.value.having({"format": "gif"}))
        form.gray(("shown", "gap"), lambda _: "" if self.choice.spec.shows else _NOT_SHOWN)
        form.gray(("colors", "palette"), lambda c: "" if c.format == "gif" else _NOT_A_GIF)
        form.gray("loop", lambda c: _A_VIDEO if c.format in _VIDEOS else "")
        form.gray(("fps", *_HOLDS), lambda _: _FRAMES if self.choice.spec.paced else "")
        form.gray("caption", lambda c: "" if c.captioned else _NO_CAPTION)
        form.gray("loss_curve", lambda _: "" if self._is_training else _NO_CURVE)
        form.changed.connect(self._tell_format)
        self._tell_format()

    def heed_ending(self, path: Path) -> Path:
        if (format := path.suffix.lower()[1:]) in self.formats:
            self._set({"format": format})
        return path

    def _tell_format(self) -> None:
        formats = settings_of(AnimationConfig)["format"]
        self._about.setText(tr(formats.choice(self.form.value.format).tip))

    @property
    def _is_training(self) -> bool:
        return self.choice.spec.name == "training"

    def set_speed(self, fps: int) -> None:
        fastest = settings_of(AnimationConfig)["fps"].high
        self._set({"fps": float(min(fps, fastest or fps))})

    @property
    def config(self) -> AnimationConfig:
        config = self.form.value
        if self.choice.spec.paced:
            # Keep the durations set in Draw.
            config = config.having(dict.fromkeys(_HOLDS, 0.0))
        return config if self._is_training else config.having({"loss_curve": False})


class SpritesFields(ExportFields[SpriteFilesConfig]):
    """Settings of exported sprites."""

    def __init__(self, exports: Exports) -> None:
        form = Form(exports.settings_of(SpriteFilesConfig), name="export.sprites")
        super().__init__(
            exports, "sprites", form, name="export.sprites.fields", subject="export.sprites.subject"
        )
        meanings = "\n".join(f"{{{field}}}: {_PLACEHOLDERS[field]}" for field in file_names.FIELDS)
        about = dim_label(meanings, name="export.sprites.template.about")
        export = [(tr("Export"), self.choice)]
        below = {"scale": self._usual_scales()}
        self.add(form.group(tr("What"), name="export.sprites.what", above=export, below=below))
        below, name = {"template": about}, "export.sprites.names"
        self.add(form.group(tr("Names"), name=name, below=below, long={"template"}))
        #: Tells which sprites the files of the engine suit.
        self._suits = _about_choice("export.sprites.engine.about", SpriteFilesConfig, "engine")
        below = {"engine": self._suits}
        self._sheet = form.group(tr("Sheet"), name="export.sprites.sheet", below=below)
        self.add(self._sheet)
        form.gray("without_blank", lambda c: _NO_BLANK_FILES if c.kind == "files" else "")
        form.gray(_NOT_OF_GB, lambda c: _ONE_ROW if c.engine == "gb_studio" else "")
        for follow in (self._gray_sheet, self._show_suits):
            form.changed.connect(follow)
            follow()

    def _show_suits(self, *_: object) -> None:
        choices = settings_of(SpriteFilesConfig)["engine"].choices
        chosen = next(choice for choice in choices if choice.value == self.form.value.engine)
        self._suits.setText(tr(chosen.tip))

    @property
    def problem(self) -> str:
        """Why the template cannot be filled; "" = it can."""
        try:
            file_names.check_template(self.form.value.template)
        except ConfigError as error:
            return str(error)
        return ""

    @property
    def _readers(self) -> dict[str, list[str]]:
        """The endings of files that may accompany the sheet, and the engines that read them."""
        return _BESIDE | (_OF_MAPS if self.choice.subject == "terrain" else {})

    @property
    def endings(self) -> dict[str, str]:
        """The endings of files that may accompany the sheet, and what each is for."""
        engines = settings_of(SpriteFilesConfig)["engine"]
        found = {
            ending: ", ".join(tr(engines.choice(engine).label) for engine in readers)
            for ending, readers in self._readers.items()
        }
        return found if self.form.value.engine == "gb_studio" else {".json": "JSON", **found}

    def heed_ending(self, path: Path) -> Path:
        ending = path.suffix.lower()
        engines = self._readers.get(ending, [])
        if engines and self.form.value.engine not in engines:
            self._set({"engine": engines[-1 if self.choice.subject == "terrain" else 0]})
        if ending == ".json" and self.form.value.json == "none":
            self._set({"json": "hash"})
        return path if ending == ".png" else path.with_suffix(".png")

    def _gray_sheet(self) -> None:
        on_sheet = self.form.value.kind != "files"
        allow(self._sheet, "" if on_sheet else tr("Only for a sheet"))
