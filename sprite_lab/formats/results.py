"""A student's work in lessons as one file: answers, pictures, and progress in each lesson.

The app and the web pages write such files; a teacher opens those of a class. A file has no dates,
paths or addresses, and a name only if one was typed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sprite_lab.core import strict_json
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.errors import ConfigError, FileError, require
from sprite_lab.core.pixels.pictures import MOST_PIXELS
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.reading import read_limited, reading

SCHEMA_VERSION = 1
SUFFIX = ".results.json"
#: Identifies the file among other JSON files.
FORMAT = "sprite-lab results"
#: Size limits in bytes, of a file with all its pictures in base64, and of one picture.
LARGEST_FILE, LARGEST_PICTURE = 40_000_000, 1_000_000
MOST_LESSONS, MOST_PICTURES, LONGEST_NAME = 200, 24, 80
#: A lesson has at most this many steps, each with at most one answer.
_MOST_STEPS = 100
#: Maximum number of chunks in a picture; ours have one for every 8 kB.
_MOST_CHUNKS = 1000
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Given(Config):
    """The first answer to a question."""

    step: int = setting(1, low=1, high=_MOST_STEPS)  #: number of the step in the lesson, from 1
    #: as shown on screen; "" = the student used “Show me”
    answer: str = setting("", longest=400)
    right: bool = False  #: whether the first answer was right
    #: number of answers until the right one, or until the student moved on
    tries: int = setting(1, low=1, high=1000)


@dataclass(frozen=True)
class TakenLesson(Config):
    """Progress in a lesson, and the answers given."""

    #: identifies the lesson: its file's name without suffix
    key: str = setting("", longest=200)
    title: str = setting("", longest=4000)
    steps: int = setting(1, low=1, high=_MOST_STEPS)
    #: the step to resume at, from 0; ``steps`` = completed
    reached: int = setting(0, low=0, high=_MOST_STEPS)
    answers: tuple[Given, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        steps = [given.step for given in self.answers]
        require(self.reached <= self.steps, "'reached' is after the last step.")
        require(max(steps, default=0) <= self.steps, "'answers' has one after the last step.")
        require(len(set(steps)) == len(steps), "'answers' has two for one step.")

    @property
    def done(self) -> bool:
        """Whether the lesson was completed."""
        return self.reached == self.steps

    @property
    def right(self) -> int:
        """How many first answers were right."""
        return sum(given.right for given in self.answers)


@dataclass(frozen=True)
class Picture(Config):
    """A picture that a student took: the bytes of a PNG."""

    title: str = setting("", longest=400)
    png: bytes = b""

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.png.startswith(_PNG), "'png' is not a PNG picture.")
        require(len(self.png) <= LARGEST_PICTURE, "'png' is a picture of over 1 MB.")


@dataclass(frozen=True)
class Results(Config):
    """A student's work; ``name``: as typed, "" = none."""

    name: str = setting("", longest=LONGEST_NAME)
    lessons: tuple[TakenLesson, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        keys = {lesson.key for lesson in self.lessons}
        _check_counts(self.lessons, self.pictures)
        require(len(keys) == len(self.lessons), "'lessons' has two with one key.")

    def lesson(self, key: str) -> TakenLesson | None:
        """The work in a lesson; None = not started."""
        return next((lesson for lesson in self.lessons if lesson.key == key), None)


def save_results(path: Path, results: Results) -> None:
    """Save results; raises FileError if the file cannot be written."""
    document = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **results.to_json()}
    write_json(path, document, indent=1)


def load_results(path: Path) -> Results:
    """Load results; of their pictures, only sizes and checksums are checked.

    Raises FileError if the file cannot be read, is over the limits, or holds something else.
    """
    with reading(path, "a file of results"):
        document: object = strict_json.loads(read_limited(path, LARGEST_FILE).decode("utf-8-sig"))
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise FileError(
                "'{name}' contains no results: choose a file that a student has saved in the "
                "lessons (…{suffix}).",
                name=path.name,
                suffix=SUFFIX,
            )
        check_schema(document.pop("schema_version", None), SCHEMA_VERSION, f"'{path.name}'")
        _check_counts(document.get("lessons"), document.get("pictures"))
        results = Results.from_json(document)
        for picture in results.pictures:
            _check_png(picture.png)
    return results


def _check_counts(lessons: object, pictures: object) -> None:
    """Raise ConfigError for too many lessons, pictures or answers, before any is examined."""
    require(
        _count(lessons) <= MOST_LESSONS,
        "it has more than {most_lessons} lessons.",
        most_lessons=MOST_LESSONS,
    )
    require(
        _count(pictures) <= MOST_PICTURES,
        "it has more than {most_pictures} pictures.",
        most_pictures=MOST_PICTURES,
    )
    for lesson in lessons if isinstance(lessons, list) else ():
        answers = lesson.get("answers") if isinstance(lesson, Mapping) else None
        require(_count(answers) <= _MOST_STEPS, "'answers' has two for one step.")


def _count(items: object) -> int:
    return len(items) if isinstance(items, (list, tuple)) else 0


def _check_png(png: bytes) -> None:
    """Check size and checksums of a picture, without unpacking anything.

    Raises ConfigError if it has too many pixels or chunks, and ValueError or struct.error if it
    is damaged.
    """
    place, kind = len(_PNG), b""
    for _ in range(_MOST_CHUNKS):
        length, kind = struct.unpack_from(">I4s", png, place)
        end = place + 8 + length
        (checksum,) = struct.unpack_from(">I", png, end)
        first = place == len(_PNG)
        if checksum != zlib.crc32(png[place + 4 : end]) or first != (kind == b"IHDR"):
            raise ValueError(kind)
        if first:
            width, height = struct.unpack(">II5x", png[place + 8 : end])
            require(width * height <= MOST_PIXELS, "it has too large a picture.")
        if kind == b"IEND":
            return
        place = end + 4
    raise ConfigError("it has a picture of too many parts.")
