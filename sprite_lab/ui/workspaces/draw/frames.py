"""A row of cells as frames of one sprite: shared noise, timing, and a file. UI thread."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from sprite_lab.app.drawing import DrawSettings
from sprite_lab.core.cells import Cell
from sprite_lab.ui.workspaces.draw.frames_group import FramesGroup
from sprite_lab.ui.workspaces.draw.generation import CellGeneration
from sprite_lab.ui.workspaces.draw.offers import offer_drawings

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_SEEDS = 1_000_000


def in_one_motion(cells: Sequence[Cell], leader: Cell, movement: float, other: int) -> list[Cell]:
    """The cells with one noise for all, which goes a part of the way to another's and back.

    The k-th of n frames has the share (1 - cos(2 pi k / n)) / 2 of the movement, so the last
    leads into the first again. Of one noise, what differs between frames is their drawings.

    Parameters
    ----------
    leader : the cell whose noise it is.
    movement : the largest share of the way to the noise of the seed ``other``, 0 to 1.
    """
    asked, found = leader.conditions, []
    for k, cell in enumerate(cells):
        share = movement * (1 - math.cos(2 * math.pi * k / len(cells))) / 2
        turned = ((other, share),) if share > 1e-6 else ()
        found.append(cell.asking(seed=asked.seed, variations=(*asked.variations, *turned)))
    return found


class Frames(QObject):
    """Joins the group of frames to the cells.

    Parameters
    ----------
    frames : gives the cells that are frames, in order.
    chosen, current : give the chosen cells and the one on the canvas.
    settings, selection : give what Generate would draw with, and where.
    """

    def __init__(
        self,
        lab: Lab,
        group: FramesGroup,
        generation: CellGeneration,
        frames: Callable[[], tuple[int, ...]],
        chosen: Callable[[], tuple[int, ...]],
        current: Callable[[], int],
        settings: Callable[[], DrawSettings],
        selection: Callable[[], NDArray[np.bool_] | None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._lab, self._project, self._window = lab, lab.project, window
        self._group, self._generation = group, generation
        self._frames, self._chosen, self._current = frames, chosen, current
        self._settings, self._selection = settings, selection
        group.duration_wanted.connect(self.set_duration)
        group.generate_wanted.connect(self.generate)
        group.export_wanted.connect(lambda: lab.exports.wanted.emit("frames"))
        offer_drawings(lab, frames, chosen)

    def refresh(self, problem: str) -> None:
        """Show the frames as they are; ``problem``: why none can be generated, or ""."""
        frames = self._frames()
        cells = self._project.cells
        durations = [cells[i].duration_ms for i in self._chosen() if i < len(cells)]
        self._group.show_frames([cells[i] for i in frames if i < len(cells)], durations)
        self._group.set_problem(problem)

    def set_duration(self, milliseconds: int) -> None:
        """Show the chosen cells for so long each."""
        chosen = self._chosen()
        after = {i: replace(self._project.cell(i), duration_ms=milliseconds) for i in chosen}
        text = "Set frame duration" if len(chosen) == 1 else "Set frame durations"
        self._project.put(after, text, ("duration", chosen))

    def generate(self, movement: float) -> None:
        """Draw the chosen cells, or the row of the current one, from one noise."""
        chosen, project = self._chosen(), self._project
        if len(chosen) == 1:
            first = self._current() // project.columns * project.columns
            chosen = tuple(range(first, first + project.columns))
        leader = project.cell(self._current())
        cells = in_one_motion(
            [project.cell(i) for i in chosen], leader, movement, random.randrange(_SEEDS)
        )
        drawn = dict(zip(chosen, cells, strict=True))
        self._generation.draw(drawn, self._settings(), self._selection(), "Generate frames")
