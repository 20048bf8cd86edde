"""Groups of near-copies: how large, in which order, which reach across a split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def group_sizes(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (N,): how many sprites are in the group of each."""
    _, which, counts = np.unique(group, return_inverse=True, return_counts=True)
    sizes: NDArray[np.int64] = counts[which.reshape(-1)]
    return sizes


def grouped_rows(
    group: NDArray[np.int64], keep: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """The rows of groups of two and more, large groups first, each in the order of the set.

    ``keep`` : bool (N,), whose groups to take; a group is taken whole.
    """
    sizes = group_sizes(group)
    wanted = sizes > 1
    if keep is not None:
        wanted &= np.isin(group, group[keep])
    rows = np.flatnonzero(wanted)
    first = np.full(int(group.max()) + 1, len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    return rows[np.lexsort((rows, first[group[rows]], -sizes[rows]))]


def runs(values: NDArray) -> NDArray[np.intp]:
    """int (N,): 0 for the first run of equal values, 1 for the next and so on."""
    other = np.ones(len(values), np.intp)
    other[1:] = values[1:] != values[:-1]
    return np.cumsum(other) - 1


def across(group: NDArray[np.int64], sides: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool (N,): which sprites are in a group of which both sides of a split have some."""
    _, which = np.unique(group, return_inverse=True)
    which = which.reshape(-1)
    there = np.bincount(which, sides, minlength=1)
    total = np.bincount(which, minlength=1)
    found: NDArray[np.bool_] = ((there > 0) & (there < total))[which]
    return found
