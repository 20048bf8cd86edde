"""Lessons as web pages: what each step shows is recorded, and the page plays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from sprite_lab.core.config import WebConfig
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.engine.models.web_export import web_page_iter
from sprite_lab.engine.models.web_scene import Scene
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.lessons import Ask, load_lesson, shipped_lessons
from sprite_lab.formats.web.lesson import WebLesson, WebStep, without_links
from sprite_lab.formats.web.page import SitePage, WebPage, page_text, site_text, write_page
from sprite_lab.paths import resource
from sprite_lab.words import tr

#: Files of a site besides its lessons.
_INDEX, _MODEL = "index.html", "model.html"


def _named_lessons() -> dict[str, Path]:
    """Our lessons, and the test taken before and after them, by name."""
    files = [*shipped_lessons(), resource("ten-questions.json")]
    return {path.stem: path for path in files}


def is_lesson(ref: str) -> bool:
    """Whether a source names a lesson: one of ours, or a file."""
    return Path(ref).suffix.lower() == ".json" or ref in _named_lessons()


def lesson_page_iter(ref: str | Path, control: RunControl) -> Run[WebPage | None]:
    """Make the page of a lesson; None if stopped. Yields Progress.

    ``ref``: a file, or the name of a lesson that comes with Sprite Lab, such as "05-guidance".
    Raises FileError if it is not a lesson, or names a missing model.
    """
    path = _named_lessons().get(str(ref), Path(ref))
    lesson = load_lesson(path)
    scene = Scene(path.parent)
    steps = []
    try:
        for number, step in enumerate(lesson.steps, 1):
            yield Progress(number, len(lesson.steps), tr("Recording the lesson"))
            if control.stop_requested:
                return None
            scene.set_up(step.set)
            recording = yield from scene.recorded(control)
            figure = yield from scene.figure(control)
            hidden = scene.hidden
            ask = None
            # A page has none of the app's controls, and a slider only with a recording.
            if step.ask is not None and not step.ask.at:
                scene.set_up(step.ask.reveal)
                if step.ask.log_snr is None or recording is not None:
                    revealed = [view for view in hidden if view not in scene.hidden]
                    ask = _question(step.ask, revealed)
            steps.append(WebStep(step.text, recording, step.set.timeline, hidden, figure, ask))
            scene.do(step.check)
    except FileError:
        raise
    except SpriteLabError as error:
        raise FileError(
            "“{name}” is not a valid lesson: {error}", name=path.name, error=error
        ) from error
    if control.stop_requested:
        return None
    page = WebLesson(
        path.stem,
        lesson.title,
        lesson.summary,
        lesson.minutes,
        steps,
        scene.recordings,
        scene.figures,
        test=bool(lesson.test),
    )
    return WebPage(lesson.title, tr("A lesson of Sprite Lab"), lesson=page)


def _question(ask: Ask, revealed: Sequence[str]) -> dict[str, object]:
    """A question as a page reads it: its texts, and the views shown after it."""
    replies = (without_links(ask.reply_to(choice)) for choice in ask.choices)
    choices = tuple(
        replace(choice, reply=reply) for choice, reply in zip(ask.choices, replies, strict=True)
    )
    given = asdict(replace(ask, choices=choices, where=""))
    return {**{name: value for name, value in given.items() if value}, "reveal": revealed}


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

    If stopped, it returns the lessons written so far, and writes no index.

    ``ref``: the model that visitors draw with. ``folder``: created if missing; files of an earlier
    site are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    listed: list[SitePage] = []
    for key in _named_lessons():
        page = yield from lesson_page_iter(key, control)
        if page is None or page.lesson is None:
            return written
        name = f"{key}.html"
        write_whole(folder / name, page_text(replace(page, home=_INDEX)))
        written.append(folder / name)
        listed.append(SitePage(name, page.title, page.lesson.summary, page.lesson.minutes))
    test = listed.pop()
    model_page = yield from web_page_iter(ref, config, control)
    if model_page is None:
        return written
    write_whole(folder / _MODEL, page_text(replace(model_page, home=_INDEX)))
    write_whole(folder / _INDEX, site_text(listed, SitePage(_MODEL, model_page.title), test))
    return [folder / _INDEX, folder / _MODEL, *written]
