"""Changes to a data set: labels, classes, words, dropped sprites, groups, credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import SpriteSet, in_blocks


@dataclass(frozen=True, eq=False)
class Edition:
    """The editable parts of a set of N sprites; rows are those of the set as it was opened.

    Each edit returns a new edition that shares the parts left unchanged, or ``self`` if nothing
    changed.
    """

    kept: NDArray[np.bool_]  #: bool (N,), False = dropped
    #: the labels, -1 = no class, as int64 arrays of :data:`sprites.BLOCK` rows
    label_blocks: tuple[NDArray[np.int64], ...] = ()
    class_names: tuple[str, ...] = ()
    group: NDArray[np.int64] | None = None  #: int64 (N,) or None, as in the set
    credits: tuple[Credit, ...] = ()
    #: words that differ from those of the set, by row
    retold: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sprites: SpriteSet | None) -> Edition:
        """A set as it was opened; None = no sprites."""
        if sprites is None:
            return cls(np.zeros(0, np.bool_))
        kept, blocks = np.ones(len(sprites), np.bool_), tuple(in_blocks(sprites.labels))
        return cls(kept, blocks, sprites.class_names, sprites.group, sprites.credits)

    @property
    def rows(self) -> NDArray[np.intp]:
        """The rows that are kept, ascending: int (M,)."""
        return np.flatnonzero(self.kept)

    @property
    def labels(self) -> NDArray[np.int64]:
        """A new array of all labels, including dropped sprites: int64 (N,)."""
        return np.concatenate(self.label_blocks)

    def parts(self) -> dict[int, int]:
        """The size in bytes of each array and, roughly, of ``retold``, by id."""
        arrays = (self.kept, *self.label_blocks, *([] if self.group is None else [self.group]))
        sizes = {id(array): array.nbytes for array in arrays}
        return sizes | {id(self.retold): 200 * len(self.retold)}

    def relabeled(self, labels: NDArray[np.int64], class_names: tuple[str, ...]) -> Edition:
        """The edition with other labels, int64 (N,), and class names."""
        pairs = zip(self.label_blocks, in_blocks(labels), strict=True)
        blocks = tuple(old if np.array_equal(old, new) else new.copy() for old, new in pairs)
        same = all(old is new for old, new in zip(self.label_blocks, blocks, strict=True))
        if same and class_names == self.class_names:
            return self
        return replace(self, label_blocks=blocks, class_names=class_names)

    def without_class(self, label: int) -> Edition:
        """The edition without a class; its sprites, including dropped ones, then have none."""
        labels = self.labels
        labels[labels == label] = -1
        labels[labels > label] -= 1
        return self.relabeled(labels, self.class_names[:label] + self.class_names[label + 1 :])

    def without(self, rows: NDArray[np.intp]) -> Edition:
        if not self.kept[rows].any():
            return self
        kept = self.kept.copy()
        kept[rows] = False
        return replace(self, kept=kept)

    def grouped(self, group: NDArray[np.int64]) -> Edition:
        """The edition with other groups of near-copies, int64 (N,)."""
        if self.group is not None and np.array_equal(self.group, group):
            return self
        return replace(self, group=group)

    def credited(self, credits: tuple[Credit, ...]) -> Edition:
        return self if credits == self.credits else replace(self, credits=credits)

    def worded(self, words: Mapping[int, str]) -> Edition:
        """The edition with other words in some rows."""
        retold = {**self.retold, **words}
        return self if retold == self.retold else replace(self, retold=retold)

    def apply(self, sprites: SpriteSet) -> SpriteSet:
        """The kept sprites, given as a set, with all changes."""
        every = bool(self.kept.all())
        group, labels, words = self.group, self.labels, sprites.words
        if self.retold:
            place = np.cumsum(self.kept) - 1
            texts = np.array(words.tolist(), object)
            for row, text in self.retold.items():
                if self.kept[row]:
                    texts[place[row]] = text
            words = texts.astype(np.str_)
        return replace(
            sprites,
            words=words,
            labels=labels if every else labels[self.kept],
            class_names=self.class_names,
            group=group if group is None or every else group[self.kept],
            credits=self.credits,
        )
