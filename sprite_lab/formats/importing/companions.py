"""Files that belong to others: labels to arrays, descriptions to sheets."""

from __future__ import annotations

import contextlib
import os
import posixpath
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.imports import Refusal
from sprite_lab.formats.importing.arrays import images_beside, labels_beside
from sprite_lab.formats.importing.engine_texts import (
    LARGEST_PROGRAM,
    OF_PROJECT,
    PROGRAMS,
    READERS,
    described_sheets,
)
from sprite_lab.formats.importing.sheet_json import SheetText, parse_sheet
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.formats.reading import read_limited

#: Files and folders that mark the topmost folder of a game, and how many levels up to look for
#: them.
_OF_GAME = (
    ".git",
    "project.godot",
    "ProjectSettings",
    "package.json",
    "Cargo.toml",
    "build.gradle",
    "pom.xml",
    "main.lua",
    "pyproject.toml",
)
_MOST_UP = 8

#: Subfolders of a game with files that are not its own.
_NOT_ITS_OWN = {"node_modules", "Library", "Temp", "target", "build", "dist", "addons"}

#: Limits for reading a game: files and folders listed, files read, bytes of one file and of all,
#: and sheets described.
_MOST_LISTED, _MOST_READ, _LARGEST, _LARGEST_IN_ALL = 20_000, 400, 1_000_000, 16_000_000
_MOST_DESCRIBED = 5_000

#: Suffix of the file that Unity keeps beside each picture.
_UNITY = ".meta"


@dataclass(frozen=True)
class Description:
    """The description of a picture, and the file that it comes from."""

    text: SheetText
    file: Path  #: the describing file
    stamp: tuple[int, ...]  #: changes whenever the file does

    def is_of_a_few(self) -> bool:
        """Whether it may leave out frames: a scene describes only those that it uses."""
        return bool(self.text.frames) and self.file.suffix != _UNITY

    @property
    def pictures(self) -> Iterator[str]:
        """The possible paths of the described picture: on disk, or, after OF_PROJECT, in the game.

        A picture in the game is also found by its name alone beside the describing file, as the
        game's folder may be unknown.
        """
        image = self.text.image
        if not image.startswith(OF_PROJECT):
            yield os.path.normpath(self.file.parent / image)
        elif within := PurePosixPath(image.removeprefix(OF_PROJECT)).parts:
            yield OF_PROJECT + "/".join(within)
            yield str(self.file.parent / within[-1])


@dataclass
class Surroundings:
    """Reads the descriptions around pictures on disk, each folder and each game once."""

    _games: dict[Path, Path | None] = field(default_factory=dict)
    #: descriptions in each folder, and in each game, by :attr:`Description.pictures`
    _beside: dict[Path, dict[str, list[Description]]] = field(default_factory=dict)
    _in_game: dict[Path, dict[str, list[Description]]] = field(default_factory=dict)

    def description_of(self, picture: Path) -> Description | None:
        """The description of a picture, from a file beside it or else from its game; None = none.

        One that may leave out frames is used only if there is no other.
        """
        picture = Path(os.path.abspath(picture))
        folder = picture.parent
        own = _descriptions(iter([picture.with_name(picture.name + _UNITY)]))
        if folder not in self._beside:
            self._beside[folder] = _descriptions(_files(folder))
        game = self._game_of(folder)
        if game is not None and game not in self._in_game:
            self._in_game[game] = _descriptions(_all_files(game))
        everywhere = {} if game is None else self._in_game[game]
        names = [str(picture)]
        if game is not None:
            within = picture.relative_to(game).parts
            names += [OF_PROJECT + "/".join(within[i:]) for i in range(len(within))]
        found = [
            description
            for where in (own, self._beside[folder], everywhere)
            for name in names
            for description in where.get(name, ())
        ]
        return min(found, key=Description.is_of_a_few, default=None)

    def _game_of(self, folder: Path) -> Path | None:
        """The topmost folder of the game that a folder belongs to; None = it seems to be in none.

        The user's home itself, and folders above it, are not searched.
        """
        if folder not in self._games:
            home = Path(os.path.expanduser("~"))
            outside = {home, *home.parents}
            up = [each for each in (folder, *folder.parents)[:_MOST_UP] if each not in outside]
            marked = [each for each in up if any(_is_there(each / name) for name in _OF_GAME)]
            self._games[folder] = marked[-1] if marked else None
        return self._games[folder]


def _is_there(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.exists()
    return False


def _files(folder: Path) -> Iterator[Path]:
    """The files directly in a folder that may describe pictures."""
    with contextlib.suppress(OSError):  # the user did not ask for them
        listed = islice(folder.iterdir(), _MOST_LISTED)
        yield from sorted(file for file in listed if _may_tell(file))


def _all_files(game: Path) -> Iterator[Path]:
    """The files in all of a game's folders that may describe pictures, from the top."""
    waiting, listed = [game], 0
    while waiting and listed < _MOST_LISTED:
        folder = waiting.pop(0)
        with contextlib.suppress(OSError):
            with os.scandir(folder) as scan:
                entries = sorted(islice(scan, _MOST_LISTED), key=lambda entry: entry.name)
            listed += len(entries)
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _NOT_ITS_OWN and not entry.name.startswith("."):
                        waiting.append(Path(entry.path))
                elif _may_tell(PurePath(entry.name)):
                    yield Path(entry.path)


def _may_tell(file: PurePath) -> bool:
    return file.suffix.lower() in READERS and file.suffix.lower() != _UNITY


def _descriptions(files: Iterator[Path]) -> dict[str, list[Description]]:
    """Descriptions from files, within limits, by the pictures that they describe.

    Links are not followed: the user did not name these files, and they may lead anywhere.
    """
    found: dict[str, list[Description]] = {}
    read = size = described = 0
    for file in files:
        with contextlib.suppress(OSError, FileError):
            status = file.lstat()
            if not stat.S_ISREG(status.st_mode):
                continue
            data = read_limited(file, _LARGEST)
            read, size = read + 1, size + len(data)
            if read > _MOST_READ or size > _LARGEST_IN_ALL or described > _MOST_DESCRIBED:
                break
            for text in described_sheets(data, file.name):
                described += 1
                description = Description(replace(text, named=False), file, (status.st_mtime_ns,))
                for picture in description.pictures:
                    found.setdefault(picture, []).append(description)
    return found


#: The largest JSON file that may describe a sheet, in bytes.
_LARGEST_TEXT = 16_000_000

#: Suffix of the descriptions that Aseprite and TexturePacker write beside a sheet, and suffixes of
#: pictures that may be a sheet.
_TEXT_SUFFIX = ".json"
_PICTURES = (".png", ".webp", ".gif", ".bmp")

#: Suffixes of files that engines store beside each file, whether useful here or not.
_KEPT_BESIDE = (".meta", ".import")


@dataclass(frozen=True)
class Companions:
    """Files that belong to others: labels to arrays, descriptions to sheets."""

    #: description of a picture, and the stamp of the describing file, by the picture's path
    texts: dict[str, tuple[SheetText, tuple[int, ...]]]
    labels: dict[str, Entry]  #: the file with the labels of an array, by the array's path
    refused: dict[str, Refusal]  #: files that should belong to others but do not, by path
    taken: set[str]  #: paths of files that belong to others


def companions_of(entries: Sequence[Entry]) -> Companions:
    """Find out which files belong to others, by examining possible descriptions and labels."""
    by_path = {entry.path: entry for entry in entries}
    by_end = _by_end(by_path)
    result = Companions({}, {}, {}, set())
    for entry in entries:
        try:
            if entry.suffix in READERS and _is_of_engine(entry, by_path, by_end, result):
                continue
            if entry.suffix == _TEXT_SUFFIX:
                _take_text(entry, by_path, result)
            elif entry.suffix == ".npy":
                _take_labels(entry, by_path, result)
            elif entry.suffix in _KEPT_BESIDE and entry.path.removesuffix(entry.suffix) in by_path:
                result.taken.add(entry.path)
            elif entry.suffix in _PICTURES and entry.member is None and not entry.root:
                _look_for_text(entry, result)
        except FileError as error:
            result.refused[entry.path] = Refusal(entry.path, str(error))
    around = Surroundings()
    for entry in entries:
        if entry.suffix in _PICTURES and entry.member is None and entry.path not in result.texts:
            found = around.description_of(entry.file)
            if found is not None:
                result.texts[entry.path] = found.text, found.stamp
    return result


def _by_end(paths: Iterable[str]) -> dict[str, str]:
    """The first path with each ending, such as "art/tiles.png"."""
    found: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for i in range(len(parts)):
            found.setdefault("/".join(parts[i:]), path)
    return found


def _is_of_engine(
    entry: Entry, by_path: dict[str, Entry], by_end: dict[str, str], result: Companions
) -> bool:
    """Use an engine's file for the pictures that it describes; returns whether there are any."""
    if entry.suffix in PROGRAMS and entry.size > LARGEST_PROGRAM:
        return False
    for text in described_sheets(entry.read(_LARGEST_TEXT), entry.name):
        if text.image.startswith(OF_PROJECT):
            named = by_end.get(text.image.removeprefix(OF_PROJECT), "")
        else:
            named = posixpath.normpath(posixpath.join(entry.place, text.image))
        if named in by_path:
            result.texts.setdefault(named, (text, entry.stamp))
            result.taken.add(entry.path)
    return entry.path in result.taken


def _take_text(entry: Entry, by_path: dict[str, Entry], result: Companions) -> None:
    text = parse_sheet(entry.read(_LARGEST_TEXT), entry.name)
    place = PurePosixPath(entry.path)
    named = str(place.with_name(text.image)) if text.image not in ("", ".", "..") else ""
    picture = by_path.get(named) or next(
        (other for suffix in _PICTURES if (other := by_path.get(str(place.with_suffix(suffix))))),
        None,
    )
    if picture is None:
        missing = text.image or f"{entry.stem}.png"
        raise FileError(
            "'{name}' describes '{missing}', which is not among the files; add it.",
            name=entry.name,
            missing=missing,
        )
    result.texts[picture.path] = text, entry.stamp
    result.taken.add(entry.path)


def _look_for_text(entry: Entry, result: Companions) -> None:
    """Look for the description of a picture that was given alone, beside it on disk."""
    beside = entry.file.with_suffix(_TEXT_SUFFIX)
    if beside.is_file() and not beside.is_symlink():  # a link may lead anywhere
        told = entry.beside(beside)
        try:
            text = parse_sheet(told.read(_LARGEST_TEXT), beside.name)
        except FileError:
            return  # some other JSON
        if text.image in ("", entry.name):
            result.texts.setdefault(entry.path, (text, told.stamp))


def _take_labels(entry: Entry, by_path: dict[str, Entry], result: Companions) -> None:
    images = images_beside(entry)
    if images is not None:
        path = str(PurePosixPath(entry.path).with_name(images.name))
        if path not in by_path:
            raise FileError(
                "'{name}' holds the labels of '{images}', which is not among the files; add it.",
                name=entry.name,
                images=images.name,
            )
        result.labels[path] = entry
        result.taken.add(entry.path)
        return
    labels = labels_beside(entry, by_path)
    if labels is not None:
        result.labels[entry.path] = labels
        result.taken.add(labels.path)
