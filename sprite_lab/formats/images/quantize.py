"""Palettes for pictures with limited colors: exact if they fit, else by median cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.core.pixels.color_codes import color_codes

#: Number of pixels sampled from each part for a shared palette.
_OF_EACH = 4096


@dataclass(frozen=True, eq=False)
class Palette:
    """Up to 256 colors, uint8 (n, 3). ``codes``: the same as sorted 24-bit numbers, or None."""

    rgb: NDArray[np.uint8]
    codes: NDArray[np.int32] | None = None

    def padded(self) -> bytes:
        """RGB bytes with room for one more entry, padded to a power of two."""
        room = 1 << max(1, len(self.rgb).bit_length())
        return self.rgb.tobytes() + bytes(3 * (room - len(self.rgb)))


def _from_codes(codes: NDArray[np.int32]) -> Palette:
    rgb = np.stack([codes >> 16, (codes >> 8) & 255, codes & 255], axis=1).astype(np.uint8)
    return Palette(rgb, codes)


def exact_palette(parts: Iterable[NDArray[np.uint8]], most: int) -> Palette | None:
    """All colors of all parts, uint8 (n, 3) each; None if there are more than ``most``."""
    union = np.empty(0, np.int32)
    for pixels in parts:
        union = np.union1d(union, color_codes(pixels))
        if len(union) > most:
            return None
    return _from_codes(union)


def shared_palette(parts: Iterable[NDArray[np.uint8]], most: int) -> Palette:
    """Up to ``most`` colors for all parts together, uint8 (n, 3) each."""
    taken = [part[:: max(1, len(part) // _OF_EACH)] for part in parts if len(part)]
    pixels = np.concatenate(taken) if taken else np.zeros((1, 3), np.uint8)
    return Palette(_median_cut(pixels, most)[0])


def quantize(
    pixels: NDArray[np.uint8], given: Palette | None, most: int
) -> tuple[Palette, NDArray[np.intp]]:
    """A palette for ``pixels``, uint8 (n, 3), and the index of each pixel's color in it.

    Parameters
    ----------
    given : the palette to use: from :func:`exact_palette`, with all of these colors, or from
        :func:`shared_palette`, of which the nearest colors are used. None = make a new one.
    most : maximum number of colors in a new palette.
    """
    codes = color_codes(pixels)
    if given is not None and given.codes is not None:
        return given, np.searchsorted(given.codes, codes)
    if given is not None:
        unique, inverse = np.unique(codes, return_inverse=True)
        return given, _nearest(_from_codes(unique).rgb, given.rgb)[inverse.reshape(-1)]
    unique, inverse = np.unique(codes, return_inverse=True)
    if len(unique) <= most:
        return _from_codes(unique), inverse.reshape(-1)
    rgb, index = _median_cut(pixels, most)
    return Palette(rgb), index


def _median_cut(pixels: NDArray[np.uint8], most: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """A palette for pixels, uint8 (n, 3), and the index of each pixel's color in it."""
    image = Image.fromarray(np.ascontiguousarray(pixels[None]))
    # k-means moves the colors of median cut to the centers of their clusters.
    small = image.quantize(most, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    rgb = np.asarray(small.getpalette("RGB"), np.uint8).reshape(-1, 3)[:most]
    return rgb, np.asarray(small, np.intp).reshape(-1)


def _nearest(colors: NDArray[np.uint8], palette: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Index of the nearest color of the palette for each color, int (n,)."""
    wide = palette.astype(np.float32)
    size = (wide**2).sum(axis=1)
    found = [
        # |a - b|² without |a|², which is the same for all b.
        (size - 2 * part.astype(np.float32) @ wide.T).argmin(axis=1)
        for part in np.array_split(colors, max(1, len(colors) // 4096))
    ]
    return np.concatenate(found)
