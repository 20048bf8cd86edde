"""A SampleConfig as text, for pictures, the clipboard and comments."""

from __future__ import annotations

import json

from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.schemas import check_schema

#: The key of the PNG text chunk, and of the object in a GIF comment.
KEY = "sprite_lab"
SCHEMA_VERSION = 1

#: Maximum length to parse. Settings with a drawing take 2 KB at 16x16 and 23 KB at 64x64.
LONGEST = 1_000_000


def config_text(config: SampleConfig, *, indent: int | None = None) -> str:
    """Plain ASCII JSON: one line, for a PNG text chunk or a GIF comment, or indented."""
    return json.dumps(
        {KEY: {"schema_version": SCHEMA_VERSION, "sample_config": config.to_json()}},
        separators=(",", ":") if indent is None else None,
        indent=indent,
        allow_nan=False,
    )


def config_from_text(text: str, what: str = "This") -> SampleConfig | None:
    """The inverse of :func:`config_text`; None if the text is not ours or not valid.

    Raises NewerFileError if a newer Sprite Lab wrote it. ``what``: where it was found, as the start
    of a sentence.
    """
    if len(text) > LONGEST or KEY not in text:
        return None
    try:
        found = strict_json.loads(text)[KEY]
        check_schema(found["schema_version"], SCHEMA_VERSION, what)
        return SampleConfig.from_json(found["sample_config"])
    except (ValueError, KeyError, TypeError, RecursionError, ConfigError):
        # Anyone can write anything into a comment; the picture is still fine.
        return None


def any_config_from_text(text: str, what: str = "This") -> SampleConfig | None:
    """The configuration in a text by :func:`config_text` or in a plain JSON object; or None.

    Raises NewerFileError, see :func:`config_from_text`.
    """
    found = config_from_text(text, what)
    if found is not None or len(text) > LONGEST:
        return found
    try:
        value = strict_json.loads(text)
        return SampleConfig.from_json(value) if value else None
    except (ValueError, TypeError, RecursionError, ConfigError):
        return None
