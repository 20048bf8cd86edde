"""The settings that made a picture, stored in it as a line of JSON.

PNG and animated PNG have it in a text chunk, GIF and video in the comment, WebP in the XMP
description.
"""

from __future__ import annotations

from pathlib import Path

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_from_text
from sprite_lab.formats.animation import video, webp
from sprite_lab.formats.images.png import opened
from sprite_lab.formats.reading import check_file, reading

LARGEST_FILE = 64_000_000

#: Pixel limit, about Pillow's own; nothing is decoded here.
_MOST_PIXELS = 178_000_000


def read_config(path: str | Path) -> SampleConfig | None:
    """The settings stored in one of our pictures, animations or videos, or None.

    Raises FileError if the file is damaged, of another kind, from a newer Sprite Lab, or a video
    while there is no ffmpeg to read it.
    """
    path = Path(path)
    if path.suffix.lower() in video.SUFFIXES:
        with reading(path, "a video"):
            check_file(path, 10 * LARGEST_FILE)
            return config_from_text(video.read_comment(path), f"'{path.name}'")
    with reading(path, "a PNG, GIF or WebP image"):
        check_file(path, LARGEST_FILE)
        with (
            path.open("rb") as file,
            opened(file, path.name, ("PNG", "GIF", "WEBP"), _MOST_PIXELS) as image,
        ):
            found = image.info.get(KEY) or image.info.get("comment") or ""
            if not found and "xmp" in image.info:
                found = webp.description(image.info["xmp"])
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    # In a GIF's comment, the settings are followed by the attribution.
    return config_from_text(str(found).partition("\n")[0], f"'{path.name}'")
