"""Reads the JSON that Aseprite and TexturePacker write beside a sheet: where its frames are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.reading import reading
from sprite_lab.words import tr

#: Maximum number of frames in a sheet, and the largest number in a frame's description.
MOST_FRAMES, MOST_PIXELS = 100_000, 65_535

#: Maximum number of pixels of all frames before trimming: overlaps and clear rims need no space on
#: a sheet, but all frames need memory.
MOST_PIXELS_IN_ALL = 32_000_000


@dataclass(frozen=True)
class SheetFrame:
    """One frame on a sheet."""

    name: str
    box: tuple[int, int, int, int]  #: x, y, w, h on the sheet
    #: width and height before trimming; None = not trimmed
    source: tuple[int, int] | None
    at: tuple[int, int]  #: x, y of the box in the untrimmed frame
    tag: str  #: its tag; "" = none

    @property
    def pixels(self) -> int:
        width, height = self.source or self.box[2:]
        return width * height


@dataclass(frozen=True)
class SheetText:
    """A file's description of a sheet: its frames, or its grid."""

    image: str  #: path of the picture, relative to the describing file; "" = not named
    frames: tuple[SheetFrame, ...]
    file: str = ""  #: the name of the describing file
    grid: Grid | None = None  #: in place of frames, in pixels of the file
    counts: tuple[int, int] | None = None  #: (rows, columns) of a grid that fills the sheet
    from_below: bool = False  #: whether y of the frames is counted upward from the bottom
    named: bool = True  #: whether the user named its file; one found beside a picture may be stale

    def on(self, height: int, width: int) -> SheetText:
        """The description for a sheet of this size, with ``counts`` converted to a grid."""
        if self.counts is None:
            return self
        rows, columns = self.counts
        cell = max(1, height // rows), max(1, width // columns)
        return replace(self, counts=None, grid=Grid(cell))

    def box_of(
        self, frame: SheetFrame, width: int, height: int
    ) -> tuple[int, int, int, int] | None:
        """x, y, w, h of a frame on a sheet of this size; None = it does not fit on it."""
        x, y, w, h = frame.box
        if self.from_below:
            y = height - y - h
        return (x, y, w, h) if w and h and x + w <= width and 0 <= y <= height - h else None


def parse_sheet(data: bytes, name: str) -> SheetText:
    """Read a description in the hash or the array layout.

    Raises FileError if it is not JSON, does not describe a sheet, or rotates frames.
    """
    with reading(name, tr("the JSON of a sprite sheet")):
        try:
            value = strict_json.loads(data)
        except ValueError as error:
            raise FileError(
                tr("'{name}' is not JSON: {error}.", name=name, error=error).replace("\n", " ")
            ) from None
        if not isinstance(value, dict) or not isinstance(value.get("frames"), dict | list):
            raise FileError(
                "'{name}' describes no sprite sheet; export it as JSON data again.", name=name
            )
        listed = value["frames"]
        pairs = (
            list(listed.items())
            if isinstance(listed, dict)
            else [(str(frame.get("filename", i)), frame) for i, frame in enumerate(listed)]
        )
        if not pairs or len(pairs) > MOST_FRAMES:
            raise FileError(
                "'{name}' describes {count:,} frames; a sheet has 1 to {most_frames:,}.",
                name=name,
                count=len(pairs),
                most_frames=MOST_FRAMES,
            )
        meta = value.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        tags = _tags(meta, len(pairs))
        frames = tuple(
            _frame(str(key), frame, tag) for (key, frame), tag in zip(pairs, tags, strict=True)
        )
        if sum(frame.pixels for frame in frames) > MOST_PIXELS_IN_ALL:
            raise FileError(
                "The frames of '{name}' have more than {most:.0f} million pixels in all; "
                "export fewer or smaller ones.",
                name=name,
                most=MOST_PIXELS_IN_ALL / 1e6,
            )
        image = meta.get("image", "")
    picture = PurePosixPath(str(image).replace("\\", "/")).name if image else ""
    return SheetText(picture, frames, file=name)


def _frame(name: str, value: dict[str, Any], tag: str) -> SheetFrame:
    if value.get("rotated"):
        raise FileError(
            "The frame '{name}' is rotated on its sheet; export it without rotation.", name=name
        )
    box = tuple(_number(value["frame"][key]) for key in "xywh")
    source, at = None, (0, 0)
    if value.get("trimmed") and "sourceSize" in value and "spriteSourceSize" in value:
        source = (_number(value["sourceSize"]["w"]), _number(value["sourceSize"]["h"]))
        at = (_number(value["spriteSourceSize"]["x"]), _number(value["spriteSourceSize"]["y"]))
        if at[0] + box[2] > source[0] or at[1] + box[3] > source[1] or max(source) > 4096:
            raise FileError(
                "The frame '{name}' does not fit into its own size; export it again.", name=name
            )
    return SheetFrame(name, box, source, at, tag)  # type: ignore[arg-type]


def _number(value: Any) -> int:
    number = int(value)
    if isinstance(value, bool) or number != value or not 0 <= number <= MOST_PIXELS:
        raise FileError(
            "A frame of it is at {value!r}, which is not a pixel; export it again.", value=value
        )
    return number


def _tags(meta: dict[str, Any], count: int) -> list[str]:
    tags = [""] * count
    untagged = list(range(count + 1))  # for each frame, where to find the next without a tag

    def next_untagged(i: int) -> int:
        while untagged[i] != i:
            untagged[i] = i = untagged[untagged[i]]
        return i

    for tag in meta.get("frameTags") or ():
        first, last, name = max(0, int(tag["from"])), int(tag["to"]), str(tag["name"])
        i = next_untagged(min(first, count)) if name else count
        while i < min(last + 1, count):
            tags[i], untagged[i] = name, i + 1
            i = next_untagged(i)
    return tags
