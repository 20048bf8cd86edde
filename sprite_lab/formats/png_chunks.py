"""The chunks that PNG and APNG files are made of, and the pixels in them."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Length, kind, data and check sum."""
    check = zlib.crc32(kind + data)
    return len(data).to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")


def header(width: int, height: int, channels: int) -> bytes:
    """The IHDR chunk of 8-bit RGB (3 channels) or RGBA (4)."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return chunk(b"IHDR", size + bytes([8, 2 if channels == 3 else 6, 0, 0, 0]))


def text(key: str, value: str) -> bytes:
    """An iTXt chunk, which Pillow and others read as the text of the picture."""
    return chunk(b"iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + value.encode("utf-8"))


def pixels(image: NDArray[np.uint8], level: int = 9) -> bytes:
    """Compressed scan lines of uint8 (H, W, 3|4).

    A line like the one above is stored as a difference, which is all zeros; others as they are:
    for enlarged pixel art nothing is smaller.
    """
    lines = np.ascontiguousarray(image).reshape(len(image), -1)
    up = np.zeros(len(lines), np.bool_)
    up[1:] = (lines[1:] == lines[:-1]).all(axis=1)
    filtered = np.empty((len(lines), lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = np.where(up, 2, 0)
    filtered[:, 1:] = np.where(up[:, None], 0, lines)
    return zlib.compress(filtered.tobytes(), level)
