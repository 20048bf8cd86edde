"""Groups of near-copies: built from pairs, their sizes and order, and those that span a split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray


def group_sizes(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (N,): the size of each sprite's group."""
    _, which, counts = np.unique(group, return_inverse=True, return_counts=True)
    sizes: NDArray[np.int64] = counts[which.reshape(-1)]
    return sizes


def grouped_rows(
    group: NDArray[np.int64], keep: NDArray[np.bool_] | None = None
) -> NDArray[np.intp]:
    """The rows in groups of two or more, largest groups first, each in set order.

    ``keep`` : bool (N,); only groups with a True row are returned, and each as a whole.
    """
    sizes = group_sizes(group)
    wanted = sizes > 1
    if keep is not None:
        wanted &= np.isin(group, group[keep])
    rows = np.flatnonzero(wanted)
    first = np.full(int(group.max()) + 1, len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    return rows[np.lexsort((rows, first[group[rows]], -sizes[rows]))]


def runs(values: AnyArray) -> NDArray[np.intp]:
    """int (N,): 0 for the first run of equal values, 1 for the next and so on."""
    other = np.ones(len(values), np.intp)
    other[1:] = values[1:] != values[:-1]
    return np.cumsum(other) - 1


def across(group: NDArray[np.int64], sides: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """bool (N,): which sprites are in a group with members on both sides of a split."""
    _, which = np.unique(group, return_inverse=True)
    which = which.reshape(-1)
    there = np.bincount(which, sides, minlength=1)
    total = np.bincount(which, minlength=1)
    found: NDArray[np.bool_] = ((there > 0) & (there < total))[which]
    return found


class Links:
    """Union-find. The root is the lowest index of a group, in any order of joins."""

    def __init__(self, count: int) -> None:
        self._parent = np.arange(count)

    def _root(self, index: NDArray[np.intp]) -> NDArray[np.intp]:
        parent, root = self._parent, self._parent[index]
        while not np.array_equal(up := parent[root], root):
            parent[root] = parent[up]  # path halving
            root = parent[root]
        parent[index] = root
        return root

    def join(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        while len(first):
            a, b = self._root(first), self._root(second)
            np.minimum.at(self._parent, np.maximum(a, b), np.minimum(a, b))
            # If a root was joined with several, only the lowest took effect.
            apart = a != b
            first, second = first[apart], second[apart]

    def apart(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Which pairs are not yet in the same group."""
        return self._root(first) != self._root(second)

    def join_equal(self, keys: AnyArray, where: NDArray[np.bool_] | None = None) -> None:
        """Join all with equal keys, among those where ``where`` is True."""
        index = np.arange(len(keys)) if where is None else np.flatnonzero(where)
        order = index[np.argsort(keys[index], kind="stable")]
        begins = np.ones(len(order), np.bool_)
        begins[1:] = keys[order[1:]] != keys[order[:-1]]
        self.join(order, order[begins][np.cumsum(begins) - 1])

    def groups(self) -> NDArray[np.int64]:
        """int64 (N,): the group of each, numbered in the order of their first members."""
        roots = self._root(np.arange(len(self._parent)))
        unique, first, inverse = np.unique(roots, return_index=True, return_inverse=True)
        rank = np.empty(len(unique), np.int64)
        rank[np.argsort(first)] = np.arange(len(unique))
        return rank[inverse.reshape(-1)]
