"""Sprites in numpy files of any layout: ours, the course's pair, and other programs'."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.credits import Credit
from sprite_lab.formats.arrays import (
    ArrayArchive,
    ArrayHeader,
    check_length,
    peek_npy,
    read_array,
    read_header,
)
from sprite_lab.formats.images.course import (
    IMAGES_PREFIX,
    LABELS_PREFIXES,
    default_class_names,
    find_pair,
    labels_from_array,
)
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.formats.reading import reading
from sprite_lab.formats.sets.sprites import read_credits
from sprite_lab.words import tr, trn

#: Size limit of an array of pictures, in bytes: about a million sprites of 16x16.
MOST_BYTES = 1_100_000_000

#: Maximum side of a picture in an array, in pixels.
MOST_SIDE = 256

_IMAGES = ("images", "sprites", "x", "data", "x_train", "train_images", "arr_0")
_LABELS = ("labels", "label", "y", "targets", "classes", "y_train", "train_labels", "arr_1")
_CLASS_NAMES = ("class_names", "label_names", "classes", "names")

#: Number of sprites converted at once.
_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class ArraySprites:
    """The contents of an array file."""

    rgba: NDArray[np.uint8]  #: uint8 (N, H, W, 4)
    opaque: bool  #: whether there is no alpha, so that the background has to be found
    labels: NDArray[np.int64] | None  #: int64 (N,), -1 = none; None = the file has no labels
    class_names: tuple[str, ...]  #: one for each class; () = none
    #: name of each sprite; () = the file has none
    names: tuple[str, ...]
    source: tuple[str, ...]
    group: NDArray[np.int64] | None  #: int64 (N,), groups stated by the file; None = none
    #: a description: "300 pictures of 16x16 pixels, float32 in [-1, 1], channels first"
    layout: str
    credits: tuple[Credit, ...] = ()  #: one for each source
    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  #: sentences


def is_array(head: bytes, name: str) -> bool:
    """Whether a file with this beginning is an ``.npy`` or ``.npz``."""
    return head.startswith(b"\x93NUMPY") or (head[:2] == b"PK" and name.lower().endswith(".npz"))


def labels_beside(entry: Entry, neighbors: dict[str, Entry]) -> Entry | None:
    """The file with the labels of an ``.npy`` of pictures; None = there is none.

    ``neighbors``: all input files, by path. Raises FileError if ``entry`` holds labels itself,
    without pictures beside it.
    """
    if entry.member is None:
        images, labels = _pair(entry.file)
        return None if labels is None or labels == images else entry.beside(labels)
    if entry.name.startswith(IMAGES_PREFIX):
        rest = entry.name.removeprefix(IMAGES_PREFIX)
        for prefix in LABELS_PREFIXES:
            path = str(PurePosixPath(entry.path).with_name(prefix + rest))
            if path in neighbors:
                return neighbors[path]
    return None


def images_beside(entry: Entry) -> Path | None:
    """The picture file that belongs to an ``.npy`` of labels on disk.

    None = it is in an archive, or holds no labels.
    """
    if entry.member is not None:
        return None
    images, labels = _pair(entry.file)
    return images if labels == entry.file else None


def _pair(path: Path) -> tuple[Path, Path | None]:
    """Like :func:`find_pair`, which does not know gray pictures: these have no labels."""
    with reading(path, tr("a numpy array")):
        gray = _layout_of(peek_npy(path).shape) == "NHW"
    return (path, None) if gray else find_pair(path)


def read_arrays(entry: Entry, labels: Entry | None) -> ArraySprites:
    """Read an ``.npy`` of pictures, with its labels if given, or an ``.npz``.

    Raises FileError if it holds no pictures, has labels that do not fit, or is damaged.
    """
    name = entry.name
    with reading(name, tr("an array of sprites (.npz or .npy)")), entry.open() as file:
        if not entry.head().startswith(b"PK"):
            images = _read_npy(file, entry)
            found = None if labels is None else _read_labels(labels)
            return _sprites(images, name, found)
        with zipfile.ZipFile(file) as packed:
            return _read_npz(ArrayArchive(packed, name), name)


def _read_labels(entry: Entry) -> AnyArray:
    with reading(entry.name, tr("an array of labels")), entry.open() as file:
        return _read_npy(file, entry)


def _read_npy(file: IO[bytes], entry: Entry) -> AnyArray:
    header = read_header(file, entry.name)
    check_length(entry.name, header, entry.size)
    _check_memory(header, entry.name)
    return read_array(file, header, entry.name)


def _check_memory(header: ArrayHeader, name: str) -> None:
    if header.nbytes > MOST_BYTES:
        raise FileError(
            "'{name}' holds {nbytes:,.0f} MB of numbers, but at most "
            "{most_image_bytes:,.0f} MB can be opened; use fewer.",
            name=name,
            nbytes=header.nbytes / 1e6,
            most_image_bytes=MOST_BYTES / 1e6,
        )


def _read_npz(archive: ArrayArchive, name: str) -> ArraySprites:
    headers = archive.headers
    pictures = [key for key, header in headers.items() if _layout_of(header.shape)]
    if not pictures:
        known = ", ".join(sorted(headers)) or tr("no arrays")
        raise FileError(
            "'{name}' has no array of pictures (it has: {known}); choose another.",
            name=name,
            known=known,
        )
    key = first_named(pictures, _IMAGES) or max(pictures, key=lambda key: headers[key].nbytes)
    _check_memory(headers[key], name)
    count = headers[key].shape[0]
    images = archive.read(key)
    if key == "images" and "alpha" in headers and images.shape[-1] == 3:
        images = _with_alpha(images, archive, name)

    def texts(kinds: tuple[str, ...], length: int | None) -> tuple[str, ...]:
        for candidate in kinds:
            header = headers.get(candidate)
            if header and header.dtype.kind == "U" and len(header.shape) == 1:
                if length is None and header.shape[0] == count and candidate != kinds[0]:
                    continue  # one for each sprite: these are the names of sprites
                if length is None or header.shape[0] == length:
                    return archive.text(candidate)
        return ()

    label_keys = [
        k
        for k, h in headers.items()
        if k != key
        and h.shape[:1] == (count,)
        and len(h.shape) <= 2
        and (h.dtype.kind in "iubf" or (h.dtype.kind == "U" and k in _LABELS))
        and k not in ("group", "alpha")
    ]
    label_key = first_named(label_keys, _LABELS) or (
        label_keys[0] if len(label_keys) == 1 else None
    )
    group = None
    if "group" in headers and headers["group"].shape == (count,):
        group = archive.read("group")
        group = group.astype(np.int64) if group.dtype.kind in "iu" else None
    found = _sprites(
        images,
        name,
        archive.read(label_key) if label_key else None,
        texts(_CLASS_NAMES, None) if label_key else (),
    )
    others = [other for other in pictures if other not in (key, "alpha")]
    warnings = found.warnings
    unfit = first_named([k for k, h in headers.items() if _may_be_labels(k, h)], _LABELS)
    if label_key is None and unfit is not None:
        warnings += (
            tr(
                "Its '{unfit}' are {shape:,}, not one per sprite, so they were left out.",
                unfit=unfit,
                shape=headers[unfit].shape[0],
            ),
        )
    if others:
        warnings += (
            tr(
                "It has other arrays of pictures, which were left out: {others}.",
                others=", ".join(others),
            ),
        )
    sources = texts(("source", "sources"), count)
    thanked = read_credits(archive, name)
    if not any(sources):
        # Credits without sources apply to all sprites. Without either, the file is the source.
        sources = ("",) * count if thanked else ()
    return replace(
        found,
        names=texts(("names", "name", "filenames"), count),
        source=sources,
        words=texts(("words",), count),
        group=group,
        credits=thanked,
        warnings=warnings,
    )


def _with_alpha(images: AnyArray, archive: ArrayArchive, name: str) -> AnyArray:
    alpha = archive.read("alpha")
    if alpha.shape != images.shape[:3] or alpha.dtype != images.dtype:
        raise FileError(
            "'alpha' in '{name}' is {dtype} {shape}, but must be {needed_dtype} {needed_shape}.",
            name=name,
            dtype=alpha.dtype,
            shape=alpha.shape,
            needed_dtype=images.dtype,
            needed_shape=images.shape[:3],
        )
    return np.concatenate([images, alpha[..., None]], axis=3)


def _may_be_labels(key: str, header: ArrayHeader) -> bool:
    """Whether this may be an array of labels; texts called "classes" are class names."""
    texts = header.dtype.kind == "U" and key not in _CLASS_NAMES
    return len(header.shape) in (1, 2) and (texts or header.dtype.kind in "iubf")


def first_named(keys: list[str], known: tuple[str, ...]) -> str | None:
    """The first of the ``known`` names that is in ``keys``, as written there; None = none is.

    Case is ignored.
    """
    lower = {key.lower(): key for key in keys}
    return next((lower[name] for name in known if name in lower), None)


def _layout_of(shape: tuple[int, ...]) -> str:
    """The layout of pictures in an array of this shape; "" = it holds no pictures."""
    if len(shape) == 4 and shape[0] >= 1:
        if shape[3] in (1, 3, 4) and min(shape[1:3]) >= 1 and max(shape[1:3]) <= MOST_SIDE:
            return "NHWC"
        if shape[1] in (1, 3, 4) and min(shape[2:]) >= 1 and max(shape[2:]) <= MOST_SIDE:
            return "NCHW"
    if len(shape) == 3 and shape[0] >= 1 and min(shape[1:]) > 4 and max(shape[1:]) <= MOST_SIDE:
        return "NHW"
    return ""


def _sprites(
    images: AnyArray, name: str, labels: AnyArray | None, class_names: tuple[str, ...] = ()
) -> ArraySprites:
    layout = _layout_of(images.shape)
    if not layout or images.dtype.kind not in "uifb":
        raise FileError(
            "'{name}' holds {dtype} {shape}, but pictures are (count, height, "
            "width, 3) or (count, 3, height, width), each side up to {most_side} pixels.",
            name=name,
            dtype=images.dtype,
            shape=images.shape,
            most_side=MOST_SIDE,
        )
    if layout == "NCHW":
        images = np.moveaxis(images, 1, 3)
    elif layout == "NHW":
        images = images[..., None]
    to_bytes, words = _scale_of(images, name)
    count, height, width, channels = images.shape
    rgba = np.empty((count, height, width, 4), np.uint8)
    for start in range(0, count, _BLOCK):
        block = to_bytes(images[start : start + _BLOCK])
        rgba[start : start + _BLOCK, ..., :3] = block[..., : min(channels, 3)]
        rgba[start : start + _BLOCK, ..., 3] = block[..., 3] if channels == 4 else 255
    numbers, names = _labels(labels, count, name, class_names)
    order = {"NHWC": "", "NCHW": tr(", channels first"), "NHW": tr(", gray")}[layout]
    return ArraySprites(
        rgba=rgba,
        opaque=channels != 4,
        labels=numbers,
        class_names=names,
        names=(),
        source=(),
        group=None,
        layout=tr(
            "{pictures} of {width}×{height} pixels, {words}{order}",
            pictures=trn("1 picture", "{n:,} pictures", count),
            width=width,
            height=height,
            words=words,
            order=order,
        ),
    )


def _labels(
    labels: AnyArray | None, count: int, name: str, class_names: tuple[str, ...]
) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    if labels is None:
        return None, ()
    if labels.dtype.kind == "U":
        texts = labels.reshape(-1)
        if len(texts) != count:
            raise FileError(
                "'{name}' has {labels} for {sprites}.",
                name=name,
                labels=trn("{n:,} label", "{n:,} labels", len(texts)),
                sprites=trn("{n:,} sprite", "{n:,} sprites", count),
            )
        found, numbers = np.unique(texts, return_inverse=True)
        return numbers.reshape(-1).astype(np.int64), tuple(str(text) for text in found)
    numbers, classes = labels_from_array(labels, count, name)
    if len(class_names) < classes:
        class_names = default_class_names(classes)
    return numbers, class_names


def _scale_of(images: AnyArray, name: str) -> tuple[Callable[[AnyArray], AnyArray], str]:
    """A function that maps the numbers to 0..255, and a description of their range."""
    lowest, highest = float(images.min()), float(images.max())  # NaN if any number is NaN
    words = f"{images.dtype}"
    if not np.isfinite(lowest) or not np.isfinite(highest):
        raise FileError(
            "'{name}' holds values that are not numbers (NaN or infinite); save it again.",
            name=name,
        )
    if images.dtype.kind == "b":
        return lambda block: block.astype(np.uint8) * np.uint8(255), words
    if images.dtype.kind in "ui":
        if lowest < 0 or highest > 255:
            raise FileError(
                "The numbers in '{name}' go from {lowest:g} to {highest:g}, but colors go from "
                "0 to 255; scale them first.",
                name=name,
                lowest=lowest,
                highest=highest,
            )
        return lambda block: block.astype(np.uint8), words
    slack = 1e-3
    if lowest < -1 - slack or highest > 255 + slack or (lowest < -slack and highest > 1 + slack):
        raise FileError(
            "The numbers in '{name}' go from {lowest:g} to {highest:g}, but colors go from -1 "
            "or 0 to 1, or from 0 to 255; scale them first.",
            name=name,
            lowest=lowest,
            highest=highest,
        )
    if lowest < -slack:
        return _to_bytes(1.0, 127.5), tr("{words} in [-1, 1]", words=words)
    if highest <= 1 + slack:
        return _to_bytes(0.0, 255.0), tr("{words} in [0, 1]", words=words)
    return _to_bytes(0.0, 1.0), tr("{words} in [0, 255]", words=words)


def _to_bytes(shift: float, scale: float) -> Callable[[AnyArray], AnyArray]:
    return lambda block: np.clip(
        np.rint((block.astype(np.float64) + shift) * scale), 0, 255
    ).astype(np.uint8)
