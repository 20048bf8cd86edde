"""Our own JSON files: written atomically, read strictly, refused if from a newer Sprite Lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sprite_lab.core import strict_json
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import read_limited

_SCHEMA = "schema_version"


def write_json(path: Path, value: Any, schema: int | None = None, indent: int | None = 2) -> None:
    """Write a JSON value; if ``schema`` is given, an object that begins with that number."""
    document = value if schema is None else {_SCHEMA: schema, **value}
    write_whole(path, strict_json.dumps(document, indent=indent) + "\n")


def read_json(path: Path, largest: int) -> Any:
    """Read a JSON value; raises FileError (over ``largest`` bytes), OSError or ValueError."""
    return strict_json.loads(read_limited(path, largest))


def read_object(path: Path, largest: int, newest: int, what: str = "") -> dict[str, Any]:
    """Like :func:`read_json`, for an object with a schema number, which is removed.

    Raises NewerFileError if the schema is above ``newest``; its message begins with ``what``, or
    with the path if that is "".
    """
    found = read_json(path, largest)
    if not isinstance(found, dict):
        raise ValueError("it is not an object")
    check_schema(found.pop(_SCHEMA, None), newest, what or f"'{path}'")
    return found
