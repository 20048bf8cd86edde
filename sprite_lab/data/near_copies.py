"""Finding near-copies: sprites that differ only by a shift, a flip, colors or a detail.

A model tested on near-copies of its training sprites looks better than it is, so near-copies are
kept on the same side of a split.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.groups import Links
from sprite_lab.core.sets.sprites import SpriteSet, alpha_from_background
from sprite_lab.core.shares import merged, share_of
from sprite_lab.words import tr

#: Sprites of the same silhouette are recolors if their inner edges correlate at least this well:
#: chance gives 0, equal edges 1. (Comparing the share of common edges would join any two drawings
#: full of edges.)
EDGE_CORRELATION = 0.4

#: Other drawings are near-copies (frames) if at least this share of their pixels is equal, in
#: place.
PIXELS_IN_COMMON = 0.75

#: Up to this many sprites, every pair is compared; with more, only equal forms are found, because
#: the work grows quadratically.
MOST_COMPARED = 12_000

#: Above this many sprites, frames are searched among likely pairs. Between MOST_COMPARED and this
#: they are not: sets of that size, such as the course's, keep their split.
FRAMES_FROM = 100_000

#: Maximum number of likely pairs examined per sprite, on average.
MOST_PAIRS_EACH = 4

#: MinHash: a pair is likely if all hashes of one of the bands are equal. This finds 90% of the
#: pairs with three quarters of their pixels in common, and nearly all pairs with nine tenths.
_BANDS, _HASHES = 6, 4

#: Silhouettes with fewer pixels are ignored: unrelated sprites share them.
SMALLEST_SILHOUETTE = 24

_BLOCK, _PAIRS = 512, 16_384

#: Number of sprites whose forms are computed at once, which takes about 20 times the memory of
#: their pixels.
_FORMS = 4096


def near_duplicate_groups(images: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Group sprites that are near-copies.

    Sprites share a group if they are equal, shifted, mirrored, recolored (same silhouette, similar
    inner edges) or differ in few pixels, directly or through other sprites.

    ``images``: uint8 (N, H, W, 3). ``alpha``: uint8 (N, H, W), 255 = opaque. If a sprite has no
    transparent pixel, a plain area around it counts as background.

    Returns int64 (N,), numbered from 0 in the order of first appearance.
    """
    return drain(near_copies_iter(images, alpha))


def near_copies_iter(
    images: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    control: RunControl | None = None,
) -> Run[NDArray[np.int64]]:
    """Like :func:`near_duplicate_groups`, yielding Progress; the arrays may be mapped.

    Up to MOST_COMPARED sprites, every pair is compared. With more, equal, shifted, mirrored and
    one-to-one recolored drawings are found; above FRAMES_FROM also frames, among likely pairs. This
    takes at most about 150 bytes of memory per sprite of any size.

    ``control``: if it is shared by several processes, each examines a part of the sprites, and all
    get the groups.
    """
    control = RunControl() if control is None else control
    count = len(images)
    with_frames, with_pairs = count > FRAMES_FROM, count <= MOST_COMPARED
    blocks = share_of(control, range(0, count, _FORMS))
    mine = sum(min(_FORMS, count - start) for start in blocks)
    same = np.empty(mine, np.uint64)
    recolored = np.empty(mine, np.uint64)
    recolorable = np.empty(mine, np.bool_)
    kept = []
    bands = np.empty((2, _BANDS, mine if with_frames else 0), np.uint32)
    drawn = np.empty(mine, np.bool_)
    for done, start in zip(range(0, mine, _FORMS), blocks, strict=True):
        yield Progress(start, count, tr("Finding near-copies"))
        part, at = slice(start, start + _FORMS), slice(done, done + _FORMS)
        packed, shifted, mirrored = Forms.of(images[part], alpha[part])
        large = np.count_nonzero(packed, axis=(1, 2)) >= SMALLEST_SILHOUETTE
        same[at] = np.minimum(_hash(shifted), _hash(mirrored))
        plain, turned = _without_colors(shifted), _without_colors(mirrored)
        recolored[at] = np.minimum(_hash(plain), _hash(turned))
        recolorable[at] = large & _few_colors(packed)
        drawn[at] = large
        if with_frames:
            bands[0, :, at], bands[1, :, at] = _band_keys(packed), _band_keys(shifted)
        if with_pairs:
            kept.append(np.stack([packed, shifted, mirrored]))

    links = Links(count)
    links.join_equal(merged(control, [same]))
    links.join_equal(merged(control, [recolored]), merged(control, [recolorable]))
    drawn = merged(control, [drawn])
    if with_frames:
        bands = merged(control, [bands], axis=2)
        yield from _join_likely_frames(links, bands, drawn, images, alpha, control)
    if with_pairs and count:
        packed, shifted, mirrored = merged(control, kept, axis=1)
        yield None
        _join_recolors(links, shifted, mirrored, drawn)
        for placed in (packed, shifted):
            yield None
            _join_frames(links, placed, drawn)
    return links.groups()


def near_copies_of(
    images: NDArray[np.uint8],
    others: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    other_alpha: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """For each sprite, one of ``others`` of which it is a near-copy, by the same rules.

    Near-copies through a third sprite do not count.

    ``images``, ``others``: uint8 (N, H, W, 3) and (M, H, W, 3); the alphas are (N, H, W) and
    (M, H, W).

    Returns int64 (N,): the first such index into ``others``, -1 = none.
    """
    ours, theirs = Forms.of(images, alpha), Forms.of(others, other_alpha)
    found = np.full(len(images), -1)
    for i in range(len(images)):
        near = np.flatnonzero(ours.near(i, theirs))
        if len(near):
            found[i] = near[0]
    return found


class Forms(NamedTuple):
    """Drawings in every form that is compared: in place, in the corner, and mirrored there."""

    packed: NDArray[np.int32]
    shifted: NDArray[np.int32]
    mirrored: NDArray[np.int32]

    @classmethod
    def of(cls, images: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Forms:
        packed = _packed(images, alpha)
        return cls(packed, _to_corner(packed), _to_corner(packed[:, :, ::-1]))

    def near(self, i: int, others: Forms) -> NDArray[np.bool_]:
        """True for the others of which drawing ``i`` is a near-copy, bool (M,)."""
        own = (self.shifted[i], self.mirrored[i])
        near = np.zeros(len(others.packed), np.bool_)
        for form in own:
            near |= (others.shifted == form).all(axis=(1, 2))
        if np.count_nonzero(self.packed[i]) < SMALLEST_SILHOUETTE:
            return near
        near |= _are_frames(self.packed[i], others.packed)
        near |= _are_frames(self.shifted[i], others.shifted)
        for form in own:
            alike = np.flatnonzero(((others.shifted != 0) == (form != 0)).all(axis=(1, 2)))
            if len(alike):
                edges = _edges(np.concatenate([form[None], others.shifted[alike]]))
                near[alike] |= edges[1:] @ edges[0] >= EDGE_CORRELATION
                plain = _without_colors(np.concatenate([form[None], others.shifted[alike]]))
                if _few_colors(form[None])[0]:
                    near[alike] |= (plain[1:] == plain[0]).all(axis=1)
        return near


def joined_groups_iter(
    sprites: SpriteSet, control: RunControl | None = None
) -> Run[NDArray[np.int64]]:
    """The set's groups, merged where they have near-copies of each other; yields Progress.

    If its groups are unknown, they are the groups of near-copies.

    ``control``: see :func:`near_copies_iter`.
    """
    near = yield from near_copies_iter(sprites.images, sprites.alpha, control)
    return near if sprites.group is None else join_groups(sprites.group, near)


def join_groups(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Merge two groupings: sprites that share a group in either share one in the result; int64
    (N,).
    """
    links = Links(len(first))
    links.join_equal(first)
    links.join_equal(second)
    return links.groups()


def _packed(images: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Colors as numbers from 1, and 0 outside the drawing, int32 (N, H, W)."""
    opaque = alpha >= 128
    whole = opaque.all(axis=(1, 2))
    if whole.any():
        # Distance to the corner's color, which makes any plain background "black".
        corner = images[whole, :1, :1].astype(np.int16)
        distance = np.abs(images[whole].astype(np.int16) - corner).astype(np.uint8)
        opaque[whole] = alpha_from_background(distance, background=(0, 0, 0)) > 0
    return np.where(opaque, color_codes(images) + 1, 0).astype(np.int32)


def _to_corner(packed: NDArray[np.int32]) -> NDArray[np.int32]:
    """Move each drawing up and left until it touches both edges."""
    n, height, width = packed.shape
    top = (packed != 0).any(axis=2).argmax(axis=1)
    left = (packed != 0).any(axis=1).argmax(axis=1)
    rows = (np.arange(height) + top[:, None]) % height
    columns = (np.arange(width) + left[:, None]) % width
    moved: NDArray[np.int32] = packed[
        np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]
    ]
    return moved


def _without_colors(packed: NDArray[np.int32]) -> NDArray[np.int32]:
    """Replace each color by its first position, so that one-to-one recolors become equal."""
    flat = packed.reshape(len(packed), -1)
    order = np.argsort(flat, axis=1, kind="stable")
    ordered = np.take_along_axis(flat, order, axis=1)
    starts = np.ones_like(ordered, np.bool_)
    starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    position = np.maximum.accumulate(np.where(starts, np.arange(flat.shape[1]), 0), axis=1)
    first = np.take_along_axis(order, position, axis=1).astype(np.int32) + 1
    first[ordered == 0] = 0
    result = np.empty_like(first)
    np.put_along_axis(result, order, first, axis=1)
    return result


def _few_colors(packed: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which drawings have at most half as many colors as pixels, bool (N,).

    Without repeated colors, all drawings of one silhouette would count as recolors.
    """
    ordered = np.sort(packed.reshape(len(packed), -1), axis=1)
    colors = 1 + np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)
    few: NDArray[np.bool_] = 2 * colors <= np.count_nonzero(ordered, axis=1)
    return few


def _hash(rows: AnyArray) -> NDArray[np.uint64]:
    """A 64-bit key of each row's content, uint64 (N,)."""
    flat = rows.reshape(len(rows), -1).astype(np.uint64)
    # Fixed odd multipliers: the groups are the same in every session.
    factors = np.random.default_rng(0x5B17E).integers(1, 2**63, flat.shape[1], np.uint64) * 2 + 1
    mixed = (flat ^ (flat >> np.uint64(7))) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    keys: NDArray[np.uint64] = (mixed * factors).sum(axis=1, dtype=np.uint64)
    return keys


def _edges(packed: NDArray[np.int32]) -> NDArray[np.float32]:
    """Edges between colors inside drawings that have the same silhouette.

    Returns float32 (N, E), each row with mean 0 and norm 1, so that products are correlations; all
    0 if there are no edges or only edges.
    """
    n, inside = len(packed), packed[0] != 0
    across = (packed[:, :, 1:] != packed[:, :, :-1])[:, inside[:, 1:] & inside[:, :-1]]
    down = (packed[:, 1:] != packed[:, :-1])[:, inside[1:] & inside[:-1]]
    edges = np.concatenate([across.reshape(n, -1), down.reshape(n, -1)], axis=1)
    centered = edges.astype(np.float32) - edges.mean(axis=1, keepdims=True, dtype=np.float32)
    length = np.sqrt((centered**2).sum(axis=1, keepdims=True))
    unit: NDArray[np.float32] = centered / np.maximum(length, 1e-3)
    return unit


def _join_recolors(
    links: Links,
    shifted: NDArray[np.int32],
    mirrored: NDArray[np.int32],
    large: NDArray[np.bool_],
) -> None:
    """Join sprites with the same silhouette and similar inner edges."""
    here, there = _hash(shifted != 0), _hash(mirrored != 0)
    # One of the two orientations represents both, so that mirror images meet; drawings with a
    # symmetric silhouette are compared both ways.
    form = np.where((here <= there)[:, None, None], shifted, mirrored)
    key = np.minimum(here, there)
    order = np.flatnonzero(large)
    order = order[np.argsort(key[order], kind="stable")]
    for bucket in np.split(order, np.flatnonzero(np.diff(key[order])) + 1):
        if len(bucket) < 2:
            continue
        edges = _edges(form[bucket])
        others = [edges]
        if here[bucket[0]] == there[bucket[0]]:
            others.append(_edges(mirrored[bucket]))
        for other in others:
            for start in range(0, len(bucket), _BLOCK):
                near = edges[start : start + _BLOCK] @ other.T >= EDGE_CORRELATION
                first, second = np.nonzero(near)
                links.join(bucket[first + start], bucket[second])


def _similar_rows(
    rows: NDArray[np.float32],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pairs of rows of 0 and 1 that have PIXELS_IN_COMMON of their ones in common, in blocks."""
    totals = rows.sum(axis=1)
    for start in range(0, len(rows), _BLOCK):
        part = slice(start, start + _BLOCK)
        common = rows[part] @ rows.T
        either = totals[part, None] + totals[None] - common
        first, second = np.nonzero((common >= PIXELS_IN_COMMON * either) & (either > 0))
        yield first + start, second


def _join_frames(links: Links, packed: NDArray[np.int32], large: NDArray[np.bool_]) -> None:
    """Join drawings that have most of their pixels in common."""
    index = np.flatnonzero(large)
    if len(index) < 2:
        return
    rows = packed[index].reshape(len(index), -1)
    drawn = (rows != 0).astype(np.float32)
    area = drawn.sum(axis=1)
    # Two bytes per pixel; a color in one drawing never equals "none" in the other.
    numbers = np.unique(rows, return_inverse=True)[1].reshape(rows.shape) % 65_535
    ours = numbers.astype(np.uint16)
    theirs = np.where(rows == 0, 65_535, numbers).astype(np.uint16)
    # Only pairs with sufficiently similar silhouettes are compared.
    for first, second in _similar_rows(drawn):
        later = second > first
        first, second = first[later], second[later]
        for start in range(0, len(first), _PAIRS):
            a, b = first[start : start + _PAIRS], second[start : start + _PAIRS]
            common = np.count_nonzero(ours[a] == theirs[b], axis=1)
            # A cheap test first: both together have at least as many pixels as the larger one
            # alone.
            hopeful = common >= PIXELS_IN_COMMON * np.maximum(area[a], area[b])
            a, b, common = a[hopeful], b[hopeful], common[hopeful]
            both = (drawn[a] * drawn[b]).sum(axis=1)
            near = common >= PIXELS_IN_COMMON * (area[a] + area[b] - both)
            links.join(index[a[near]], index[b[near]])


def _are_frames(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether drawings have most of their pixels in common, in place; ``one`` may be a single
    drawing.
    """
    either = np.count_nonzero((one != 0) | (other != 0), axis=(1, 2))
    common = np.count_nonzero((one == other) & (one != 0), axis=(1, 2))
    return np.asarray(common >= PIXELS_IN_COMMON * either)


def _band_keys(packed: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Keys that drawings with most of their pixels in common often share, uint32 (_BANDS, N)."""
    flat = packed.reshape(len(packed), -1)
    rng = np.random.default_rng(0x5B17E)
    place = rng.integers(0, 2**32, flat.shape[1], np.uint32)
    pixels = (flat.astype(np.uint32) * np.uint32(0x9E3779B1)) ^ place
    keys = np.empty((_BANDS, len(flat)), np.uint32)
    for band in keys:
        band[:] = 0
        for factor in rng.integers(0, 2**31, _HASHES, np.uint32) * 2 + 1:
            mixed = (pixels ^ (pixels >> np.uint32(15))) * factor
            mixed ^= mixed >> np.uint32(13)
            lowest = np.where(flat != 0, mixed, np.uint32(2**32 - 1)).min(axis=1)
            band *= np.uint32(0x01000193)
            band ^= lowest
    return keys


def _join_likely_frames(
    links: Links,
    bands: NDArray[np.uint32],
    large: NDArray[np.bool_],
    images: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    control: RunControl,
) -> Run[None]:
    """Join pairs with equal band keys that :func:`_join_frames` would join; yields Progress."""
    index = np.flatnonzero(large)
    budget = MOST_PAIRS_EACH * len(large)
    for shifted, of_form in enumerate(bands):
        for keys in of_form:
            order = index[np.argsort(keys[index], kind="stable")]
            first, second = order[:-1], order[1:]
            likely = (keys[first] == keys[second]) & links.apart(first, second)
            first, second = first[likely][:budget], second[likely][:budget]
            budget -= len(first)
            near = [np.empty(0, np.bool_)]
            for start in share_of(control, range(0, len(first), _FORMS)):
                yield Progress(start, len(first), tr("Finding animation frames"))
                forms = []
                for some in (first[start : start + _FORMS], second[start : start + _FORMS]):
                    packed = _packed(images[some], alpha[some])
                    forms.append(_to_corner(packed) if shifted else packed)
                near.append(_are_frames(*forms))
            joined = merged(control, near)
            links.join(first[joined], second[joined])
