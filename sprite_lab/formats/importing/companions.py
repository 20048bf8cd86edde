"""Files that belong to others: labels to their arrays, descriptions to their sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.imports import Refusal
from sprite_lab.formats.importing.arrays import images_beside, labels_beside
from sprite_lab.formats.importing.sheet_json import SheetText, parse_sheet
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.words import tr

#: The largest JSON file that may describe a sheet, in bytes.
_LARGEST_TEXT = 16_000_000

#: Whose JSON is looked for beside a picture that was named by itself.
_TEXT_SUFFIX = ".json"


@dataclass(frozen=True)
class Companions:
    """Files that belong to others: labels to their arrays, descriptions to their sheets."""

    texts: dict[str, tuple[SheetText, tuple[int, ...]]]
    labels: dict[str, Entry]
    refused: dict[str, Refusal]
    taken: set[str]


def companions_of(entries: Sequence[Entry]) -> Companions:
    """Find out which files belong to others, by examining JSON and ``.npy`` files first."""
    by_path = {entry.path: entry for entry in entries}
    result = Companions({}, {}, {}, set())
    for entry in entries:
        try:
            if entry.suffix == _TEXT_SUFFIX:
                _take_text(entry, by_path, result)
            elif entry.suffix == ".npy":
                _take_labels(entry, by_path, result)
            elif entry.member is None and not entry.root:
                _look_for_text(entry, result)
        except FileError as error:
            result.refused[entry.path] = Refusal(entry.path, str(error))
    return result


def _take_text(entry: Entry, by_path: dict[str, Entry], result: Companions) -> None:
    text = parse_sheet(entry.read(_LARGEST_TEXT), entry.name)
    place = PurePosixPath(entry.path)
    named = str(place.with_name(text.image)) if text.image not in ("", ".", "..") else ""
    picture = by_path.get(named) or next(
        (
            other
            for suffix in (".png", ".webp", ".gif", ".bmp")
            if (other := by_path.get(str(place.with_suffix(suffix))))
        ),
        None,
    )
    if picture is None:
        missing = text.image or f"{entry.stem}.png"
        raise FileError(
            tr(
                "'{name}' describes '{missing}', which is not among the files; add it.",
                name=entry.name,
                missing=missing,
            )
        )
    result.texts[picture.path] = text, entry.stamp
    result.taken.add(entry.path)


def _look_for_text(entry: Entry, result: Companions) -> None:
    """A picture given on its own may have its description beside it on disk."""
    beside = entry.file.with_suffix(_TEXT_SUFFIX)
    if entry.suffix in (".png", ".webp", ".gif", ".bmp") and beside.is_file():
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
                tr(
                    "'{name}' holds the labels of '{name2}', which is not among the files; add it.",
                    name=entry.name,
                    name2=images.name,
                )
            )
        result.labels[path] = entry
        result.taken.add(entry.path)
        return
    labels = labels_beside(entry, by_path)
    if labels is not None:
        result.labels[entry.path] = labels
        result.taken.add(labels.path)
