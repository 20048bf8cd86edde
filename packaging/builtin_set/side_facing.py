"""Side views: people and person-like monsters in mid-walk, and animals, all facing right."""

from __future__ import annotations

from functools import cache

import numpy as np

from builtin_set import side_parts as parts
from builtin_set.canvas import Drawing, K, P, Part, S, Y, make_part, part
from builtin_set.creature import ANY, SCALE, paint_creature, stamp_beast
from builtin_set.dice import Dice
from builtin_set.hero import paint_person
from builtin_set.hero_parts import HELD, SHIELDS
from builtin_set.palette import Paints
from builtin_set.side_beasts import SIDE_BEASTS
from builtin_set.side_monsters import SIDE_MONSTERS

_ANIMALS = SIDE_BEASTS | SIDE_MONSTERS


def draw_side_facing(dice: Dice) -> Drawing:
    """A walker or an animal from its right side."""
    d = Drawing(Paints(dice))
    if dice.chance(0.34):
        name = dice.pick(tuple(_ANIMALS))
        paint_creature(d, dice, name)
        piece = part(_ANIMALS[name])
        stamp_beast(d, dice, name, piece, symmetric=False, ground=name not in _ALOFT)
        d.name = f"{d.name} from the side"
    else:
        _walker(d, dice)
    return d


_ALOFT = ("flying dragon", "flying bird", "swimming fish", "shark", "bat", "ghost")


def _walker(d: Drawing, dice: Dice) -> None:
    """Back, far arm, legs, torso, head, near arm with what it holds."""
    folk = paint_person(d, dice)
    chibi = dice.chance(0.6)
    robed = dice.chance(0.2)
    monster = chibi and dice.chance(0.24)
    if monster:
        d.paint(P, *(SCALE if dice.chance(0.5) else ANY))
        d.palette[K] = d.palette[P]
        d.paint(Y, "bone", "white", "cream")
    top = 9 if chibi else 8
    legs_name = ""
    if robed:
        robes = parts.ROBES_CHIBI if chibi else parts.ROBES_TALL
        body_name = dice.pick(tuple(robes))
        bodies = [(part(robes[body_name]), top)]
    else:
        torsos = parts.TORSOS_CHIBI if chibi else parts.TORSOS_TALL
        legs = parts.LEGS_CHIBI if chibi else parts.LEGS_TALL
        body_name, legs_name = dice.pick(tuple(torsos)), dice.pick(tuple(legs))
        below = part(legs[legs_name])
        bodies = [(below, 15 - below.height), (part(torsos[body_name]), top)]
    back = _back(d, dice, top) if dice.chance(0.26) else ""
    for piece, row in bodies:
        d.stamp(piece, row, 4)
    pose = "holding" if dice.chance(0.3) else dice.pick(tuple(parts.ARMS))
    gear = _hold(d, dice, pose, top + 1)
    head = _head(d, dice, chibi, monster)
    _arm(d, dice, pose, top + 1)
    gear = " and ".join(filter(None, (gear, back)))
    d.name = f"{folk if not monster else ''}{head} {legs_name or 'walking'} in {body_name}"
    d.name += f" with {gear}" if gear else ""
    d.design = f"{chibi}/{head}/{body_name}"


def _head(d: Drawing, dice: Dice, chibi: bool, monster: bool) -> str:
    if monster:
        name = dice.pick(tuple(parts.MONSTERS_CHIBI))
        piece = part(parts.MONSTERS_CHIBI[name])
        d.stamp(piece, min(1, 10 - piece.height), 3, rim=True)
        return name
    faces = parts.FACES_CHIBI if chibi else parts.FACES_TALL
    tops = parts.TOPS_CHIBI if chibi else parts.TOPS_TALL
    face = dice.pick(tuple(faces)) if dice.chance(0.5) else "plain"
    top = dice.pick(tuple(tops))
    left = 3 if chibi else 4
    d.stamp(part(faces[face]), 3, left, rim=True)
    d.stamp(part(tops[top]), 1, left)
    return top if face == "plain" else f"{face} {top}"


def _back(d: Drawing, dice: Dice, top: int) -> str:
    """Something worn on the back, and so on the left."""
    name = dice.pick(tuple(parts.BACKS))
    text, edge = parts.BACKS[name]
    piece = part(text)
    d.stamp(piece, min(top, 15 - piece.height), edge - piece.width)
    return name


@cache
def _lying(name: str) -> tuple[Part, int]:
    """A held thing turned to point right, and the column of its grip."""
    grip, text = HELD[name]
    piece = make_part(np.rot90(part(text).codes, -1).copy())
    return piece, piece.width - 1 - grip


_LEVELED = ("short sword", "axe", "hammer", "mace", "dagger", "club", "wand", "torch")


def _hold(d: Drawing, dice: Dice, pose: str, shoulder: int) -> str:
    """A weapon or shield, drawn before the head so that it never hides the face."""
    _, down, ahead = parts.ARMS[pose]
    y, x = shoulder + down, 8 + ahead
    if pose == "holding":
        gear = dice.pick(tuple(HELD))
        grip, text = HELD[gear]
        weapon = part(text, flip=True)
        d.stamp(weapon, max(0, y - grip), x - weapon.width // 2, rim=True)
        return gear
    if pose in ("level", "forward") and dice.chance(0.6):
        gear = dice.pick(_LEVELED)
        weapon, grip = _lying(gear)
        d.stamp(weapon, y - weapon.height // 2, x - grip, rim=True)
        return gear
    if dice.chance(0.2):
        gear = dice.pick(tuple(SHIELDS))
        shield = part(SHIELDS[gear])
        d.stamp(shield, 9, 13 - shield.width, rim=True)
        return gear
    return ""


def _arm(d: Drawing, dice: Dice, pose: str, shoulder: int) -> None:
    """The near arm."""
    text, _, ahead = parts.ARMS[pose]
    if dice.chance(0.45):
        d.palette[S] = d.palette[P]
    d.stamp(part(text), shoulder + (pose == "holding"), 8 + min(0, ahead), rim=pose != "back")
