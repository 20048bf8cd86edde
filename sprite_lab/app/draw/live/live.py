"""What Live draws: which cells, with which settings, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.engine_types import Model
from sprite_lab.core.config import SEGMENTS, Conditions, DrawSettings, SampleConfig, SamplerName
from sprite_lab.core.pixels.cells import Cell, Color

#: Possible numbers of evaluations during strokes, for a student and for a model without one; the
#: machine's speed decides. A single evaluation gives by far the roughest sprites
#: (tests/benchmarks/README.md, "Students").
STUDENT_STEPS, SOLVER_STEPS = range(1, SEGMENTS + 1), range(3, 7)

#: Evaluations of a student until the machine's speed is known.
FIRST_STUDENT_STEPS = 2

#: Default strength: how far a drawing is noised, as a share of T.
STRENGTH = 0.55

#: Time limit of a redraw, in milliseconds, and its fixed cost, in cells.
BUDGET_MS, _FIXED_CELLS = 60.0, 8

#: Time limits for redrawing a whole grid of _GRID cells, in milliseconds. GRID_MS: a stroke waits
#: for the redraw under way and its own, and both must fit into a quarter of a second. An evaluation
#: is added only if the redraw then takes less than MORE_MS, which is much lower so that the number
#: of evaluations does not alternate; beyond the initial number, less than FINER_MS, since more
#: evaluations only refine and a stroke should be answered within a tenth of a second, painting
#: included.
GRID_MS, MORE_MS, FINER_MS, _GRID = 120.0, 90.0, 75.0, 16


@dataclass(frozen=True, eq=False)
class Terms:
    """Settings that all cells of a redraw share."""

    model: Model
    settings: DrawSettings
    palette: tuple[Color, ...] = ()  #: the palette of the project
    #: bool (side, side), where to draw; None = everywhere
    selection: NDArray[np.bool_] | None = None

    def same_as(self, other: Terms) -> bool:
        """Whether both terms give the same pictures."""
        return (
            self.model is other.model
            and self.settings == other.settings
            and self.palette == other.palette
            and self.selection is other.selection
        )


@dataclass(frozen=True, eq=False)
class Ghost:
    """A suggestion for a cell; not part of the drawing."""

    wish: Cell  #: the request, see :func:`wishes`
    terms: Terms
    config: SampleConfig  #: what drew it
    drawn: Drawn
    fine: bool = False  #: whether it was drawn with the settings of Generate


def live_settings(model: Model, settings: DrawSettings, steps: int) -> DrawSettings:
    """The settings that draw useful suggestions fastest in a number of steps."""
    sampler: SamplerName = "student" if model.is_student else "unipc"
    return replace(settings, sampler=sampler, steps=steps, inpainting="repaint", visits=1)


def wishes(
    cells: Sequence[Cell],
    current: int,
    chosen: Iterable[int],
    leader: int | None,
    *,
    everywhere: bool = True,
    keeps: bool = False,
) -> dict[int, Cell]:
    """What Live draws for each cell, the most urgent first.

    The current cell and the chosen ones are drawn by their conditions; without a mask or strength,
    their drawing is noised to ``STRENGTH``.

    Parameters
    ----------
    leader : the cell that blank cells show variations of, each from its own seed; None = none.
    everywhere : whether all blank cells do so, not only the chosen ones.
    keeps : whether drawings and strokes by hand are kept. Other pixels of a cell with a mask are
        then noised to ``STRENGTH`` too, rather than drawn from nothing.
    """
    if keeps:
        cells = [cell.kept_by_hand for cell in cells]
    found: dict[int, Cell] = {}
    order = [current, *chosen]
    if everywhere and leader is not None:
        order += range(len(cells))
    lead = None if leader is None else cells[leader].flat
    all_kept = keeps and lead is not None and _is_all_kept(lead)
    for index in order:
        if index in found:
            continue
        cell = cells[index].flat
        if cell.is_blank and lead is not None and index != leader:
            asked = _following(lead.conditions, cell.conditions)
            if not all_kept:
                asked = _noised(asked)
            found[index] = Cell(lead.pixels, asked, lead.redraw_strength)
        elif index == current or index in chosen:
            masked = cell.redraw_strength is not None
            whole = _is_all_kept(cell) if keeps else masked
            asked = cell.conditions if cell.is_blank or whole else _noised(cell.conditions)
            found[index] = Cell(cell.pixels, asked, cell.redraw_strength)
    return found


def _is_all_kept(cell: Cell) -> bool:
    """Whether every drawn pixel is kept."""
    return not (cell.rgba[..., 3].astype(bool) & (cell.redraw > 0)).any()


# Cached, since creating conditions checks them, and strokes arrive a hundred times a second.
@lru_cache(1024)
def _following(leader: Conditions, own: Conditions) -> Conditions:
    """The conditions of a variation: those of its leader, but with its own noise."""
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
    """Estimates from earlier redraws how many cells can be redrawn at once, and in how many steps.

    ``allowed``: the possible numbers of steps, fewest first. ``steps``, ``cells``: those of the
    first redraw, before anything is known.
    """

    def __init__(self, allowed: range, steps: int, cells: int) -> None:
        self._allowed = allowed
        #: how many steps the machine can afford
        self.steps = self._first = steps
        self._at_first = cells
        self._ms: float | None = None  # time of one step of one cell

    @classmethod
    def of(cls, model: Model | None) -> Pace:
        """The pace of a model that has not drawn yet."""
        if model is not None and model.is_student:
            return cls(STUDENT_STEPS, FIRST_STUDENT_STEPS, _GRID)
        return cls(SOLVER_STEPS, SOLVER_STEPS[-1], 1)

    @property
    def cells(self) -> int:
        """Number of cells to draw at once, at least one."""
        return self.within(BUDGET_MS)

    def within(self, ms: float) -> int:
        """Number of cells that can be drawn within some milliseconds, at least one."""
        if self._ms is None:
            return self._at_first
        return max(1, int(ms / (self._ms * self.steps)) - _FIXED_CELLS)

    @property
    def known(self) -> bool:
        """Whether anything has been drawn."""
        return self._ms is not None

    def took(self, cells: int, ms: float, steps: int) -> None:
        """Record the time of a redraw."""
        each = ms / (cells + _FIXED_CELLS) / steps
        # Average with earlier times, since another program may have slowed down this redraw.
        self._ms = each if self._ms is None else (self._ms + each) / 2
        grid = self._ms * (_GRID + _FIXED_CELLS)
        quick = [n for n in self._allowed if n * grid <= self._limit(n)]
        self.steps = max(quick, default=self._allowed[0])

    def _limit(self, steps: int) -> float:
        """Time limit for a whole grid in a number of steps, in milliseconds."""
        if steps <= self.steps:
            return GRID_MS
        return FINER_MS if steps > self._first else MORE_MS


class Turns:
    """Schedules redraws so that no cell starves while each stroke changes the one on the canvas."""

    def __init__(self) -> None:
        self._drawn: dict[int, int] = {}  # the redraw in which each cell was last drawn
        self._count = 0

    def next(self, stale: Sequence[int], current: int, pace: Pace) -> list[int]:
        """The outdated cells to redraw now: all, or as many as is quick enough, longest waiting
        first.

        The current cell comes before them, and once ``pace`` is known, half a grid is always
        redrawn with it: with fewer cells, the fixed cost of a redraw would dominate, and the last
        cell would wait for all others.
        """
        order = sorted(stale, key=lambda i: (i != current, self._drawn.get(i, 0)))
        if pace.within(GRID_MS) < len(order):
            order = order[: max(pace.cells, 1 + _GRID // 2) if pace.known else pace.cells]
        self._count += 1
        self._drawn.update(dict.fromkeys(order, self._count))
        return order
