"""Files that belong to others: labels to arrays, descriptions to sheets."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.imports import Refusal
from sprite_lab.formats.importing.arrays import images_beside, labels_beside
from sprite_lab.formats.importing.engine_texts import (
    LARGEST_PROGRAM,
    OF_PROJECT,
    PROGRAMS,
    READERS,
    described_sheets,
)
from sprite_lab.formats.importing.sheet_json import SheetText, parse_sheet
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.formats.importing.surroundings import Surroundings

#: The largest JSON file that may describe a sheet, in bytes.
_LARGEST_TEXT = 16_000_000

#: Descriptions that Aseprite and TexturePacker write beside a sheet, and pictures that may be one.
_TEXT_SUFFIX = ".json"
_PICTURES = (".png", ".webp", ".gif", ".bmp")

#: Files that engines store beside each file, whether useful here or not.
_KEPT_BESIDE = (".meta", ".import")


@dataclass(frozen=True)
class Companions:
    """Files that belong to others: labels to arrays, descriptions to sheets."""

    texts: dict[str, tuple[SheetText, tuple[int, ...]]]
    labels: dict[str, Entry]
    refused: dict[str, Refusal]
    taken: set[str]


def companions_of(entries: Sequence[Entry]) -> Companions:
    """Find out which files belong to others, by examining JSON and ``.npy`` files first."""
    by_path = {entry.path: entry for entry in entries}
    by_end = _by_end(by_path)
    result = Companions({}, {}, {}, set())
    for entry in entries:
        try:
            if entry.suffix in READERS and _is_of_engine(entry, by_path, by_end, result):
                continue
            if entry.suffix == _TEXT_SUFFIX:
                _take_text(entry, by_path, result)
            elif entry.suffix == ".npy":
                _take_labels(entry, by_path, result)
            elif entry.suffix in _KEPT_BESIDE and entry.path.removesuffix(entry.suffix) in by_path:
                result.taken.add(entry.path)
            elif entry.suffix in _PICTURES and entry.member is None and not entry.root:
                _look_for_text(entry, result)
        except FileError as error:
            result.refused[entry.path] = Refusal(entry.path, str(error))
    around = Surroundings()
    for entry in entries:
        if entry.suffix in _PICTURES and entry.member is None and entry.path not in result.texts:
            found = around.description_of(entry.file)
            if found is not None:
                result.texts[entry.path] = found.text, found.stamp
    return result


def _by_end(paths: Iterable[str]) -> dict[str, str]:
    """The first of some paths with each end, such as "art/tiles.png"."""
    found: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for i in range(len(parts)):
            found.setdefault("/".join(parts[i:]), path)
    return found


def _is_of_engine(
    entry: Entry, by_path: dict[str, Entry], by_end: dict[str, str], result: Companions
) -> bool:
    """Use what an engine's file says about existing pictures; False = nothing."""
    if entry.suffix in PROGRAMS and entry.size > LARGEST_PROGRAM:
        return False
    for text in described_sheets(entry.read(_LARGEST_TEXT), entry.name):
        if text.image.startswith(OF_PROJECT):
            named = by_end.get(text.image.removeprefix(OF_PROJECT), "")
        else:
            named = posixpath.normpath(posixpath.join(entry.place, text.image))
        if named in by_path:
            result.texts.setdefault(named, (text, entry.stamp))
            result.taken.add(entry.path)
    return entry.path in result.taken


def _take_text(entry: Entry, by_path: dict[str, Entry], result: Companions) -> None:
    text = parse_sheet(entry.read(_LARGEST_TEXT), entry.name)
    place = PurePosixPath(entry.path)
    named = str(place.with_name(text.image)) if text.image not in ("", ".", "..") else ""
    picture = by_path.get(named) or next(
        (other for suffix in _PICTURES if (other := by_path.get(str(place.with_suffix(suffix))))),
        None,
    )
    if picture is None:
        missing = text.image or f"{entry.stem}.png"
        raise FileError(
            "'{name}' describes '{missing}', which is not among the files; add it.",
            name=entry.name,
            missing=missing,
        )
    result.texts[picture.path] = text, entry.stamp
    result.taken.add(entry.path)


def _look_for_text(entry: Entry, result: Companions) -> None:
    """A picture given on its own may have its description beside it on disk."""
    beside = entry.file.with_suffix(_TEXT_SUFFIX)
    if beside.is_file() and not beside.is_symlink():  # nobody named it: it may lead anywhere
        status = beside.stat()
        text_entry = replace(
            entry, path=beside.name, file=beside, size=status.st_size, stamp=(status.st_mtime_ns,)
        )
        try:
            text = parse_sheet(text_entry.read(_LARGEST_TEXT), beside.name)
        except FileError:
            return  # nobody asked for it: some other JSON
        if text.image in ("", entry.name):
            result.texts.setdefault(entry.path, (text, text_entry.stamp))


def _take_labels(entry: Entry, by_path: dict[str, Entry], result: Companions) -> None:
    images = images_beside(entry)
    if images is not None:
        path = str(PurePosixPath(entry.path).with_name(images.name))
        if path not in by_path:
            raise FileError(
                "'{name}' holds the labels of '{name2}', which is not among the files; add it.",
                name=entry.name,
                name2=images.name,
            )
        result.labels[path] = entry
        result.taken.add(entry.path)
        return
    labels = labels_beside(entry, by_path)
    if labels is not None:
        result.labels[entry.path] = labels
        result.taken.add(labels.path)
