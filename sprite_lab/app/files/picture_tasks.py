"""Tasks that read and write pictures and palettes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import call
from sprite_lab.core.frame_tags import Tag
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, NamedPalette
from sprite_lab.core.pixels.pictures import Pictures, at_own_size, count_cells, fits, within_frames
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.paths import resource
from sprite_lab.words import tr

# Pillow is slow to load, and the window does not need it.
# ruff: noqa: PLC0415

#: Suffixes of pictures, and of palette-only files.
STILL_SUFFIXES = (".png", ".gif", ".bmp", ".webp", ".jpg", ".jpeg")
ASEPRITE_SUFFIXES = (".aseprite", ".ase")
PICTURE_SUFFIXES = (*STILL_SUFFIXES, *ASEPRITE_SUFFIXES)
PALETTE_SUFFIXES = (".gpl", ".pal", ".hex", ".act")


@cache
def bundled_palettes() -> tuple[NamedPalette, ...]:
    """The palettes that ship with the app: made for it, or those of old machines."""
    from sprite_lab.formats.images.palettes import load_palette

    files = sorted(resource("palettes").glob("*.gpl"))
    return (NamedPalette(tr("Sprite Lab 32"), DEFAULT_PALETTE), *(load_palette(f) for f in files))


@call("files")
def load_palette(path: Path, *, colors_of_picture: bool = False) -> NamedPalette:
    """Read a palette; ``colors_of_picture``: take an Aseprite file's colors from its pixels."""
    from sprite_lab.formats.images.palettes import load_palette as load
    from sprite_lab.formats.images.palettes import picture_palette

    is_picture = colors_of_picture or path.suffix.lower() in STILL_SUFFIXES
    return picture_palette(path) if is_picture else load(path)


@call("files")
def save_palette(path: Path, palette: NamedPalette) -> str:
    """Save a palette; returns a sentence about what the format cannot hold, or ""."""
    from sprite_lab.formats.images.palettes import cannot_hold
    from sprite_lab.formats.images.palettes import save_palette as save

    save(path, palette)
    return cannot_hold(path, palette.colors)


@call("files")
def read_pictures(path: Path, side: int) -> Pictures:
    """Read all frames of a picture file, prepared by :func:`for_cells`."""
    from sprite_lab.formats.images.pictures import read_pictures as read

    return _for_cells(read(path), side)


@call("files")
def for_cells(pictures: Pictures, side: int) -> Pictures:
    """Prepare pictures for cells of ``side`` pixels.

    If the importer recognizes them, margins and gaps of a sheet are removed, and enlarged pixels
    are shrunk.
    """
    return _for_cells(pictures, side)


def _for_cells(found: Pictures, side: int) -> Pictures:
    from sprite_lab.formats.importing.cutting import as_plain_sheet

    def is_usable(pictures: Pictures) -> bool:
        return fits(pictures, side) or count_cells(pictures, side) != (0, 0)

    own = found if fits(found, side) else at_own_size(found)
    plain = own if is_usable(own) else within_frames(own, side)
    if not is_usable(plain):
        plain = as_plain_sheet(own, side)
    return plain if is_usable(plain) else found


@call("files")
def lost_from(path: Path, layers: int, tags: Collection[str]) -> str:
    """What this Aseprite file would lose if it were replaced by one with this number of layers and
    tags of these names, in words; "" = nothing.
    """
    from sprite_lab.formats.aseprite.aseprite import lost_from as found

    return found(path, layers, tags)


@call("files")
def export_aseprite(
    path: Path,
    frames: NDArray[np.uint8],
    durations_ms: Sequence[int],
    palette: Sequence[Color],
    tags: Sequence[Tag] = (),
    stacks: Sequence[Sequence[Layer]] = (),
    attribution: str = "",
) -> Path:
    """Write frames with ``write_aseprite``, and credits to a file beside it; returns the path."""
    from sprite_lab.formats.aseprite.aseprite import write_aseprite
    from sprite_lab.formats.credits_file import writing_credits

    with writing_credits(path, attribution):
        write_aseprite(path, frames, durations_ms, palette, tags, stacks)
    return path


@call("files")
def read_reference(path: Path, side: int) -> ReferencePicture:
    """Read a reference picture and fit it into a cell of ``side`` pixels."""
    from sprite_lab.formats.reference import read_reference as read

    return read(path, side)
