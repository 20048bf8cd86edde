"""Creatures: hand-drawn bodies, stretched, patterned and horned."""

from __future__ import annotations

from functools import cache

import numpy as np

from builtin_set.beast_parts import BEASTS
from builtin_set.canvas import (
    SIZE,
    SPECIAL,
    A,
    C,
    Drawing,
    G,
    H,
    K,
    M,
    P,
    Part,
    S,
    W,
    Y,
    make_part,
    mirrored,
    part,
)  # fmt: skip
from builtin_set.creature_parts import FLYING, STANDING
from builtin_set.dice import Dice
from builtin_set.palette import (
    BASE,
    BRIGHT,
    CLOTH,
    DARK,
    HAIR,
    LEATHER,
    LIGHT,
    METAL,
    SKIN,
    WOOD,
    Paints,
)  # fmt: skip

FUR = ("brown", "umber", "dusk", "slate", "coal", "rust", "tan", "orange", "white", "wood")
SCALE = ("green", "forest", "lime", "teal", "red", "blue", "violet", "olive", "orange", "purple")
ANY = CLOTH + BRIGHT

#: Colors of the body (otherwise ANY), if a creature would look wrong without them.
_BODY: dict[str, tuple[str, ...]] = {
    "golem": ("dusk", "slate", "steel", "rust", "tan", "teal", "brown"),
    "treant": ("green", "forest", "olive", "orange", "lime", "pink"),
    "cactus": ("green", "forest", "lime", "teal"),
    "pumpkin": ("orange", "amber", "rust", "lime"),
    "ghost": ("white", "cyan", "sky", "violet", "pink", "lime"),
    "chick": ("yellow", "gold", "white", "brown", "orange"),
    "penguin": ("navy", "coal", "slate", "blue"),
    "pig": ("pink", "rose", "tan", "brown"),
    "goblin": SCALE,
    "orc": ("green", "olive", "forest", "dusk", "teal"),
    "carnivorous plant": ("green", "forest", "lime"),
    "frog": SCALE,
    "ladybug": ("red", "orange", "gold", "crimson"),
    "ogre": ("olive", "green", "skin2", "tan", "sky", "rust"),
    "cloud spirit": ("white", "sky", "slate", "silver", "pink"),
    "hen": ("white", "brown", "rust", "umber", "tan"),
    "crocodile": ("green", "forest", "olive", "teal"),
    "rhino": ("dusk", "slate", "steel", "tan"),
    "elephant": ("dusk", "slate", "steel", "sky", "tan"),
    "sheep": ("umber", "coal", "tan"),
    "yeti": ("white", "sky", "dusk", "brown"),
    "wraith": ("coal", "slate", "navy", "plum", "purple", "umber"),
    "raven": ("coal", "navy", "slate", "plum"),
}
_FURRED = (
    "cat", "bear", "rabbit", "fox", "rat", "wolf", "sitting cat", "hedgehog", "boar", "horse",
    "deer", "cow", "lion", "bat", "owl", "monkey", "dog", "mole",
    "hound", "mouse", "squirrel", "running wolf", "galloping horse", "camel",
)  # fmt: skip
_HORNS = {
    "horned ": "y..... yy.... .yy...",
    "antennaed ": ".y.. ..y. ...y",
    "long-horned ": ".y.... y..... y..... yyy...",
    "crowned ": "g..g gg.g gggg",
    "flowered ": ".... ...a ..aG",
}
#: A dark body gives other creatures bright eyes; in these the white already shows.
_WIDE_EYED = ("owl", "penguin", "eyeball", "beholder", "cyclops", "tiki", "panda", "wisp")
_HORNLESS = (
    "panda", "ladybug", "beetle", "carnivorous plant", "sprout", "king slime", "snowman", "robot",
    "mimic", "tombstone", "bee", "moth", "beholder", "jellyfish", "spider", "harpy", "fairy",
)  # fmt: skip


def draw_creature(dice: Dice) -> Drawing:
    """A monster, animal, undead or walking plant."""
    d = Drawing(Paints(dice))
    kind = dice.below(10)
    if kind < 5:
        name = dice.pick(tuple(STANDING))
        piece = mirrored(STANDING[name])
    elif kind < 7:
        name = dice.pick(tuple(FLYING))
        piece = mirrored(FLYING[name])
    else:
        name = dice.pick(tuple(BEASTS))
        piece = part(BEASTS[name])
    paint_creature(d, dice, name)
    stamp_beast(d, dice, name, piece, symmetric=kind < 7, ground=not 5 <= kind < 7)
    return d


def stamp_beast(
    d: Drawing, dice: Dice, name: str, piece: Part, *, symmetric: bool, ground: bool
) -> None:
    """Stretch, place, horn and pattern a body; sets the drawing's name and design."""
    piece = _stretched(piece, dice, symmetric)
    top = 15 - piece.height if ground else max(0, (SIZE - piece.height) // 2 - dice.below(2))
    prefix = ""
    if symmetric and name not in _HORNLESS and dice.chance(0.22) and top > 1:
        prefix = dice.pick(tuple(_HORNS))
        horns = mirrored(_HORNS[prefix])
        d.stamp(horns, top - horns.height + 1, (SIZE - horns.width) // 2)
    d.stamp(piece, top, (SIZE - piece.width) // 2)
    d.name = f"{prefix}{_pattern(d, dice)}{name}"
    d.design = name


def paint_creature(d: Drawing, dice: Dice, name: str) -> None:
    """Colors that suit the kind."""
    body = _BODY.get(name) or (FUR if name in _FURRED and dice.chance(0.8) else ANY)
    d.paint(P, *body)
    belly = dice.below(3)
    if belly == 0:
        d.paint_apart(S, (P,), "cream", "tan", "bone", "white", "skin1", "dusk")
    elif belly == 1:
        d.paint(S, *ANY)
    else:
        d.palette[S] = d.paints.ramp(*body)
    d.paint_apart(A, (P,), *BRIGHT)
    d.paint(Y, "bone", "cream", "white", "bone")
    if name == "bee":
        d.paint(Y, "yellow", "gold", "amber", "lime")
    if name == "flame spirit":
        d.paint(A, "red", "orange", "blue", "violet", "green")
        d.paint(P, "orange", "gold", "yellow", "cyan")
        d.paint(Y, "yellow", "cream", "white")
    d.paint(K, *(SKIN if name != "zombie" else ("olive", "lime", "teal", "dusk", "green")))
    d.paint(H, *HAIR)
    d.paint(M, *METAL)
    d.paint(C, *LEATHER, "slate", "navy")
    d.paint(W, *WOOD)
    d.paint(G, "gold", "orange", "amber")
    eyes = dice.below(10)
    if eyes == 0:
        d.palette[SPECIAL, 1] = d.paints.ramp("red", "crimson", "blue")[DARK]
    elif eyes == 1 and name not in ("bee", "fairy", "mushroom"):
        d.palette[SPECIAL, 2] = d.paints.ramp("yellow", "lime", "orange", "cyan")[2]
    elif d.palette[P, BASE].max() < 100 and name not in _WIDE_EYED:
        d.palette[SPECIAL, 1] = d.paints.ramp("yellow", "red", "white", "lime", "cyan")[LIGHT]
    d.limit = dice.pick((6, 7, 8, 9, 10, 11))


@cache
def _same_rows(piece: Part) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Rows and columns that look like the next one: one may be omitted or repeated."""
    filled = piece.codes > 0
    rows = np.flatnonzero((filled[1:] == filled[:-1]).mean(axis=1) > 0.8)
    half = filled.shape[1] // 2
    columns = np.flatnonzero((filled[:, 1:half] == filled[:, : half - 1]).mean(axis=0) > 0.8)
    return tuple(map(int, rows)), tuple(map(int, columns))


def _stretched(piece: Part, dice: Dice, symmetric: bool) -> Part:
    """A body one row taller or shorter, or two columns wider or narrower."""
    rows, columns = _same_rows(piece)
    how = dice.below(6)
    codes = piece.codes
    height, width = codes.shape
    if how == 0 and rows and height < 14:
        row = dice.pick(rows)
        codes = np.insert(codes, row, codes[row], axis=0)
    elif how == 1 and rows and height > 8:
        codes = np.delete(codes, dice.pick(rows), axis=0)
    elif how == 2 and columns and symmetric and width > 8:
        column = dice.pick(columns)
        codes = np.delete(codes, (column, width - 1 - column), axis=1)
    else:
        return piece
    return make_part(codes)


def _pattern(d: Drawing, dice: Dice) -> str:
    """Spots, stripes or a pale underside, on the pixels of the body only."""
    body = d.codes == P * 8
    kind = dice.below(9)
    if body.sum() < 30 or kind > 3:
        return ""
    if kind == 0:
        rows = np.arange(SIZE)[:, None] % 3 == dice.below(3)
        d.codes[body & rows] = P * 8 + DARK
        return "striped "
    if kind == 1:
        y, x = np.mgrid[:SIZE, :SIZE]
        spots = ((y * 3 + np.abs(2 * x - 15) * 2 + dice.below(5)) % 7 == 0) & (y % 2 == 0)
        d.codes[body & spots] = (A if dice.chance(0.4) else S) * 8 + 2
        return "spotted "
    rows_used = np.flatnonzero(body.any(axis=1))
    low = np.arange(SIZE)[:, None] > rows_used[0] + len(rows_used) * 0.68
    d.codes[body & low] = S * 8
    return "two-colored "
