"""The course's layout: one ``.npy`` with images and, beside it, another with their labels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.formats.arrays import ArrayHeader, peek_npy
from sprite_lab.formats.reading import reading
from sprite_lab.words import trn

#: Prefixes of the two files of a pair; the rest of their names is the same.
IMAGES_PREFIX = "sprites_"
LABELS_PREFIXES = ("sprite_labels_nc_", "sprite_labels_")

#: If there are more other arrays in a folder, none is taken for a companion by its shape.
MOST_SIBLINGS = 50

#: Maximum number of files of any kind among which a companion is searched for.
MOST_BESIDE = 10_000

MOST_CLASSES = 1000


def find_pair(path: Path) -> tuple[Path, Path | None]:
    """The images file and labels file (or None) of the pair that ``path`` belongs to.

    A companion is found by the course's names. Failing that, it is the other ``.npy`` in the folder
    with a fitting shape, if there is only one.
    """
    header = _header(path)
    if _looks_like_images(header):
        return path, _labels_of(path, header.shape[0])
    if _looks_like_labels(header):
        return _images_of(path, header.shape[0]), path
    raise FileError(
        "'{name}' holds {dtype} {shape}, which is neither sprites "
        "(count, height, width, 3) nor labels.",
        name=path.name,
        dtype=header.dtype,
        shape=header.shape,
    )


def labels_from_array(array: AnyArray, count: int, name: str) -> tuple[NDArray[np.int64], int]:
    """Labels of ``count`` sprites from one-hot rows or integers.

    Returns int64 (count,), -1 = no class; and the number of classes.
    """
    if array.ndim == 0 or len(array) != count:
        length = len(array) if array.ndim else 0
        raise FileError(
            "'{name}' has {labels} for {sprites}.",
            name=name,
            labels=trn("{n:,} label", "{n:,} labels", length),
            sprites=trn("{n:,} sprite", "{n:,} sprites", count),
        )
    if array.dtype.kind not in "iubf":
        raise FileError(
            "The labels in '{name}' are {dtype}; they must be numbers.",
            name=name,
            dtype=array.dtype,
        )
    if array.ndim == 2 and 1 < array.shape[1] <= MOST_CLASSES:
        sums = array.sum(axis=1)
        if not (np.isin(array, (0, 1)).all() and np.isin(sums, (0, 1)).all()):
            raise FileError("The rows of labels in '{name}' must each have a single 1.", name=name)
        return np.where(sums == 1, array.argmax(axis=1), -1).astype(np.int64), array.shape[1]
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        flat = array.reshape(-1)
        whole = np.isfinite(flat).all() and (flat == np.rint(flat)).all()
        if not whole or flat.min() < -1 or flat.max() >= MOST_CLASSES:
            raise FileError(
                "The labels in '{name}' must be whole numbers from 0 (-1 for none) to "
                "{most_classes}.",
                name=name,
                most_classes=MOST_CLASSES - 1,
            )
        return flat.astype(np.int64), int(flat.max()) + 1
    raise FileError(
        "The labels in '{name}' have shape {shape}; they must be one number or one "
        "row of a single 1 for each sprite.",
        name=name,
        shape=array.shape,
    )


def default_class_names(count: int) -> tuple[str, ...]:
    """Default class names: the course's if there are five."""
    if count == len(COURSE_CLASSES):
        return COURSE_CLASSES
    return tuple(f"class_{i}" for i in range(count))


def _header(path: Path) -> ArrayHeader:
    with reading(path, "a numpy array"):
        return peek_npy(path)


def _looks_like_images(header: ArrayHeader) -> bool:
    return len(header.shape) == 4


def _looks_like_labels(header: ArrayHeader) -> bool:
    shape = header.shape
    if header.dtype.kind not in "iubf" or not shape or shape[0] == 0:
        return False
    return len(shape) == 1 or (len(shape) == 2 and 1 <= shape[1] <= MOST_CLASSES)


def _labels_of(path: Path, count: int) -> Path | None:
    if path.name.startswith(IMAGES_PREFIX):
        rest = path.name.removeprefix(IMAGES_PREFIX)
        for prefix in LABELS_PREFIXES:
            if (named := path.with_name(prefix + rest)).is_file():
                return named
    return _lone_sibling(path, count, _looks_like_labels)


def _images_of(path: Path, count: int) -> Path:
    for prefix in LABELS_PREFIXES:
        if path.name.startswith(prefix):
            named = path.with_name(IMAGES_PREFIX + path.name.removeprefix(prefix))
            if named.is_file():
                return named
    found = _lone_sibling(path, count, _looks_like_images)
    if found is None:
        raise FileError(
            "'{name}' holds labels only, and no array of {count} sprites is beside it; "
            "open the images instead.",
            name=path.name,
            count=count,
        )
    return found


def _lone_sibling(
    path: Path, count: int, looks_right: Callable[[ArrayHeader], bool]
) -> Path | None:
    """The only other array in the folder with ``count`` rows that looks right, if any."""
    fitting = [
        sibling
        for sibling, header in _siblings(path)
        if looks_right(header) and header.shape[0] == count
    ]
    return fitting[0] if len(fitting) == 1 else None


def _siblings(path: Path) -> Iterator[tuple[Path, ArrayHeader]]:
    others = []
    with os.scandir(path.parent) as found:
        for item in islice(found, MOST_BESIDE):
            if item.name.endswith(".npy") and item.name != path.name:
                others.append(item.name)
            if len(others) > MOST_SIBLINGS:  # among so many, a fitting shape means nothing
                return
    for other in map(path.with_name, sorted(others)):
        try:
            yield other, _header(other)
        except FileError:
            # The user did not choose this file, so if it is damaged, it is skipped.
            continue
