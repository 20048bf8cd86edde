"""Facts about the open data set, computed on first use and kept through edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab.app.data import data_tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.sprite_figures import ColorCounts, SpriteFigures
from sprite_lab.core.sets.sprite_query import Copies
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.words import tr

T = TypeVar("T")
F = TypeVar("F", SpriteFigures | None, Copies | None)

#: Words for how a sprite relates to the first one of its group.
KINDS = {
    "first": tr("first"),
    "equal": tr("equal"),
    "shifted": tr("shifted"),
    "mirrored": tr("mirrored"),
    "recolored": tr("recolored"),
    "similar": tr("similar"),
}


class DataFacts(QObject):
    """Facts about ``lab.data``; each is None until requested and computed. UI thread.

    Figures and copies are computed once, for the original set: labels do not change them, and after
    sprites are dropped, only the remaining part is used.
    """

    figures_changed = Signal()
    copies_changed = Signal()
    colors_changed = Signal()
    sides_changed = Signal()

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab
        self._base: SpriteSet | None = None
        self._kept: NDArray[np.bool_] | None = None
        self._whole_figures: SpriteFigures | None = None
        self._whole_copies: Copies | None = None
        self.figures: SpriteFigures | None = None
        self.copies: Copies | None = None
        self.colors: ColorCounts | None = None
        #: bool (N,), True = used for validation; None = unknown.
        self.sides: NDArray[np.bool_] | None = None
        self._wanted: set[str] = set()
        #: {"sides"} once ``sides`` was computed, even if the result is None.
        self.done: set[str] = set()
        lab.data.changed.connect(self._on_data)
        self._on_data(lab.data.value, None)

    def _on_data(self, sprites: SpriteSet | None, old: SpriteSet | None) -> None:
        edits = self._lab.edits
        if edits.base is not self._base:
            self._base = edits.base
            self._whole_figures = self._whole_copies = None
            self._wanted.clear()
        kept = edits.edition.kept if sprites is not None else None
        same = kept is self._kept
        self._kept = kept
        changed = []
        if not same:
            self.figures = self._left(self._whole_figures)
            self.copies = self._left(self._whole_copies)
            self.colors = None
            self._wanted.discard("colors")
            changed += [self.figures_changed, self.copies_changed, self.colors_changed]
        if sprites is not old or not same:
            # The split also depends on labels and groups.
            self.sides = None
            self._wanted.discard("sides")
            self.done.discard("sides")
            changed.append(self.sides_changed)
        for signal in changed:  # only now that all facts describe the same sprites
            signal.emit()

    def _left(self, whole: F) -> F:
        """The part of a fact about the whole set that is about the remaining sprites."""
        if whole is None or self._kept is None or self._kept.all():
            return whole
        return whole.take(np.flatnonzero(self._kept))

    def copy_kinds(self, rows: NDArray[np.intp]) -> list[str]:
        """How each sprite of a group, at ``rows``, relates to the first one, in words."""
        from sprite_lab.data.copy_kinds import copy_kinds  # noqa: PLC0415 (needed late, if ever)

        sprites = self._lab.data.value
        assert sprites is not None
        return [KINDS[kind] for kind in copy_kinds(sprites, rows)]

    # -- requests ---------------------------------------------------------------------------------

    def want_figures(self) -> None:
        """Measure every sprite, unless already started."""
        base = self._base

        def take(figures: SpriteFigures) -> None:
            if self._base is base:
                self._whole_figures = figures
                self.figures = self._left(figures)
                self.figures_changed.emit()

        if base is not None:
            self._want("figures", data_tasks.measure_figures(base), take)

    def want_copies(self) -> None:
        """Look for copies, unless already started."""
        base = self._base

        def take(copies: Copies) -> None:
            if self._base is base:
                self._whole_copies = copies
                self.copies = self._left(copies)
                self.copies_changed.emit()

        if base is not None:
            self._want("copies", data_tasks.find_copies(base), take)

    def want_colors(self) -> None:
        """Count the colors, unless already started."""
        sprites, kept = self._lab.data.value, self._kept

        def take(colors: ColorCounts) -> None:
            if self._kept is kept:
                self.colors = colors
                self.colors_changed.emit()

        if sprites is not None:
            self._want("colors", data_tasks.count_colors(sprites), take)

    def want_sides(self) -> None:
        """Split the set as a training run does, unless already started."""
        sprites = self._lab.data.value

        def take(sides: NDArray[np.bool_] | None) -> None:
            if self._lab.data.value is sprites:
                self.sides = sides
                self.done.add("sides")
                self.sides_changed.emit()

        if sprites is not None:
            self._want(
                "sides", data_tasks.find_sides(sprites, TrainConfig().validation_fraction), take
            )

    def _want(self, what: str, task: Task[T], take: Callable[[T], None]) -> None:
        if what in self._wanted:
            return
        self._wanted.add(what)

        def end(outcome: Outcome) -> None:
            if outcome.kind != "completed":
                self._wanted.discard(what)  # so that it can be requested again

        job = self._lab.do(task, self, then=take, newest=f"data.{what}", quiet=True)
        job.ended.connect(end)
