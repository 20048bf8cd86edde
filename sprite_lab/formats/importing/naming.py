"""Names and classes of sprites, from their files and folders."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sprite_lab.core.config.sample import MOST_LETTERS, MOST_WORDS
from sprite_lab.core.sets.imports import Classes, ImportChoices, PictureChoices, fits
from sprite_lab.formats.importing.found import Found
from sprite_lab.formats.importing.sources import Entry

#: Words in file names that say nothing about the drawing.
_JUNK = frozenset(
    re.findall(
        r"\w+",
        "sprite sprites spritesheet spritesheets sheet sheets tileset tilesets atlas pack final "
        "copy new untitled image images img pic picture pictures png gif webp aseprite ase psd bmp "
        "pixel px frame frames anim anims animation animations animated export exported version "
        "ver layer layers group asset assets graphics gfx art the of and an in on with",
    )
)

_DIRECTIONS = {
    "front": "front",
    "down": "front",
    "south": "front",
    "back": "back",
    "up": "back",
    "north": "back",
    "left": "left",
    "west": "left",
    "right": "right",
    "east": "right",
}

_ACTIONS = frozenset(
    re.findall(
        r"\w+",
        "idle stand walk walking run running jump jumping fall falling attack attacking attacks "
        "hit hurt die dying death dead cast casting shoot shooting climb climbing swim swimming "
        "fly flying crouch slide roll dash block sleep sleeping sit sitting push pull spin blink",
    )
)

#: A word or a number; a capital begins a word, as in "redSlime".
_TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\W\d_A-Z]|(?<=[A-Z])[A-Z](?![a-z]))*")


@dataclass(frozen=True)
class Wording:
    """The information in a sprite's name."""

    words: tuple[str, ...] = ()
    direction: str = ""  #: front, back, left, right or ""
    frame: int = -1  #: the number of the animation frame, -1 = none
    #: equal for the directions and frames of one character; "" = none
    character: str = ""


def wording_of(folder: str, name: str, *, frame: int = -1) -> Wording:
    """Parse the name of a sprite, with its folder.

    ``frame``: the number of its frame in a file with several, -1 = none. In that case, a number at
    the end is a frame's if an action, such as "walk", or the word "frame" comes before it.
    """
    inner = [token.lower() for token in _TOKEN.findall(name)]
    outer = [token.lower() for token in _TOKEN.findall(folder)]
    words = [t for t in (*outer, *inner) if not t.isdecimal() and len(t) > 1 and t not in _JUNK]
    direction = next((_DIRECTIONS[t] for t in reversed(inner) if t in _DIRECTIONS), "")
    moves = any(token in _ACTIONS or token == "frame" for token in (*outer, *inner))
    last = inner[-1] if inner else ""
    at_place = re.search(r"\d+,\d+$", name)  # row and column on a sheet
    if frame < 0 and moves and last.isdecimal() and len(last) < 5 and not at_place:
        frame = int(last)
    character = ""
    if direction or frame >= 0:
        numbers = len(inner) - 1 if last.isdecimal() else len(inner)
        apart = {*_DIRECTIONS, *_ACTIONS, *_JUNK}
        own = [token for token in inner[:numbers] if token not in apart]
        character = " ".join([folder, "/", *own])
    kept = tuple(dict.fromkeys(word[:MOST_LETTERS] for word in words))[:MOST_WORDS]
    return Wording(kept, direction, frame, character)


#: A suffix that only distinguishes sprites of the same kind: "axe_02", "walk (3)", "axe 1,2".
_NUMBER = re.compile(r"[\s_\-.(#]*\d+(,\d+)?\)?$")

#: Maximum length of the name of a sprite or class.
LONGEST = 120


class Names:
    """Hands out unique names."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}  # next number to try, by taken name

    def of(self, entry: Entry, found: Found) -> tuple[str, ...]:
        """Unique names for all sprites of a file: a name that is taken is prefixed with the folder
        and, if needed, numbered.
        """
        names = []
        for place in found.places:
            short = place if found.named else f"{entry.stem} {place}".strip()
            short = printable(short) or "sprite"
            long = f"{entry.folder}/{short}" if entry.folder else short
            names.append(self._unique(short, long))
        return tuple(names)

    def _unique(self, short: str, long: str) -> str:
        name = short if short not in self._taken else long
        number = self._next.get(long, 2)
        while name in self._taken:
            name = f"{long} ({number})"
            number += 1
        self._next[long] = number
        self._taken.add(name)
        return name


def classes_of(
    entry: Entry,
    found: Found,
    names: Sequence[str],
    choices: ImportChoices,
    own: PictureChoices,
    folders: Mapping[tuple[str, str], str],
) -> tuple[str | None, ...]:
    """The class of each sprite of a file: set by hand, by pattern, or by the choice for all.

    ``folders``: from :func:`class_folders`.
    """
    default = _default_classes(entry, found, names, choices.classes, folders)
    result: list[str | None] = []
    for name, usual in zip(names, default, strict=True):
        by_hand = choices.sprite_classes.get(name, own.class_name)
        if by_hand is None:
            by_hand = _by_pattern(name, entry.path, choices.patterns)
        chosen = usual if by_hand is None else by_hand
        result.append(None if chosen is None else printable(chosen) or None)
    return tuple(result)


def class_folders(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """The class that each folder stands for, by input and folder within it; "" = none.

    It is named by the first level at which the paths of an input differ, because archives often
    wrap everything in one folder. If all files are in one folder, that folder's name is used.
    """
    by_root: dict[str, set[str]] = {}
    for entry in entries:
        by_root.setdefault(entry.root, set()).add(entry.folder)
    classes = {}
    for root, folders in by_root.items():
        parts = {folder: tuple(filter(None, folder.split("/"))) for folder in folders}
        levels = zip(*parts.values(), strict=False)  # down to the depth of the shortest path
        common = sum(1 for _ in itertools.takewhile(lambda level: len(set(level)) == 1, levels))
        for folder, path in parts.items():
            if path[common:]:
                classes[root, folder] = path[common]
            else:
                alone = len(folders) == 1
                classes[root, folder] = ([root, *path][-1]) if alone else ""
    return classes


def order_of_classes(
    declared: Sequence[Sequence[str]], used: Sequence[str | None], given: Sequence[str]
) -> tuple[str, ...]:
    """The class names of the set: those of a file in its order, then the others alphabetically.

    Those that are only ``given`` by hand come last, in their previous order, so that a class keeps
    its number key.
    """
    names = dict.fromkeys(name for names in declared for name in map(printable, names) if name)
    names.update(dict.fromkeys(sorted({name for name in used if name} - set(given), key=_natural)))
    names.update(dict.fromkeys(given))
    kept = set(used)
    # A file's classes keep their numbers, even if some have no sprites.
    whole = {printable(name) for names in declared if kept & set(names) for name in names}
    return tuple(name for name in names if name in kept or name in whole)


def printable(text: str) -> str:
    """A name on one line, of characters that work in every file and on every screen; cut at LONGEST
    of them.
    """
    clean = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(clean.encode("utf-8", "replace").decode("utf-8").split())[:LONGEST].strip()


def _by_pattern(name: str, path: str, patterns: Sequence[tuple[str, str]]) -> str | None:
    for pattern, class_name in patterns:
        if fits(pattern, name, path):
            return class_name
    return None


def _default_classes(
    entry: Entry,
    found: Found,
    names: Sequence[str],
    classes: Classes,
    folders: Mapping[tuple[str, str], str],
) -> Sequence[str | None]:
    if classes == "none":
        return [None] * len(names)
    if classes == "auto" and found.classes is not None:
        return found.classes
    if classes == "name":
        return [_NUMBER.sub("", PurePosixPath(name).name) or None for name in names]
    return [folders.get((entry.root, entry.folder)) or None] * len(names)


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts "class_2" before "class_10"."""
    return [
        (int(part), "") if part.isdecimal() and part.isascii() else (0, part)
        for part in re.split(r"(\d+)", name)
    ]
