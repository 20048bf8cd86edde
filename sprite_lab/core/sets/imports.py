"""Choices for importing sprites, and the plan of an import."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config.base import Choice, Config, setting
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.credits import Credit, merge_credits
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.words import marked

Cut = Literal["auto", "whole", "grid", "drawings", "frames"]
Larger = Literal["crop", "nearest", "refuse"]
Classes = Literal["auto", "folder", "name", "none"]
Kind = Literal["picture", "sheet", "animation", "aseprite", "array", "table"]
Background = tuple[int, int, int] | Literal["auto", "none"]

#: Cuts less probable than this are shown and reported along with other likely ones.
SURE = 0.9

#: Sizes of sprites that a network can learn: divisible by its downsampling.
CELLS = (8, 16, 24, 32, 40, 48, 56, 64)

_LARGER = (
    Choice("refuse", "Skip"),
    Choice("nearest", "Reduce"),
    Choice("crop", "Keep the middle"),
)
_LARGER_TIP = marked(
    "What to do with art larger than a sprite. Reduce: keep every second (third, …) pixel, "
    "which loses detail. Keep the middle: cut off the rest. Enlarged art is always reduced to "
    "its true pixels."
)


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet, in pixels of the sheet.

    Raises ConfigError if a cell has no pixels, or an offset or spacing is negative.
    """

    cell: tuple[int, int]  #: (height, width) of each, at least 1
    offset: tuple[int, int] = (0, 0)  #: (y, x) of the first
    spacing: tuple[int, int] = (0, 0)  #: (down, across), pixels between neighbors

    def __post_init__(self) -> None:
        if min(self.cell) < 1 or min(*self.offset, *self.spacing) < 0:
            raise ConfigError(
                "A grid with cells of {width}×{height} pixels from {offset}, {spacing} apart, is "
                "not possible; use cells of 1 pixel or more, and no negative numbers.",
                width=self.cell[1],
                height=self.cell[0],
                offset=self.offset,
                spacing=self.spacing,
            )

    @staticmethod
    def parse(text: str) -> Grid:
        """Read "16", "16x24" (width x height), "16+1" (margin) or "16+1+1" (margin, spacing).

        Raises ConfigError if it is none of these.
        """
        found = re.fullmatch(r"(\d{1,4})(?:x(\d{1,4}))?(?:\+(\d{1,4}))?(?:\+(\d{1,4}))?", text)
        if found is None:
            raise ConfigError(
                "“{value}” is not a grid; write the cell size in pixels, such as 16 or 16x24, "
                "optionally followed by a plus and the margin, and a plus and the spacing: "
                "16x24+1+2.",
                value=text,
            )
        width, height, margin, spacing = found.groups()
        return Grid(
            (int(height or width), int(width)),
            (int(margin or 0),) * 2,
            (int(spacing or 0),) * 2,
        )

    def __str__(self) -> str:
        """As :meth:`parse` reads it."""
        (height, width), margin, spacing = self.cell, max(self.offset), max(self.spacing)
        text = f"{width}" if height == width else f"{width}x{height}"
        if margin or spacing:
            text += f"+{margin}"
        return f"{text}+{spacing}" if spacing else text

    @property
    def numbers(self) -> tuple[int, ...]:
        return *self.cell, *self.offset, *self.spacing

    def reduced(self, scale: int) -> Grid:
        """The grid as it was before its sheet was enlarged by a factor."""
        (cell, offset, spacing) = (
            (down // scale, across // scale)
            for down, across in (self.cell, self.offset, self.spacing)
        )
        return Grid(cell, offset, spacing)

    def counts(self, height: int, width: int) -> tuple[int, int]:
        """(rows, columns) of whole cells on a sheet of the given size."""
        rows, columns = (
            max(0, (size - offset + spacing) // (cell + spacing))
            for size, cell, offset, spacing in zip(
                (height, width), self.cell, self.offset, self.spacing, strict=True
            )
        )
        return rows, columns

    def boxes(self, height: int, width: int) -> NDArray[np.int64]:
        """int64 (N, 4): x, y, w, h of every cell that fits, row by row."""
        rows, columns = self.counts(height, width)
        row, column = np.divmod(np.arange(rows * columns), max(columns, 1))
        boxes = np.empty((rows * columns, 4), np.int64)
        boxes[:, 0] = self.offset[1] + column * (self.cell[1] + self.spacing[1])
        boxes[:, 1] = self.offset[0] + row * (self.cell[0] + self.spacing[0])
        boxes[:, 2], boxes[:, 3] = self.cell[1], self.cell[0]
        return boxes


@dataclass(frozen=True)
class PictureChoices(Config):
    """Import choices for one file; None and "auto" keep what was found.

    Parameters
    ----------
    include : False = skip the file.
    grid : the cells, instead of those found.
    larger : what to do with art larger than a sprite, instead of the general choice.
    background : the color to remove; "none" = none.
    class_name : the class of all its sprites; "" = none.
    """

    # fmt: off
    include: bool = True
    cut: Cut = setting(
        "auto", "Cut",
        tip="How to cut the picture into sprites",
        help="How to cut every picture: as it seems to be meant, as one sprite, by a grid, by its "
        "drawings wherever they lie, or frame by frame.",
        choices=(
            Choice("auto", "Automatic"),
            Choice("whole", "As one sprite"),
            Choice("grid", "By a grid"),
            Choice("drawings", "By its drawings"),
            Choice("frames", "Frame by frame"),
        ),
    )
    grid: Grid | None = None
    larger: Larger | None = setting(
        None, "Larger art", unset="As for all files", tip=_LARGER_TIP, choices=_LARGER,
    )
    background: Background = "auto"
    holes: bool = setting(
        False, "Also inside shapes",
        tip=(
            "The background also becomes transparent inside a drawing, as in a ring. Off: "
            "pixels of that color inside a drawing, such as an eye, stay."
        ),
    )
    # fmt: on
    class_name: str | None = None

    @property
    def by_hand(self) -> bool:
        """Whether the cut was chosen, not found."""
        return self.cut != "auto" or self.grid is not None


@dataclass(frozen=True)
class ImportChoices(Config):
    """Choices for a whole import.

    Raises ConfigError if a choice is invalid.
    """

    # fmt: off
    cell: int = setting(
        16, "Sprite size",
        tip="Sprite size in pixels. Smaller art is centered, never stretched.",
        choices=tuple(Choice(side, f"{side}×{side}") for side in CELLS),
    )
    larger: Larger = setting(
        "refuse", "Larger art", title="Larger art, all files", tip=_LARGER_TIP,
        help="Art larger than a sprite at its own pixel size: drop pixels, keep the middle, or "
        "refuse it.",
        choices=_LARGER,
    )
    classes: Classes = setting(
        "auto", "Classes",
        tip="Where the class of a sprite comes from. Automatic: the file itself, or else its "
        "folder.",
        help="Where classes come from: the files or else folders, folders, names without their "
        "numbers, or nowhere.",
        choices=(
            Choice("auto", "Automatic"),
            Choice("folder", "Name of the folder"),
            Choice("name", "Beginning of the name"),
            Choice("none", "None"),
        ),
    )
    #: (pattern, class); the first pattern that fits a name or path decides. ``*`` stands for any
    #: characters, ``?`` for one.
    patterns: tuple[tuple[str, str], ...] = ()
    words_from_names: bool = setting(
        True, "Words from names",
        tip=(
            "Files, folders and tags provide the words of the sprites, from which a model "
            "learns to draw. Numbers, “sheet” and the like are ignored, and so are words that "
            "all sprites of the import or of a sheet share. A set keeps its own words."
        ),
        help="Take the names of files, folders and tags as words of the sprites.",
        flag="--words/--no-words",
    )
    sheet_words: bool = setting(
        False, "Shared words, too",
        tip="Also words that all sprites of the import share, and those of the name of a sheet",
        help="Take words that all sprites share, and those of the name of a sheet, too.",
    )
    keep_duplicates: bool = setting(
        False, "Keep exact duplicates",
        tip="Off: keep only the first of identical sprites",
        help="Keep identical sprites.",
    )
    # fmt: on
    #: choices for files without choices of their own
    others: PictureChoices = field(default_factory=PictureChoices)
    #: choices for individual files, by :attr:`FoundPicture.path`
    pictures: Mapping[str, PictureChoices] = field(default_factory=dict)
    #: classes set by hand, by sprite name; "" = none. They override all others.
    sprite_classes: Mapping[str, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()  #: names of sprites that were left out by hand

    def of(self, path: str) -> PictureChoices:
        return self.pictures.get(path, self.others)


def fits(pattern: str, name: str, path: str) -> bool:
    """Whether a pattern for classes fits the name or the path of a sprite."""
    fold = pattern.casefold()
    return any(fnmatch.fnmatchcase(text.casefold(), fold) for text in (name, path))


@dataclass(frozen=True, eq=False, kw_only=True)
class FileContents:
    """The M sprites of one file or archive entry, and how they were found in it."""

    kind: Kind
    how: str  #: one sentence on what it is and how it was cut
    #: uint8 (H, W, 4), the sheet at its native pixel size (an enlarged sheet is reduced first);
    #: None = there is no single picture. Grids and boxes are in its pixels.
    preview: NDArray[np.uint8] | None = None
    grid: Grid | None = None  #: the grid found or given
    #: int64 (M, 4), x, y, w, h on the preview of each sprite kept, in order; (0, 4) where there is
    #: no preview
    boxes: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 4), np.int64))
    sprites: NDArray[np.uint8]  #: uint8 (M, cell, cell, 4), RGBA
    warnings: tuple[str, ...] = ()  #: sentences about what may not be as intended
    #: whether its art is larger than a sprite, and so may be cropped or reduced
    larger: bool = False
    #: the longest side of art left out because it is too large, in pixels; 0 = none
    left_out: int = 0
    certainty: float = 1.0  #: of the cut, from 0 (a guess) to 1
    guesses: tuple[Grid, ...] = ()  #: other possible grids, likeliest first
    #: the background color of its cells, if it was kept; None = there is none
    left_ground: tuple[int, int, int] | None = None
    background: tuple[int, int, int] | None = None  #: the color that was removed around drawings
    #: bool (M,), which sprites still have it inside; empty = none
    with_background: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    sources: tuple[str, ...] = ()  #: of each sprite; () = the file has none
    #: int64 (M,), equal for sprites that belong together according to the file (frames of an
    #: animation, a set's own groups); None = unknown
    groups: NDArray[np.int64] | None = None
    credits: tuple[Credit, ...] = ()  #: those in the file

    @property
    def inside(self) -> tuple[tuple[int, int, int], int] | None:
        """The background, and how many sprites still have it inside; None = none do."""
        count = int(self.with_background.sum())
        return (self.background, count) if self.background is not None and count else None


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundPicture(FileContents):
    """One file or archive entry in the plan of an import, with names and classes."""

    path: str  #: its path for display: "weapons/axe.png", "pack.zip/axe.png"
    names: tuple[str, ...]  #: M of them, unique in the plan
    classes: tuple[str | None, ...]  #: M of them; None = no class
    source: str  #: of all sprites, unless ``sources`` gives one for each
    #: of each sprite, as in :class:`SpriteSet`, from names; poses of one character have equal
    #: values, "" = it is alone. () = unknown.
    words: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    frames: tuple[int, ...] = ()
    characters: tuple[str, ...] = ()
    #: words of its name that are left out, because all its sprites would have them
    offered: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many sprites are kept."""
        return len(self.sprites)


@dataclass(frozen=True)
class Refusal:
    """A file that is not imported, and why, in one sentence."""

    path: str
    why: str
    may_be_cut: bool = False  #: whether it has drawings that another cut might find
    left_out: int = 0  #: as in :class:`FoundPicture`
    guesses: tuple[Grid, ...] = ()  #: grids that could cut it, the likeliest first
    #: uint8 (H, W, 4), the picture to cut; None = there is none, or no memory left for it
    preview: NDArray[np.uint8] | None = field(default=None, compare=False)


@dataclass(frozen=True, eq=False)
class ImportPlan:
    """The sprites that an import would add; nothing has been changed yet."""

    choices: ImportChoices
    pictures: tuple[FoundPicture, ...]
    refused: tuple[Refusal, ...]
    class_names: tuple[str, ...]  #: all classes in use, in the order of the future set
    duplicates: int = 0  #: number of sprites left out as identical to another

    def __len__(self) -> int:
        """How many sprites there are."""
        return sum(picture.count for picture in self.pictures)

    @property
    def left_out(self) -> int:
        """The longest side of all art left out as too large, in pixels; 0 = none."""
        found = [picture.left_out for picture in self.pictures]
        return max([*found, *(refusal.left_out for refusal in self.refused)], default=0)

    @property
    def idle_patterns(self) -> tuple[str, ...]:
        """The patterns for classes that fit no sprite."""
        sprites = [(name, picture.path) for picture in self.pictures for name in picture.names]
        return tuple(
            pattern
            for pattern, _ in self.choices.patterns
            if not any(fits(pattern, *sprite) for sprite in sprites)
        )

    def sprite_set(self, title: str) -> SpriteSet:
        """The sprites as a set, on white, with the groups from the files.

        Sprites without a group in their file each get their own: near-copies are not looked for.
        Raises ConfigError if there are none.
        """
        if not len(self):
            raise ConfigError("There are no sprites to import; add files that hold some.")
        rgba = np.concatenate([picture.sprites for picture in self.pictures])
        number = {name: i for i, name in enumerate(self.class_names)}
        classes = [name for picture in self.pictures for name in picture.classes]
        return SpriteSet(
            images=composite(rgba),
            alpha=rgba[..., 3],
            labels=np.array([-1 if name is None else number[name] for name in classes], np.int64),
            class_names=self.class_names,
            group=self._groups(),
            names=np.array([name for p in self.pictures for name in p.names]),
            source=np.array(
                [name for p in self.pictures for name in p.sources or [p.source] * p.count]
            ),
            words=np.array([text for p in self.pictures for text in p.words or [""] * p.count]),
            direction=np.array(
                [text for p in self.pictures for text in p.directions or [""] * p.count]
            ),
            frame=np.array([n for p in self.pictures for n in p.frames or [-1] * p.count]),
            pose_of=self._poses(),
            title=title,
            credits=merge_credits(*(picture.credits for picture in self.pictures)),
        )

    def _poses(self) -> NDArray[np.int64]:
        """int64 (N,): a number for each character with several poses, -1 = alone."""
        keys = [
            (p.source, key) if key else None
            for p in self.pictures
            for key in p.characters or [""] * p.count
        ]
        several = [key for key, count in Counter(keys).items() if key is not None and count > 1]
        number = {key: i for i, key in enumerate(several)}
        return np.array([-1 if key is None else number.get(key, -1) for key in keys], np.int64)

    def _groups(self) -> NDArray[np.int64]:
        """int64 (N,): the groups of all pictures, none shared by two of them."""
        parts, start = [], 0
        for picture in self.pictures:
            own = np.arange(picture.count) if picture.groups is None else picture.groups
            numbers = np.unique(own, return_inverse=True)[1].reshape(-1)
            parts.append(start + numbers)
            start += picture.count
        return np.concatenate(parts).astype(np.int64)
