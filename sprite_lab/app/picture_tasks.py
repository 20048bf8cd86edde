"""Pictures and palettes between the project and the disk, as factories of runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import Colour
from sprite_lab.core.palette import DEFAULT_PALETTE, NamedPalette
from sprite_lab.core.pictures import Pictures
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.paths import resource

if TYPE_CHECKING:
    from sprite_lab.jobs import Factory

# Pillow is slow to load, and no window needs it.
# ruff: noqa: PLC0415

#: By their suffix: what can be read as pictures, and what as palettes alone.
STILL_SUFFIXES = (".png", ".gif", ".bmp", ".webp", ".jpg", ".jpeg")
ASEPRITE_SUFFIXES = (".aseprite", ".ase")
PICTURE_SUFFIXES = (*STILL_SUFFIXES, *ASEPRITE_SUFFIXES)
PALETTE_SUFFIXES = (".gpl", ".pal", ".hex", ".act")


@cache
def bundled_palettes() -> tuple[NamedPalette, ...]:
    """The palettes that come with the app, all of our own making."""
    from sprite_lab.formats.palettes import load_palette

    files = sorted(resource("palettes").glob("*.gpl"))
    return (NamedPalette("Sprite Lab 32", DEFAULT_PALETTE), *(load_palette(f) for f in files))


def load_palette(path: Path, *, colours_of_picture: bool = False) -> Factory:
    """A NamedPalette from a file.

    Parameters
    ----------
    colours_of_picture : whether it is the colours of its pixels that are wanted, not the palette
        that an Aseprite file has; for other pictures it is the same.
    """

    def run(control: RunControl) -> Run[NamedPalette]:
        from sprite_lab.formats.palettes import load_palette as load
        from sprite_lab.formats.palettes import picture_palette

        yield Progress(0, 0, f"Reading {path.name}")
        is_picture = colours_of_picture or path.suffix.lower() in STILL_SUFFIXES
        return picture_palette(path) if is_picture else load(path)

    return run


def save_palette(path: Path, palette: NamedPalette) -> Factory:
    """Write a palette; gives a sentence on what the format cannot hold, or ""."""

    def run(control: RunControl) -> Run[str]:
        from sprite_lab.formats.palettes import cannot_hold
        from sprite_lab.formats.palettes import save_palette as save

        yield Progress(0, 0, f"Writing {path.name}")
        save(path, palette)
        return cannot_hold(path, palette.colours)

    return run


def read_pictures(path: Path) -> Factory:
    """Everything that a picture file holds, as Pictures."""

    def run(control: RunControl) -> Run[Pictures]:
        from sprite_lab.formats.pictures import read_pictures as read

        yield Progress(0, 0, f"Reading {path.name}")
        return read(path)

    return run


def flattening(path: Path) -> Factory:
    """What of the Aseprite file there would be lost by writing it anew, in words, or ""."""

    def run(control: RunControl) -> Run[str]:
        yield Progress(0, 0, f"Reading {path.name}")
        from sprite_lab.formats.aseprite import flattening as beyond

        return beyond(path)

    return run


def export_aseprite(
    path: Path,
    frames: NDArray[np.uint8],
    durations_ms: Sequence[int],
    palette: Sequence[Colour],
) -> Factory:
    """Write uint8 (F, H, W, 4) as flattened frames of an Aseprite file; gives the path."""

    def run(control: RunControl) -> Run[Path]:
        yield Progress(0, 0, f"Writing {path.name}")
        from sprite_lab.formats.aseprite import write_aseprite

        write_aseprite(path, frames, durations_ms, palette)
        return path

    return run
