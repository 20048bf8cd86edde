"""Sizes of sprites as picture files, as a familiar measure of bits per dimension."""

from __future__ import annotations

import lzma
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: RIFF and chunk headers, and VP8L's own signature and size.
_WEBP_HEADERS = 12 + 8 + 5


def png_bits_per_dim(images: NDArray[np.uint8]) -> float:
    """Mean bits per channel value of sprites as PNGs, each with the smallest possible palette.

    Only the palette and the compressed pixels count, not the headers. A sprite with more than 256
    colors is stored without a palette.

    ``images``: uint8 (N, H, W, 3).
    """
    return _mean_bits([_png_bytes(image) for image in images], images)


def webp_bits_per_dim(images: NDArray[np.uint8]) -> float:
    """Like :func:`png_bits_per_dim`, for lossless WebP with the greatest effort."""
    sizes = []
    for image in images:
        file = BytesIO()
        Image.fromarray(image).save(file, "WEBP", lossless=True, quality=100, method=6)
        sizes.append(file.tell() - _WEBP_HEADERS)
    return _mean_bits(sizes, images)


def lzma_bits_per_dim(rgba: NDArray[np.uint8], learned: NDArray[np.uint8]) -> float:
    """Bits per RGB value that sprites, uint8 (N, H, W, 4), add to an LZMA file of other sprites.

    Counted per RGB value, like the other formats, although alpha is included.
    """
    whole = np.concatenate([learned, rgba])
    added = _lzma_bytes(whole) - _lzma_bytes(learned)
    return added * 8 / (3 * rgba[..., 0].size)


def _lzma_bytes(rgba: NDArray[np.uint8]) -> int:
    # "lp" and "pb" are 2 because pixels have 2² bytes.
    way = {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 2, "lp": 2, "pb": 2}
    return len(lzma.compress(rgba.tobytes(), lzma.FORMAT_RAW, filters=[way]))


def _mean_bits(sizes: list[int], images: NDArray[np.uint8]) -> float:
    return float(np.mean(sizes) * 8 / np.prod(images.shape[1:]))


def _png_bytes(image: NDArray[np.uint8]) -> int:
    colors, index = np.unique(image.reshape(-1, 3), axis=0, return_inverse=True)
    file = BytesIO()
    if len(colors) > 256:
        Image.fromarray(image).save(file, "PNG", optimize=True)
    else:
        picture = Image.fromarray(index.reshape(image.shape[:2]).astype(np.uint8))
        picture.putpalette(colors.tobytes())
        # PNG supports 1, 2, 4 and 8 bits per pixel.
        bits = next(b for b in (1, 2, 4, 8) if len(colors) <= 1 << b)
        picture.save(file, "PNG", optimize=True, bits=bits)
    return sum(size for kind, size in _chunks(file.getvalue()) if kind in (b"PLTE", b"IDAT"))


def _chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Kind and payload size of each chunk of a PNG."""
    position = 8
    while position < len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        yield data[position + 4 : position + 8], size
        position += 12 + size
