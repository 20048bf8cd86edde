"""Heroes: people seen from the front or the back, in layers from cape to shield."""

from __future__ import annotations

from builtin_set import hero_parts as parts
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
    S,
    W,
    Y,
    mirrored,
    part,
)  # fmt: skip
from builtin_set.dice import Dice
from builtin_set.palette import (
    BRIGHT,
    CLOTH,
    HAIR,
    METAL,
    ODD_HAIR,
    SKIN,
    TROUSERS,
    WOOD,
    Paints,
)  # fmt: skip

_FOLK: tuple[tuple[tuple[str, ...], str, float], ...] = (
    (SKIN, "", 0.80),
    (("lime", "green", "olive"), "orc ", 0.07),
    (("bone", "white"), "undead ", 0.05),
    (("sky", "cyan", "violet"), "fey ", 0.05),
    (("red", "rust", "crimson"), "demon ", 0.03),
)


def paint_person(d: Drawing, dice: Dice) -> str:
    """Choose colors for skin, hair, clothes and gear; returns the name of the people or ''."""
    roll, folk = dice.below(1000) / 1000, _FOLK[0]
    for candidate in _FOLK:
        if roll < candidate[2]:
            folk = candidate
            break
        roll -= candidate[2]
    d.paint(K, *folk[0])
    d.paint_apart(H, (K,), *(HAIR if dice.chance(0.85) else ODD_HAIR))
    d.paint_apart(P, (K, H), *CLOTH)
    d.paint(S, *(CLOTH if dice.chance(0.5) else ("white", "cream", "tan")))
    if dice.chance(0.35):
        d.palette[S] = d.palette[P]
    if dice.chance(0.7):
        d.paint_apart(A, (P, K), *CLOTH)
    else:
        d.palette[A] = d.palette[H]
    d.paint_apart(C, (P,), *TROUSERS)
    d.paint(W, *WOOD)
    if dice.chance(0.5):
        d.palette[W] = d.palette[C]
    d.paint(G, "gold", "amber", "yellow")
    d.paint_apart(M, (K,), *METAL)
    d.limit = dice.pick((7, 8, 9, 10, 11, 12))
    d.paint(Y, "white", "bone", "gold")
    return folk[1]


def draw_hero(dice: Dice) -> Drawing:
    """A person, front or back view."""
    d = Drawing(Paints(dice))
    folk = paint_person(d, dice)
    chibi = dice.chance(0.55)
    back = dice.chance(0.07)
    bodies = parts.BODIES_CHIBI if chibi else parts.BODIES_TALL
    body = dice.pick(tuple(bodies))
    top = 10 if chibi else 8
    gear: list[str] = []

    if dice.chance(0.04):
        d.stamp(mirrored(parts.WINGS), top - 3, 2)
        gear.append("wings")
    elif dice.chance(0.22) and not back:
        d.stamp(mirrored(parts.CAPES["chibi" if chibi else "tall"]), top, 2)
        gear.append("cape")
    d.stamp(mirrored(bodies[body]), top, 3)
    if body not in parts.SKIRTED and dice.chance(0.45):
        _lift_foot(d, dice)
    if back and dice.chance(0.6):
        d.stamp(mirrored(parts.CAPES["chibi" if chibi else "tall"]), top, 2, rim=True)
    head = _head(d, dice, chibi, back)
    gear += _equip(d, dice, top, back)

    d.name = f"{folk}{head} in {body}" + (f" with {' and '.join(gear)}" if gear else "")
    d.design = f"{chibi}/{body}/{head}/{back}"
    return d


def _head(d: Drawing, dice: Dice, chibi: bool, back: bool) -> str:
    """Face, then hair or hat; returns the name of its wearer."""
    hair = parts.HAIR_CHIBI if chibi else parts.HAIR_TALL
    hats = parts.HATS_CHIBI if chibi else parts.HATS_TALL
    faces = parts.FACES_CHIBI if chibi else parts.FACES_TALL
    hatted = dice.chance(0.62)
    tops = hats if hatted else hair
    top = dice.pick(tuple(tops))
    left = 2 if chibi else 3
    if back:
        d.stamp(mirrored(parts.BACK_HAIR if chibi else parts.BACK_HAIR_TALL), 2, 4, rim=True)
        d.stamp(mirrored(tops[top]), 1, left)
        return f"{top} one from behind"
    face = dice.pick(tuple(faces)) if dice.chance(0.5) else "plain"
    d.stamp(mirrored(faces[face]), 3, 4, rim=True)
    d.stamp(mirrored(tops[top]), 1, left)
    return top if face == "plain" else f"{face} {top}"


def _lift_foot(d: Drawing, dice: Dice) -> None:
    """Shorten one leg, as in the frames of a walk."""
    half = slice(0, SIZE // 2) if dice.chance(0.5) else slice(SIZE // 2, SIZE)
    legs = d.codes[13:15, half].copy()
    d.codes[13, half] = legs[1]
    d.codes[14, half] = 0


def _equip(d: Drawing, dice: Dice, top: int, back: bool) -> list[str]:
    """Something in the hands; asymmetric on purpose."""
    gear: list[str] = []
    hand_row = top + (2 if top == 10 else 3)
    hand = K * 8
    swap = dice.chance(0.3)
    if dice.chance(0.68):
        name = dice.pick(tuple(parts.HELD))
        grip, text = parts.HELD[name]
        piece = part(text, flip=swap)
        near = 1 if piece.width <= 3 and top == 10 else 2
        column = 15 - near if swap else near
        left = column - piece.width // 2
        if piece.width % 2 == 0 and swap:
            left += 1
        d.stamp(piece, max(0, hand_row - grip), left, rim=True)
        d.dot(hand_row, column, hand)
        gear.append(name)
    if dice.chance(0.34) and not back:
        name = dice.pick(tuple(parts.SHIELDS))
        piece = part(parts.SHIELDS[name])
        d.stamp(piece, hand_row - 3, 1 if swap else 15 - piece.width, rim=True)
        gear.append(name)
    elif dice.chance(0.16) and not back:
        name = dice.pick(tuple(parts.CARRIED))
        piece = part(parts.CARRIED[name])
        d.stamp(piece, hand_row - 2, 1 if swap else 15 - piece.width, rim=True)
        d.dot(hand_row, 2 if swap else 13, hand)
        gear.append(name)
    if dice.chance(0.2):
        d.palette[A] = d.paints.ramp(*BRIGHT)
    d.palette[SPECIAL, 1] = d.paints.ink
    return gear
