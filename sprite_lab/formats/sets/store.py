"""Stores: folders ``NAME.sprites`` of plain arrays that are mapped, not read, when opened.

An ``.npz`` is unpacked as a whole, which takes over a gigabyte for a million sprites; of a store,
only what is used is read. A small one is read whole all the same, since a process dies if a file
that it has mapped is cut off. The arrays are ordinary ``.npy`` files, as in ``SpriteSet``, that
numpy can open. Names are stored as UTF-8 with the positions of their ends, since in a numpy array
each would take as much as the longest. ``set.json`` is written last: a folder without it is not a
store. It holds the fingerprint, which would otherwise require reading all pixels.

A store is written once, by :class:`~sprite_lab.formats.sets.store_writer.StoreWriter`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os.path import isfile
from pathlib import Path

import numpy as np

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.core.plain import from_plain
from sprite_lab.core.sets.credits import Credit, check_credits
from sprite_lab.core.sets.sprites import FINGERPRINT_LENGTH, SpriteSet
from sprite_lab.core.sets.texts import Texts
from sprite_lab.formats.arrays import ArrayHeader, read_header
from sprite_lab.formats.folders import check_folder
from sprite_lab.formats.images.course import MOST_CLASSES
from sprite_lab.formats.json_files import read_object
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.sets.sprite_checks import check_class_names, check_images_header

SCHEMA_VERSION = 2

SUFFIX = ".sprites"

#: The file that makes a folder a store; it holds all but the arrays.
MANIFEST = "set.json"
LARGEST_MANIFEST = 20_000_000

#: Maximum number of pixels of a store that is read whole.
MOST_READ = 16_000_000

#: Suffix of the folder of an unfinished store, and the name of the journal in it.
PART_SUFFIX = ".part"
JOURNAL = "journal.json"

#: Element types of the arrays.
DTYPES: dict[str, np.dtype] = {
    "images": np.dtype(np.uint8),
    "alpha": np.dtype(np.uint8),
    "labels": np.dtype("<i8"),
    "group": np.dtype("<i8"),
    "names": np.dtype(np.uint8),  # UTF-8, concatenated
    "name_ends": np.dtype("<i8"),  # where each name ends
    "source": np.dtype("<i4"),  # index of each sprite's source
    "sources": np.dtype(np.uint8),  # UTF-8 of all sources
    "source_ends": np.dtype("<i8"),
    "words": np.dtype(np.uint8),
    "word_ends": np.dtype("<i8"),
    "pose_of": np.dtype("<i8"),
    "direction": np.dtype("<i4"),  # index, like source
    "directions": np.dtype(np.uint8),
    "direction_ends": np.dtype("<i8"),
    "frame": np.dtype("<i8"),
}


#: Opens an array of a store by its name and shape.
_Arrays = Callable[[str, tuple[int, ...]], AnyArray]


@dataclass(frozen=True)
class StoreFacts:
    """The contents of ``set.json`` of a store."""

    count: int  #: number of sprites
    size: tuple[int, int]  #: their height and width
    class_names: tuple[str, ...]
    sources: int  #: number of distinct sources
    grouped: bool
    credits: tuple[Credit, ...]
    directions: int  #: number of distinct directions
    fingerprint: str = ""  #: "" = not yet known


@dataclass(frozen=True, kw_only=True)
class StoreJournal(StoreFacts):
    """The contents of the journal of an unfinished store."""

    origin: str  #: identifies where its sprites come from
    at: str | None  #: where in its input the writer continues; None = at the start
    rows: dict[str, int]  #: how many rows of each array are safely on disk


def is_store(path: Path) -> bool:
    """Whether a path is a store, judging only by its manifest."""
    return isfile(path / MANIFEST)  # not Path.is_file, which may raise


def is_unfinished(path: Path) -> bool:
    return isfile(path / JOURNAL) and not is_store(path)


def part_of(path: Path) -> Path:
    """The folder in which a store is being written."""
    return path.with_name(path.name + PART_SUFFIX)


def open_unfinished(part: Path) -> SpriteSet:
    """The sprites of a store that another process has written but not finished, unchecked.

    Raises FileError if they cannot be read.
    """
    with reading(part, f"a store of sprites ({SUFFIX})"):
        return open_arrays(part, read_journal(part))


def load_store(path: str | Path) -> SpriteSet:
    """Open a store: its arrays are mapped, and read when used, unless it is small.

    Raises FileError if it is not a store, is unfinished, or has a truncated or invalid file.
    """
    path = Path(path)
    if is_unfinished(path):
        raise FileError(
            "'{name}' is an unfinished store; import the same files into "
            "'{removesuffix}' again to continue.",
            name=path.name,
            removesuffix=path.name.removesuffix(PART_SUFFIX),
        )
    if not is_store(path):
        raise FileError(
            "'{name}' is a folder, but not a store of sprites; choose one that ends in {suffix}.",
            name=path.name,
            suffix=SUFFIX,
        )
    with reading(path, f"a store of sprites ({SUFFIX})"):
        check_folder(path)
        facts = read_manifest(path / MANIFEST)
        return open_arrays(path, facts).with_fingerprint(facts.fingerprint)


def open_arrays(path: Path, facts: StoreFacts) -> SpriteSet:
    """The set whose arrays are in a folder; needs all ``facts`` but the fingerprint."""
    count, (height, width) = facts.count, facts.size
    array = partial(_array, path, count * height * width > MOST_READ)
    return SpriteSet(
        images=array("images", (count, height, width, 3)),
        alpha=array("alpha", (count, height, width)),
        labels=array("labels", (count,)),
        class_names=facts.class_names,
        group=array("group", (count,)) if facts.grouped else None,
        names=_texts(array, "names", "name_ends", count),
        source=_numbered(array, path, "source", facts.sources, count),
        title=path.name.removesuffix(SUFFIX).encode("utf-8", "replace").decode("utf-8"),
        credits=facts.credits,
        words=_texts(array, "words", "word_ends", count),
        pose_of=array("pose_of", (count,)),
        direction=_numbered(array, path, "direction", facts.directions, count),
        frame=array("frame", (count,)),
    )


def _texts(array: _Arrays, name: str, ends_name: str, count: int) -> Texts:
    """``count`` texts, stored one after the other."""
    ends = array(ends_name, (count,))
    return Texts(array(name, (int(ends[-1]),)), ends)


def _numbered(array: _Arrays, path: Path, name: str, different: int, count: int) -> Texts:
    """``count`` texts, stored as indices into ``different`` ones."""
    numbers = array(name, (count,))
    if numbers.min() < 0 or numbers.max() >= different:
        raise FileError(
            "'{name}' is damaged: its {kind}s are numbered wrongly.", name=path.name, kind=name
        )
    ends = array(f"{name}_ends", (different,))
    return Texts(array(f"{name}s", (int(ends[-1]),)), ends, numbers)


def _array(folder: Path, mapped: bool, name: str, shape: tuple[int, ...]) -> AnyArray:
    """Check the header and length of an array of a store, and map or read it.

    Raises FileError if they are wrong.
    """
    file = folder / f"{name}.npy"
    check_file(file, file.stat().st_size)
    with file.open("rb") as stream:
        header = read_header(stream, file.name)
    dtype = DTYPES[name]
    if (header.shape, header.fortran_order, header.dtype) != (shape, False, dtype):
        raise FileError(
            "'{name}' in '{folder}' holds {dtype} {shape}, but must be "
            "{needed_dtype} {needed_shape}; import the sprites again.",
            name=file.name,
            folder=folder.name,
            dtype=header.dtype,
            shape=header.shape,
            needed_dtype=dtype,
            needed_shape=shape,
        )
    length = header.length + header.nbytes
    if file.stat().st_size != length:
        raise FileError(
            "'{name}' in '{folder}' has {size:,} bytes, but must have "
            "{needed:,}; copy the whole folder again, or import the sprites again.",
            name=file.name,
            folder=folder.name,
            size=file.stat().st_size,
            needed=length,
        )
    if not header.nbytes:  # an empty file cannot be mapped
        return np.zeros(shape, header.dtype)
    if not mapped:
        return np.fromfile(file, dtype, offset=header.length).reshape(shape)
    # A plain array, as memmap's overhead costs more than reading a name.
    return np.asarray(np.memmap(file, header.dtype, "r", header.length, shape))


def read_journal(part: Path) -> StoreJournal:
    """Read the journal of an unfinished store; only types are checked."""
    found = read_object(part / JOURNAL, LARGEST_MANIFEST, SCHEMA_VERSION, f"'{part.name}'")
    return from_plain(StoreJournal, found)


def read_manifest(file: Path) -> StoreFacts:
    """Read and check ``set.json``; to be called within :func:`.reading`.

    Raises FileError if a newer version wrote it, and FileError, ConfigError or ValueError if its
    contents are invalid.
    """
    name = file.parent.name
    facts = from_plain(StoreFacts, read_object(file, LARGEST_MANIFEST, SCHEMA_VERSION, f"'{name}'"))
    count, kinds = facts.count, (facts.sources, facts.directions)
    if (
        min(count, *facts.size) < 1
        or len(facts.class_names) > MOST_CLASSES
        or len(facts.fingerprint) != FINGERPRINT_LENGTH
        or not all(0 < kind <= count for kind in kinds)
    ):
        raise FileError(
            "'{name}' is damaged: its {manifest} does not match.", name=name, manifest=MANIFEST
        )
    check_class_names(facts.class_names, name)
    header = ArrayHeader((count, *facts.size, 3), False, DTYPES["images"], 0)
    check_images_header(header, name, most=None)
    check_credits(facts.credits)
    return facts
