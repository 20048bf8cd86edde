"""Sets of sprites in stores and in ``.npz`` and ``.npy`` files, read a few thousand at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet
from sprite_lab.formats.arrays import open_npz, peek_npy, read_npy
from sprite_lab.formats.images.course import default_class_names, find_pair, labels_from_array
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.sets.sprite_checks import check_images_header
from sprite_lab.formats.sets.sprites import (
    pixel_blocks,
    read_companions,
    split_alpha,
    title_of,
)
from sprite_lab.formats.sets.store import is_store, load_store

#: Size limit of a file that is never in memory as a whole, in bytes, packed and unpacked.
_LARGEST = 1_000_000_000_000


def ready_count(path: Path) -> int:
    """Number of sprites in a store or set that :func:`read_parts` can read; 0 for anything else."""
    try:
        if is_store(path):
            return len(load_store(path))
        with reading(path, "a set of sprites"):
            check_file(path, _LARGEST)
            if zipfile.is_zipfile(path):
                with open_npz(path, _LARGEST) as archive:
                    header = archive.headers["images"]
            else:
                header = peek_npy(path, _LARGEST)
            check_images_header(header, path.name, most=None)
    except FileError:
        return 0
    return 0 if header.fortran_order else header.shape[0]


def read_parts(path: Path, start: int = 0) -> Iterator[SpriteSet]:
    """The sprites of a file or store from ``start`` on, at most BLOCK at a time.

    Raises FileError like :func:`~sprite_lab.formats.sets.sprites.load_sprites`, but not for the
    size.
    """
    if is_store(path):
        sprites = load_store(path)
        for first in range(start, len(sprites), BLOCK):
            yield sprites.take(np.arange(first, min(first + BLOCK, len(sprites))))
        return
    with reading(path, "a set of sprites (.npz or .npy)"):
        check_file(path, _LARGEST)
        if zipfile.is_zipfile(path):
            yield from _parts_of_npz(path, start)
        else:
            yield from _parts_of_pair(path, start)


def _parts_of_npz(path: Path, start: int) -> Iterator[SpriteSet]:
    with open_npz(path, _LARGEST) as archive:
        check_images_header(archive.headers["images"], path.name, most=None)
        rest = read_companions(archive, path)
        for images, alpha in pixel_blocks(archive, BLOCK, start):
            yield _part(images, alpha, rest, start)
            start += len(images)


def _parts_of_pair(path: Path, start: int) -> Iterator[SpriteSet]:
    images_path, labels_path = find_pair(path)
    header = peek_npy(images_path, _LARGEST)
    check_images_header(header, images_path.name, most=None)
    mapped = np.memmap(images_path, header.dtype, "r", header.length, header.shape)
    rest: dict[str, Any] = {"title": title_of(images_path)}
    if labels_path is not None:
        labels, classes = labels_from_array(read_npy(labels_path), len(mapped), labels_path.name)
        rest |= {"labels": labels, "class_names": default_class_names(classes)}
    for first in range(start, len(mapped), BLOCK):
        images, alpha = split_alpha(np.array(mapped[first : first + BLOCK]))
        yield _part(images, alpha, rest, first)


def _part(
    images: NDArray[np.uint8], alpha: NDArray[np.uint8], rest: dict[str, Any], start: int
) -> SpriteSet:
    here: dict[str, Any] = {
        key: value[start : start + len(images)] if isinstance(value, np.ndarray) else value
        for key, value in rest.items()
    }
    return SpriteSet(images=images, alpha=alpha, **here)
