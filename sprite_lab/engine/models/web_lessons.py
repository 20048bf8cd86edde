"""Lessons as web pages: each step's scene in See is recorded, and the page plays it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from sprite_lab.core import strict_json
from sprite_lab.core.config import ForwardConfig, SampleConfig, ScheduleConfig, WebConfig
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.data import builtin
from sprite_lab.engine.models.model import Model, load_model, shipped_models
from sprite_lab.engine.models.web_export import race_iter, web_page_iter
from sprite_lab.engine.sampling.forward import forward_iter
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.web.lesson import WebLesson, WebStep
from sprite_lab.formats.web.page import SitePage, WebPage, page_text, site_text, write_page
from sprite_lab.formats.web.recordings import Recording, lane_of
from sprite_lab.paths import resource
from sprite_lab.words import lesson_in_language, tr

#: A longer file is not a lesson.
_LARGEST_FILE = 1_000_000

#: Files of a site besides those of its lessons.
_INDEX, _MODEL = "index.html", "model.html"


def shipped_lessons() -> list[Path]:
    """The files of the lessons that come with Sprite Lab, in order."""
    return sorted(resource("lessons").glob("*.json"))


def _named_lessons() -> dict[str, Path]:
    """Those, and the test before and after them, by their names."""
    files = [*shipped_lessons(), resource("ten-questions.json")]
    return {path.stem: path for path in files}


def is_lesson(ref: str) -> bool:
    """Whether a source names a lesson: one of ours, or a file."""
    return Path(ref).suffix.lower() == ".json" or ref in _named_lessons()


def lesson_page_iter(ref: str | Path, control: RunControl) -> Run[WebPage | None]:
    """Make the page of a lesson; None if it was stopped. Yields Progress.

    Parameters
    ----------
    ref : a file, or the name of a lesson that comes with Sprite Lab, such as "05-guidance".

    Raises
    ------
    FileError
        If it is no lesson, or names a model that is not there.
    """
    path = _named_lessons().get(str(ref), Path(ref))
    with reading(path, "a lesson"):
        check_file(path, _LARGEST_FILE)
        document = strict_json.loads(path.read_text("utf-8-sig"))
    if path.is_relative_to(resource()):
        document = lesson_in_language(document)
    scene = _Scene(path.parent)
    try:
        steps = []
        for number, step in enumerate(document["steps"], 1):
            yield Progress(number, len(document["steps"]), tr("Recording the lesson"))
            if control.stop_requested:
                return None
            at = scene.set_up(step.get("set", {}))
            shown = yield from scene.recorded(control)
            ask = step.get("ask")
            # A question about one of the app's controls has no answer here.
            steps.append(WebStep(step["text"], shown, at, None if ask and "at" in ask else ask))
            scene.do(step.get("check", {}))
        if control.stop_requested:
            return None
        title = str(document["title"])
        lesson = WebLesson(
            path.stem,
            title,
            str(document.get("summary", "")),
            int(document.get("minutes", 5)),
            steps,
            scene.recordings,
            test=document.get("test") is True,
        )
    except FileError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, SpriteLabError) as error:
        raise FileError(
            tr("'{name}' is not a valid lesson: {error}", name=path.name, error=error)
        ) from error
    return WebPage(title, tr("A lesson of Sprite Lab"), lesson=lesson)


def export_lesson_iter(ref: str | Path, out: Path, control: RunControl) -> Run[Path]:
    """Write the page of a lesson and return its path. Nothing is written if stopped."""
    page = yield from lesson_page_iter(ref, control)
    if page is not None:
        write_page(out, page)
    return out


def export_site_iter(
    ref: str | Path, folder: Path, config: WebConfig, control: RunControl
) -> Run[list[Path]]:
    """Write all lessons and a model as one site and return its files, the index first.

    Parameters
    ----------
    ref : the model that visitors draw with.
    folder : is created; files of an earlier site are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    listed: list[SitePage] = []
    for key in _named_lessons():
        page = yield from lesson_page_iter(key, control)
        if page is None or page.lesson is None:
            return written
        name = f"{key}.html"
        _write(folder / name, page_text(replace(page, home=_INDEX)))
        written.append(folder / name)
        listed.append(SitePage(name, page.title, page.lesson.summary, page.lesson.minutes))
    test = listed.pop()
    model_page = yield from web_page_iter(ref, config, control)
    if model_page is None:
        return written
    _write(folder / _MODEL, page_text(replace(model_page, home=_INDEX)))
    _write(folder / _INDEX, site_text(listed, SitePage(_MODEL, model_page.title), test))
    return [folder / _INDEX, folder / _MODEL, *written]


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as file:
        file.write(text.encode())


class _Scene:
    """What See shows in the course of a lesson, and its recordings, each made once."""

    def __init__(self, folder: Path) -> None:
        self.recordings: list[Recording] = []
        self._folder = folder
        self._known: dict[str, int] = {}
        self._models: dict[str, Model] = {}
        self._model = "builtin"
        self._page = ""
        self._controls: dict[str, Any] = {}
        self._sample: dict[str, Any] = {}
        self._dissolved: Sequence[int] = ()
        self._drawn: tuple[str, dict[str, Any]] = (self._model, {})  # model and settings
        self._draws = self._new = False  # whether what is shown has yet to be recorded
        self._shown: int | None = None

    def set_up(self, wanted: Mapping[str, Any]) -> str | float | None:
        """Apply a step's settings; returns the timeline's new position, None = unchanged."""
        if "workspace" in wanted or "page" in wanted:
            see = wanted.get("workspace", "see") == "see"
            self._page = str(wanted.get("page", "watch")) if see else ""
        self._model = str(wanted.get("model", self._model))
        self._controls.update(wanted.get("controls", {}))
        if "sample" in wanted:
            self._sample = dict(wanted["sample"])
        if "dissolve" in wanted:
            self._dissolved, self._draws, self._new = tuple(wanted["dissolve"]), False, True
        if "generate" in wanted:
            self._draw()
        at = wanted.get("timeline")
        return at if isinstance(at, (str, int, float)) else None

    def do(self, check: Mapping[str, Any]) -> None:
        """Do what a step asks for, if it changes what is shown."""
        asked = {n: _middle(v) for n, v in check.get("trajectory", {}).items() if n in _SAMPLED}
        if asked:
            self._sample.update(asked)
            self._draw()
        turned = {n: _middle(v) for n, v in check.get("control", {}).items() if n in _FORWARD}
        if turned:
            self._controls.update(turned)
            self._new = self._new or not self._draws

    def _draw(self) -> None:
        """Show what the model draws now; settings may still change before it is recorded."""
        self._drawn = self._model, dict(self._sample)
        self._draws = self._new = True

    def recorded(self, control: RunControl) -> Run[int | None]:
        """The index of the recording of what is shown now; None if nothing is."""
        if self._page == "race":
            return (yield from self._numbered("race", control))
        if self._new:
            self._new = False
            self._shown = yield from self._numbered("drawn" if self._draws else "forward", control)
        return self._shown if self._page == "watch" else None

    def _numbered(self, kind: str, control: RunControl) -> Run[int]:
        forward = {n: v for n, v in self._controls.items() if n in _FORWARD}
        ref, sample = self._drawn if kind == "drawn" else (self._model, {})
        settings = {"drawn": sample, "forward": [self._dissolved, forward], "race": None}
        key = json.dumps([kind, ref, settings[kind]])
        if key not in self._known:
            recording = yield from self._record(kind, self._loaded(ref), control)
            self._known[key] = len(self.recordings)
            self.recordings.append(recording)
        return self._known[key]

    def _record(self, kind: str, model: Model, control: RunControl) -> Run[Recording]:
        if kind == "race":
            return (yield from race_iter(model, WebConfig(count=4), control))
        if kind == "drawn":
            asked = {"autoguidance": 0.0, "precision": "fp32", **self._drawn[1]}
            config = SampleConfig.from_json(asked)
            drawn = yield from sample_iter(model, [config], control)
            return Recording(tr("From noise"), "reverse", (lane_of(drawn),))
        name = self._controls.get("see.schedule", "model")
        timesteps = int(self._controls.get("see.timesteps", model.timesteps))
        config_of = ScheduleConfig(name=name, timesteps=timesteps) if name != "model" else None
        forward = ForwardConfig(
            schedule=config_of or model.schedule_config,
            noise=self._controls.get("see.forward_noise", "one"),
            seed=int(self._controls.get("see.forward_seed", 0)),
        )
        sprites = builtin().images[list(self._dissolved)]
        dissolved = yield from forward_iter(sprites, forward, control)
        return Recording(tr("Into noise"), "forward", (lane_of(dissolved),))

    def _loaded(self, name: str) -> Model:
        if name not in self._models:
            ours = {str(model["name"]) for model in shipped_models()}
            self._models[name] = load_model(name if name in ours else self._folder / name, "cpu")
        return self._models[name]


#: Sampling settings that a step may set.
_SAMPLED = frozenset(field.name for field in fields(SampleConfig))

#: Controls that set how sprites dissolve.
_FORWARD = ("see.schedule", "see.timesteps", "see.forward_noise", "see.forward_seed")


def _middle(value: Any) -> Any:
    """A value that passes a check: of a range [from, to], the middle."""
    numbers = isinstance(value, list) and [type(v) for v in value] in ([int, int], [float, float])
    return type(value[0])((value[0] + value[1]) / 2) if numbers else value
