"""Pure pixel operations of the drawing tools; numpy only, any thread.

Points are (x, y) = (column, row) and may lie outside the cell; its stored pixels are addressed by
``index = row * side + column``, as in the undo history. Regions are bool arrays (side, side), True
= inside; ``side`` is the height and width of the cell.
"""

from sprite_lab.core.drawing.cleaning import CleanUp, cleaned
from sprite_lab.core.drawing.fill import alike, enclosed, outline, recolored
from sprite_lab.core.drawing.selection import (
    Lifted,
    box,
    combined,
    lassoed,
    lift,
    pasted,
    rotated_in_place,
    spanned,
    turned_in_place,
)
from sprite_lab.core.drawing.shading import brighter, next_in_order, next_of_ramp, why_no_step
from sprite_lab.core.drawing.shapes import (
    Point,
    Symmetry,
    brush,
    ellipse,
    indices,
    is_corner,
    line,
    rectangle,
    square_end,
    straight_end,
    symmetric,
    thick,
)
from sprite_lab.core.drawing.transforms import (
    Transform,
    fit_picture,
    of_side,
    too_large,
    transformed,
)

__all__ = [
    "CleanUp",
    "Lifted",
    "Point",
    "Symmetry",
    "Transform",
    "alike",
    "box",
    "brighter",
    "brush",
    "cleaned",
    "combined",
    "ellipse",
    "enclosed",
    "fit_picture",
    "indices",
    "is_corner",
    "lassoed",
    "lift",
    "line",
    "next_in_order",
    "next_of_ramp",
    "of_side",
    "outline",
    "pasted",
    "recolored",
    "rectangle",
    "rotated_in_place",
    "spanned",
    "square_end",
    "straight_end",
    "symmetric",
    "thick",
    "too_large",
    "transformed",
    "turned_in_place",
    "why_no_step",
]
