"""What names of files, folders and tags say about a sprite: words, direction, frame, character."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sprite_lab.core.config.sample import MOST_LETTERS, MOST_WORDS

#: Words of file names that say nothing about the drawing.
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

#: A word, or a number; capitals begin a word in "redSlime".
_TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\W\d_A-Z]|(?<=[A-Z])[A-Z](?![a-z]))*")


@dataclass(frozen=True)
class Wording:
    """The information in a name."""

    words: tuple[str, ...] = ()
    direction: str = ""  #: front, back, left, right or ""
    frame: int = -1  #: the number of the animation frame, -1 = none
    #: equal for the directions and frames of one character; "" = none
    character: str = ""


def wording_of(folder: str, name: str, *, frame: int = -1) -> Wording:
    """Parse the name of a sprite, with its folder.

    Parameters
    ----------
    frame : its number in a file with several frames, -1 = none. Otherwise a number at the end is
        that of a frame where an action, such as "walk", or the word "frame" comes before it.
    """
    inner = [token.lower() for token in _TOKEN.findall(name)]
    outer = [token.lower() for token in _TOKEN.findall(folder)]
    words = [t for t in (*outer, *inner) if not t.isdecimal() and len(t) > 1 and t not in _JUNK]
    direction = next((_DIRECTIONS[t] for t in reversed(inner) if t in _DIRECTIONS), "")
    moves = any(token in _ACTIONS or token == "frame" for token in (*outer, *inner))
    last = inner[-1] if inner else ""
    if frame < 0 and moves and last.isdecimal() and len(last) < 5 and not _is_place(name):
        frame = int(last)
    character = ""
    if direction or frame >= 0:
        numbers = len(inner) - 1 if last.isdecimal() else len(inner)
        apart = {*_DIRECTIONS, *_ACTIONS, *_JUNK}
        own = [token for token in inner[:numbers] if token not in apart]
        character = " ".join([folder, "/", *own])
    kept = tuple(dict.fromkeys(word[:MOST_LETTERS] for word in words))[:MOST_WORDS]
    return Wording(kept, direction, frame, character)


def _is_place(name: str) -> bool:
    """Whether a name ends in the row and column of a sheet."""
    return re.search(r"\d+,\d+$", name) is not None
