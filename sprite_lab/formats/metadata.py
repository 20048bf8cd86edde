"""The settings that made a picture, carried in the picture itself as a line of JSON.

In a PNG or animated PNG it is a text chunk, in a GIF the comment, in a WebP the description of its
XMP metadata, in a video the comment.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_from_text, config_text
from sprite_lab.formats import video, webp
from sprite_lab.formats.reading import check_file, reading

__all__ = ["KEY", "LARGEST_FILE", "SUFFIXES", "config_from_text", "config_text", "read_config"]

LARGEST_FILE = 64_000_000

#: Of the files that may carry settings.
SUFFIXES = (".png", ".apng", ".gif", ".webp", *video.SUFFIXES)


def read_config(path: str | Path) -> SampleConfig | None:
    """The settings that a picture, animation or video of ours carries, or None.

    Raises
    ------
    FileError
        If it is damaged, of another kind, of a newer Sprite Lab, or a video where there is no
        ffmpeg to read it.
    """
    path = Path(path)
    if path.suffix.lower() in video.SUFFIXES:
        with reading(path, "a video"):
            check_file(path, 10 * LARGEST_FILE)
            return config_from_text(video.read_comment(path), f"'{path.name}'")
    with reading(path, "a PNG, GIF or WebP image"):
        check_file(path, LARGEST_FILE)
        with Image.open(path, formats=("PNG", "GIF", "WEBP")) as image:
            found = image.info.get(KEY) or image.info.get("comment") or ""
            if not found and "xmp" in image.info:
                found = webp.description(image.info["xmp"])
    if isinstance(found, bytes):
        found = found.decode("utf-8", "replace")
    # Behind the settings, a GIF's comment says whom to thank.
    return config_from_text(str(found).partition("\n")[0], f"'{path.name}'")
