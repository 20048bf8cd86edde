"""Large lists of texts, decoded on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray


class Texts:
    """N texts that stand in for an array of str, stored as concatenated UTF-8.

    As numpy's str, the names of a million sprites take 4 bytes per character, each as wide as the
    longest. Here, they may lie in memory-mapped files, and selecting some of them copies none.

    Parameters
    ----------
    data : uint8, the concatenated UTF-8 of all texts.
    ends : int64 (M,), where each text ends in ``data``; it starts where the previous one ends.
    rows : int (N,), which of the M texts to include; None = all of them.
    """

    def __init__(
        self, data: NDArray[np.uint8], ends: NDArray[np.int64], rows: AnyArray | None = None
    ) -> None:
        self._data, self._ends, self._rows = data, ends, rows

    def __len__(self) -> int:
        return len(self._ends if self._rows is None else self._rows)

    @property
    def shape(self) -> tuple[int]:
        return (len(self),)

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    @overload
    def __getitem__(self, index: int | np.integer) -> str: ...
    @overload
    def __getitem__(self, index: slice | AnyArray | list[int]) -> Texts: ...
    def __getitem__(self, index: int | np.integer | slice | AnyArray | list[int]) -> str | Texts:
        if isinstance(index, int | np.integer):
            row = range(len(self))[index]  # negative indices and IndexError, as for any sequence
            return self._text(row if self._rows is None else int(self._rows[row]))
        rows = np.arange(len(self)) if self._rows is None else self._rows
        return Texts(self._data, self._ends, rows[index])

    def _text(self, row: int) -> str:
        start = int(self._ends[row - 1]) if row else 0
        return bytes(self._data[start : int(self._ends[row])]).decode("utf-8", "replace")

    def tolist(self) -> list[str]:
        return list(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        if copy is False:
            raise ValueError("These texts are not held as an array.")
        return np.array(self.tolist(), np.str_ if dtype is None else dtype)

    def counts(self) -> dict[str, int]:
        """How often each text occurs, in order of first appearance among the M."""
        if self._rows is None:
            rows, counts = np.arange(len(self._ends)), np.ones(len(self._ends), np.int64)
        else:
            rows, counts = np.unique(self._rows, return_counts=True)
        found: dict[str, int] = {}
        for row, count in zip(rows.tolist(), counts.tolist(), strict=True):
            text = self._text(row)
            found[text] = found.get(text, 0) + count
        return found


def text_counts(texts: NDArray[np.str_] | Texts) -> dict[str, int]:
    """How often each text occurs."""
    if isinstance(texts, Texts):
        return texts.counts()
    found, counts = np.unique(texts, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def word_counts(texts: NDArray[np.str_] | Texts) -> dict[str, int]:
    """The number of texts in which each word occurs, the most frequent first."""
    found: Counter[str] = Counter()
    for text, count in text_counts(texts).items():
        for word in dict.fromkeys(text.split()):
            found[word] += count
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
