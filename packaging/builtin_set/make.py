"""Draw the built-in set: every sprite from its own seed, no two alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from builtin_set.canvas import Drawing
from builtin_set.creature import draw_creature
from builtin_set.describe import describe
from builtin_set.dice import Dice
from builtin_set.finish import render
from builtin_set.food import draw_food
from builtin_set.hero import draw_hero
from builtin_set.item import draw_item
from builtin_set.side_facing import draw_side_facing
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, COURSE_CLASSES, SpriteSet
from sprite_lab.data.near_copies import join_groups

_SOURCE = "builtin"
_CREDIT = Credit(_SOURCE, BUILTIN_TITLE, "Sprite Lab", "MIT")

#: See :func:`_keys`.
Keys = tuple[tuple[int, str | bytes], ...]

#: In the order of COURSE_CLASSES.
_DRAW: tuple[Callable[[Dice], Drawing], ...] = (
    draw_hero,
    draw_creature,
    draw_food,
    draw_item,
    draw_side_facing,
)


def make_builtin(count: int = 4000, seed: int = 0) -> SpriteSet:
    """The built-in set: `count` distinct sprites; classes alternate.

    A smaller set with the same seed is a prefix of a larger one, except for `group`, which
    depends on the whole set.

    Parameters
    ----------
    count : number of sprites, at least 1.
    seed : another seed draws other sprites.
    """
    drawings: list[Drawing] = [_draw(seed, i, 0) for i in range(count)]
    images, alpha = render(drawings)
    attempt = 0
    while twice := _repeated(images):
        attempt += 1
        for i in twice:
            drawings[i] = _draw(seed, i, attempt)
        images[twice], alpha[twice] = render([drawings[i] for i in twice])
    labels = _labels(count)
    return _as_set(drawings, images, alpha, labels, _groups(drawings, alpha, labels))


def make_more(
    counts: Sequence[int], seed: int, of: SpriteSet, aside: NDArray[np.int64]
) -> SpriteSet:
    """More training sprites beside `of`, a set that `make_builtin` made with seed 0.

    Drawings that are in `of` are left out, and so are those with the design or the silhouette of a
    sprite that is set aside there, so that these stay unseen.

    Parameters
    ----------
    counts : how many are drawn of each class, in the order of COURSE_CLASSES.
    seed : not 0.
    aside : int64 (n,), rows of `of`.
    """
    unseen = {key for i in aside for key in _keys(_draw(0, i, 0), of.alpha[i], of.labels[i])}
    return _as_set(*_new(counts, seed, of, unseen.isdisjoint), None)


def make_alike(
    counts: Sequence[int], seed: int, of: SpriteSet, rows: NDArray[np.int64]
) -> SpriteSet:
    """New sprites with the designs of ``rows`` of ``of``, a set that `make_builtin` made with
    seed 0, and with no design or silhouette of its other rows; with their groups.

    Parameters
    ----------
    counts, seed : see :func:`make_more`; few of these drawings are kept.
    """
    keys = [_keys(_draw(0, i, 0), of.alpha[i], of.labels[i]) for i in range(len(of))]
    wanted = {keys[i][0] for i in rows}
    others = {key for i in np.setdiff1d(np.arange(len(of)), rows) for key in keys[i]}
    drawings, images, alpha, labels = _new(
        counts, seed, of, lambda mine: mine[0] in wanted and others.isdisjoint(mine)
    )
    return _as_set(drawings, images, alpha, labels, _groups(drawings, alpha, labels))


def _new(
    counts: Sequence[int], seed: int, of: SpriteSet, fits: Callable[[Keys], bool]
) -> tuple[list[Drawing], NDArray[np.uint8], NDArray[np.uint8], NDArray[np.int64]]:
    """Drawings that are not in `of` and whose keys fit, with their images, alpha and labels.

    A number of each class is drawn, of which some are left out.
    """
    rows = [len(_DRAW) * k + label for label, count in enumerate(counts) for k in range(count)]
    drawings, labels = [_draw(seed, i, 0) for i in rows], np.array(rows) % len(_DRAW)
    images, alpha = render(drawings)
    seen, kept = {image.tobytes() for image in of.images}, []
    for i, drawing in enumerate(drawings):
        pixels = images[i].tobytes()
        if pixels not in seen and fits(_keys(drawing, alpha[i], labels[i])):
            seen.add(pixels)
            kept.append(i)
    return [drawings[i] for i in kept], images[kept], alpha[kept], labels[kept]


def _labels(count: int) -> NDArray[np.int64]:
    return np.arange(count) % len(COURSE_CLASSES)


def _as_set(
    drawings: list[Drawing],
    images: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    labels: NDArray[np.int64],
    group: NDArray[np.int64] | None,
) -> SpriteSet:
    words = map(describe, (d.name for d in drawings), images, alpha)
    return SpriteSet(
        images=images,
        alpha=alpha,
        labels=labels,
        class_names=COURSE_CLASSES,
        group=group,
        names=np.array([d.name for d in drawings]),
        words=np.array(list(words)),
        source=np.full(len(drawings), _SOURCE),
        title=BUILTIN_TITLE,
        credits=(_CREDIT,),
    )


def _draw(seed: int, i: int, attempt: int) -> Drawing:
    label, k = i % len(_DRAW), i // len(_DRAW)
    return _DRAW[label](Dice(seed, label, k, attempt))


def _repeated(images: NDArray[np.uint8]) -> list[int]:
    """Sprites equal to an earlier one."""
    seen: set[bytes] = set()
    twice: list[int] = []
    for i, image in enumerate(images):
        pixels = image.tobytes()
        if pixels in seen:
            twice.append(i)
        seen.add(pixels)
    return twice


def _keys(drawing: Drawing, alpha: NDArray[np.uint8], label: np.int64) -> Keys:
    """Keys that near-copies of a class share: design or silhouette."""
    return (int(label), drawing.design), (int(label), alpha.tobytes())


def _groups(
    drawings: list[Drawing], alpha: NDArray[np.uint8], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Ids joining sprites of one class with the same design or the same silhouette."""
    designs, silhouettes = zip(*map(_keys, drawings, alpha, labels), strict=True)
    return join_groups(_numbered(designs), _numbered(silhouettes))


def _numbered(keys: Sequence[Hashable]) -> NDArray[np.int64]:
    ids: dict[Hashable, int] = {}
    return np.array([ids.setdefault(key, len(ids)) for key in keys], np.int64)
