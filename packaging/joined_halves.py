"""More drawn training sprites: the upper half of one on the matching lower half of another.

Like CutMix (Yun et al. 2019), but cut along a row where both drawings agree, so that the result
looks drawn: another hat on the same coat, another blade on the same hilt. Some get other hues.
A model that learns from these too learns parts rather than whole drawings by heart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import groups_of

#: Halves match if the two rows at the cut differ by less than this on average, of 1
#: (premultiplied).
SEAM = 0.085

#: Share of the pixels that must differ in either half, or the result equals one of the two.
NEW = 0.055

#: A pixel differs if any channel differs by more than this, of 1.
_DIFFERS = 0.15

#: Share of the results whose hues are rotated, by at least an eighth of the circle.
OTHER_HUES, _LEAST_TURN = 0.4, 32

#: Hues and the largest saturation of skin, wood and leather, which keep their color, of 255.
_SKIN_HUES, _SKIN_SATURATION = (5, 30), 190

#: Color words, which may be wrong for other hues.
_COLORS = frozenset(
    {"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "cyan", "teal", "tan",
     "gold", "golden", "violet", "black", "white", "gray"}
)  # fmt: skip

#: Sprites of one class and source that are compared: the work grows quadratically.
_MOST, _BLOCK = 2000, 64


def joined_halves(sprites: SpriteSet, each: int = 24, seed: int = 0) -> SpriteSet:
    """Sprites of one class, one source and different groups, joined where they match.

    Each sprite lends a half at most ``each`` times. Words are those that both have. The result
    has no groups, names, poses or frames.

    Raises
    ------
    ConfigError
        If nothing fits.
    """
    rng = np.random.default_rng(seed)
    group = groups_of(sprites)
    kinds = np.zeros(len(sprites), np.int64)
    for labels in (sprites.labels, sprites.source):
        _, which = np.unique(labels, return_inverse=True)
        kinds = kinds * (int(which.max(initial=0)) + 1) + which.reshape(-1)
    found = []
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        rows = np.sort(rng.permutation(rows)[:_MOST])
        pairs = list(_pairs(sprites.take(rows), group[rows]))
        if pairs:
            upper, lower, cut = np.concatenate(pairs, axis=1)
            kept = _evenly(upper, lower, each, rng)
            found.append(np.stack([rows[upper], rows[lower], cut])[:, kept])
    upper, lower, cut = np.concatenate(found or [np.empty((3, 0), np.int64)], axis=1)
    below = np.arange(sprites.size[0])[:, None] >= cut[:, None, None]  # (N, H, 1)
    images = np.where(below[..., None], sprites.images[lower], sprites.images[upper])
    turned = rng.random(len(cut)) < OTHER_HUES
    images[turned] = _other_hues(images[turned], rng)
    alpha, words = sprites.alpha, sprites.words
    return replace(
        sprites.take(lower),
        images=images,
        alpha=np.where(below, alpha[lower], alpha[upper]),
        words=np.array(list(map(_common, words[upper], words[lower], turned)), np.str_),
        group=None,
        names=None,
        pose_of=None,
        direction=None,
        frame=None,
    )


def _pairs(sprites: SpriteSet, group: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """All matches: int64 (3, N), the upper sprite, the lower one and the first row of its half."""
    alpha = sprites.alpha[..., None] / np.float32(255)
    pictures = np.concatenate([sprites.images / np.float32(255) * alpha, alpha], axis=3)
    height, width = sprites.size
    for cut in range(height // 3, 3 * height // 4):
        seams = pictures[:, cut - 1 : cut + 1].reshape(len(pictures), -1)
        for start in range(0, len(pictures), _BLOCK):
            apart = np.abs(seams[start : start + _BLOCK, None] - seams).mean(axis=2)
            upper, lower = np.nonzero(apart < SEAM)
            upper += start
            others = group[upper] != group[lower]
            upper, lower = upper[others], lower[others]
            differs = np.abs(pictures[upper] - pictures[lower]).max(axis=3) > _DIFFERS
            new = NEW * height * width
            fits = (differs[:, :cut].sum((1, 2)) >= new) & (differs[:, cut:].sum((1, 2)) >= new)
            yield np.stack([upper[fits], lower[fits], np.full(fits.sum(), cut)])


def _evenly(
    upper: NDArray[np.int64], lower: NDArray[np.int64], each: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Rows of a random choice of pairs in which no sprite occurs more than ``each`` times."""
    used = np.zeros(_MOST, np.int64)
    kept = []
    for i in rng.permutation(len(upper)):
        if max(used[upper[i]], used[lower[i]]) < each:
            used[upper[i]] += 1
            used[lower[i]] += 1
            kept.append(i)
    return np.array(kept, np.int64)


def _other_hues(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """uint8 (N, H, W, 3): each with all of its hues rotated by the same angle, except skin."""
    hsv = np.array(Image.fromarray(images.reshape(-1, images.shape[2], 3)).convert("HSV"))
    hsv = hsv.reshape(images.shape)
    hue, saturation = hsv[..., 0], hsv[..., 1]
    low, high = _SKIN_HUES
    skin = (hue >= low) & (hue <= high) & (saturation < _SKIN_SATURATION)
    turn = rng.integers(_LEAST_TURN, 256 - _LEAST_TURN, (len(images), 1, 1), np.uint8)
    hsv[..., 0] = np.where(skin, hue, hue + turn)
    turned = Image.fromarray(hsv.reshape(-1, images.shape[2], 3), "HSV").convert("RGB")
    return np.array(turned).reshape(images.shape)


def _common(first: str, second: str, turned: bool) -> str:
    """The words that both have, without colors if hues were changed."""
    words = [word for word in first.split() if word in second.split()]
    return " ".join(word for word in words if not (turned and word in _COLORS))
