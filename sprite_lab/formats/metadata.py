"""The settings that made a picture, carried in the picture itself as a line of JSON."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_from_text, config_text
from sprite_lab.formats.reading import check_file, reading

__all__ = ["KEY", "LARGEST_FILE", "config_from_text", "config_text", "read_config"]

LARGEST_FILE = 64_000_000


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
