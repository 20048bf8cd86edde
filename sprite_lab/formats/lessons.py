"""Lessons and their files. The format is described in resources/help/lessons.md.

Every error in a file is reported in a sentence that says where it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PureWindowsPath
from typing import Literal, TypeGuard, TypeVar, cast

from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError, FileError, SpriteLabError, require
from sprite_lab.core.plain import from_plain
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.results import TakenLesson
from sprite_lab.paths import resource
from sprite_lab.words import lesson_in_language, marked, tr

# ruff: noqa: RUF009 (`_entry` makes a field)

SCHEMA_VERSION = 1
SUFFIX = ".json"
#: Lessons are short; a longer file is not a lesson.
LARGEST_FILE, MOST_STEPS, LONGEST_TEXT = 1_000_000, 100, 4_000
_LONGEST_STEM = 120

WORKSPACES = ("see", "train", "draw", "measure", "data")

#: Prefixes of the names of controls that a lesson may set: views and settings. Lessons may come
#: from strangers, so dialogs, files and program settings are excluded.
CONTROLS = (
    *("see.", "race.", "between.", "class.", "map.", "inpaint."),
    *("train.", "draw.", "measure.", "memory.", "timeline."),
    *("data.browser", "data.class", "data.source", "data.show", "data.order", "data.zoom"),
    "main.pause",
)

#: Controls of Draw that hold the user's work, which lessons may not set.
_CONTENT = ("draw.name", "draw.tags", "draw.rows", "draw.columns", "draw.side", "draw.layers")

#: The buttons that *Show me* may press. None of them opens, writes or removes anything.
BUTTONS = (
    *("main.train", "main.generate", "see.generate", "see.forward", "see.random"),
    *("see.seed.dice", "see.forward_seed.dice", "see.classes.all", "see.classes.none"),
    *("race.add", "race.start", "race.seed.dice", "between.draw", "between.throw"),
    *("inpaint.start", "inpaint.sprite.dice", "inpaint.seed.dice"),
    *("train.start", "train.seed.dice", "measure.start", "measure.seed.dice"),
    *("measure.thermodynamics.start", "measure.thermodynamics.seed.dice", "memory.commits.go"),
    *("draw.take", "draw.generate", "draw.vary", "draw.seed.dice", "draw.inpaint"),
)

#: Possible requirements for the project: there are drawings, some of their pixels are kept, and the
#: model redrew the rest.
DRAWING_FIELDS = ("filled", "kept", "generated")

#: Possible requirements for a trajectory: its kind, and any of its settings.
_TRAJECTORY = ("kind", *(f.name for f in fields(SampleConfig)))

T = TypeVar("T")
Value = bool | int | float | str  #: value of a control
Range = tuple[int | float, int | float]  #: (from, to), inclusive
Texts = tuple[str, ...]  #: allowed texts; *Show me* sets the first


# -- requirements for values: each gives "", or the fault, to follow the value's name -------------

_Rule = Callable[[object], str]


def _must(problem: str, good: Callable[[object], bool]) -> _Rule:
    return lambda value: "" if good(value) else tr(problem)


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_range(value: object) -> TypeGuard[Range]:
    return (
        isinstance(value, (list, tuple))
        and len(value) == 2
        and all(map(is_number, value))
        and value[0] <= value[1]
    )


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value)


def _are_texts(value: object) -> TypeGuard[Texts]:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_text, value))


def _is_end(value: object) -> bool:
    return value in ("noise", "clean")


def _is_value(value: object) -> bool:
    return isinstance(value, (bool, int, float, str))


def is_for_lessons(name: str) -> bool:
    """Whether a lesson may set this control, or press it if it is in BUTTONS."""
    return name in BUTTONS or (name.startswith(CONTROLS) and not name.startswith(_CONTENT))


def _control(value: object) -> str:
    if not isinstance(value, str) or not value:
        return tr("must be a name in quotes")
    return (
        "" if is_for_lessons(value) else tr("names '{name}', which is not for lessons", name=value)
    )


def _controls(problem: str, good: Callable[[object], bool]) -> _Rule:
    """Rule for a table of controls that lessons may set, each with a ``good`` value."""

    def rule(value: object) -> str:
        if not isinstance(value, dict) or not value or not all(map(good, value.values())):
            return tr(problem)
        return next(filter(None, map(_control, value)), "")

    return rule


def _is_list(
    value: object, least: int, most: int, good: Callable[[object], bool] = lambda item: True
) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(map(good, value))


def _workspace(value: object) -> str:
    words = ", ".join(map(repr, WORKSPACES))
    wrong = tr("is {value!r}, but must be one of {words}", value=value, words=words)
    return "" if value in WORKSPACES else wrong


def _text(value: object) -> str:
    if not isinstance(value, str):
        return tr("must be a text in quotes")
    return "" if len(value) <= LONGEST_TEXT else tr("is too long")


def _words(value: object) -> str:
    return _text(value) or ("" if str(value).strip() else tr("must say something"))


def _sample(value: object) -> str:
    if not isinstance(value, dict):
        return tr("must be a table of sampling settings")
    try:
        SampleConfig.from_json(value)
    except (SpriteLabError, ValueError, TypeError) as error:
        return tr("is invalid: {rstrip}", rstrip=str(error).rstrip("."))
    return ""


def _trajectory(value: object) -> str:
    if not isinstance(value, dict):
        return tr("must be a table of settings")
    for name in value:
        if name not in (*_TRAJECTORY, "other"):
            return tr("does not have '{name}'", name=name)
    if not _is_list(value.get("other", []), 0, len(_TRAJECTORY), _TRAJECTORY.__contains__):
        return tr("has an 'other' that is not a list of settings")
    if value.get("kind", "reverse") not in ("forward", "reverse"):
        return tr('has a \'kind\' that is neither "forward" nor "reverse"')
    return ""


def _drawing(value: object) -> str:
    if not isinstance(value, dict) or not value:
        return tr("must be a table")
    for name in value:
        if name not in DRAWING_FIELDS:
            return tr(
                "does not have '{name}'; use one of: {drawing_fields}",
                name=name,
                drawing_fields=", ".join(DRAWING_FIELDS),
            )
        if value[name] is not True:
            return tr("has a '{name}' that is not true", name=name)
    return ""


def _is_beside(value: object) -> bool:
    """Whether this is a valid name of a file beside the lesson.

    A stranger's lesson must not lead anywhere else, least of all to a network share.
    """
    if not isinstance(value, str) or not value.isprintable():
        return False
    path = PureWindowsPath(value)  # handles the separators of all systems
    return bool(path.parts) and not path.anchor and ".." not in path.parts


_steps = _must(marked("must be a list of 1 to 100"), lambda value: _is_list(value, 1, MOST_STEPS))
_name = _must(marked("must be a name in quotes"), _is_text)
_beside = _must(
    marked("must be a name that ships with the app, or that of a file beside the lesson"),
    _is_beside,
)
_range = _must(marked("must be two numbers [from, to]"), _is_range)


def _entry(rule: _Rule, default: T) -> T:
    """A field whose value in a file must obey the rule."""
    return field(default_factory=lambda: default, metadata={"rule": rule})


def _needed() -> str:
    """A field for a required text."""
    return field(metadata={"rule": _words})


def _derived(default: T) -> T:
    """A field that is never read from a file."""
    return field(default=default, metadata={"derived": True})


# -- the parts of a lesson ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A state of the app to set up; empty or None = unchanged."""

    workspace: str = _entry(_workspace, "")
    page: str = _entry(_name, "")
    data: str = _entry(_beside, "")
    model: str = _entry(_beside, "")
    #: "example": Train shows the run that ships with the app
    run: str = _entry(_must(marked('can only be "example"'), lambda value: value == "example"), "")
    #: values of controls, by objectName
    controls: Mapping[str, Value] = _entry(
        _controls(
            marked("must be a table of controls, each with a number, a word, true or false"),
            _is_value,
        ),
        {},
    )
    #: sampling settings as JSON; those left out get their defaults
    sample: Mapping[str, object] | None = _entry(_sample, None)
    #: sprites of the data set, by index
    dissolve: tuple[int, ...] = _entry(
        _must(
            marked("must be a list of 1 to 64 sprite numbers, starting from 0"),
            lambda value: _is_list(value, 1, 64, lambda item: _is_whole(item) and item >= 0),
        ),
        (),
    )
    generate: bool = _entry(_must(marked("can only be true"), lambda value: value is True), False)
    #: "noise", "clean" or a noise level t
    timeline: str | float | None = _entry(
        _must(
            marked('must be "noise", "clean" or a noise level t'),
            lambda value: _is_end(value) or (is_number(value) and value >= 0),
        ),
        None,
    )
    #: the button that starts what the page shows, pressed if the page is empty; derived from the
    #: tasks of earlier steps
    starts: str = _derived("")

    def then(self, more: Setup) -> Setup:
        """The state after further setup.

        Dissolving replaces generating, and vice versa. Sampling settings switch a "see.mode" that
        was set earlier to "reverse", unless ``more`` sets it, too. A step's sampling settings
        replace all previous ones; those named in a check (without a count) only override the same
        settings.
        """
        sample = self.sample if more.sample is None else more.sample
        if self.sample is not None and more.sample is not None and "count" not in more.sample:
            sample = {**self.sample, **more.sample}
        controls = {**self.controls, **more.controls}
        if more.sample is not None and "see.mode" in self.controls:
            controls["see.mode"] = more.controls.get("see.mode", "reverse")
        sampled = more.generate or more.sample is not None
        moved = more.workspace not in ("", self.workspace)
        turned = moved or more.page not in ("", self.page)
        return Setup(
            workspace=more.workspace or self.workspace,
            page=more.page or ("" if moved else self.page),
            data=more.data or self.data,
            model=more.model or self.model,
            run=more.run or self.run,
            controls=controls,
            sample=sample,
            dissolve=more.dissolve or (() if sampled else self.dissolve),
            generate=more.generate or (self.generate and not more.dissolve),
            timeline=self.timeline if more.timeline is None else more.timeline,
            starts=more.starts or ("" if turned else self.starts),
        )


@dataclass(frozen=True, kw_only=True)
class Check:
    """Conditions that must all hold before "Next" lights up; empty or None = not required."""

    workspace: str = _entry(_workspace, "")
    page: str = _entry(_name, "")
    #: "noise", "clean" or noise levels t
    timeline: str | Range | None = _entry(
        _must(
            marked('must be "noise", "clean" or two noise levels [from, to]'),
            lambda value: _is_end(value) or _is_range(value),
        ),
        None,
    )
    log_snr: Range | None = _entry(_range, None)
    #: kind and settings of a new trajectory, each a value or [from, to]; "other" lists settings
    #: that must differ from those before the step
    trajectory: Mapping[str, object] | None = _entry(_trajectory, None)
    #: required values of controls, by objectName
    control: Mapping[str, Value | Range | Texts] = _entry(
        _controls(
            marked(
                "must be a table of controls, each with a value, two numbers [from, to] or a list "
                "of texts"
            ),
            lambda item: _is_value(item) or _is_range(item) or _are_texts(item),
        ),
        {},
    )
    job: str = _entry(_name, "")  #: beginning of the name of a job that completed
    changed: str = _entry(_control, "")  #: control whose value changed
    drawing: Mapping[str, bool] = _entry(_drawing, {})  #: some of DRAWING_FIELDS

    @property
    def kind(self) -> str:
        """The kind of the required trajectory: "forward" or "reverse"; "" = none."""
        return "" if self.trajectory is None else str(self.trajectory.get("kind", "reverse"))

    @property
    def sample(self) -> dict[str, object]:
        """Sampling settings that produce the required trajectory."""
        wanted = self.trajectory or {}
        return {n: middle(v) for n, v in wanted.items() if n not in ("kind", "other")}

    @property
    def other(self) -> Collection[str]:
        """Settings of the required trajectory that must differ from those before the step."""
        found = (self.trajectory or {}).get("other", ())
        return found if isinstance(found, list) else ()

    @property
    def outcome(self) -> Setup:
        """The setup that meets the conditions, as far as possible."""
        drawn = self.kind == "reverse"
        return Setup(
            workspace=self.workspace,
            page=self.page,
            controls={name: _valid(value) for name, value in self.control.items()},
            sample=self.sample if drawn else None,
            generate=drawn,
            timeline=middle(self.timeline),
        )


@dataclass(frozen=True)
class Answer:
    """A choice: its text, the reply to it, and whether it is right."""

    text: str = _needed()
    reply: str = _needed()
    right: bool = False


@dataclass(frozen=True)
class Ask:
    """A question, to be answered before the view shows the answer.

    Exactly one of ``choices``, ``number``, ``log_snr`` and ``at`` is given.
    """

    #: the choices, of which one is picked
    choices: tuple[Answer, ...] = _entry(
        _must(marked("must be a list of two to five"), lambda value: _is_list(value, 2, 5)),
        (),
    )
    number: Range | None = _entry(_range, None)  #: range in which a typed number is right
    unit: str = _entry(_text, "")  #: unit of the number
    log_snr: Range | None = _entry(_range, None)  #: range of the right position of the timeline
    #: name of a control whose value is the right level t of the timeline
    at: str = _entry(_name, "")
    #: tolerance around that level
    within: float = _entry(
        _must(marked("must be a number above 0"), lambda value: is_number(value) and value > 0), 0
    )
    #: replies to a number that is too small or too large, or to a timeline position that is too
    #: noisy or too clean
    low: str = _entry(_text, "")
    high: str = _entry(_text, "")
    right: str = _entry(_text, "")  #: reply to the right answer; choices have their own
    where: str = _entry(_text, "")  #: where the answer is shown; follows the reply to any choice
    reveal: Setup = Setup()  #: setup once the question is answered

    def __post_init__(self) -> None:
        kinds = [*(self.choices, self.at), self.number is not None, self.log_snr is not None]
        require(
            sum(map(bool, kinds)) == 1,
            "Exactly one of 'choices', 'number', 'log_snr' and 'at' is needed.",
        )
        if self.choices:
            others = self.unit or self.within or self.low or self.high or self.right
            require(not others, "Beside 'choices' there may be only 'where' and 'reveal'.")
            right = sum(choice.right for choice in self.choices)
            require(right == 1, "Exactly one right choice is needed.")
            return
        require(not self.at or bool(self.within), "'at' needs 'within', a number above 0.")
        for name in ("low", "high", "right"):
            require(bool(getattr(self, name)), "'{name}' is missing.", name=name)

    def reply_to(self, choice: Answer) -> str:
        """The reply to a choice, followed by where the answer is shown."""
        return f"{choice.reply} {self.where}".rstrip()

    @property
    def by_timeline(self) -> bool:
        """Whether the answer is a position on the timeline."""
        return self.log_snr is not None or bool(self.at)


@dataclass(frozen=True)
class LessonStep:
    """One step of a lesson."""

    text: str = _needed()  #: Markdown; a link ``control:NAME`` points out a control
    set: Setup = Setup()  #: setup at the start of the step
    highlight: str = _entry(_text, "")  #: objectName of the step's control; "" = none
    ask: Ask | None = None  #: question to answer first; None = none
    check: Check = Check()

    def __post_init__(self) -> None:
        fault = _control(self.highlight) if self.presses else ""
        require(not fault, "'{name}' {fault}.", name="highlight", fault=fault)

    @property
    def names(self) -> tuple[str, ...]:
        """The controls that the step mentions."""
        linked = re.findall(r"\]\(control:([^)\s]+)\)", self.text)
        return tuple(dict.fromkeys([*linked, *filter(None, [self.highlight])]))

    @property
    def checks(self) -> bool:
        """Whether the step has a task."""
        return self.check != Check()

    @property
    def presses(self) -> bool:
        """Whether *Show me* may press the step's control."""
        return bool(self.highlight and (self.check.control or self.check.changed or self.check.job))

    @property
    def outcome(self) -> Setup:
        """The setup that meets the step's check, as far as possible."""
        works = self.presses and not self.check.changed and self.highlight in BUTTONS
        return replace(self.check.outcome, starts=self.highlight if works else "")

    @property
    def waits(self) -> bool:
        """Whether the step has a question or a task."""
        return self.ask is not None or self.checks


@dataclass(frozen=True)
class Lesson:
    """A list of steps."""

    title: str = _needed()
    steps: tuple[LessonStep, ...] = _entry(_steps, ())
    summary: str = _entry(_text, "")
    minutes: int = _entry(
        _must(
            marked("must be from 1 to 600"), lambda value: _is_whole(value) and 1 <= value <= 600
        ),
        5,
    )
    #: objectNames of controls to hide during the lesson
    hide: tuple[str, ...] = _entry(
        _must(
            marked("must be a list of names in quotes"),
            lambda value: _is_list(value, 0, 1000, _is_text),
        ),
        (),
    )
    path: Path | None = _derived(None)
    #: for a test: whether it is taken before or after the lessons. Each question is answered once,
    #: and replies are shown only after the lessons. "" = not a test.
    test: Literal["", "before", "after"] = _derived("")

    def __post_init__(self) -> None:
        require(bool(self.steps), "'{name}' is missing.", name="steps")

    @property
    def key(self) -> str:
        """Key of the saved progress: the file's path, or a shipped lesson's name; "" = no file."""
        if self.path is None:
            return ""
        ours = self.path.is_relative_to(resource())
        return self.name if ours else str(self.path.absolute())

    @property
    def name(self) -> str:
        """Name of the lesson in results."""
        stem = "" if self.path is None else self.path.stem[:_LONGEST_STEM]
        return f"{stem}.{self.test}" if self.test else stem

    def taken(self, known: Mapping[str, object]) -> TakenLesson:
        """The saved progress; no progress if it is missing, invalid or of another step count.

        ``known``: the preference ``lessons``, progress by key.
        """
        nothing = TakenLesson(self.name, self.title, len(self.steps))
        try:
            found = TakenLesson.from_json(known[self.key])
        except (KeyError, ConfigError):
            return nothing
        # The file may have changed since.
        return found if found.steps == len(self.steps) else nothing


def scene_of(steps: Sequence[LessonStep], index: int) -> Setup:
    """The setup for jumping directly to a step.

    It combines the setups of all steps up to this one with the tasks and revealed answers of those
    before it.
    """
    scene = Setup()
    for step in steps[:index]:
        scene = scene.then(step.set)
        if step.ask is not None:
            scene = scene.then(step.ask.reveal)
        scene = scene.then(step.outcome)
    return scene.then(steps[index].set)


def middle(wanted: T | Range) -> T | float:
    """A value that meets a requirement: the middle of [from, to], or the value itself."""
    if not _is_range(wanted):
        return cast(T, wanted)
    center = (wanted[0] + wanted[1]) / 2
    return int(center) if all(map(_is_whole, wanted)) else center


def _valid(wanted: Value | Range | Texts) -> Value:
    """A value that meets a requirement for a control."""
    if _is_range(wanted):
        return middle(wanted)
    return wanted[0] if isinstance(wanted, (list, tuple)) else wanted


def shipped_lessons() -> list[Path]:
    """The files of the lessons that ship with Sprite Lab, in order."""
    return sorted(resource("lessons").glob("*.json"))


# -- reading ---------------------------------------------------------------------------------


def load_lesson(path: Path) -> Lesson:
    """Read a lesson; shipped ones in the chosen language.

    Raises FileError if the file cannot be read or is not a lesson.
    """
    with reading(path, tr("a lesson")):
        check_file(path, LARGEST_FILE)
        data = path.read_bytes()
    try:
        document = strict_json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileError(
            "“{name}” is not a lesson: open a lesson file (.json).", name=path.name
        ) from error
    except ValueError as error:
        raise FileError(
            "“{name}” is not a lesson: {fault_of}.", name=path.name, fault_of=_fault_of(error)
        ) from error
    if path.is_relative_to(resource()):
        document = lesson_in_language(document)
    try:
        return parse_lesson(document, path)
    except NewerFileError:
        raise
    except SpriteLabError as error:
        raise FileError(
            "“{name}” is not a valid lesson: {error}", name=path.name, error=error
        ) from error


def _fault_of(error: ValueError) -> str:
    """Where a JSON error is, as text after a colon."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return tr(
        "line {lineno}, column {colno} is not valid JSON", lineno=error.lineno, colno=error.colno
    )


def parse_lesson(document: object, path: Path | None = None) -> Lesson:
    """Make a lesson from a JSON document.

    Raises SpriteLabError for the first error, saying where it is.
    """
    if not isinstance(document, dict):
        raise ConfigError("A JSON object in braces is needed.")
    top = dict(document)
    version, test = top.pop("schema_version", None), top.pop("test", False)
    require(
        version is not None,
        'it lacks the "schema_version": 1 of a lesson. If it describes a sheet, open the sheet\'s '
        "picture instead.",
    )
    if _is_whole(version) and version > SCHEMA_VERSION:
        raise NewerFileError(tr("This lesson") if path is None else f"'{path.name}'", version)
    require(
        version == SCHEMA_VERSION,
        "its schema_version is {version!r}, but this Sprite Lab reads {schema_version}.",
        version=version,
        schema_version=SCHEMA_VERSION,
    )
    require(test in (True, False), "'test' must be true or false.")
    lesson = from_plain(Lesson, top)
    good = all(step.ask and step.ask.choices and not step.checks for step in lesson.steps)
    require(
        good or not test, "each step of a test must have an 'ask' with 'choices', and no 'check'."
    )
    return replace(lesson, path=path, test="before" if test else "")
