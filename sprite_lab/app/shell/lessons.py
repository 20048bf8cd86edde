"""Reading lessons. Their format is described in resources/help/lessons.md.

Every fault of a file is reported in a sentence that names its place.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeGuard

from sprite_lab.app.task import task
from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError, FileError, SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.results import TakenLesson
from sprite_lab.paths import resource
from sprite_lab.words import lesson_in_language, tr

SCHEMA_VERSION = 1
SUFFIX = ".json"
#: Lessons are short; a longer file is not a lesson.
LARGEST_FILE, MOST_STEPS, LONGEST_TEXT = 1_000_000, 100, 4_000
_LONGEST_STEM = 120

WORKSPACES = ("see", "train", "draw", "measure", "data")
ENDS = ("noise", "clean")


@dataclass(frozen=True)
class Answer:
    """A choice: its words, what is replied to it, and whether it is right."""

    text: str
    reply: str
    right: bool = False


@dataclass(frozen=True)
class Ask:
    """A question, to be answered before the view shows it.

    Exactly one of ``choices``, ``number``, ``log_snr`` and ``at`` is given.
    """

    choices: tuple[Answer, ...] = ()  #: from which one is picked
    number: tuple[float, float] | None = None  #: (from, to), within which a typed number is right
    unit: str = ""  #: of that number
    #: (from, to), within which the timeline has to stand
    log_snr: tuple[float, float] | None = None
    at: str = ""  #: name of a control whose value is the right level t of the timeline
    within: float = 0.0  #: ...give or take this much
    #: replies to a number that is too small or too large; on the timeline, to a place that is too
    #: noisy or too clean
    low: str = ""
    high: str = ""
    right: str = ""  #: reply to the right answer; of choices, each has its own
    #: what is set up once it is answered, by the names in ``_SETTINGS``
    reveal: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by_timeline(self) -> bool:
        """Whether the answer is a place of the timeline."""
        return self.log_snr is not None or bool(self.at)


@dataclass(frozen=True)
class LessonStep:
    """One step of a lesson."""

    text: str  #: Markdown. A link ``control:NAME`` shows where a control is.
    #: the state to set up first, by the names in ``_SETTINGS``
    set: Mapping[str, Any] = field(default_factory=dict)
    highlight: str = ""  #: objectName of the control that it is about; "" = none
    ask: Ask | None = None  #: the question to answer first; None = none
    #: conditions that must all hold before "Next" lights up, by the names in ``_CHECKS``; empty =
    #: none
    check: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The controls that it mentions."""
        linked = re.findall(r"\]\(control:([^)\s]+)\)", self.text)
        return tuple(dict.fromkeys([*linked, *filter(None, [self.highlight])]))

    @property
    def waits(self) -> bool:
        """Whether there is something to answer or to do."""
        return self.ask is not None or bool(self.check)


@dataclass(frozen=True)
class Lesson:
    """A list of steps."""

    title: str
    summary: str
    minutes: int
    steps: tuple[LessonStep, ...]
    hide: tuple[str, ...] = ()  #: objectNames of controls to hide during the lesson
    path: Path | None = None
    #: of a test: when it is taken. Each answer counts as given, once, and is replied to only after
    #: the lessons. "" = it is no test.
    test: Literal["", "before", "after"] = ""

    @property
    def key(self) -> str:
        """Key of its progress: the path of its file, or its name if it ships with the app."""
        if self.path is None:
            return ""
        ours = self.path.is_relative_to(resource())
        return self.name if ours else str(self.path.absolute())

    @property
    def name(self) -> str:
        """Its name in results."""
        stem = "" if self.path is None else self.path.stem[:_LONGEST_STEM]
        return f"{stem}.{self.test}" if self.test else stem

    def taken(self, known: Mapping[str, Any]) -> TakenLesson:
        """The progress that is remembered; ``known``: the preference ``lessons``, by key."""
        nothing = TakenLesson(self.name, self.title, len(self.steps))
        try:
            found = TakenLesson.from_json(known[self.key])
        except (KeyError, ConfigError):
            return nothing
        # The file may have been changed since.
        return found if found.steps == len(self.steps) else nothing


@task("files")
def read_lesson(control: RunControl, path: Path) -> Run[Lesson]:
    """Read a lesson."""
    yield Progress(0, 0, tr("Reading {name}", name=path.name))
    return load_lesson(path)


@task("files")
def read_shipped(control: RunControl) -> Run[tuple[Lesson, ...]]:
    """Read the lessons that ship with the app, in order, between the tests before and after."""
    yield Progress(0, 0, tr("Reading the lessons"))
    test = load_lesson(resource("ten-questions.json"))
    lessons = (load_lesson(path) for path in sorted(resource("lessons").glob("*.json")))
    after = replace(test, title=tr("{title}, again", title=test.title), test="after")
    return test, *lessons, after


def load_lesson(path: Path) -> Lesson:
    """Read a lesson.

    Raises
    ------
    FileError
        If the file cannot be read or is not a lesson.
    """
    with reading(path, tr("a lesson")):
        check_file(path, LARGEST_FILE)
        data = path.read_bytes()
    try:
        document = strict_json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(
            tr("'{name}' is not a lesson: choose a lesson file (.json).", name=path.name)
        ) from error
    except ValueError as error:
        raise FileError(
            tr("'{name}' is not a lesson: {fault_of}.", name=path.name, fault_of=_fault_of(error))
        ) from error
    if path.is_relative_to(resource()):
        document = lesson_in_language(document)
    try:
        return parse_lesson(document, path)
    except NewerFileError:
        raise
    except SpriteLabError as error:
        raise FileError(
            tr("'{name}' is not a valid lesson: {error}", name=path.name, error=error)
        ) from error


def _fault_of(error: ValueError) -> str:
    """The place of a JSON error, as text after a colon."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return tr(
        "line {lineno}, column {colno} is not valid JSON",
        lineno=error.lineno,
        colno=error.colno,
    )


def parse_lesson(document: object, path: Path | None = None) -> Lesson:
    """Make a lesson from a JSON document.

    Raises
    ------
    SpriteLabError
        For the first fault, with its place.
    """
    top = _table(document, tr("a lesson"))
    version = top.get("schema_version")
    if _is_whole(version) and version > SCHEMA_VERSION:
        raise NewerFileError(tr("This lesson") if path is None else f"'{path.name}'", version)
    _require(
        version == SCHEMA_VERSION,
        tr(
            "its schema_version is {version!r}, but this Sprite Lab reads {schema_version}.",
            version=version,
            schema_version=SCHEMA_VERSION,
        ),
    )
    known = ("schema_version", "title", "summary", "minutes", "hide", "test", "steps")
    _only(top, known, tr("a lesson"))
    test = top.get("test", False)
    _require(test in (True, False), tr("'test' must be true or false."))
    minutes = top.get("minutes", 5)
    _require(_is_whole(minutes) and 1 <= minutes <= 600, tr("'minutes' must be from 1 to 600."))
    steps = top.get("steps", [])
    _require(isinstance(steps, list) and bool(steps), tr("'steps' must be a list of at least one."))
    _require(
        len(steps) <= MOST_STEPS, tr("it has more than {most_steps} steps.", most_steps=MOST_STEPS)
    )
    made = tuple(
        _step(step, tr("step {number}", number=number)) for number, step in enumerate(steps, 1)
    )
    good = all(step.ask and step.ask.choices and not step.check for step in made)
    _require(good or not test, tr("each step of a test must ask, with 'choices' and no 'check'."))
    return Lesson(
        title=_text(top, "title", tr("a lesson")),
        summary=_text(top, "summary", tr("a lesson"), needed=False),
        minutes=minutes,
        steps=made,
        hide=_names(top.get("hide", []), "'hide'"),
        path=path,
        test="before" if test else "",
    )


def _step(document: object, place: str) -> LessonStep:
    table = _table(document, place)
    _only(table, ("text", "set", "highlight", "ask", "check"), place)
    return LessonStep(
        text=_text(table, "text", place),
        set=_entries(table, "set", _SETTINGS, place),
        highlight=_text(table, "highlight", place, needed=False),
        ask=_ask(table["ask"], tr("'ask' of {place}", place=place)) if "ask" in table else None,
        check=_entries(table, "check", _CHECKS, place),
    )


def _entries(
    table: Mapping[str, Any], what: str, known: Mapping[str, _Rule], place: str
) -> dict[str, Any]:
    """A table of a step, in which every entry follows its rule."""
    entries = _table(table.get(what, {}), tr("'{what}' of {place}", what=what, place=place))
    _only(entries, tuple(known), tr("'{what}' of {place}", what=what, place=place))
    for name, value in entries.items():
        problem = known[name](value)
        _require(
            not problem,
            tr(
                "'{name}' in '{what}' of {place} {problem}.",
                name=name,
                what=what,
                place=place,
                problem=problem,
            ),
        )
    return entries


def _ask(document: object, place: str) -> Ask:
    table = _table(document, place)
    _only(table, tuple(f.name for f in dataclasses.fields(Ask)), place)
    kinds = [name for name in ("choices", "number", "log_snr", "at") if name in table]
    _require(
        len(kinds) == 1,
        tr("{place} needs exactly one of 'choices', 'number', 'log_snr' and 'at'.", place=place),
    )
    kind, reveal = kinds[0], _entries(table, "reveal", _SETTINGS, place)
    if kind == "choices":
        _only(table, ("choices", "reveal"), place)
        listed = table["choices"]
        good = isinstance(listed, list) and 2 <= len(listed) <= 5
        _require(good, tr("'choices' in {place} must be a list of two to five.", place=place))
        choices = tuple(
            _answer(one, tr("choice {n} in {place}", n=n, place=place))
            for n, one in enumerate(listed, 1)
        )
        good = sum(choice.right for choice in choices) == 1
        _require(good, tr("{place} needs exactly one choice that is right.", place=place))
        return Ask(choices=choices, reveal=reveal)
    low, high, right = (_text(table, name, place) for name in ("low", "high", "right"))
    asked = Ask(low=low, high=high, right=right, reveal=reveal)
    if kind == "at":
        _require(
            _is_text(table["at"]), tr("'at' in {place} must be a name in quotes.", place=place)
        )
        within: Any = table.get("within")
        good = _is_number(within) and within > 0
        _require(good, tr("{place} needs 'within', a number above 0.", place=place))
        return replace(asked, at=table["at"], within=float(within))
    _require(
        _is_range(table[kind]),
        tr("'{kind}' in {place} must be two numbers [from, to].", kind=kind, place=place),
    )
    start, end = (float(number) for number in table[kind])
    if kind == "number":
        unit = _text(table, "unit", place, needed=False)
        return replace(asked, number=(start, end), unit=unit)
    return replace(asked, log_snr=(start, end))


def _answer(document: object, place: str) -> Answer:
    table = _table(document, place)
    _only(table, ("text", "reply", "right"), place)
    right = table.get("right", False)
    _require(right in (True, False), tr("'right' of {place} must be true or false.", place=place))
    return Answer(_text(table, "text", place), _text(table, "reply", place), right)


# -- what a value must be: each gives "", or what is wrong, to follow its name --------------

_Rule = Callable[[object], str]


def _must(problem: str, good: Callable[[object], bool]) -> _Rule:
    return lambda value: "" if good(value) else problem


def _among(*values: object) -> _Rule:
    words = ", ".join(repr(value) for value in values)
    return lambda value: (
        ""
        if value in values
        else tr("is {value!r}, but must be one of {words}", value=value, words=words)
    )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_range(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(_is_number(item) for item in value)
        and value[0] <= value[1]
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_end(value: object) -> bool:
    return isinstance(value, str) and value in ENDS


def _is_indices(value: object) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= 64
        and all(_is_whole(item) and item >= 0 for item in value)
    )


def _is_value(value: object) -> bool:
    return isinstance(value, (bool, int, float, str))


def _is_table_of(value: object, good: Callable[[object], bool]) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(good, value.values()))


def _is_sample(value: object) -> str:
    if not isinstance(value, dict):
        return tr("must be a table of sampling settings")
    try:
        SampleConfig.from_json(value)
    except (SpriteLabError, ValueError, TypeError) as error:
        return tr("is not right: {rstrip}", rstrip=str(error).rstrip("."))
    return ""


#: What can be required of the project: that there are drawings, that some of their pixels are
#: kept, and that the model drew anew around those.
DRAWING_FIELDS = ("filled", "kept", "generated")

#: What can be required of a trajectory: its kind, and any of its settings.
TRAJECTORY_FIELDS = ("kind", *(f.name for f in dataclasses.fields(SampleConfig)))


def _is_wanted_trajectory(value: object) -> str:
    if not isinstance(value, dict):
        return tr("must be a table of settings")
    for name in value:
        if name not in (*TRAJECTORY_FIELDS, "other"):
            return tr("knows no '{name}'", name=name)
    others = value.get("other", [])
    if not isinstance(others, list) or any(name not in TRAJECTORY_FIELDS for name in others):
        return tr("has an 'other' that is no list of settings")
    if value.get("kind", "reverse") not in ("forward", "reverse"):
        return tr('has a \'kind\' that is neither "forward" nor "reverse"')
    return ""


def _is_wanted_drawing(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return tr("must be a table")
    for name in value:
        if name not in DRAWING_FIELDS:
            return tr(
                "knows no '{name}'; there is: {drawing_fields}",
                name=name,
                drawing_fields=", ".join(DRAWING_FIELDS),
            )
        if value[name] is not True:
            return tr("has a '{name}' that is not true", name=name)
    return ""


_NAME = _must(tr("must be a name in quotes"), _is_text)
_SETTINGS: dict[str, _Rule] = {
    "workspace": _among(*WORKSPACES),
    "page": _NAME,
    "data": _NAME,
    "model": _NAME,
    "controls": _must(
        tr("must be a table of controls, each with a number, a word, true or false"),
        lambda value: _is_table_of(value, _is_value),
    ),
    "sample": _is_sample,
    "dissolve": _must(tr("must be a list of 1 to 64 numbers of sprites, from 0 on"), _is_indices),
    "generate": _must(tr("can only be true"), lambda value: value is True),
    "timeline": _must(
        tr('must be "noise", "clean" or a noise level t'),
        lambda value: _is_end(value) or (_is_number(value) and value >= 0),
    ),
}
_CHECKS: dict[str, _Rule] = {
    "workspace": _among(*WORKSPACES),
    "page": _NAME,
    "timeline": _must(
        tr('must be "noise", "clean" or two noise levels [from, to]'),
        lambda value: _is_end(value) or _is_range(value),
    ),
    "log_snr": _must(tr("must be two numbers [from, to]"), _is_range),
    "trajectory": _is_wanted_trajectory,
    "control": _must(
        tr("must be a table of controls, each with a value or two numbers [from, to]"),
        lambda value: _is_table_of(value, lambda item: _is_value(item) or _is_range(item)),
    ),
    "job": _NAME,
    "changed": _NAME,
    "drawing": _is_wanted_drawing,
}

# -- small things ---------------------------------------------------------------------------


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SpriteLabError(message)


def _table(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SpriteLabError(tr("{what} must be a table in braces.", what=what))
    return value


def _only(table: Mapping[str, object], known: tuple[str, ...], place: str) -> None:
    for name in table:
        _require(
            name in known,
            tr(
                "{place} knows no '{name}'; there is: {known}.",
                place=place,
                name=name,
                known=", ".join(known),
            ),
        )


def _text(table: Mapping[str, Any], name: str, place: str, *, needed: bool = True) -> str:
    value = table.get(name, "")
    _require(
        isinstance(value, str),
        tr("'{name}' of {place} must be a text in quotes.", name=name, place=place),
    )
    _require(
        bool(value.strip()) or not needed, tr("{place} needs a '{name}'.", place=place, name=name)
    )
    _require(
        len(value) <= LONGEST_TEXT, tr("'{name}' of {place} is too long.", name=name, place=place)
    )
    return value.strip()


def _names(value: object, what: str) -> tuple[str, ...]:
    names = value if isinstance(value, list) and all(map(_is_text, value)) else None
    _require(names is not None, tr("{what} must be a list of names in quotes.", what=what))
    return tuple(names or ())
