"""Food and drink: drawn dishes and round fruit."""

from __future__ import annotations

from builtin_set import food_parts as parts
from builtin_set.canvas import (
    SIZE,
    A,
    Drawing,
    G,
    M,
    P,
    S,
    W,
    Y,
    ellipse_mask,
    mirrored,
    part,
)  # fmt: skip
from builtin_set.dice import Dice
from builtin_set.fruit_parts import FRUIT
from builtin_set.meal_parts import MEALS
from builtin_set.palette import LIGHT, METAL, WOOD, Paints

_WHOLE = FRUIT | MEALS

#: Round fruit: colors, tops, and (half height, half width) in half pixels.
_ROUND = {
    "apple": (("red", "lime", "green", "gold", "crimson"), ("leafed", "stalked"), (10, 11)),
    "orange": (("orange", "amber"), ("leafed", "two-leafed"), (11, 11)),
    "peach": (("pink", "orange", "rose"), ("leafed", "two-leafed"), (11, 11)),
    "plum": (("purple", "plum", "navy", "violet"), ("stalked", "leafed"), (10, 9)),
    "tomato": (("red", "orange", "crimson"), ("two-leafed", "crowned"), (10, 12)),
    "lemon": (("yellow", "lime", "gold"), ("leafed", "stalked"), (9, 12)),
    "melon": (("green", "forest", "lime", "gold"), ("stalked",), (12, 12)),
    "onion": (("amber", "purple", "white", "rust"), ("crowned", "stalked"), (10, 10)),
    "cabbage": (("lime", "green", "violet"), ("crowned",), (11, 12)),
    "potato": (("tan", "wood", "crust"), ("",), (9, 12)),
    "coconut": (("umber", "brown"), ("", "two-leafed"), (11, 11)),
    "pomegranate": (("crimson", "magenta", "red"), ("crowned",), (11, 11)),
}  # fmt: skip


def draw_food(dice: Dice) -> Drawing:
    """Something to eat or drink."""
    d = Drawing(Paints(dice))
    d.paint(W, *WOOD)
    d.paint(M, *METAL)
    d.paint(G, "gold")
    d.limit = dice.pick((5, 6, 7, 8, 9, 10))
    if dice.chance(0.24):
        _round_fruit(d, dice)
    else:
        _dish(d, dice)
    return d


def _dish(d: Drawing, dice: Dice) -> None:
    name = dice.pick(tuple(parts.COLORS_OF))
    for slot, colors in zip((P, S, A, Y), parts.COLORS_OF[name], strict=True):
        d.paint(slot, *colors.split())
    if name in parts.HALVES:
        piece = mirrored(parts.HALVES[name])
    else:
        piece = part(_WHOLE[name], flip=dice.chance(0.35))
    top = (SIZE - piece.height + 1) // 2
    left = (SIZE - piece.width + dice.below(2)) // 2
    d.stamp(piece, top, left)
    bitten = name in _BITEABLE and dice.chance(0.16)
    if bitten:
        _bite(d, dice)
    d.name = f"bitten {name}" if bitten else name
    d.design = name


_BITEABLE = ("toast", "cookie", "burger", "doughnut", "cheese wheel", "ice pop", "pie",
             "bread loaf", "sandwich", "watermelon slice", "chocolate bar")  # fmt: skip


def _bite(d: Drawing, dice: Dice) -> None:
    """Two small circles out of the upper right."""
    y, x = dice.between(3, 5), dice.between(12, 13)
    d.codes[ellipse_mask(y, x, 2.4, 2.4)] = 0
    d.codes[ellipse_mask(y + 3, x + 1, 2.0, 2.0)] = 0


def _round_fruit(d: Drawing, dice: Dice) -> None:
    """A shaded ellipse with a stalk, a shine and the details of its kind."""
    name = dice.pick(tuple(_ROUND))
    colors, tops, (height, width) = _ROUND[name]
    d.paint(P, *colors)
    d.paint(S, "green", "lime", "forest")
    d.paint(Y, "cream", "white")
    ry = (height + dice.between(-2, 1)) / 2
    rx = (width + dice.between(-2, 1)) / 2
    cy = 14.2 - ry
    cx = 7.5 if dice.chance(0.6) else 8.0
    d.fill(ellipse_mask(cy, cx, ry, rx), P)
    middle = int(cx + 0.5)
    first = int(cy - ry + 0.9)
    if name == "apple":
        d.dot(first, middle, 0)
        d.dot(14, middle, 0)
    elif name == "lemon":
        d.dot(int(cy), int(cx - rx), P * 8)
        d.dot(int(cy), int(cx + rx + 1), P * 8)
    top = dice.pick(tops)
    if top:
        piece = part(parts.FRUIT_TOPS[top], flip=dice.chance(0.4))
        d.stamp(piece, max(0, first - piece.height + 2), middle - piece.width // 2)
    _skin(d, dice, name, cy, cx, ry)
    shine_y, shine_x = int(cy - ry * 0.35), int(cx - rx * 0.40)
    d.dot(shine_y, shine_x, P * 8 + LIGHT)
    d.dot(shine_y + 1, shine_x, P * 8 + LIGHT)
    if dice.chance(0.6):
        d.dot(shine_y, shine_x + 1, Y * 8 + LIGHT)
    half = name in ("apple", "orange", "melon", "peach") and dice.chance(0.15)
    if half:
        _bite(d, dice)
    d.name = f"bitten {name}" if half else name
    d.design = name


def _skin(d: Drawing, dice: Dice, name: str, cy: float, cx: float, ry: float) -> None:
    """Stripes, veins and dimples of a few kinds."""
    body = d.codes == P * 8
    dark = P * 8 + 1
    if name in ("melon", "onion", "cabbage"):
        for offset in (-4, 0, 3):
            column = int(cx) + offset
            rows = slice(int(cy - ry) + 1, int(cy + ry))
            stripe = d.codes[rows, column]
            stripe[body[rows, column]] = dark
    elif name in ("potato", "coconut", "orange"):
        for _ in range(3):
            y, x = int(cy) + dice.between(-2, 3), int(cx) + dice.between(-3, 3)
            if body[y, x]:
                d.dot(y, x, dark)
    elif name in ("peach", "plum"):
        rows = slice(int(cy - ry) + 1, int(cy + ry) - 1)
        seam = d.codes[rows, int(cx) + 2]
        seam[body[rows, int(cx) + 2]] = dark
