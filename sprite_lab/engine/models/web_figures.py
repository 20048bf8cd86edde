"""Static pictures of lessons, for their pages."""

from __future__ import annotations

import math

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.results.probability import Bound
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.reports.charts import bars
from sprite_lab.formats.reports.file_sizes import png_bits_per_dim, webp_bits_per_dim
from sprite_lab.formats.reports.report import sprites as picture_of
from sprite_lab.formats.web.lesson import WebFigure
from sprite_lab.words import number_text, tr


def bits_figure(sprites: SpriteSet, bound: Bound) -> WebFigure:
    """Sprites, the least probable first, with the bits of each pixel and of each noise level."""
    order = np.argsort(-bound.bits)
    each = bound.bits[order] / bound.dims
    first, last, mean, png, webp = (
        number_text(value, ".2f")
        for value in (
            each[0],
            each[-1],
            bound.bits_per_dim,
            png_bits_per_dim(sprites.images),
            webp_bits_per_dim(sprites.images),
        )
    )
    ranking = tr(
        "The least probable first: {first} to {last} bits per dimension, {mean} on average. "
        "PNG takes {png}, WebP {webp}.",
        first=first, last=last, mean=mean, png=png, webp=webp,
    )  # fmt: skip
    cost = bound.pixels[order]
    shade = 1 - (cost / np.quantile(cost, 0.98)).clip(0, 1)
    maps = np.rint(255 * shade)[..., None].repeat(3, axis=3).astype(np.uint8)
    dear = tr("Bits of each pixel: the darker, the more.")
    spent = tr("Where the bits are spent, from low noise at the left to high noise.")
    return WebFigure(
        [
            (picture_of(sprites.images[order], ranking, 4), ranking),
            (picture_of(maps, dear, 4), dear),
            (Markup(bars(bound.parts(None)[0].tolist(), spent)), spent),
        ]
    )


def memory_figure(samples: SpriteSet, training: SpriteSet) -> WebFigure:
    """Samples, each with its nearest training sprite."""
    found = nearest_sprites(samples.images, training.images)
    columns = math.ceil(math.sqrt(len(samples)))
    words = tr("Samples")
    near = tr(
        "The nearest training sprites, moved and mirrored if that helps: {low} to {high} apart, "
        "where black and white are 255.",
        low=number_text(float(found.distance.min()), ".0f"),
        high=number_text(float(found.distance.max()), ".0f"),
    )
    return WebFigure(
        [
            (picture_of(samples.images, words, columns), words),
            (picture_of(training.images[found.which], near, columns), near),
        ]
    )


def drawings_figure(sprites: SpriteSet, *, kept: bool) -> WebFigure:
    """Drawings and, if a part of each is kept, that part."""
    words = tr("Drawings, one in each cell")
    parts = [(picture_of(sprites.images, words, 2), words)]
    if kept:
        faint = sprites.images.copy()
        rest = ~upper_half(faint)
        faint[:, rest] = 255 - (255 - faint[:, rest]) // 4
        words = tr("The upper half of each is kept; the rest is to be redrawn.")
        parts.append((picture_of(faint, words, 2), words))
    return WebFigure(parts)


def upper_half(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """bool (H, W)."""
    side = images.shape[1]
    return np.arange(side)[:, None].repeat(side, axis=1) < side // 2
