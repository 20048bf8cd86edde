"""A student's work in lessons, as one file: answers, pictures, progress in each lesson.

The app and the web pages write it; a teacher opens those of a class. There is no name in it unless
one was typed, and no date, path or address.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from sprite_lab.core import strict_json
from sprite_lab.core.config.base import Config, setting
from sprite_lab.core.errors import FileError, require
from sprite_lab.core.pixels.pictures import MOST_PIXELS
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.reading import read_limited, reading

SCHEMA_VERSION = 1
SUFFIX = ".results.json"
#: Distinguishes the file from other JSON.
FORMAT = "sprite-lab results"
#: Size limit in bytes; a file has room for all of its pictures in base64.
LARGEST_FILE, LARGEST_PICTURE = 40_000_000, 1_000_000
MOST_LESSONS, MOST_PICTURES, LONGEST_NAME = 200, 24, 80


@dataclass(frozen=True)
class Given(Config):
    """The first answer to a question."""

    step: int = setting(1, low=1, high=100)  #: of the lesson, from 1
    #: as shown on screen; "" = the student used “Show me”
    answer: str = setting("", longest=400)
    right: bool = False  #: whether the first answer was right
    #: number of answers until the right one, or until the student went on
    tries: int = setting(1, low=1, high=1000)


@dataclass(frozen=True)
class TakenLesson(Config):
    """Progress in a lesson, and its answers."""

    #: identifies lessons: the file's name without its suffix
    key: str = setting("", longest=200)
    title: str = setting("", longest=4000)
    steps: int = setting(1, low=1, high=100)
    #: the step to resume at, from 0; ``steps`` = it was completed
    reached: int = setting(0, low=0, high=100)
    answers: tuple[Given, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        steps = [given.step for given in self.answers]
        require(self.reached <= self.steps, "'reached' is after the last step.")
        require(max(steps, default=0) <= self.steps, "'answers' has one after the last step.")
        require(len(set(steps)) == len(steps), "'answers' has two for one step.")

    @property
    def done(self) -> bool:
        """Whether it was completed."""
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
        require(self.png[:8] == b"\x89PNG\r\n\x1a\n", "'png' is not a PNG picture.")
        require(len(self.png) <= LARGEST_PICTURE, "'png' is a picture of over 1 MB.")


@dataclass(frozen=True)
class Results(Config):
    """A student's work. ``name``: only what was typed."""

    name: str = setting("", longest=LONGEST_NAME)
    lessons: tuple[TakenLesson, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        keys = {lesson.key for lesson in self.lessons}
        require(
            len(self.lessons) <= MOST_LESSONS,
            "it has more than {most_lessons} lessons.",
            most_lessons=MOST_LESSONS,
        )
        require(
            len(self.pictures) <= MOST_PICTURES,
            "it has more than {most_pictures} pictures.",
            most_pictures=MOST_PICTURES,
        )
        require(len(keys) == len(self.lessons), "'lessons' has two with one key.")

    def lesson(self, key: str) -> TakenLesson | None:
        """The work in a lesson; None = not started."""
        return next((lesson for lesson in self.lessons if lesson.key == key), None)


def save_results(path: Path, results: Results) -> None:
    """Save results.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    document = {"format": FORMAT, "schema_version": SCHEMA_VERSION, **results.to_json()}
    write_json(path, document, indent=1)


def load_results(path: Path) -> Results:
    """Load results; for their pictures, only sizes and checksums are checked.

    Raises
    ------
    FileError
        If the file cannot be read, is over the limits, or holds something else.
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
        results = Results.from_json(document)
        for picture in results.pictures:
            with Image.open(io.BytesIO(picture.png), formats=("PNG",)) as image:
                require(image.width * image.height <= MOST_PIXELS, "it has too large a picture.")
                image.verify()
    return results
