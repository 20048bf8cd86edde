"""The conditions of cells that become frames of an animation."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cells import Cell

#: Names of classes of figures.
FIGURES = frozenset(
    ["hero", "heroes", "character", "characters", "person", "people", "player", "players"]
)

#: Names of all classes that walk.
_WALKING = FIGURES | {"creature", "creatures", "animal", "animals", "monster", "monsters"}

#: Share of T to which a drawing is noised to make another frame of it; 0.25 would change faces.
_FRAME = 0.15


def as_frames(
    cells: Sequence[Cell], leader: Cell, movement: float, other: int, left: Collection[int]
) -> dict[int, Cell]:
    """The frames to draw, by their numbers, with their conditions (see :func:`in_one_motion`).

    Those in ``left`` stay as they are and are not returned. If there are any, each of the rest
    starts from the last one in ``left`` before it, or else from the first (:func:`as_frame_of`).
    """
    asked = dict(enumerate(in_one_motion(cells, leader, movement, other)))
    stay = sorted(left)
    for k in [k for k in asked if k not in left and stay]:
        of = max((n for n in stay if n < k), default=stay[0])
        asked[k] = as_frame_of(cells[of], asked[k], k - of)
    return {k: cell for k, cell in asked.items() if k not in left}


def in_one_motion(cells: Sequence[Cell], leader: Cell, movement: float, other: int) -> list[Cell]:
    """Cells with the noise of ``leader``, which moves toward that of seed ``other`` and back.

    The k-th of n frames moves by (1 - cos(2 pi k / n)) / 2 of ``movement``, so that the animation
    loops.
    """
    asked, found = leader.conditions, []
    for k, cell in enumerate(cells):
        share = movement * (1 - math.cos(2 * math.pi * k / len(cells))) / 2
        turned = ((other, share),) if share > 1e-6 else ()
        found.append(cell.asking(seed=asked.seed, variations=(*asked.variations, *turned)))
    return found


def as_frame_of(drawing: Cell, frame: Cell, later: int) -> Cell:
    """A frame with conditions for showing another cell's drawing, ``later`` frames after it.

    The frame starts from the drawing, and asks for the drawing's class and words; it stays as it is
    if there is no drawing. A figure that may walk lifts one foot in the first frame after the
    drawing and the other in the third.
    """
    drawing = drawing.flat
    if drawing.is_blank:
        return frame
    asked, made = drawing.conditions, drawing.made_by
    known = [name for name, _ in asked.class_mix] or list(made.classes if made else ())
    foot = {1: 0, 3: 1}.get(later % 4)
    walks = foot is not None and {name.casefold() for name in known} <= _WALKING
    rgba = characters.lifted(drawing.rgba, foot) if foot is not None and walks else drawing.rgba
    return replace(
        drawing,
        pixels=rgba.tobytes(),
        redraw_strength=None,
        conditions=replace(
            asked,
            class_mix=asked.class_mix or tuple((name, 1.0) for name in known[:1]),
            words=asked.words or (made.words if made else ()),
            strength=_FRAME,
            keep_alpha=False,
            symmetric=False,
            seed=frame.seed,
            variations=frame.conditions.variations,
        ),
    )
