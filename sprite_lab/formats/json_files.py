"""Our own JSON files: written whole, read strictly, refused if a newer Sprite Lab wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sprite_lab.core import strict_json
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import read_limited

_SCHEMA = "schema_version"


def write_json(path: Path, value: Any, schema: int | None = None, indent: int | None = 2) -> None:
    """Write a JSON value; with a schema, an object that begins with it."""
    document = value if schema is None else {_SCHEMA: schema, **value}
    write_whole(path, strict_json.dumps(document, indent=indent) + "\n")


def read_json(path: Path, largest: int) -> Any:
    """The JSON value of a file of at most ``largest`` bytes; FileError, OSError or ValueError."""
    return strict_json.loads(read_limited(path, largest))


def read_object(path: Path, largest: int, newest: int, what: str = "") -> dict[str, Any]:
    """Like :func:`read_json`, for an object with a schema, which is removed.

    Raises NewerFileError for one above ``newest``, whose message begins with ``what``; "" = the
    path.
    """
    found = read_json(path, largest)
    if not isinstance(found, dict):
        raise ValueError("it is not an object")
    check_schema(found.pop(_SCHEMA, None), newest, what or f"'{path}'")
    return found
