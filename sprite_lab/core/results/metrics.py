"""Comparison of two sets of sprites: feature distances, pixel figures, copies.

Features are float (N, D), from any network. Images are uint8 (N, H, W, 3), RGB on white, with alpha
uint8 (N, H, W), 255 = opaque.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.sets.sprites import to_pixels

#: Largest difference of channels that counts as equal: one step at 5 bits, which is invisible.
TOLERANCE = 8

#: Largest difference of channels between shades that count as the same color.
SAME_COLOR = 32

#: A sprite is a copy if its distance to a training sprite is at most this percentile of the
#: distances of new drawings.
COPY_PERCENTILE = 5


def frechet_distance(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Frechet distance between the Gaussians fitted to two sets of features.

    Heusel et al. 2017, eq. 6: |mu_a - mu_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)). The last
    trace is that of the symmetric (C_a^(1/2) C_b C_a^(1/2))^(1/2), whose eigenvalues are real
    even if a covariance is singular.

    ``a``, ``b``: (N, D) and (M, D), at least two rows each.
    """
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    cov_a, cov_b = np.atleast_2d(np.cov(first.T)), np.atleast_2d(np.cov(second.T))
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ cov_b @ root).clip(0)).sum()
    apart = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    return float(max(0.0, apart + np.trace(cov_a) + np.trace(cov_b) - 2 * cross))


class Estimate(NamedTuple):
    """A figure and its standard error."""

    value: float
    stderr: float


#: Maximum number of rows compared in pairs: all pairs of a million would take terabytes.
MOST_COMPARED = 8192


def kernel_distance(
    a: NDArray[np.floating], b: NDArray[np.floating], halves: int = 100, seed: int = 0
) -> Estimate:
    """Squared maximum mean discrepancy under the cubic kernel (x . y / D + 1)^3.

    Binkowski et al. 2018 ("KID"). The value is the unbiased estimate from all rows, which may be
    negative for similar sets. Its standard error is the spread of the same estimate over random
    halves of both sets (delete-half jackknife), slightly too large for similar sets. Of larger
    sets, MOST_COMPARED rows are compared, chosen by ``seed``.

    ``a``, ``b``: (N, D) and (M, D), at least four rows each.
    """
    rng = np.random.default_rng(seed)
    first, second = (
        np.asarray(
            x if len(x) <= MOST_COMPARED else x[rng.permutation(len(x))[:MOST_COMPARED]]
        ).astype(np.float64)
        for x in (a, b)
    )

    def kernel(x: AnyArray, y: AnyArray) -> NDArray[np.float64]:
        return (x @ y.T / x.shape[1] + 1) ** 3

    aa, bb, ab = kernel(first, first), kernel(second, second), kernel(first, second)
    np.fill_diagonal(aa, 0)
    np.fill_diagonal(bb, 0)

    def estimate(pick_a: AnyArray, pick_b: AnyArray) -> NDArray[np.float64]:
        """Estimates (S,) for S pairs of subsets, each a row of zeros and ones."""
        n, m = pick_a.sum(axis=1), pick_b.sum(axis=1)
        within_a = ((pick_a @ aa) * pick_a).sum(axis=1) / (n * (n - 1))
        within_b = ((pick_b @ bb) * pick_b).sum(axis=1) / (m * (m - 1))
        return within_a + within_b - 2 * ((pick_a @ ab) * pick_b).sum(axis=1) / (n * m)

    def half(count: int) -> NDArray[np.float64]:
        rank = rng.random((halves, count)).argsort(axis=1)
        return (rank < count // 2).astype(np.float64)

    value = estimate(np.ones((1, len(first))), np.ones((1, len(second))))[0]
    return Estimate(float(value), float(estimate(half(len(first)), half(len(second))).std(ddof=1)))


class Fidelity(NamedTuple):
    """The share of samples that resemble the reference (precision, density), and the share of the
    reference that samples cover (recall, coverage). All but density are within 0..1."""

    precision: float
    recall: float
    density: float
    coverage: float


def fidelity(
    reference: NDArray[np.floating], samples: NDArray[np.floating], k: int = 5
) -> Fidelity:
    """Precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020).

    Each set's manifold is the union of balls around its rows that reach their ``k``-th nearest
    neighbor. Pass as many samples as references: recall and coverage grow with the number of
    samples.

    ``reference``, ``samples``: (N, D) and (M, D), more than ``k`` rows each.
    """
    between = squared_distances(reference, samples)
    reach, reach_samples = _reach(reference, k), _reach(samples, k)
    inside = between <= reach[:, None]
    return Fidelity(
        precision=float(inside.any(axis=0).mean()),
        recall=float((between <= reach_samples).any(axis=1).mean()),
        density=float(inside.sum(axis=0).mean() / k),
        coverage=float(inside.any(axis=1).mean()),
    )


def squared_distances(a: AnyArray, b: AnyArray) -> NDArray[np.float64]:
    """Squared Euclidean distances of the rows of (N, D) and (M, D): float64 (N, M).

    They are exactly 0 for equal rows.
    """
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    lengths = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)
    found = lengths - 2 * x @ y.T
    return np.where(found > _ROUNDING * lengths, found, 0.0)


#: Differences smaller than this share of the lengths are rounding errors.
_ROUNDING = 1e-13


def _reach(points: AnyArray, k: int) -> NDArray[np.float64]:
    """Squared distance of each row to its ``k``-th nearest other row."""
    within = squared_distances(points, points)
    np.fill_diagonal(within, np.inf)
    nearest: NDArray[np.float64] = np.partition(within, k - 1, axis=1)[:, k - 1]
    return nearest


def distinct_colors(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """int64 (N,): number of colors of each sprite, with its background, at 5 bits per channel."""
    wide = images.astype(np.int32) >> 3
    codes = (wide[..., 0] << 10 | wide[..., 1] << 5 | wide[..., 2]).reshape(len(images), -1)
    codes.sort(axis=1)
    return 1 + np.count_nonzero(codes[:, 1:] != codes[:, :-1], axis=1)


def isolated_pixel_rate(images: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> float:
    """Share of opaque pixels that match none of their eight neighbors.

    Two pixels match if both are opaque (alpha >= 128) and no channel differs by more than
    TOLERANCE; pixels outside the picture match nothing. The mean is over all opaque pixels of all
    sprites. An eye in a face is one such pixel; speckles and smears are many.
    """
    opaque = alpha >= 128
    height, width = images.shape[1:3]
    color = np.pad(images.astype(np.int16), ((0, 0), (1, 1), (1, 1), (0, 0)))
    there = np.pad(opaque, ((0, 0), (1, 1), (1, 1)))
    alone = opaque.copy()
    for y, x in [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]:
        part = np.s_[:, y : y + height, x : x + width]
        alike = np.abs(color[part] - images).max(axis=-1) <= TOLERANCE
        alone &= ~(alike & there[part])
    return float(alone.sum() / max(1, opaque.sum()))


def edge_sharpness(images: NDArray[np.uint8]) -> float:
    """Mean height of the color steps between neighbors, weighted by their height; 0..1.

    A step is the largest difference of any channel, divided by 255. Blur splits a step into smaller
    ones and so lowers the figure, as does noise in flat areas.
    """
    wide = images.astype(np.int16)
    steps = np.concatenate(
        [np.abs(np.diff(wide, axis=axis)).max(axis=-1).reshape(len(images), -1) for axis in (1, 2)],
        axis=1,
    ).astype(np.float64)
    return float((steps**2).sum() / max(1.0, steps.sum()) / 255)


class Nearest(NamedTuple):
    """The nearest other sprite of each: its index (N,) and distance (N,), 0..255."""

    which: NDArray[np.int64]
    distance: NDArray[np.float64]


def nearest_sprites(
    images: NDArray[np.uint8], others: NDArray[np.uint8], shift: int = 3
) -> Nearest:
    """The nearest of ``others`` to each sprite, over flips and shifts.

    The distance is the root mean square difference of all channel values, the smallest over
    left-right flips and shifts of up to ``shift`` pixels (filled with white).

    ``images``, ``others``: uint8 (N, H, W, 3) and (M, H, W, 3).
    """
    n = len(images)
    theirs = others.reshape(len(others), -1).astype(np.float32)
    theirs_squared = (theirs**2).sum(axis=1)
    which, best = np.zeros(n, np.int64), np.full(n, np.inf)
    for moved in _moved(images, shift):
        for start in range(0, n, _BLOCK):
            rows = moved[start : start + _BLOCK].reshape(-1, theirs.shape[1]).astype(np.float32)
            found = (theirs_squared - 2 * rows @ theirs.T).argmin(axis=1)
            # The product has rounding errors: compute the winner's distance exactly.
            exact = ((rows - theirs[found]) ** 2).mean(axis=1, dtype=np.float64)
            part = slice(start, start + len(rows))
            which[part] = np.where(exact < best[part], found, which[part])
            best[part] = np.minimum(exact, best[part])
    return Nearest(which, np.sqrt(best))


class Neighbors(NamedTuple):
    """The sprites nearest to one sprite, nearest first."""

    which: NDArray[np.int64]  #: int64 (k,)
    distance: NDArray[np.float64]  #: float64 (k,), 0..255
    mirrored: NDArray[np.bool_]  #: bool (k,), whether the sprite was mirrored for that distance
    shift: NDArray[np.int64]  #: int64 (k, 2), how far it was then shifted right and down, in pixels


def neighbors(
    image: NDArray[np.uint8], others: NDArray[np.uint8], count: int = 8, shift: int = 3
) -> Neighbors:
    """The ``count`` nearest of ``others`` to one sprite, by the distance of ``nearest_sprites``.

    Of shifts that give the same distance, the smallest is returned.

    ``image``, ``others``: uint8 (H, W, 3) and (M, H, W, 3).
    """
    span = range(-shift, shift + 1)
    # In the order of _moved: unmirrored ones first, each from the top left of the padded sprite.
    moves = [(mirrored, -x, -y) for mirrored in (False, True) for y in span for x in span]
    order = sorted(range(len(moves)), key=lambda i: (moves[i][0], np.hypot(*moves[i][1:])))
    # Whole numbers below 2**53, so that float64 is exact.
    moved = np.stack(_moved(image[None], shift))[order].reshape(len(moves), -1).astype(np.float64)
    theirs = others.reshape(len(others), -1)
    nearest, how = np.empty(len(others)), np.empty(len(others), np.int64)
    for start in range(0, len(others), _BLOCK):
        part = slice(start, start + _BLOCK)
        rows = theirs[part].astype(np.float64)
        square = (moved**2).sum(axis=1)[:, None] + (rows**2).sum(axis=1) - 2 * moved @ rows.T
        how[part] = square.argmin(axis=0)
        nearest[part] = square.min(axis=0)
    which = nearest.argsort(kind="stable")[:count]
    found = [moves[order[i]] for i in how[which]]
    return Neighbors(
        which,
        np.sqrt(nearest[which] / theirs.shape[1]),
        np.array([mirrored for mirrored, *_ in found], np.bool_),
        np.array([move for _, *move in found], np.int64).reshape(-1, 2),
    )


def pixels_apart(
    image: NDArray[np.uint8],
    other: NDArray[np.uint8],
    mirrored: bool,
    shift: NDArray[np.int64],
) -> int:
    """The number of pixels that visibly differ: by more than TOLERANCE in some channel.

    ``image``, ``other``: uint8 (H, W, 3). ``mirrored``, ``shift``: how ``image`` is moved first, as
    in :class:`Neighbors`.
    """
    height, width = image.shape[:2]
    room, (right, down) = int(np.abs(shift).max()), (int(v) for v in shift)
    pad = ((room, room), (room, room), (0, 0))
    padded = np.pad(image[:, ::-1] if mirrored else image, pad, constant_values=255)
    top, left = room - down, room - right
    moved = padded[top : top + height, left : left + width].astype(np.int16)
    return int((np.abs(moved - other).max(axis=-1) > TOLERANCE).sum())


def most_in_common(
    images: NDArray[np.uint8], others: NDArray[np.uint8], least: float = 0.0
) -> NDArray[np.float64]:
    """The largest share of pixels that each sprite has in common with one of ``others``.

    Of the pixels drawn in either, these are drawn in both in the same color, up to SAME_COLOR in
    each channel. The maximum is over left-right flips and shifts by a pixel. White counts as not
    drawn.

    ``images``, ``others``: uint8 (N, H, W, 3) and (M, H, W, 3). ``least``: shares below this are
    not computed, but reported as this.

    Returns float64 (N,), 0..1.
    """
    theirs = others.reshape(len(others), images[0].size // 3, 3)
    drawn_there = _drawn(theirs)
    there = drawn_there.astype(np.float32)
    best = np.full(len(images), least)
    for moved in _moved(images, 1):
        ours = moved.reshape(len(images), -1, 3)
        here = _drawn(ours).astype(np.float32)
        both = here @ there.T
        either = here.sum(axis=1)[:, None] + there.sum(axis=1) - both
        at_most = both / either.clip(1)  # as if all pixels drawn in both had the same color
        for i, one in enumerate(ours):
            rows = np.flatnonzero(at_most[i] > best[i])
            if len(rows):
                many = theirs[rows]
                apart = np.maximum(one, many) - np.minimum(one, many)  # uint8
                r, g, b = (apart[..., channel] <= SAME_COLOR for channel in range(3))
                common = (r & g & b & drawn_there[rows] & _drawn(one)).sum(axis=1)
                best[i] = max(best[i], (common / either[i, rows]).max())
    return best


def _drawn(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of the pixels, uint8 (..., 3), are not white, or nearly so (SAME_COLOR)."""
    drawn: NDArray[np.bool_] = pixels.min(axis=-1) < 255 - SAME_COLOR
    return drawn


_BLOCK = 512


def _moved(images: NDArray[np.uint8], shift: int) -> list[NDArray[np.uint8]]:
    height, width = images.shape[1:3]
    pad = ((0, 0), (shift, shift), (shift, shift), (0, 0))
    padded = [np.pad(each, pad, constant_values=255) for each in (images, images[:, :, ::-1])]
    span = range(2 * shift + 1)
    return [p[:, y : y + height, x : x + width] for p in padded for y in span for x in span]


def copy_share(samples: NDArray[np.floating], validation: NDArray[np.floating]) -> float:
    """Share of samples that count as copies of a training sprite.

    A sample is one if its distance is at most :func:`copy_threshold`; of new drawings, 5% are.

    ``samples``, ``validation``: (N,) and (M,), the distance of each to its nearest training sprite
    (:func:`nearest_sprites`).
    """
    return float((samples <= copy_threshold(validation)).mean())


def copy_threshold(validation: NDArray[np.floating]) -> float:
    """The distance up to which a sprite counts as a copy: the percentile COPY_PERCENTILE of (M,)
    distances of validation sprites to their nearest training sprite; 0 if there are none."""
    return float(np.percentile(validation, COPY_PERCENTILE)) if len(validation) else 0.0


def settling_frames(x0: NDArray[np.floating]) -> NDArray[np.int64]:
    """The frame from which on each pixel of the predicted clean sprite keeps its final value.

    This is the first frame k such that, in k and all later frames, every 8-bit channel is within
    TOLERANCE of the last frame.

    ``x0``: (K, H, W, 3) in [-1, 1], K >= 1, noisiest first.

    Returns int64 (H, W), 0..K-1.
    """
    pixels = to_pixels(x0).astype(np.int16)
    apart = np.abs(pixels - pixels[-1]).max(axis=-1) > TOLERANCE
    back = apart[::-1].argmax(axis=0)  # frames after the last one that differs
    return np.where(apart.any(axis=0), len(pixels) - back, 0).astype(np.int64)
