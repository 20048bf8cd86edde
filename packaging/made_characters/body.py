"""The body of a made-up character, its legs, and what it holds."""

from __future__ import annotations

from made_characters.canvas import SIDE, Canvas, M


def draw_legs(c: Canvas) -> None:
    """Two legs, of which one is up in a step, or a robe that sways."""
    look = c.look
    if look.legs and c.side:
        wide = min(look.leg, max(1, (c.body[1] - c.body[0]) // 2))
        first = c.middle[0] - (wide - 1) // 2
        stride = 2 if look.legs > 2 else 1
        # The near leg is in front in frame 1, the far one in frame 3. In frame 1 the front foot is
        # up, in frame 3 the other.
        far, near = {1: (-stride, stride), 3: (stride, -stride)}.get(c.frame, (1, 0))
        for place, material in ((far, M.FAR_LEG), (near, M.LEGS)):
            up = {1: place > 0, 3: place < 0}.get(c.frame, False)
            _leg(c, first + place, wide, up, material)
    elif look.legs:
        gap = min(look.gap + (look.gap + look.center + 1) % 2, c.body[1] - c.body[0] - 1)
        first = c.across(2 * look.leg + gap)[0]
        _leg(c, first, look.leg, c.frame == 1, M.LEGS)
        _leg(c, first + look.leg + gap, look.leg, c.frame == 3, M.LEGS)
    if look.skirt:
        _skirt(c)


def _leg(c: Canvas, column: int, wide: int, up: bool, material: int) -> None:
    foot, columns = c.ground - 1 - up, (column, column + wide - 1)
    c.box((c.hips, foot), columns, material)
    if c.look.boots:
        c.box((max(c.hips, foot - c.look.boots + 1), foot), columns, M.BOOTS)


def _skirt(c: Canvas) -> None:
    """A skirt that widens downward; without legs below it, its hem sways."""
    look, (left, right) = c.look, c.body
    rows = range(c.hips, c.hips + look.skirt if look.legs else c.ground)
    for k, row in enumerate(rows):
        wider = round(look.flare * (k + 1) / len(rows))
        material = M.TRIM if look.pattern == "hem" and row == rows[-1] else M.CLOTH
        c.row(row, (left - wider, right + wider), material)
    if not rows or look.legs:
        return
    hem = (left - look.flare, right + look.flare)
    if look.wavy:
        c.codes[rows[-1], hem[0] + (c.frame == 3) : hem[1] + 1 : 2] = 0
    elif c.frame:
        c.dot(rows[-1], hem[0] if c.frame == 1 else hem[1], 0)


def draw_body(c: Canvas) -> None:
    """The clothes and the arms."""
    look, (left, right) = c.look, c.body
    if not look.body[1]:
        return
    swing = {1: -1, 3: 1}.get(c.frame, 0) * look.swing
    if c.side and look.sleeve and swing:
        _arm(c, c.middle[0] - swing)
    c.box((c.shoulders, c.hips - 1), c.body, M.CLOTH)
    _pattern(c, c.shoulders, c.hips - 1)
    if look.belt:
        c.row(c.hips - 1, c.body, M.BELT)
    if look.sleeve and c.side:
        _arm(c, c.middle[0] + swing)
    elif look.sleeve:
        _arm(c, left - look.sleeve, swing > 0, -look.out)
        _arm(c, right + 1, swing < 0, look.out)


def _hand(c: Canvas) -> int:
    """The row of the hands."""
    return min(c.shoulders + c.look.arm - 1, c.ground - 2)


def _arm(c: Canvas, column: int, up: bool = False, away: int = 0) -> None:
    look, low = c.look, _hand(c) - up
    start = c.shoulders + (look.head[0] > look.body[0])
    c.box((min(start, low), low), (column, column + look.sleeve - 1), M.SLEEVE)
    c.row(low, (column + away, column + away + look.sleeve - 1), look.hand)
    if look.pads:
        c.row(c.shoulders, (column, column + look.sleeve - 1), M.METAL)


def _pattern(c: Canvas, top: int, low: int) -> None:
    """Patterns on the clothes, some of them only in front."""
    pattern, (left, right) = c.look.pattern, c.body
    every_other = (slice(top + 1, low + 1, 2), slice(max(0, left), right + 1))
    if pattern == "stripes":
        c.codes[every_other] = M.TRIM
    elif pattern == "ribs":
        c.codes[every_other] = M.INK
        if not c.side:
            c.box((top, low), c.middle, M.CLOTH)
    elif pattern == "straps":
        for column in c.middle[:1] if c.side else (left + 1, right - 1):
            c.column((top, low), column, M.LEGS)
        c.row(low, c.body, M.LEGS)
    elif pattern == "strap" and not c.side:
        for k in range(low - top + 1):
            c.dot(top + k, right - k if c.back else left + k, M.TRIM)
    elif pattern == "halves" and not c.side:
        c.box((top, low), (c.middle[1], right) if c.back else (left, c.middle[0]), M.TRIM)
    elif c.side and pattern in ("open", "apron"):
        c.column((top, low), right, M.TRIM)
    elif not c.side and not c.back:
        _front(c, top, low)


def _front(c: Canvas, top: int, low: int) -> None:
    pattern, (left, right) = c.look.pattern, c.body
    if pattern == "buttons":
        c.codes[top:low:2, c.middle[0]] = M.TRIM
    elif pattern == "open":
        c.box((top, low), c.middle, M.TRIM)
    elif pattern == "neck":
        c.row(top, c.middle, M.SKIN)
    elif pattern == "emblem":
        c.box((top + 1, top + 2), c.middle, M.TRIM)
    elif pattern == "apron":
        c.box((top + 1, low + c.look.skirt), (left + 1, right - 1), M.TRIM)


def draw_held(c: Canvas) -> None:
    """A held thing: beside the body or, seen from the right, in front of it."""
    look, (left, right), hand = c.look, c.body, _hand(c)
    if not look.held:
        return
    beside = max(1, look.sleeve) + look.out + 1
    column = left - beside if look.held_left != c.back else right + beside
    if c.side:
        column = c.middle[0] + 1 if look.held_left else right + 1
    column = min(max(column, 1), SIDE - 2)
    above, below = look.held_rows
    top, low = max(1, hand - above), max(hand, min(hand + below, c.ground - 1))
    if look.held == "shield":
        c.box((hand - 2, hand + 1), (column - 1, column + 1), M.METAL)
        c.column((hand - 1, hand), column, M.TRIM)
    elif look.held == "orb":
        c.box((hand - 1, hand), (column, column + 1), M.OTHER)
    elif look.held == "sword":
        c.column((top, hand - 1), column, M.METAL)
        c.row(hand, (column - 1, column + 1), M.TRIM)
        c.dot(hand + 1, column, M.WOOD)
    elif look.held == "bow":
        c.column((hand - 3, hand + 3), column, M.WOOD)
        c.column((hand - 1, hand + 1), column, M.WHITE)
        c.column((hand - 1, hand + 1), column + (1 if column > c.middle[0] else -1), M.WOOD)
    else:
        c.column((top, low), column, M.WOOD)
        axe = look.held == "axe"
        c.box((top, top + 1), (column, column + axe), M.METAL if axe else M.OTHER)
