"""Figures for each sprite of a set, and its possible flaws."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet
from sprite_lab.words import marked

#: Minimum alpha of a drawn pixel, 0..255.
DRAWN = 128

#: Sprites with fewer drawn pixels are almost empty.
ALMOST_EMPTY = 16

#: Sprites of 16x16 pixels with more colors have many.
MANY_COLORS = 24

Flaw = Literal["empty", "almost_empty", "border", "opaque", "many_colors", "one_color", "soft"]


@dataclass(frozen=True, eq=False)
class SpriteFigures:
    """Figures of N sprites, each int32 (N,) except ``brightness``."""

    drawn: NDArray[np.int32]  #: pixels whose alpha is at least :data:`DRAWN`
    colors: NDArray[np.int32]  #: distinct RGB colors among the drawn pixels
    soft: NDArray[np.int32]  #: pixels that are neither opaque nor wholly transparent
    #: drawn pixels in the outermost rows and columns whose opposite side has none: a sprite that
    #: touches both fills its square
    border: NDArray[np.int32]
    #: float32 (N,), mean luma of the drawn pixels, 0 (black) to 255; 0 without any
    brightness: NDArray[np.float32]
    pixels: int  #: number of pixels of each sprite, drawn or not

    def __len__(self) -> int:
        return len(self.drawn)

    def take(self, rows: AnyArray) -> SpriteFigures:
        """The figures of the sprites at ``rows``, in that order."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "pixels"}
        return SpriteFigures(**arrays, pixels=self.pixels)

    def having(self, flaw: Flaw) -> NDArray[np.bool_]:
        """bool (N,): which sprites have a flaw."""
        found: NDArray[np.bool_] = {
            "empty": self.drawn == 0,
            "almost_empty": (self.drawn > 0) & (self.drawn < ALMOST_EMPTY),
            "border": (self.border > 0) & (self.drawn < self.pixels),
            "opaque": self.drawn == self.pixels,
            "many_colors": self.colors > MANY_COLORS,
            "one_color": self.colors == 1,
            "soft": self.soft > 0,
        }[flaw]
        return found


#: Name and meaning of each flaw.
FLAWS: dict[Flaw, tuple[str, str]] = {
    "empty": (marked("Empty"), marked("no pixel is drawn")),
    "almost_empty": (marked("Almost empty"), marked("fewer than 16 pixels are drawn")),
    "border": (
        marked("Touching the border"),
        marked("on one side only, so it may have been cut off"),
    ),
    "opaque": (
        marked("Without transparency"),
        marked("every pixel is drawn, so its background is still there"),
    ),
    "many_colors": (marked("More than 24 colors"), marked("it may be a photo or badly scaled")),
    "one_color": (marked("One color"), marked("a silhouette")),
    "soft": (marked("Soft edges"), marked("some pixels are half-transparent")),
}


def figures_iter(sprites: SpriteSet) -> Generator[tuple[int, int], None, SpriteFigures]:
    """Measure all sprites; yields (done, total) at intervals."""
    parts = []
    for start in range(0, len(sprites), BLOCK):
        block = slice(start, start + BLOCK)
        parts.append(figures_of(sprites.images[block], sprites.alpha[block]))
        yield min(start + BLOCK, len(sprites)), len(sprites)
    names = [f.name for f in fields(SpriteFigures) if f.name != "pixels"]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return SpriteFigures(**arrays, pixels=parts[0].pixels)


def figures_of(images: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> SpriteFigures:
    """The figures of uint8 (N, H, W, 3) and uint8 (N, H, W), all at once."""
    drawn = alpha >= DRAWN
    count = drawn.sum(axis=(1, 2), dtype=np.int32)
    sides = [drawn[:, 0], drawn[:, -1], drawn[:, :, 0], drawn[:, :, -1]]
    above, below, left, right = (side.sum(axis=1, dtype=np.int32) for side in sides)
    border = sum(
        np.where((one > 0) & (other > 0), 0, one + other)
        for one, other in ((above, below), (left, right))
    )
    luma = images.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    total = np.where(drawn, luma, 0).sum(axis=(1, 2))
    return SpriteFigures(
        drawn=count,
        colors=_distinct(packed_colors(images, drawn)),
        soft=((alpha > 0) & (alpha < 255)).sum(axis=(1, 2), dtype=np.int32),
        border=np.asarray(border, np.int32),
        brightness=(total / np.maximum(count, 1)).astype(np.float32),
        pixels=int(np.prod(drawn.shape[1:])),
    )


def packed_colors(images: NDArray[np.uint8], drawn: NDArray[np.bool_]) -> NDArray[np.int32]:
    """int32 (N, H, W): 0xRRGGBB of each drawn pixel, -1 for the others."""
    return np.where(drawn, color_codes(images), -1).astype(np.int32)


def _distinct(packed: NDArray[np.int32]) -> NDArray[np.int32]:
    """int32 (N,): the number of distinct values >= 0 in each (H, W)."""
    rows = np.sort(packed.reshape(len(packed), -1), axis=1)
    new = np.ones_like(rows, np.bool_)
    new[:, 1:] = rows[:, 1:] != rows[:, :-1]
    return (new & (rows >= 0)).sum(axis=1, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class ColorCounts:
    """Every color of a set, most common first."""

    colors: NDArray[np.int32]  #: int32 (K,), 0xRRGGBB
    pixels: NDArray[np.int64]  #: int64 (K,), drawn pixels of that color

    @property
    def total(self) -> int:
        """Drawn pixels of the set."""
        return int(self.pixels.sum())

    def covering(self, share: float) -> int:
        """How many of the most common colors make up this share of the pixels, 0..1."""
        if not len(self.pixels):
            return 0
        return int(np.searchsorted(np.cumsum(self.pixels), share * self.total) + 1)


def color_counts_iter(sprites: SpriteSet) -> Generator[tuple[int, int], None, ColorCounts]:
    """Count the colors of the drawn pixels; yields (done, total) at intervals."""
    colors, pixels = np.zeros(0, np.int32), np.zeros(0, np.int64)
    for start in range(0, len(sprites), BLOCK):
        block = slice(start, start + BLOCK)
        packed = packed_colors(sprites.images[block], sprites.alpha[block] >= DRAWN)
        found, counts = np.unique(packed[packed >= 0], return_counts=True)
        together = np.concatenate([colors, found])
        colors, where = np.unique(together, return_inverse=True)
        pixels = np.bincount(
            where.reshape(-1), np.concatenate([pixels, counts]), minlength=len(colors)
        ).astype(np.int64)
        yield min(start + BLOCK, len(sprites)), len(sprites)
    order = np.argsort(-pixels, kind="stable")
    return ColorCounts(colors[order], pixels[order])


def with_color(sprites: SpriteSet, color: int) -> NDArray[np.bool_]:
    """bool (N,): which sprites have a drawn pixel of the color 0xRRGGBB."""
    wanted = np.array([color >> 16, color >> 8 & 255, color & 255], np.uint8)
    found = []
    for start in range(0, len(sprites), BLOCK):
        block = slice(start, start + BLOCK)
        same = (sprites.images[block] == wanted).all(axis=-1)
        found.append((same & (sprites.alpha[block] >= DRAWN)).any(axis=(1, 2)))
    return np.concatenate(found)
