"""The settings that made a picture, carried in the picture itself as a line of JSON."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from sprite_lab.core import strict_json
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.formats.reading import check_file, reading

#: The key of the PNG text chunk, and of the object in a GIF comment.
KEY = "sprite_lab"
SCHEMA_VERSION = 1

#: Settings with a drawing take 2 KB at 16x16 and 23 KB at 64x64; nothing of ours is over this.
LONGEST = 1_000_000
LARGEST_FILE = 64_000_000


def config_text(config: SampleConfig) -> str:
    """One line of plain ASCII JSON, for a PNG text chunk or a GIF comment."""
    return json.dumps(
        {KEY: {"schema_version": SCHEMA_VERSION, "sample_config": config.to_json()}},
        separators=(",", ":"),
        allow_nan=False,
    )


def config_from_text(text: str) -> SampleConfig | None:
    """The inverse of :func:`config_text`; None where the text is not ours or not valid."""
    if len(text) > LONGEST or KEY not in text:
        return None
    try:
        return SampleConfig.from_json(strict_json.loads(text)[KEY]["sample_config"])
    except (ValueError, KeyError, TypeError, RecursionError, ConfigError):
        # Anybody may write anything into a comment; a picture is none the worse for it.
        return None


def read_config(path: str | Path) -> SampleConfig | None:
    """The settings that a PNG or GIF of ours carries, or None."""
    path = Path(path)
    with reading(path, "a PNG or GIF image"):
        check_file(path, LARGEST_FILE)
        with Image.open(path, formats=("PNG", "GIF")) as image:
            found = image.info.get(KEY) or image.info.get("comment") or ""
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    return config_from_text(str(found))
