"""Pictures and labels in Parquet tables, as in Hugging Face data sets. Needs pyarrow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sprite_lab import extras
from sprite_lab.core.errors import FileError
from sprite_lab.formats.importing.arrays import first_named
from sprite_lab.formats.importing.decode import Decoded, decode, is_picture
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.formats.reading import reading
from sprite_lab.words import tr

if TYPE_CHECKING:
    from pyarrow import Schema

#: Size limits of a table, and of one picture in it, in bytes.
LARGEST, LARGEST_PICTURE = 1_000_000_000, 8_000_000

#: Maximum number of rows in a table, and of rows read at once.
MOST_ROWS, _BATCH = 2_000_000, 256

#: Maximum number of rows without a picture, which take time although they add little to the file.
MOST_EMPTY = 100_000

_IMAGES = ("image", "images", "img", "picture", "sprite")
_LABELS = ("label", "labels", "class", "category", "target")
_NAMES = ("name", "filename", "file_name", "path", "id")


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a table."""

    name: str  #: "" = none
    class_name: str | None  #: None = none
    picture: Decoded | None  #: None = the row is refused
    why: str = ""  #: why it is refused; "" = it is not


def is_table(head: bytes) -> bool:
    """Whether a file that starts with these bytes is a Parquet table."""
    return head.startswith(b"PAR1")


def read_table(entry: Entry) -> Iterator[tuple[int, int, Row]]:
    """The rows of a table, one by one: (index, total, row).

    Raises FileError if pyarrow is not installed, or the table is damaged, over the limits, or has
    no column of pictures.
    """
    missing = extras.missing("parquet")
    if missing:
        raise FileError("'{name}' cannot be read. {missing}.", name=entry.name, missing=missing)
    # pyarrow is an extra, because it is large and few people need it.
    import pyarrow.parquet as parquet  # noqa: PLC0415

    with reading(entry.name, tr("a Parquet table of pictures")):
        if entry.size > LARGEST:
            raise FileError(
                "'{name}' is {size:,.1f} GB, but at most "
                "{largest:.0f} GB can be opened; divide it.",
                name=entry.name,
                size=entry.size / 1e9,
                largest=LARGEST / 1e9,
            )
        with entry.open() as file:
            table = parquet.ParquetFile(file)
            total = table.metadata.num_rows
            if not 0 < total <= MOST_ROWS:
                raise FileError(
                    "'{name}' has {total:,} rows; a table of 1 to {most_rows:,} is read.",
                    name=entry.name,
                    total=total,
                    most_rows=MOST_ROWS,
                )
            columns = _columns(table.schema_arrow, entry.name)
            class_names = _class_names(table.schema_arrow, columns["label"])
            wanted = [column for column in columns.values() if column]
            number = empty = 0
            for batch in table.iter_batches(_BATCH, columns=wanted):
                for values in batch.to_pylist():
                    row = _row(values, columns, class_names, number)
                    empty += row.picture is None
                    if empty > MOST_EMPTY:
                        raise FileError(
                            "'{name}' has more than {most:,} rows without a picture; remove them.",
                            name=entry.name,
                            most=MOST_EMPTY,
                        )
                    yield number, total, row
                    number += 1


def _columns(schema: Schema, name: str) -> dict[str, str]:
    """The columns with pictures, labels and names; "" = there is none."""
    pictures, labels, names = [], [], []
    for field in schema:
        kind = str(field.type)
        if kind.startswith(("struct<bytes", "struct<path")) or kind in ("binary", "large_binary"):
            pictures.append(field.name)
        elif kind.startswith(("int", "uint", "string", "large_string", "dictionary")):
            labels.append(field.name)
            if kind.startswith(("string", "large_string")):
                names.append(field.name)
    picture = first_named(pictures, _IMAGES) or (pictures[0] if len(pictures) == 1 else "")
    if not picture:
        raise FileError(
            "'{name}' has no column of pictures (it has: {columns}); a column 'image' with the "
            "bytes of PNG or other pictures is read.",
            name=name,
            columns=", ".join(schema.names[:20]),
        )
    return {
        "image": picture,
        "label": first_named(labels, _LABELS) or "",
        "name": first_named(names, _NAMES) or "",
    }


def _class_names(schema: Schema, column: str) -> list[str]:
    """The names of a column's labels, in order, from Hugging Face metadata; [] = unknown."""
    text = (schema.metadata or {}).get(b"huggingface")
    if not text or not column:
        return []
    try:
        names = json.loads(text)["info"]["features"][column]["names"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []  # the metadata says nothing about this column, which is fine
    return [str(name) for name in names] if isinstance(names, list) else []


def _row(
    values: dict[str, Any], columns: dict[str, str], class_names: list[str], number: int
) -> Row:
    image = values[columns["image"]]
    path = ""
    if isinstance(image, dict):
        path = str(image.get("path") or "")
        image = image.get("bytes")
    name = str(values[columns["name"]] or "") if columns["name"] else ""
    name = name or PurePosixPath(path.replace("\\", "/")).stem
    label = values[columns["label"]] if columns["label"] else None
    if isinstance(label, int) and not isinstance(label, bool):
        known = 0 <= label < len(class_names)
        label = class_names[label] if known else None if label < 0 else f"class_{label}"
    class_name = str(label) if label not in (None, "") else None
    if not isinstance(image, bytes) or not is_picture(image[:16]):
        return Row(name, class_name, None, tr("it holds no picture"))
    if len(image) > LARGEST_PICTURE:
        return Row(name, class_name, None, tr("its picture is too large"))
    try:
        return Row(name, class_name, decode(image, f"row {number + 1}"))
    except FileError as error:
        return Row(name, class_name, None, str(error).rstrip("."))
