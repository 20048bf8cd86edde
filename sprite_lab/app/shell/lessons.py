"""Reading lessons. Their format is described in resources/help/lessons.md.

Every fault of a file is reported in a sentence that names its place.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sprite_lab.app.task import task
from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.paths import resource

SCHEMA_VERSION = 1
SUFFIX = ".json"
#: Lessons are short; a longer file is not a lesson.
LARGEST_FILE, MOST_STEPS, LONGEST_TEXT = 1_000_000, 100, 4_000

WORKSPACES = ("see", "train", "draw", "measure", "data")
ENDS = ("noise", "clean")


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    Parameters
    ----------
    text : Markdown.
    set : the state to set up first, by the names in ``_SETTINGS``.
    highlight : objectName of the control to mark; "" = none.
    check : conditions that must all hold before "Next" lights up, by the names in ``_CHECKS``;
        empty = none.
    """

    text: str
    set: Mapping[str, Any] = field(default_factory=dict)
    highlight: str = ""
    check: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """A list of steps. ``hide``: objectNames of controls to hide during the lesson."""

    title: str
    summary: str
    minutes: int
    steps: tuple[Step, ...]
    hide: tuple[str, ...] = ()
    path: Path | None = None


@task("files")
def read_lesson(control: RunControl, path: Path) -> Run[Lesson]:
    """Read a lesson."""
    yield Progress(0, 0, f"Reading {path.name}")
    return load_lesson(path)


@task("files")
def read_shipped(control: RunControl) -> Run[tuple[Lesson, ...]]:
    """Read the lessons that ship with the app, in order."""
    yield Progress(0, 0, "Reading the lessons")
    return tuple(load_lesson(path) for path in sorted(resource("lessons").glob("*.json")))


def load_lesson(path: Path) -> Lesson:
    """Read a lesson.

    Raises
    ------
    FileError
        If the file cannot be read or is not a lesson.
    """
    with reading(path, "a lesson"):
        check_file(path, LARGEST_FILE)
        data = path.read_bytes()
    try:
        document = strict_json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(
            f"'{path.name}' is no lesson, for it is no text: choose a lesson file (.json)."
        ) from error
    except ValueError as error:
        raise FileError(
            f"'{path.name}' is no lesson, for it is no plain JSON: {_fault_of(error)}."
        ) from error
    try:
        return parse_lesson(document, path)
    except NewerFileError:
        raise
    except SpriteLabError as error:
        raise FileError(f"'{path.name}' is no good lesson: {error}") from error


def _fault_of(error: ValueError) -> str:
    """The place of a JSON error, as text after a colon."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return f"line {error.lineno}, column {error.colno} is not as JSON has it"


def parse_lesson(document: Any, path: Path | None = None) -> Lesson:
    """Make a lesson from a JSON document.

    Raises
    ------
    SpriteLabError
        For the first fault, with its place.
    """
    top = _table(document, "a lesson")
    version: Any = top.get("schema_version")
    if _is_whole(version) and version > SCHEMA_VERSION:
        raise NewerFileError("This lesson" if path is None else f"'{path.name}'", version)
    _require(
        version == SCHEMA_VERSION,
        f"its schema_version is {version!r}, but this Sprite Lab reads {SCHEMA_VERSION}.",
    )
    _only(top, ("schema_version", "title", "summary", "minutes", "hide", "steps"), "a lesson")
    minutes = top.get("minutes", 5)
    _require(_is_whole(minutes) and 1 <= minutes <= 600, "'minutes' must be from 1 to 600.")
    steps: Any = top.get("steps")
    _require(isinstance(steps, list) and bool(steps), "'steps' must be a list of at least one.")
    _require(len(steps) <= MOST_STEPS, f"it has more than {MOST_STEPS} steps.")
    return Lesson(
        title=_text(top, "title", "a lesson"),
        summary=_text(top, "summary", "a lesson", needed=False),
        minutes=minutes,
        steps=tuple(_step(step, f"step {number}") for number, step in enumerate(steps, 1)),
        hide=_names(top.get("hide", []), "'hide'"),
        path=path,
    )


def _step(document: Any, place: str) -> Step:
    table = _table(document, place)
    _only(table, ("text", "set", "highlight", "check"), place)
    wanted = _table(table.get("set", {}), f"'set' of {place}")
    check = _table(table.get("check", {}), f"'check' of {place}")
    for entries, known, what in ((wanted, _SETTINGS, "set"), (check, _CHECKS, "check")):
        _only(entries, tuple(known), f"'{what}' of {place}")
        for name, value in entries.items():
            problem = known[name](value)
            _require(not problem, f"'{name}' in '{what}' of {place} {problem}.")
    return Step(
        text=_text(table, "text", place),
        set=wanted,
        highlight=_text(table, "highlight", place, needed=False),
        check=check,
    )


# -- what a value must be: each gives "", or what is wrong, to follow its name --------------

_Rule = Callable[[Any], str]


def _among(*values: Any) -> _Rule:
    words = ", ".join(repr(value) for value in values)
    return lambda value: "" if value in values else f"is {value!r}, but must be one of {words}"


def _is_name(value: Any) -> str:
    return "" if isinstance(value, str) and value else "must be a name in quotes"


def _is_true(value: Any) -> str:
    return "" if value is True else "can only be true"


def _is_place(value: Any) -> str:
    """Of the timeline, to go to."""
    good = value in ENDS if isinstance(value, str) else _is_number(value) and value >= 0
    return "" if good else 'must be "noise", "clean" or a noise level t'


def _is_reached(value: Any) -> str:
    """Of the timeline, to be at."""
    good = value in ENDS if isinstance(value, str) else _is_range(value)
    return "" if good else 'must be "noise", "clean" or two noise levels [from, to]'


def _is_indices(value: Any) -> str:
    good = isinstance(value, list) and 1 <= len(value) <= 64
    good = good and all(_is_whole(item) and item >= 0 for item in value)
    return "" if good else "must be a list of 1 to 64 numbers of sprites, from 0 on"


def _is_sample(value: Any) -> str:
    if not isinstance(value, dict):
        return "must be a table of sampling settings"
    try:
        SampleConfig.from_json(value)
    except (SpriteLabError, ValueError, TypeError) as error:
        return f"is not right: {str(error).rstrip('.')}"
    return ""


def _is_controls(value: Any) -> str:
    """Of controls, to set: each its value."""
    good = isinstance(value, dict) and bool(value)
    good = good and all(isinstance(item, (bool, int, float, str)) for item in value.values())
    return "" if good else "must be a table of controls, each with a number, a word, true or false"


def _is_wanted_controls(value: Any) -> str:
    good = isinstance(value, dict) and bool(value)
    good = good and all(
        isinstance(item, (bool, int, float, str)) or _is_range(item) for item in value.values()
    )
    return (
        "" if good else "must be a table of controls, each with a value or two numbers [from, to]"
    )


#: What can be required of a trajectory: its kind, and any of its settings.
TRAJECTORY_FIELDS = ("kind", *(f.name for f in dataclasses.fields(SampleConfig)))


def _is_wanted_trajectory(value: Any) -> str:
    if not isinstance(value, dict):
        return "must be a table of settings"
    for name in value:
        if name not in TRAJECTORY_FIELDS:
            return f"knows no '{name}'"
    if value.get("kind", "reverse") not in ("forward", "reverse"):
        return 'has a \'kind\' that is neither "forward" nor "reverse"'
    return ""


_SETTINGS: dict[str, _Rule] = {
    "workspace": _among(*WORKSPACES),
    "page": _is_name,
    "data": _is_name,
    "model": _is_name,
    "controls": _is_controls,
    "sample": _is_sample,
    "dissolve": _is_indices,
    "generate": _is_true,
    "timeline": _is_place,
}
_CHECKS: dict[str, _Rule] = {
    "workspace": _among(*WORKSPACES),
    "page": _is_name,
    "timeline": _is_reached,
    "trajectory": _is_wanted_trajectory,
    "control": _is_wanted_controls,
    "pressed": _is_name,
    "job": _is_name,
    "changed": _is_name,
}

# -- small things ---------------------------------------------------------------------------


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SpriteLabError(message)


def _table(value: Any, what: str) -> dict[str, Any]:
    _require(isinstance(value, dict), f"{what} must be a table in braces.")
    return dict(value)


def _only(table: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for name in table:
        _require(name in known, f"{place} knows no '{name}'; there is: {', '.join(known)}.")


def _text(table: Mapping[str, Any], name: str, place: str, *, needed: bool = True) -> str:
    value = table.get(name, "")
    _require(isinstance(value, str), f"'{name}' of {place} must be a text in quotes.")
    _require(bool(value.strip()) or not needed, f"{place} needs a '{name}'.")
    _require(len(value) <= LONGEST_TEXT, f"'{name}' of {place} is too long.")
    return value.strip()


def _names(value: Any, what: str) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    _require(good, f"{what} must be a list of names in quotes.")
    return tuple(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_is_number(item) for item in value)
        and value[0] <= value[1]
    )
