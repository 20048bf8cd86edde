"""Palettes on disk: ``.hex`` lists, and pictures whose colours are meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.palette import from_hex
from sprite_lab.formats.png import read_image
from sprite_lab.formats.reading import check_file, reading

#: The most colours that a palette may have.
MOST_COLOURS = 256

_LARGEST_LIST = 100_000


def read_palette(path: str | Path) -> NDArray[np.uint8]:
    """The colours of a palette, uint8 (colours, 3), in the order of the file.

    Parameters
    ----------
    path : a ``.hex`` file with one ``rrggbb`` a line, or a picture; transparent pixels of a
        picture count as none.

    Raises
    ------
    FileError
        If it cannot be read, has no colours, or has more than 256.
    """
    path = Path(path)
    colours = _hex_list(path) if path.suffix.lower() == ".hex" else _picture(path)
    if not 1 <= len(colours) <= MOST_COLOURS:
        raise FileError(
            f"'{path.name}' has {len(colours):,} colours, but a palette has from 1 to "
            f"{MOST_COLOURS}; choose another file."
        )
    return colours


def _hex_list(path: Path) -> NDArray[np.uint8]:
    with reading(path, "a list of colours (.hex)"):
        check_file(path, _LARGEST_LIST)
        lines = path.read_text("ascii").split()
        try:
            colours = [from_hex(line)[:3] for line in lines]
        except (ValueError, IndexError):
            raise FileError(
                f"'{path.name}' must have one colour a line, written as rrggbb."
            ) from None
    return np.array(colours, np.uint8).reshape(-1, 3)


def _picture(path: Path) -> NDArray[np.uint8]:
    pixels = read_image(path).reshape(-1, 4)
    opaque = pixels[pixels[:, 3] >= 128, :3]
    colours, first = np.unique(opaque, axis=0, return_index=True)
    return np.ascontiguousarray(colours[np.argsort(first)])
