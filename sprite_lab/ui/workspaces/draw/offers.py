"""What Draw has to export: its frames, and the cells that are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sprite_lab.app import clips
from sprite_lab.app.export_tasks import BatchMaker, ClipMaker
from sprite_lab.core.sprite_batch import drawn_cells

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

Indices = Callable[[], tuple[int, ...]]


def offer_drawings(lab: Lab, frames: Indices, chosen: Indices) -> None:
    """Offer them, as they are when they are asked for.

    Parameters
    ----------
    frames, chosen : give indices of cells.
    """
    project = lab.project

    def animation() -> ClipMaker:
        cells = [project.cell(i) for i in frames()]
        images = np.stack([cell.rgba for cell in cells])
        return clips.of_cells(images, [cell.duration_ms for cell in cells], project.title)

    def pictures() -> BatchMaker:
        cells, title = tuple(project.cell(i) for i in chosen()), project.title
        return lambda config: drawn_cells(cells, title)

    def none_of(which: Indices) -> str:
        drawn = any(not project.cell(i).is_blank for i in which())
        return "" if drawn else "Draw something there first: these cells are blank."

    lab.exports.offer("frames", lambda: none_of(frames), animation)
    lab.exports.offer("chosen_cells", lambda: none_of(chosen), pictures)
