"""Projects of earlier versions, brought up to the newest schema step by step."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np

from sprite_lab.core.cells import Conditions
from sprite_lab.core.errors import FileError
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.png import decode_png, encode_png

Document = dict[str, Any]
Members = dict[str, bytes]

#: What projects of earlier schemas have that those of today have not.
EARLIER_MEMBERS = ("known_masks.png",)


def upgraded(
    document: Document, members: Members, newest: int, project: str
) -> tuple[Document, Members]:
    """The same project as the newest schema has it.

    Raises
    ------
    FileError
        If a newer Sprite Lab wrote it.
    """
    version = document["schema_version"]
    check_schema(version, newest, f"'{project}'")
    while version != newest:
        document, members = _STEPS[version](document, members, project)
        version = document["schema_version"]
    return document, members


def _from_1(document: Document, members: Members, project: str) -> tuple[Document, Members]:
    """Schema 1: cells of 16x16 with one class, a seed, and a mask that is kept or not."""
    cells = [
        {
            "conditions": Conditions.of_class(entry["class_name"], int(entry["seed"])).to_json(),
            "duration_ms": 120,
            "made_by": entry["made_by"],
        }
        for entry in document["cells"]
    ]
    if "known_masks.png" not in members:
        raise FileError(f"'{project}' is damaged: it has no 'known_masks.png'.")
    kept = decode_png(BytesIO(members["known_masks.png"]), project)[0][..., 0] > 127
    redraw = np.where(kept, 0, 255).astype(np.uint8)
    masks = {"redraw_strength.png": encode_png(redraw)}
    new = {"schema_version": 2, "side": 16, "limit_to_palette": False, "cells": cells}
    return {**document, **new}, {**members, **masks}


_STEPS: dict[int, Callable[[Document, Members, str], tuple[Document, Members]]] = {1: _from_1}
