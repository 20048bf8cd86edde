"""What Live draws: for which cells, with which settings, and how many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.drawing import Drawn, DrawSettings
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell, Color, Conditions

if TYPE_CHECKING:
    from sprite_lab.app.context import Model

#: Evaluations of a student while the hand moves: half of those it takes at rest, and hardly
#: worse (see tests/benchmarks/README.md). Of a model without a student: levels of its solver.
STUDENT_STEPS, SOLVER_STEPS = 2, 6

#: Default strength: how far a drawing is noised, as a share of T.
STRENGTH = 0.55

#: What a redraw may take, in milliseconds; and what each one takes whatever the number of
#: cells, counted as so many cells.
BUDGET_MS, _FIXED_CELLS = 60.0, 8


@dataclass(frozen=True, eq=False)
class Terms:
    """What all cells of a redraw share.

    Parameters
    ----------
    palette : of the project.
    selection : bool (side, side), where to draw; None = everywhere.
    """

    model: Model
    settings: DrawSettings
    palette: tuple[Color, ...] = ()
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
    """A suggestion for a cell, which is not drawn.

    Parameters
    ----------
    wish : what was asked for, see :func:`wishes`.
    config : what drew it.
    fine : whether it was drawn with the settings of Generate.
    """

    wish: Cell
    terms: Terms
    config: SampleConfig
    drawn: Drawn
    fine: bool = False


def live_settings(model: Model, colors: int) -> DrawSettings:
    """The fewest steps that give a model useful suggestions."""
    if model.is_student:
        return DrawSettings("student", STUDENT_STEPS, colors, visits=1)
    return DrawSettings("unipc", SOLVER_STEPS, colors, visits=1)


def wishes(
    cells: Sequence[Cell],
    current: int,
    chosen: Iterable[int],
    leader: int | None,
) -> dict[int, Cell]:
    """What Live draws for each cell, the most urgent first.

    The current cell and the chosen ones are drawn as they ask; without a mask or strength,
    their drawing is noised to ``STRENGTH``.

    Parameters
    ----------
    leader : blank cells show variations of this one, each from its own seed; None = none.
    """
    found: dict[int, Cell] = {}
    order = [current, *chosen, *(range(len(cells)) if leader is not None else ())]
    for index in order:
        if index in found:
            continue
        cell = cells[index]
        if cell.is_blank and leader is not None and index != leader:
            lead = cells[leader]
            asked = _following(lead.conditions, cell.conditions)
            found[index] = Cell(lead.pixels, _noised(asked), lead.redraw_strength)
        elif index == current or index in chosen:
            masked = cell.redraw_strength is not None
            asked = cell.conditions if cell.is_blank or masked else _noised(cell.conditions)
            found[index] = Cell(cell.pixels, asked, cell.redraw_strength)
    return found


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
    """Estimates how many cells can be redrawn within the budget, from earlier redraws."""

    def __init__(self, at_first: int) -> None:
        self._ms_per_cell: float | None = None
        self._at_first = at_first

    @property
    def cells(self) -> int:
        """How many to draw at once, at least one."""
        if self._ms_per_cell is None:
            return self._at_first
        return max(1, int(BUDGET_MS / self._ms_per_cell) - _FIXED_CELLS)

    def took(self, cells: int, ms: float) -> None:
        """Note the time of a redraw."""
        each = ms / (cells + _FIXED_CELLS)
        before = self._ms_per_cell
        # Half of it counts, since another program may have slowed it down.
        self._ms_per_cell = each if before is None else (before + each) / 2
