"""What Live draws: for which cells, with which settings, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.drawing import Drawn, DrawSettings
from sprite_lab.core.config import SEGMENTS, SampleConfig
from sprite_lab.core.pixels.cells import Cell, Color, Conditions

if TYPE_CHECKING:
    from sprite_lab.app.context import Model

#: Evaluations of a student while the hand moves, as many as the machine is quick enough for; one
#: draws by far the roughest sprites (tests/benchmarks/README.md, "Students"). Of a model without a
#: student: levels of its solver.
STUDENT_STEPS, SOLVER_STEPS = range(1, SEGMENTS + 1), range(3, 7)

#: Evaluations of a student until it is known how quick the machine is.
FIRST_STUDENT_STEPS = 2

#: Default strength: how far a drawing is noised, as a share of T.
STRENGTH = 0.55

#: What a redraw may take, in milliseconds; and what each one takes whatever the number of
#: cells, counted as so many cells.
BUDGET_MS, _FIXED_CELLS = 60.0, 8

#: What a whole grid of sixteen may take in one redraw, in milliseconds: a
#: stroke waits for the redraw under way and its own, both in a quarter of a second. What it has to
#: take less than for one evaluation more: far less, or suggestions would go to and fro.
GRID_MS, MORE_MS, _GRID = 120.0, 90.0, 16


@dataclass(frozen=True, eq=False)
class Terms:
    """What all cells of a redraw share."""

    model: Model
    settings: DrawSettings
    palette: tuple[Color, ...] = ()  #: of the project
    #: bool (side, side), where to draw; None = everywhere
    selection: NDArray[np.bool_] | None = None

    def same_as(self, other: Terms) -> bool:
        """Whether both give the same pictures."""
        return (
            self.model is other.model
            and self.settings == other.settings
            and self.palette == other.palette
            and self.selection is other.selection
        )


@dataclass(frozen=True, eq=False)
class Ghost:
    """A suggestion for a cell, which is not drawn."""

    wish: Cell  #: what was asked for, see :func:`wishes`
    terms: Terms
    config: SampleConfig  #: what drew it
    drawn: Drawn
    fine: bool = False  #: whether it was drawn with the settings of Generate


def live_settings(model: Model, colors: int, steps: int) -> DrawSettings:
    """The quickest way to draw useful suggestions in so many steps."""
    if model.is_student:
        return DrawSettings("student", steps, colors, "repaint", visits=1)
    return DrawSettings("unipc", steps, colors, "repaint", visits=1)


def wishes(
    cells: Sequence[Cell],
    current: int,
    chosen: Iterable[int],
    leader: int | None,
    *,
    keeps: bool = False,
) -> dict[int, Cell]:
    """What Live draws for each cell, the most urgent first.

    The current cell and the chosen ones are drawn as they ask; without a mask or strength,
    their drawing is noised to ``STRENGTH``.

    Parameters
    ----------
    leader : blank cells show variations of this one, each from its own seed; None = none.
    keeps : strokes are kept, so what else is drawn in a cell with a mask is noised to ``STRENGTH``
        too, not drawn anew from nothing.
    """
    found: dict[int, Cell] = {}
    order = [current, *chosen, *(range(len(cells)) if leader is not None else ())]
    for index in order:
        if index in found:
            continue
        cell = cells[index].flat
        if cell.is_blank and leader is not None and index != leader:
            lead = cells[leader].flat
            asked = _following(lead.conditions, cell.conditions)
            if not (keeps and _is_all_kept(lead)):
                asked = _noised(asked)
            found[index] = Cell(lead.pixels, asked, lead.redraw_strength)
        elif index == current or index in chosen:
            masked = cell.redraw_strength is not None
            whole = _is_all_kept(cell) if keeps else masked
            asked = cell.conditions if cell.is_blank or whole else _noised(cell.conditions)
            found[index] = Cell(cell.pixels, asked, cell.redraw_strength)
    return found


def _is_all_kept(cell: Cell) -> bool:
    """Whether every pixel that is drawn is kept."""
    return not (cell.rgba[..., 3].astype(bool) & (cell.redraw > 0)).any()


# Conditions are checked whenever they are made, and strokes come a hundred times in a second.
@lru_cache(1024)
def _following(leader: Conditions, own: Conditions) -> Conditions:
    """What a variation asks for: the same as its leader, but from its own noise."""
    return replace(
        leader,
        seed=own.seed,
        variations=own.variations,
        seed_locked=own.seed_locked,
        class_mix=own.class_mix or leader.class_mix,
        words=own.words or leader.words,
        style=own.style or leader.style,
    )


@lru_cache(1024)
def _noised(asked: Conditions) -> Conditions:
    return asked if asked.strength is not None else replace(asked, strength=STRENGTH)


class Pace:
    """Estimates from earlier redraws how many cells can be redrawn at once, in how many steps.

    Parameters
    ----------
    allowed : the steps that a redraw may take, the fewest first.
    steps, cells : of the first redraw, before anything is known.
    """

    def __init__(self, allowed: range, steps: int, cells: int) -> None:
        self._allowed = allowed
        self._steps = steps
        self._at_first = cells
        self._ms: float | None = None  # of a step of one cell

    @classmethod
    def of(cls, model: Model | None) -> Pace:
        """That of a model before it has drawn."""
        if model is not None and model.is_student:
            return cls(STUDENT_STEPS, FIRST_STUDENT_STEPS, _GRID)
        return cls(SOLVER_STEPS, SOLVER_STEPS[-1], 1)

    @property
    def cells(self) -> int:
        """How many to draw at once, at least one."""
        return self.within(BUDGET_MS)

    def within(self, ms: float) -> int:
        """How many can be drawn in so many milliseconds, at least one."""
        if self._ms is None:
            return self._at_first
        return max(1, int(ms / (self._ms * self._steps)) - _FIXED_CELLS)

    @property
    def known(self) -> bool:
        """Whether anything was drawn yet."""
        return self._ms is not None

    @property
    def steps(self) -> int:
        """How many the machine is quick enough for."""
        return self._steps

    def took(self, cells: int, ms: float, steps: int) -> None:
        """Note the time of a redraw in so many steps."""
        each = ms / (cells + _FIXED_CELLS) / steps
        # Half of it counts, since another program may have slowed it down.
        self._ms = each if self._ms is None else (self._ms + each) / 2
        grid = self._ms * (_GRID + _FIXED_CELLS)
        quick = [n for n in self._allowed if n * grid <= (MORE_MS if n > self._steps else GRID_MS)]
        self._steps = max(quick, default=self._allowed[0])


class Turns:
    """Deals redraws to cells so that none starves while the one on the canvas changes at every
    stroke."""

    def __init__(self) -> None:
        self._drawn: dict[int, int] = {}  # the redraw in which each was drawn last
        self._count = 0

    def next(self, stale: Sequence[int], current: int, pace: Pace) -> list[int]:
        """Which of the outdated cells are redrawn now.

        All of them where that is quick enough. Else the current one and half a grid of others,
        those first that have waited longest: with fewer, what a redraw takes whatever the number
        of cells would be most of it, and the last one would wait for a whole round of such.
        """
        order = sorted(stale, key=lambda i: (i != current, self._drawn.get(i, 0)))
        if pace.within(GRID_MS) < len(order):
            order = order[: max(pace.cells, 1 + _GRID // 2) if pace.known else pace.cells]
        self._count += 1
        self._drawn.update(dict.fromkeys(order, self._count))
        return order
