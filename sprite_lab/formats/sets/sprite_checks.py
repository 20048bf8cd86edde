"""Checks for any set of sprites, whatever its file format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sprite_lab.core.errors import FileError
from sprite_lab.formats.arrays import ArrayHeader
from sprite_lab.formats.images.course import MOST_CLASSES

#: Size limit, in bytes, of the pixels of a set that is read as a whole: 450,000 sprites of 16x16.
#: With alpha and texts, these take less than a gigabyte of memory.
MOST_IMAGE_BYTES = 350_000_000


def check_images_header(
    header: ArrayHeader, name: str, most: int | None = MOST_IMAGE_BYTES
) -> None:
    """Raise FileError unless ``header`` describes uint8 (N, S, S, 3|4), with N at least 1.

    S must be a multiple of 8 up to 64. ``most``: maximum size of the array in bytes; None = any.
    """
    shape = header.shape
    if len(shape) != 4 or shape[3] not in (3, 4) or header.dtype != np.uint8:
        raise FileError(
            "'{name}' holds {dtype} {shape}, but sprites are uint8 (count, height, width, 3 or 4).",
            name=name,
            dtype=header.dtype,
            shape=shape,
        )
    count, height, width = shape[:3]
    if count == 0:
        raise FileError("'{name}' holds no sprites; choose another file.", name=name)
    if height != width or height % 8 or not 8 <= height <= 64:
        raise FileError(
            "The sprites in '{name}' are {width}×{height} pixels; they must be square, with "
            "a side that is a multiple of 8 up to 64.",
            name=name,
            width=width,
            height=height,
        )
    if most is not None and header.nbytes > most:
        stem = name.rpartition(".")[0] or name
        raise FileError(
            "'{name}' holds {count:,} sprites, {nbytes:,.0f} MB of pixels, but at "
            "most {most:,.0f} MB can be read as a whole; make a store of it with "
            "'sprite-lab import {name} --out {stem}.sprites' and open that.",
            name=name,
            count=count,
            nbytes=header.nbytes / 1e6,
            most=most / 1e6,
            stem=stem,
        )


def check_class_names(names: Sequence[str], where: str) -> None:
    """Raise FileError unless the names are distinct, printable, not blank, and no more than
    MOST_CLASSES.
    """
    if len(names) > MOST_CLASSES:
        raise FileError(
            "'{where}' names {count:,} classes, but at most {most_classes:,} are taken; "
            "merge some of them.",
            where=where,
            count=len(names),
            most_classes=MOST_CLASSES,
        )
    seen: set[str] = set()
    for name in names:
        if not name.strip() or not name.isprintable() or name in seen:
            raise FileError(
                "The class names in '{where}' must be printable and all different, but one of "
                "them is {name!r}.",
                where=where,
                name=name[:40],
            )
        seen.add(name)
