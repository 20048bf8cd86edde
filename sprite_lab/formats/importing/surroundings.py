"""Finds what the files of a game say of a picture in it, though nobody named them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePath, PurePosixPath

from sprite_lab.core.errors import FileError
from sprite_lab.formats.importing.engine_texts import OF_PROJECT, READERS, described_sheets
from sprite_lab.formats.importing.sheet_json import SheetText
from sprite_lab.formats.reading import read_limited

#: What lies in the topmost folder of a game, and how far up it is looked for.
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

#: Folders of a game that hold nothing of its own.
_NOT_ITS_OWN = {"node_modules", "Library", "Temp", "target", "build", "dist", "addons"}

#: Limits for what is read of a game: files and folders listed, files read, bytes of one and of all,
#: and sheets described in it.
_MOST_LISTED, _MOST_READ, _LARGEST, _LARGEST_IN_ALL = 20_000, 400, 1_000_000, 16_000_000
_MOST_DESCRIBED = 5_000

#: The suffix of what Unity keeps beside each picture.
_UNITY = ".meta"


@dataclass(frozen=True)
class Description:
    """What a file says of a picture."""

    text: SheetText
    file: Path  #: that says it
    stamp: tuple[int, ...]  #: changes when the file does

    def is_of_a_few(self) -> bool:
        """Whether it may leave out some: a scene shows what it needs of a sheet."""
        return bool(self.text.frames) and self.file.suffix != _UNITY

    @property
    def pictures(self) -> Iterator[str]:
        """The picture that it means: its path, or one that is counted from the folder of the game.

        Such a folder is not known to those beside the picture, whose name is enough.
        """
        image = self.text.image
        if not image.startswith(OF_PROJECT):
            yield os.path.normpath(self.file.parent / image)
        elif within := PurePosixPath(image.removeprefix(OF_PROJECT)).parts:
            yield OF_PROJECT + "/".join(within)
            yield str(self.file.parent / within[-1])


@dataclass
class Surroundings:
    """Reads what lies around pictures on disk; each folder and each game once."""

    _games: dict[Path, Path | None] = field(default_factory=dict)
    #: what the files of each folder, and of each game, say, by :attr:`Description.pictures`
    _beside: dict[Path, dict[str, list[Description]]] = field(default_factory=dict)
    _in_game: dict[Path, dict[str, list[Description]]] = field(default_factory=dict)

    def description_of(self, picture: Path) -> Description | None:
        """What a file beside a picture, or else of its game, says of it."""
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
        """The topmost folder of the game that a folder is in; None = it seems to be in none.

        Nothing is looked for in the user's home itself, or above it.
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
    """The files directly in a folder that an engine may have written."""
    with contextlib.suppress(OSError):  # nobody asked for them
        listed = islice(folder.iterdir(), _MOST_LISTED)
        yield from sorted(file for file in listed if _may_tell(file))


def _all_files(game: Path) -> Iterator[Path]:
    """Those in all of a game's folders, from the top."""
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
    """What some files say, within limits, by the pictures that they mean.

    Links are not followed: nobody named these files, and they may lead anywhere.
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
