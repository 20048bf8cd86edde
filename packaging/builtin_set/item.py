"""Items: weapons built along the diagonal, bottles, and drawn things and spells."""

from __future__ import annotations

from builtin_set import item_parts as parts
from builtin_set.canvas import (
    SIZE,
    A,
    C,
    Drawing,
    G,
    M,
    P,
    S,
    W,
    Y,
    mirrored,
    part,
)  # fmt: skip
from builtin_set.dice import Dice
from builtin_set.palette import (
    BASE,
    BRIGHT,
    CLOTH,
    DARK,
    LIGHT,
    METAL,
    WOOD,
    Paints,
)  # fmt: skip
from builtin_set.spell_parts import SPELLS
from builtin_set.thing_parts import THINGS
from builtin_set.weapon_parts import HEADS

_WHOLE = THINGS | SPELLS
_BARE = ("fireball", "flame", "ice shards", "lightning", "explosion", "water splash",
           "whirlwind", "snowflake", "fireworks", "tornado", "chalice spell", "sun")  # fmt: skip


def draw_item(dice: Dice) -> Drawing:
    """A weapon, a piece of armor, a potion, a treasure, a tool or a spell."""
    d = Drawing(Paints(dice))
    d.paint(P, *CLOTH)
    d.paint(S, *CLOTH)
    d.paint_apart(A, (P,), *BRIGHT)
    d.paint(Y, "white", "cream", "bone")
    d.paint(C, "brown", "navy", "red")
    d.paint(M, *METAL)
    d.paint(W, *WOOD)
    d.paint(G, "gold", "gold", "amber", "silver", "rust")
    d.limit = dice.pick((5, 6, 7, 8, 9, 10, 11))
    kind = dice.below(100)
    if kind < 17:
        _sword(d, dice)
    elif kind < 34:
        _shafted(d, dice)
    elif kind < 48:
        _bottle(d, dice)
    else:
        _thing(d, dice)
    if kind < 34:
        d.center()
    if dice.chance(0.25):
        d.codes[:] = d.codes[:, ::-1].copy()
    return d


def _thing(d: Drawing, dice: Dice) -> None:
    names = tuple(parts.HALVES) + tuple(_WHOLE)
    name = dice.pick(names)
    if name in parts.COLORS_OF:
        for slot, colors in zip((P, A, Y), parts.COLORS_OF[name], strict=True):
            d.paint(slot, *colors.split())
    piece = mirrored(parts.HALVES[name]) if name in parts.HALVES else part(_WHOLE[name])
    d.stamp(piece, (SIZE - piece.height + 1) // 2, (SIZE - piece.width) // 2)
    if name in _BARE and (dice.chance(0.6) or name in ("fireworks", "snowflake")):
        d.outlined = False
    d.name, d.design = name, f"thing {name}"


def _along(t: int) -> tuple[int, int]:
    """Row and column of step t on the diagonal, 0 at the lower left."""
    return 14 - t, 1 + t


def _grip(d: Drawing, dice: Dice, length: int) -> None:
    """Pommel and handle."""
    slot = dice.pick((W, C, P))
    for t in range(length + 1):
        y, x = _along(t)
        d.dot(y, x, slot * 8 + (LIGHT if t % 2 else BASE))
        if length > 2:
            d.dot(y, x + 1, slot * 8 + DARK)
    d.dot(14, 1, G * 8 + LIGHT)
    if dice.chance(0.4):
        d.dot(14, 2, G * 8 + DARK)
        d.dot(13, 1, G * 8 + LIGHT)


def _sword(d: Drawing, dice: Dice) -> None:
    """Blade, guard and grip in every proportion from dagger to claymore."""
    grip = dice.between(2, 4)
    length = max(dice.between(5, 13 - grip), dice.between(5, 13 - grip))
    width = dice.between(1, 4)
    bend = dice.pick((0, 0, 0, 1, 2)) if length > 6 else 0
    wave = bend == 0 and width == 2 and dice.chance(0.3)
    blade = M if dice.chance(0.8) else A
    guard = dice.between(0, 5)
    last = grip + length
    for t in range(grip + 1, last + 1):
        y, x = _along(t)
        if bend:
            x -= round(1.6 * bend * ((t - grip) / length) ** 2)
        elif wave and (t // 3) % 2:
            y += 1
        d.dot(y, x, blade * 8 + BASE)
        if width > 1:
            d.dot(y - 1, x, blade * 8 + LIGHT)
        if width > 2 and t < last:
            d.dot(y, x + 1, blade * 8 + DARK)
        if width > 3 and grip + 1 < t < last - 1:
            d.dot(y - 1, x - 1, blade * 8 + LIGHT)
            d.dot(y - 2, x - 1, blade * 8 + BASE)
            d.dot(y + 1, x + 1, blade * 8 + DARK)
            d.dot(y + 1, x + 2, blade * 8 + DARK)
    _grip(d, dice, grip)
    _guard(d, guard, grip)
    kind = "dagger" if length < 7 else ("greatsword" if width > 3 else "sword")
    prefix = "curved " if bend else "wavy " if wave else ""
    d.name = f"{prefix}{kind}"
    d.design = f"blade/{length}/{width}/{bend}/{wave}"


def _guard(d: Drawing, guard: int, grip: int) -> None:
    """A bar across the blade, plain, wide, hooked, or with a gem."""
    reach = (1, 2, 2, 3, 3, 2)[guard]
    y, x = _along(grip)
    for k in range(-reach, reach + 1):
        tone = LIGHT if k < 0 else BASE if k == 0 else DARK
        d.dot(y + k, x + k, G * 8 + tone)
        if guard in (1, 3):
            d.dot(y + k - 1, x + k, G * 8 + tone)
    if guard == 4:
        d.dot(y - reach - 1, x - reach + 1, G * 8 + LIGHT)
        d.dot(y + reach - 1, x + reach + 1, G * 8 + BASE)
    if guard in (2, 5):
        d.dot(y, x, A * 8 + BASE)
        d.dot(y - 1, x, A * 8 + LIGHT)


def _shafted(d: Drawing, dice: Dice) -> None:
    """A head on a long or short handle."""
    name = dice.pick(tuple(HEADS))
    piece = part(HEADS[name])
    end = 15 - max(piece.height, piece.width)
    start = dice.below(4) if name not in ("arrow", "spear", "halberd") else dice.below(2)
    thick = dice.chance(0.35)
    shaft = W if dice.chance(0.8) else M
    for t in range(start, end + 1):
        y, x = _along(t)
        d.dot(y, x, shaft * 8 + (LIGHT if t % 3 else BASE))
        if thick and t < end:
            d.dot(y, x + 1, shaft * 8 + DARK)
    y, x = _along(end)
    d.stamp(piece, y - piece.height + 2, x - 1)
    butt = dice.below(3)
    y, x = _along(start)
    if name == "arrow":
        for k in (0, 1, 2):
            d.dot(y - k - 1, x + k - 1, A * 8 + LIGHT)
            d.dot(y - k + 1, x + k + 1, A * 8 + DARK)
    elif butt == 0:
        d.dot(y, x, G * 8 + BASE)
    elif butt == 1:
        for t in (start + 2, start + 3):
            row, column = _along(t)
            d.dot(row, column, A * 8 + BASE)
    if name == "torch staff":
        d.paint(Y, "gold", "yellow")
        d.paint(A, "orange", "red", "blue")
    d.name = name
    d.design = name


def _bottle(d: Drawing, dice: Dice) -> None:
    """A potion, more or less full."""
    shape = dice.pick(tuple(parts.BOTTLES))
    piece = mirrored(parts.BOTTLES[shape])
    d.paint(P, *BRIGHT, "pink", "purple", "crimson")
    d.paint(Y, "glass", "white", "silver", "sky", "lime")
    top = (SIZE - piece.height + 1) // 2
    d.stamp(piece, top, 2)
    liquid = d.codes // 8 == P
    rows = liquid.any(axis=1).nonzero()[0]
    empty = dice.between(0, len(rows) // 2) if shape not in ("skull", "jug") else 0
    for row in rows[:empty]:
        d.codes[row, liquid[row]] = Y * 8 + LIGHT
    if empty and empty < len(rows):
        row = rows[empty]
        d.codes[row, liquid[row]] = P * 8 + LIGHT
    if dice.chance(0.4):
        for _ in range(2):
            y, x = dice.between(9, 13), dice.between(5, 10)
            if liquid[y, x]:
                d.dot(y, x, P * 8 + LIGHT)
    label = dice.chance(0.2) and shape in ("square", "tall", "squat", "round", "flask")
    if label:
        d.codes[11:13, 6:10] = Y * 8 + LIGHT
        d.dot(11, 8, A * 8 + BASE)
    d.name = f"{shape} potion"
    d.design = d.name
