"""A selection among N items in a row that behaves like that of a file list."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class RowSelection:
    """One current item, and any number of selected items."""

    def __init__(self, count: int = 0, *, several: bool = False) -> None:
        self.several = several  #: whether several may be selected
        self.current = -1  #: index of the current item, moved by the keyboard; -1 = none
        self.chosen: NDArray[np.bool_]  #: which items are selected, bool (N,)
        self.renew(count)

    def __len__(self) -> int:
        return len(self.chosen)

    @property
    def rows(self) -> NDArray[np.intp]:
        """The selected items, ascending: int (M,)."""
        return np.flatnonzero(self.chosen)

    def renew(self, count: int) -> None:
        """Start over with another number of items, none of them selected."""
        self.chosen = np.zeros(count, np.bool_)
        self.current = self._anchor = -1

    def only(self, row: int) -> None:
        """Select only this item; -1 = none."""
        self.chosen = np.zeros(len(self), np.bool_)
        if row >= 0:
            self.chosen[row] = True
        self.current = self._anchor = row

    def toggle(self, row: int) -> None:
        """Add an item to the selection, or remove it."""
        self.chosen = self.chosen.copy()
        self.chosen[row] ^= True
        self.current = self._anchor = row

    def reach(self, row: int, *, more: bool = False) -> None:
        """Select all items from where the last selection began to ``row``; ``more``: keep the
        previous selection, too.
        """
        start = self._anchor if self._anchor >= 0 else row
        self.chosen = self.chosen.copy() if more else np.zeros(len(self), np.bool_)
        self.chosen[min(start, row) : max(start, row) + 1] = True
        self.current, self._anchor = row, start

    def click(self, row: int, *, shift: bool, ctrl: bool) -> None:
        """Change the selection as for a click with these modifiers."""
        if self.several and shift:
            self.reach(row, more=ctrl)
        elif self.several and ctrl:
            self.toggle(row)
        else:
            self.only(row)

    def step(self, row: int, *, shift: bool, ctrl: bool) -> None:
        """Change the selection as for moving to a row by keyboard with these modifiers."""
        if self.several and shift:
            self.reach(row)
        elif self.several and ctrl:
            self.current = row
        else:
            self.only(row)

    def choose_all(self) -> None:
        self.chosen = np.ones(len(self), np.bool_)

    def take(self, rows: NDArray[np.intp], current: int = -1) -> None:
        """Select exactly these items. The current one is then ``current``, or if that is -1, the
        first of them; if there are none, it stays the same.
        """
        self.chosen = np.zeros(len(self), np.bool_)
        self.chosen[rows] = True
        if current < 0:
            current = int(rows[0]) if len(rows) else self.current
        self.current = self._anchor = current

    def band(self, before: NDArray[np.bool_], rows: NDArray[np.intp], *, flip: bool) -> None:
        """Select the items in a rubber band, in addition to the selection ``before`` it; ``flip``:
        invert their selection.
        """
        self.chosen = before.copy()
        if flip:
            self.chosen[rows] ^= True
        else:
            self.chosen[rows] = True
