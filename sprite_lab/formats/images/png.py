"""Writing PNG, and reading single images in a few safe formats, as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_text
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.pictures import MOST_PIXELS
from sprite_lab.core.sets.credits import ATTRIBUTION_KEY
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.words import tr

LARGEST_FILE = 64_000_000

#: Supported formats. Pillow would try forty, each with its own bugs.
FORMATS = ("PNG", "GIF", "BMP", "WEBP", "JPEG")


def write_png(
    path: str | Path, image: NDArray[np.uint8], text: Mapping[str, str] | None = None
) -> None:
    """Write uint8 (H, W), (H, W, 3) or (H, W, 4), with text chunks."""
    write_whole(path, encode_png(image, text))


def encode_png(image: NDArray[np.uint8], text: Mapping[str, str] | None = None) -> bytes:
    """The bytes that :func:`write_png` writes."""
    info = PngInfo()
    for key, value in (text or {}).items():
        info.add_text(key, value)
    buffer = BytesIO()
    picture = Image.fromarray(np.ascontiguousarray(image))
    picture.save(buffer, format="PNG", pnginfo=info, optimize=True)
    return buffer.getvalue()


def texts_of(config: SampleConfig | None, attribution: str) -> dict[str, str]:
    """Text chunks with the settings that made a picture, and its attribution; "" = none."""
    texts = {} if config is None else {KEY: config_text(config)}
    return texts | ({ATTRIBUTION_KEY: attribution} if attribution else {})


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """The (first) picture of an image file: uint8 (H, W, 4), RGBA.

    Raises FileError if it is over the limits, damaged, or in an unsupported format.
    """
    return _read(Path(path), FORMATS)[0]


def read_png(path: str | Path) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """A PNG as uint8 (H, W, 4), RGBA, and its text chunks."""
    return _read(Path(path), ("PNG",))


def decode_png(file: BinaryIO, name: str) -> tuple[NDArray[np.uint8], dict[str, str]]:
    """Like :func:`read_png`, from an open file; ``name`` is its name in errors."""
    with reading(name, "a PNG image"):
        return _decode(file, name, ("PNG",))


def _read(path: Path, formats: tuple[str, ...]) -> tuple[NDArray[np.uint8], dict[str, str]]:
    with reading(path, tr("an image ({formats})", formats=", ".join(formats))):
        check_file(path, LARGEST_FILE)
        with path.open("rb") as file:
            return _decode(file, path.name, formats)


@contextmanager
def opened(
    file: BinaryIO, name: str, formats: tuple[str, ...], most_pixels: int
) -> Iterator[Image.Image]:
    """Open a picture without decoding it.

    Raises FileError if it has more than ``most_pixels`` pixels.
    """
    try:
        picture = Image.open(file, formats=formats)
    except Image.DecompressionBombError as error:  # Pillow does not say how large the picture is
        raise FileError(
            "'{name}' is far larger than the {most_pixels:.0f} million pixels that can be opened; "
            "crop or shrink it.",
            name=name,
            most_pixels=most_pixels / 1e6,
        ) from error
    with picture:
        if picture.width * picture.height > most_pixels:
            raise FileError(
                "'{name}' is {width}×{height} pixels, but at most "
                "{most_pixels:.0f} million pixels can be opened; crop or shrink it.",
                name=name,
                width=picture.width,
                height=picture.height,
                most_pixels=most_pixels / 1e6,
            )
        yield picture


def _decode(
    file: BinaryIO, name: str, formats: tuple[str, ...]
) -> tuple[NDArray[np.uint8], dict[str, str]]:
    with opened(file, name, formats, MOST_PIXELS) as image:
        rgba = to_rgba(image)
        text = {str(k): v for k, v in image.info.items() if isinstance(v, str)}
        return rgba, text


def to_rgba(image: Image.Image) -> NDArray[np.uint8]:
    """Any open Pillow image as uint8 (H, W, 4), upright."""
    image.load()
    image = _upright(image)
    if image.mode.startswith("I"):
        # 16-bit grays: Pillow would clip them to 255 instead of scaling them down.
        image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    return np.array(image.convert("RGBA"))


def _upright(image: Image.Image) -> Image.Image:
    """A decoded picture turned as its EXIF says, or as it is if that is damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF makes Pillow raise anything, and the pixels are sound
        return image
