"""The undoable edits of a data set. Each stores what it changes, never pixels.

Sprites are named by their rows in the set as it was opened, which dropping does not move.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QUndoCommand

from sprite_lab.core.credits import Credit

if TYPE_CHECKING:
    from sprite_lab.app.data_edits import DataEdits


@dataclass(frozen=True, eq=False)
class Edition:
    """What may be changed of a set of N sprites as it was opened.

    Parameters
    ----------
    kept : bool (N,), False = dropped.
    labels : int64 (N,), -1 = no class.
    group : int64 (N,) or None, as in the set.
    """

    kept: NDArray[np.bool_]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    group: NDArray[np.int64] | None
    credits: tuple[Credit, ...]


class DataCommand(QUndoCommand):
    """An edit of :class:`~sprite_lab.app.data_edits.DataEdits`."""

    def __init__(self, edits: DataEdits, text: str) -> None:
        super().__init__(text)
        self._edits = edits

    def redo(self) -> None:
        self._apply(forward=True)

    def undo(self) -> None:
        self._apply(forward=False)

    # Qt's metaclass leaves no room for ABCMeta, but mypy checks that subclasses have it.
    @abstractmethod
    def _apply(self, *, forward: bool) -> None:
        """Do it, or take it back."""


class Relabel(DataCommand):
    """Other classes for some sprites, perhaps with other names of classes.

    Parameters
    ----------
    rows : int (M,); before, after : int64 (M,), their labels.
    names : the class names before and after.
    """

    def __init__(
        self,
        edits: DataEdits,
        rows: NDArray[np.intp],
        before: NDArray[np.int64],
        after: NDArray[np.int64],
        names: tuple[tuple[str, ...], tuple[str, ...]],
        text: str,
    ) -> None:
        super().__init__(edits, text)
        other = before != after
        self._rows, self._labels = rows[other], (before[other], after[other])
        self._names = names
        self.setObsolete(not other.any() and names[0] == names[1])

    def _apply(self, *, forward: bool) -> None:
        labels = self._edits.edition.labels.copy()
        labels[self._rows] = self._labels[forward]
        self._edits.put(labels=labels, class_names=self._names[forward])


class Drop(DataCommand):
    """Sprites left out: int (M,)."""

    def __init__(self, edits: DataEdits, rows: NDArray[np.intp], text: str) -> None:
        super().__init__(edits, text)
        self._rows = rows
        self.setObsolete(not len(rows))

    def _apply(self, *, forward: bool) -> None:
        kept = self._edits.edition.kept.copy()
        kept[self._rows] = not forward
        self._edits.put(kept=kept)


class Regroup(DataCommand):
    """Other groups of near-copies: int64 (N,) or None, before and after."""

    def __init__(
        self, edits: DataEdits, before: NDArray[np.int64] | None, after: NDArray[np.int64]
    ) -> None:
        super().__init__(edits, "Group near-copies")
        self._pair = (before, after)
        self.setObsolete(before is not None and np.array_equal(before, after))

    def _apply(self, *, forward: bool) -> None:
        self._edits.put(group=self._pair[forward])


class SetCredits(DataCommand):
    """Whom to thank, before and after."""

    def __init__(
        self, edits: DataEdits, before: Sequence[Credit], after: Sequence[Credit], text: str
    ) -> None:
        super().__init__(edits, text)
        self._pair = (tuple(before), tuple(after))
        self.setObsolete(self._pair[0] == self._pair[1])

    def _apply(self, *, forward: bool) -> None:
        self._edits.put(credits=self._pair[forward])
