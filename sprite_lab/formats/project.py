"""``.spritelab`` projects: a zip with ``project.json`` and lossless PNG sheets of the cells."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.config.sample import MOST_LETTERS
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import MOST_MAPS, Cell, CellSheet, Color, DrawnBy
from sprite_lab.core.pixels.layers import MOST_LAYERS, Layer, checked, composite
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.pixels.reference import LONGEST_SIDE, ReferencePicture
from sprite_lab.core.pixels.tile_sets import MAP_SIZE, GroundMap, cut
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.images.png import decode_png, encode_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.reading import check_file, reading

SCHEMA_VERSION = 4

#: First entry of every project, uncompressed, as in other zip-based documents: it lets systems
#: recognize a project whatever its name (resources/desktop/sprite-lab.xml).
MIME_TYPE = "application/vnd.sprite-lab.project"

#: Size limit in bytes; a full grid of cells with all their settings takes a few megabytes.
LARGEST = 64_000_000

#: Maximum length of a title, and of the path of a model or data set, in characters.
LONGEST_TITLE, LONGEST_PATH = 1_000, 4_096

_TYPE, _JSON, _CELLS, _MASKS = "mimetype", "project.json", "cells.png", "redraw_strength.png"
#: Present only if the project has a reference picture.
_REFERENCE = "reference.png"
#: Sheets of layers, from the lowest; a project has as many as its highest stack has layers.
_LAYERS = tuple(f"layer{n + 1}.png" for n in range(MOST_LAYERS))
MEMBERS = frozenset({_JSON, _CELLS, _MASKS, _REFERENCE, *_LAYERS})
#: Fields of a layer, and of the reference picture's placement, in ``project.json``.
_LAYER = ("name", "opacity", "visible", "locked", "generated")
_PLACE = ("left", "top", "scale", "opacity")


def save_project(path: str | Path, sheet: CellSheet) -> None:
    """Write a project; :func:`load_project` restores an equal one."""
    thanks = list(dict.fromkeys(cell.thanks for cell in sheet.cells if cell.thanks))
    document: dict[str, object] = {
        "format": "spritelab",
        "schema_version": SCHEMA_VERSION,
        "title": sheet.title,
        "rows": sheet.rows,
        "columns": sheet.columns,
        "side": sheet.side,
        "limit_to_palette": sheet.limit_to_palette,
        "palette": [list(color) for color in sheet.palette],
        **({} if sheet.model is None else {"model": sheet.model}),
        **({} if sheet.data is None else {"data": sheet.data}),
        **({"maps": [_map_facts(each) for each in sheet.maps]} if sheet.maps else {}),
        "thanks": thanks,
        "cells": [
            {
                **({"thanks": thanks.index(cell.thanks)} if cell.thanks else {}),
                **({"drawn_by": vars(cell.drawn_by)} if cell.drawn_by else {}),
                **({"part": cell.part} if cell.part else {}),
                **({"name": cell.name} if cell.name else {}),
                **({"name_is_taken": True} if cell.name_is_taken else {}),
                **({"tags": list(cell.tags)} if cell.tags else {}),
                **({"layers": [_facts(layer) for layer in cell.layers]} if cell.layers else {}),
                "conditions": cell.conditions.to_json(),
                "duration_ms": cell.duration_ms,
                "made_by": None if cell.made_by is None else cell.made_by.to_json(),
            }
            for cell in sheet.cells
        ],
    }
    members = _layer_sheets(sheet)
    if sheet.reference is not None:
        document["reference"] = {name: getattr(sheet.reference, name) for name in _PLACE}
        members[_REFERENCE] = sheet.reference.png
    pictures = make_sheet(np.stack([c.rgba for c in sheet.cells]), columns=sheet.columns)
    redraw = np.stack([c.redraw for c in sheet.cells])[..., None].repeat(3, axis=3)
    masks = make_sheet(redraw, columns=sheet.columns)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (
            (_TYPE, MIME_TYPE.encode()),
            (_JSON, strict_json.dumps(document, indent=1).encode()),
            (_CELLS, encode_png(pictures)),
            (_MASKS, encode_png(masks[..., 0])),
            *members.items(),
        ):
            # A fixed date, so that an unchanged project makes an identical file.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_STORED if name == _TYPE else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)


def _layer_sheets(sheet: CellSheet) -> dict[str, bytes]:
    """PNG sheets of the layers, each as large as the whole grid, by name in the zip."""
    members = {}
    for n in range(max(len(cell.layers) for cell in sheet.cells)):
        pictures = [
            cell.layers[n].rgba if n < len(cell.layers) else np.zeros_like(cell.rgba)
            for cell in sheet.cells
        ]
        members[_LAYERS[n]] = encode_png(make_sheet(np.stack(pictures), columns=sheet.columns))
    return members


def _map_facts(ground: GroundMap) -> dict[str, object]:
    """A map as JSON: its terrain, and a string of digits for each row of corners."""
    rows = ["".join(map(str, row)) for row in ground.points.tolist()]
    return {"terrain": ground.terrain, "ground": rows}


def _facts(layer: Layer) -> dict[str, object]:
    return {name: getattr(layer, name) for name in _LAYER}


def load_project(path: str | Path) -> CellSheet:
    """Open a project; raises FileError with one sentence if it is not one."""
    path = Path(path)
    with reading(path, "a Sprite Lab project"):
        check_file(path, LARGEST)
        with zipfile.ZipFile(path) as archive:
            # Other members are not unpacked.
            names = sorted(MEMBERS.intersection(archive.namelist()))
            if sum(archive.getinfo(name).file_size for name in names) > LARGEST:
                raise FileError(
                    "'{name}' is too large to be a project: it unpacks to over {largest:.0f} MB.",
                    name=path.name,
                    largest=LARGEST / 1e6,
                )
            # zipfile stops at the declared size, and verifies the checksum there.
            members = {name: archive.read(name) for name in names}
        if _JSON not in members:
            raise FileError(
                "'{name}' has no '{json}', so it is not a Sprite Lab project; choose another file.",
                name=path.name,
                json=_JSON,
            )
        document = strict_json.loads(members[_JSON])
        if document["format"] != "spritelab":
            raise FileError(
                "'{name}' is not a Sprite Lab project; choose another file.", name=path.name
            )
        check_schema(document["schema_version"], SCHEMA_VERSION, f"'{path.name}'")
        rows, columns, side = (int(document[name]) for name in ("rows", "columns", "side"))
        palette = tuple(_color(color) for color in document["palette"])
        # Check the grid before cutting cells from a picture, and colors before mixing layers.
        grid = CellSheet(rows=rows, columns=columns, side=side, palette=palette)
        cells = _cut(members, _CELLS, grid, path.name)
        masks = _cut(members, _MASKS, grid, path.name)
        entries = document["cells"]
        count = max(len(entry.get("layers", ())) for entry in entries)
        sheets = [_cut(members, name, grid, path.name) for name in _LAYERS[:count]]
        layers = np.stack(sheets, axis=1) if sheets else np.empty((len(cells), 0), np.uint8)
        limited = bool(document["limit_to_palette"])
        return CellSheet(
            rows=rows,
            columns=columns,
            cells=tuple(
                _cell(*parts, document.get("thanks", []), palette, limited)
                for parts in zip(entries, cells, masks, layers, strict=True)
            ),
            palette=palette,
            title=str(document["title"])[:LONGEST_TITLE],
            limit_to_palette=limited,
            reference=_reference(document.get("reference"), members, path.name),
            model=_source(document.get("model")),
            data=_source(document.get("data")),
            maps=tuple(_map(facts) for facts in document.get("maps", ())[: MOST_MAPS + 1]),
        )


def _map(facts: dict[str, Any]) -> GroundMap:
    terrain, rows = facts["terrain"], facts["ground"]
    if not isinstance(rows, list) or [len(row) for row in rows] != [MAP_SIZE[1] + 1] * len(rows):
        raise ValueError("a map of another size")
    ground = "".join(rows[: MAP_SIZE[0] + 2])
    return GroundMap(str(terrain)[:MOST_LETTERS], bytes(int(digit) for digit in ground))


def _source(value: object) -> str | None:
    return None if value is None or len(str(value)) > LONGEST_PATH else str(value)


def _cut(members: dict[str, bytes], name: str, grid: CellSheet, project: str) -> NDArray[np.uint8]:
    """uint8 (rows * columns, side, side, 4) from a sheet without gaps."""
    image = _picture(members, name, project)
    if image.shape[:2] != (grid.rows * grid.side, grid.columns * grid.side):
        raise FileError(
            "'{project}' is damaged: its pictures do not fit a grid of {rows}×{columns} cells.",
            project=project,
            rows=grid.rows,
            columns=grid.columns,
        )
    return cut(image, grid.side)


def _picture(members: dict[str, bytes], name: str, project: str) -> NDArray[np.uint8]:
    if name not in members:
        raise FileError("'{project}' is damaged: it has no '{name}'.", project=project, name=name)
    return decode_png(BytesIO(members[name]), project)[0]


def _reference(
    place: dict[str, float] | None, members: dict[str, bytes], project: str
) -> ReferencePicture | None:
    if place is None:
        return None
    image = _picture(members, _REFERENCE, project)
    if max(image.shape[:2]) > LONGEST_SIDE:
        raise FileError(
            "'{project}' is damaged: its reference picture has a side of over {longest_side:,} "
            "pixels.",
            project=project,
            longest_side=LONGEST_SIDE,
        )
    return ReferencePicture(members[_REFERENCE], *(float(place[name]) for name in _PLACE))


def _cell(
    entry: dict[str, Any],
    pixels: NDArray[np.uint8],
    mask: NDArray[np.uint8],
    sheets: NDArray[np.uint8],
    thanks: list[str],
    palette: tuple[Color, ...],
    limited: bool,
) -> Cell:
    made_by, by = entry["made_by"], entry.get("drawn_by")
    conditions = Conditions.from_json(entry["conditions"])
    limit = palette if limited or conditions.lock_palette else ()
    listed = entry.get("layers", ())
    rows = zip(listed, sheets[: len(listed)], strict=True)
    layers = checked([_layer(facts, sheet) for facts, sheet in rows], pixels.size)
    return Cell(
        pixels=composite(layers, limit) if layers else pixels.tobytes(),
        layers=layers,
        limit=limit,
        conditions=conditions,
        redraw_strength=mask[..., 0].tobytes(),
        duration_ms=int(entry["duration_ms"]),
        made_by=None if made_by is None else SampleConfig.from_json(made_by),
        thanks=str(thanks[entry["thanks"]]) if "thanks" in entry else "",
        drawn_by=None if by is None else DrawnBy(name_of(str(by["model"])), int(by["pixels"])),
        part=str(entry.get("part", ""))[:MOST_LETTERS],
        name=str(entry.get("name", "")),
        name_is_taken=bool(entry.get("name_is_taken", False)),
        tags=tuple(str(tag) for tag in entry.get("tags", ())),
    )


def _layer(facts: dict[str, Any], pixels: NDArray[np.uint8]) -> Layer:
    name, opacity, visible, locked, generated = (facts[name] for name in _LAYER)
    return Layer(
        pixels.tobytes(), str(name), int(opacity), bool(visible), bool(locked), bool(generated)
    )


def _color(values: list[int]) -> Color:
    red, green, blue, alpha = (int(value) for value in values)
    return red, green, blue, alpha
