"""``.spritelab`` projects: a zip with ``project.json`` and lossless PNG sheets of the cells."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.cells import CELL_SIZE, Cell, CellSheet
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.png import decode_png, encode_png
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.sheet import make_sheet

SCHEMA_VERSION = 1

#: A full grid of cells with all their settings takes about a megabyte.
LARGEST = 64_000_000

_JSON, _CELLS, _MASKS = "project.json", "cells.png", "known_masks.png"


def save_project(path: str | Path, sheet: CellSheet) -> None:
    """Write all of ``sheet``; :func:`load_project` gives back its equal."""
    document = {
        "format": "spritelab",
        "schema_version": SCHEMA_VERSION,
        "title": sheet.title,
        "rows": sheet.rows,
        "columns": sheet.columns,
        "palette": [list(colour) for colour in sheet.palette],
        "cells": [
            {
                "class_name": cell.class_name,
                "seed": cell.seed,
                "has_mask": cell.known_mask is not None,
                "made_by": None if cell.made_by is None else cell.made_by.to_json(),
            }
            for cell in sheet.cells
        ],
    }
    pictures = make_sheet(np.stack([c.rgba for c in sheet.cells]), columns=sheet.columns)
    keep = np.stack([c.keep for c in sheet.cells])[..., None].repeat(3, axis=3)
    masks = make_sheet(np.where(keep, 255, 0).astype(np.uint8), columns=sheet.columns)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (
            (_JSON, strict_json.dumps(document, indent=1).encode()),
            (_CELLS, encode_png(pictures)),
            (_MASKS, encode_png(masks[..., 0])),
        ):
            # A fixed date, so that an unchanged project makes an unchanged file.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)


def load_project(path: str | Path) -> CellSheet:
    """Open a project; FileError with one sentence where it is not one."""
    path = Path(path)
    with reading(path, "a Sprite Lab project"):
        check_file(path, LARGEST)
        with zipfile.ZipFile(path) as archive:
            document = strict_json.loads(_member(archive, _JSON, path.name))
            if document["format"] != "spritelab":
                raise FileError(f"'{path.name}' is not a Sprite Lab project; choose another file.")
            if document["schema_version"] != SCHEMA_VERSION:
                raise FileError(
                    f"'{path.name}' was saved by another version of Sprite Lab "
                    f"(schema {document['schema_version']}); update Sprite Lab to open it."
                )
            rows, columns = int(document["rows"]), int(document["columns"])
            # Checks the grid by itself before any cell is cut from a picture.
            CellSheet(rows=rows, columns=columns)
            cells = _cut(_member(archive, _CELLS, path.name), rows, columns, path.name)
            masks = _cut(_member(archive, _MASKS, path.name), rows, columns, path.name)
        return CellSheet(
            rows=rows,
            columns=columns,
            cells=tuple(
                _cell(entry, pixels, mask)
                for entry, pixels, mask in zip(document["cells"], cells, masks, strict=True)
            ),
            palette=tuple(_colour(colour) for colour in document["palette"]),
            title=str(document["title"]),
        )


def _member(archive: zipfile.ZipFile, name: str, project: str) -> bytes:
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise FileError(
            f"'{project}' has no '{name}', so it is not a Sprite Lab project; choose another file."
        ) from None
    if size > LARGEST:
        raise FileError(f"'{name}' in '{project}' is too large to be part of a project.")
    with archive.open(name) as stream:
        # zipfile stops at the announced size and compares the checksum there.
        return stream.read()


def _cut(picture: bytes, rows: int, columns: int, project: str) -> NDArray[np.uint8]:
    """uint8 (rows * columns, 16, 16, 4) from a sheet without gaps."""
    image = decode_png(BytesIO(picture), project)[0]
    if image.shape[:2] != (rows * CELL_SIZE, columns * CELL_SIZE):
        raise FileError(
            f"'{project}' is damaged: its pictures do not fit a grid of {rows}x{columns} cells."
        )
    grid = image.reshape(rows, CELL_SIZE, columns, CELL_SIZE, 4).swapaxes(1, 2)
    return grid.reshape(rows * columns, CELL_SIZE, CELL_SIZE, 4)


def _cell(entry: dict[str, Any], pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> Cell:
    name, made_by = entry["class_name"], entry["made_by"]
    return Cell(
        pixels=pixels.tobytes(),
        class_name=None if name is None else str(name),
        known_mask=(mask[..., 0] > 127).astype(np.uint8).tobytes() if entry["has_mask"] else None,
        seed=int(entry["seed"]),
        made_by=None if made_by is None else SampleConfig.from_json(made_by),
    )


def _colour(values: list[int]) -> tuple[int, int, int, int]:
    red, green, blue, alpha = (int(value) for value in values)
    return red, green, blue, alpha
