"""A student's desk: lessons, pictures taken, results, and a fresh start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, Qt

from sprite_lab import paths
from sprite_lab.app.see import last_sprites
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.app.task import call, task
from sprite_lab.core.errors import ConfigError, FileError, SpriteLabError
from sprite_lab.core.file_names import later_number
from sprite_lab.core.records import Notice, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.formats.lessons import Lesson, load_lesson, shipped_lessons
from sprite_lab.formats.results import (
    LARGEST_PICTURE,
    MOST_LESSONS,
    MOST_PICTURES,
    Picture,
    Results,
    TakenLesson,
    load_results,
    save_results,
)
from sprite_lab.words import marked, tr

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

#: Maximum number of result files opened at once.
MOST_STUDENTS = 200

#: Preferences that belong to the classroom rather than the student, kept on a fresh desk.
_KEPT = ("theme", "language", "text_size", "ui_scale", "recorded_mb", "motion", "keys", "geometry")


read_lesson = call("files")(load_lesson)


@call("files", marked("Reading the lessons"))
def read_shipped() -> tuple[Lesson, ...]:
    """Read the lessons that ship with the app, in order, from the test before to the test after."""
    test = load_lesson(paths.resource("ten-questions.json"))
    lessons = map(load_lesson, shipped_lessons())
    after = replace(test, title=tr("{title}, again", title=test.title), test="after")
    return test, *lessons, after


@call("files", marked("Reading a lesson"))
def read_step(reference: str) -> tuple[Lesson, int]:
    """The lesson that a link leads to, and the index of its step: "05-guidance/7" is the seventh.

    Raises FileError if no such lesson ships with the app.
    """
    name, _, number = reference.partition("/")
    path = next((path for path in shipped_lessons() if path.stem == name), None)
    if path is None or not number.isdecimal():
        raise FileError("There is no lesson step “{reference}”.", reference=reference)
    return load_lesson(path), max(int(number) - 1, 0)


def lessons_of(known: Mapping[str, object]) -> tuple[TakenLesson, ...]:
    """The lessons taken, from the preference ``lessons``; unreadable ones are left out.

    The user's own lessons are identified by name alone, since a path may contain a person's name.
    """
    found: dict[str, TakenLesson] = {}
    for entry in known.values():
        try:
            lesson = TakenLesson.from_json(entry)
        except ConfigError:
            continue
        if lesson.reached or lesson.answers:
            found[lesson.key] = lesson
    return tuple(found.values())[:MOST_LESSONS]


def fresh(known: Preferences) -> Preferences:
    """The preferences for the next student: the defaults, except for those of the classroom."""
    return replace(Preferences(), **{name: getattr(known, name) for name in _KEPT})


# -- pictures -------------------------------------------------------------------------------


def picture_files() -> list[Path]:
    """The pictures taken, oldest first."""
    return sorted(paths.desk_dir().glob("*.png"))


def clear() -> None:
    """Remove the files of pictures, measurements, the last sprites, and variations and tries in
    Draw; raises OSError.
    """
    data, measured = paths.data_dir(), paths.measured_dir().glob("*.npz")
    drawn = *data.glob("variations*.spritelab"), data / "tries.spritelab"
    for path in (*picture_files(), *measured, last_sprites.path(), *drawn):
        path.unlink(missing_ok=True)


@call("files", marked("Taking a picture"))
def take_picture(image: QImage, title: str) -> int:
    """Keep a picture, scaled down if too large; returns the number of pictures.

    Raises FileError if the results have no room for another one, or it cannot be written.
    """
    from sprite_lab.formats.atomic import write_whole  # noqa: PLC0415 (as in ``tasks``)

    there = picture_files()
    if len(there) >= MOST_PICTURES:
        raise FileError(
            "There are {most_pictures} pictures, the most that results can hold: remove some "
            "from the list of pictures first.",
            most_pictures=MOST_PICTURES,
        )
    image.setText("Title", title[:400])
    while len(data := _png(image)) > LARGEST_PICTURE:
        image = image.scaledToWidth(
            image.width() * 2 // 3, Qt.TransformationMode.SmoothTransformation
        )
    write_whole(paths.desk_dir() / f"{later_number(there)}.png", data)
    return len(there) + 1


@task("files", marked("Reading the pictures"))
def read_pictures(control: RunControl) -> Run[tuple[tuple[Path, Picture], ...]]:
    """The pictures taken, oldest first, each with its file; damaged ones are left out."""
    from sprite_lab.formats.images.png import read_png  # noqa: PLC0415

    yield None
    found = []
    for path in picture_files()[:MOST_PICTURES]:
        try:
            _, text = read_png(path)
            found.append((path, Picture(text.get("Title", ""), path.read_bytes())))
        except (SpriteLabError, OSError) as error:
            yield Notice(str(error))
    return tuple(found)


@call("files", marked("Reading the pictures"))
def count_pictures() -> int:
    """The number of pictures taken."""
    return len(picture_files())


@call("files", marked("Removing a picture"))
def remove_picture(path: Path) -> None:
    path.unlink(missing_ok=True)


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # its stub wants bytes
    return bytes(buffer.data().data())


# -- results --------------------------------------------------------------------------------


@call("files", marked("Saving the results"))
def hand_in(path: Path, results: Results) -> Path:
    """Write the results of this desk to a file; returns its path."""
    save_results(path, results)
    return path


@dataclass(frozen=True)
class Student:
    """A student's results, and their file."""

    path: Path
    results: Results

    @property
    def title(self) -> str:
        """The student's name, or else the file's."""
        return self.results.name or self.path.name


@task("files", marked("Reading the results"))
def open_class(control: RunControl, files: Iterable[Path]) -> Run[tuple[Student, ...]]:
    """Read the results of a class; unreadable ones are reported and left out.

    Raises FileError if there are more than MOST_STUDENTS, or only one, which cannot be read.
    """
    listed = tuple(dict.fromkeys(files))
    if len(listed) > MOST_STUDENTS:
        raise FileError(
            "At most {most_students} result files can be opened at once.",
            most_students=MOST_STUDENTS,
        )
    students = []
    for number, path in enumerate(listed):
        yield Progress(number, len(listed), tr("Reading the results"))
        if control.stop_requested:
            break
        try:
            students.append(Student(path, load_results(path)))
        except FileError as error:
            if len(listed) == 1:
                raise
            yield Notice(str(error))
    return tuple(students)
