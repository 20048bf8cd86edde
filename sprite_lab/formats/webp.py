"""Animated WebP: lossless, with alpha, exact to the millisecond.

Pillow compresses each frame; the container is put together here, because its encoder of
animations merges equal frames into one (https://developers.google.com/speed/webp/docs/riff_container).
"""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.formats.changes import Changes, Part

LONGEST_SIDE = 16_383
LONGEST_DELAY_MS = 16_777_215

_ANIMATED, _XMP, _ALPHA = 0x02, 0x04, 0x10
_REPLACE = 0x02  # a frame's pixels take the place of those below, they are not mixed


class WebpWriter:
    """Writes an animation to an open file that can seek, frame by frame as they come.

    Parameters
    ----------
    loop : how often it is played, 0 = for ever.
    comment, rights : texts that its XMP metadata carries as description and rights, "" = none.
    """

    def __init__(
        self, file: BinaryIO, *, loop: int = 0, comment: str = "", rights: str = ""
    ) -> None:
        self._file, self._loop = file, loop
        self._xmp = _xmp(comment, rights) if comment or rights else b""
        self._changes = Changes("an animated WebP", even=True)
        self._start = file.tell()
        self._count = 0

    def add(self, frame: NDArray[np.uint8], milliseconds: int) -> None:
        """Write a frame, uint8 (H, W, 3|4), that is shown for so long.

        Raises
        ------
        FileError
            If it is not like the others, or too large for the format.
        """
        part = self._changes.of(frame)
        if self._count == 0:
            self._write_head(frame)
        self._count += 1
        self._file.write(_chunk(b"ANMF", _placed(part, milliseconds) + _bitstream(part.pixels)))

    def finish(self) -> None:
        """Write what comes after the last frame.

        Raises
        ------
        FileError
            If there was none.
        """
        if self._count == 0:
            raise FileError("There are no frames to make an animation of.")
        if self._xmp:
            self._file.write(_chunk(b"XMP ", self._xmp))
        end = self._file.tell()
        self._file.seek(self._start + 4)
        self._file.write((end - self._start - 8).to_bytes(4, "little"))
        self._file.seek(end)

    def _write_head(self, frame: NDArray[np.uint8]) -> None:
        height, width, channels = frame.shape
        if max(height, width) > LONGEST_SIDE:
            raise FileError(
                f"A WebP cannot be {width}×{height} pixels: at most {LONGEST_SIDE} a side; choose "
                "a smaller scale."
            )
        flags = _ANIMATED | (_ALPHA if channels == 4 else 0) | (_XMP if self._xmp else 0)
        size = _24(width - 1) + _24(height - 1)
        self._file.write(b"RIFF\0\0\0\0WEBP")
        self._file.write(_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size))
        self._file.write(_chunk(b"ANIM", b"\0\0\0\0" + self._loop.to_bytes(2, "little")))


def description(xmp: bytes | str) -> str:
    """The text that :func:`_xmp` put into XMP metadata, or ""."""
    from xml.etree import ElementTree  # noqa: PLC0415 (only where such a file is read)

    try:
        root = ElementTree.fromstring(xmp)
    except ElementTree.ParseError:
        return ""
    found = root.find(f".//{{{_DC}}}description//{{{_RDF}}}li")
    return (found.text or "") if found is not None else ""


_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"


def _xmp(comment: str, rights: str) -> bytes:
    texts = "".join(
        f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'
        f"</dc:{name}>"
        for name, text in (("description", comment), ("rights", rights))
        if text
    )
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:dc="{_DC}">{texts}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def _24(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def _placed(part: Part, milliseconds: int) -> bytes:
    height, width = part.pixels.shape[:2]
    delay = min(max(milliseconds, 0), LONGEST_DELAY_MS)
    place = _24(part.left // 2) + _24(part.top // 2)
    return place + _24(width - 1) + _24(height - 1) + _24(delay) + bytes([_REPLACE])


def _bitstream(pixels: NDArray[np.uint8]) -> bytes:
    """The VP8L chunk of a still picture."""
    buffer = BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    # exact: transparent pixels keep their colours, or a frame would differ from what was given.
    # More effort makes enlarged pixel art no smaller, and takes up to a hundred times as long.
    image.save(buffer, format="WEBP", lossless=True, exact=True, quality=50, method=1)
    data = buffer.getvalue()
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] == b"VP8L":
            return data[place : place + 8 + length + length % 2]
        place += 8 + length + length % 2
    raise FileError("This Pillow writes no lossless WebP; install another build of it.")
