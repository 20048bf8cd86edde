"""Palettes for pictures of limited colours: exact where they fit, else by median cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True, eq=False)
class Palette:
    """Up to 256 colours, uint8 (n, 3). ``codes``: them as sorted 24-bit numbers, or None."""

    rgb: NDArray[np.uint8]
    codes: NDArray[np.int32] | None = None

    def padded(self) -> bytes:
        """RGB bytes with room for one more entry, filled up to a power of two."""
        room = 1 << max(1, len(self.rgb).bit_length())
        return self.rgb.tobytes() + bytes(3 * (room - len(self.rgb)))


def _codes(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    wide = pixels.astype(np.int32)
    return (wide[:, 0] << 16) | (wide[:, 1] << 8) | wide[:, 2]


def _from_codes(codes: NDArray[np.int32]) -> Palette:
    rgb = np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=1).astype(np.uint8)
    return Palette(rgb, codes)


def exact_palette(parts: Iterable[NDArray[np.uint8]], most: int) -> Palette | None:
    """All colours of all parts, uint8 (n, 3) each; None as soon as they are over ``most``."""
    union = np.empty(0, np.int32)
    for pixels in parts:
        union = np.union1d(union, _codes(pixels))
        if len(union) > most:
            return None
    return _from_codes(union)


def quantize(
    pixels: NDArray[np.uint8], exact: Palette | None, most: int
) -> tuple[Palette, NDArray[np.intp]]:
    """A palette for ``pixels``, uint8 (n, 3), and for each pixel its index there.

    Parameters
    ----------
    exact : a palette from :func:`exact_palette` that has every one of these colours, or None.
    most : colours that a new palette may have.
    """
    codes = _codes(pixels)
    if exact is not None and exact.codes is not None:
        return exact, np.searchsorted(exact.codes, codes)
    unique, inverse = np.unique(codes, return_inverse=True)
    if len(unique) <= most:
        return _from_codes(unique), inverse.reshape(-1)
    image = Image.fromarray(np.ascontiguousarray(pixels[None]))
    # k-means moves median cut's colours to the middle of what they stand for.
    small = image.quantize(most, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    rgb = np.asarray(small.getpalette("RGB"), np.uint8).reshape(-1, 3)[:most]
    return Palette(rgb), np.asarray(small, np.intp).reshape(-1)
