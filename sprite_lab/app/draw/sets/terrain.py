"""Draws the tiles of a terrain together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import seeded
from sprite_lab.app.draw.generate.generation import CellGeneration, Request
from sprite_lab.app.draw.session import SEEDS
from sprite_lab.app.engine_types import Model
from sprite_lab.core.pixels.cell_sets import ground_strength
from sprite_lab.core.pixels.tile_sets import WHOLE
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.words import marked, tr


def draw_tiles(generation: CellGeneration, tiles: Sequence[int]) -> None:
    """Draw the cells of a terrain together, in the order of ``tile_sets.CODES``.

    Only the conditions of the whole tiles of both grounds are used. If both are drawn, they stay
    and the other tiles start from them; if neither is, all tiles start from pure noise.
    """
    session = generation.session
    session.tools.select_none()  # tiles are drawn from scratch
    cells = [session.project.cell(i) for i in tiles]
    grounds = [cells[i] for i in WHOLE]
    if grounds[0].is_blank != grounds[1].is_blank:
        session.fail(tr("Only one ground is drawn: draw both whole tiles, or clear both."))
        return
    if grounds[0].is_blank and grounds[0].conditions.prompt == grounds[1].conditions.prompt:
        session.context.notice.emit(
            tr(
                "Both grounds have the same class and words, so they look alike: select each and "
                "give it its own."
            )
        )
    seed = seeded(grounds[0], random.randrange(SEEDS)).seed
    strength = ground_strength(grounds)
    lock = any(c.conditions.lock_palette for c in grounds)
    asked = tuple(
        replace(
            cell.flat.asking(
                seed=seed,
                variations=(),
                lock_palette=lock,
                strength=None if cell.is_blank else strength,
                keep_alpha=False,
                tile=False,
                symmetric=False,
            ),
            redraw_strength=None,
        )
        for cell in cells
    )
    generation.begin(
        Request(tuple(tiles), asked, marked("Draw tiles"), how=drawing_tasks.draw_tiles)
    )


def draws_ground(model: Model) -> bool:
    """Whether a model may draw ground from noise: False if it knows only the course's classes."""
    return not set(model.class_names) or not set(model.class_names) <= set(COURSE_CLASSES)
