"""The head of a made-up character: face, hair, hats, and what hangs behind."""

from __future__ import annotations

import numpy as np

from made_characters.canvas import Canvas, M
from made_characters.look import HIGH, WIDE


def draw_behind(c: Canvas) -> None:
    """A cape, a tail, a pack and long hair: nearest from behind, else farthest."""
    look, (left, right) = c.look, c.body
    if look.body[1]:
        if look.cape:
            low = min(c.shoulders + look.cape - 1, c.ground - 1 - (look.legs > 0))
            wide = (left, right) if c.back else (left - 1, right + 1)
            c.box((c.shoulders, low), (left - 1, left) if c.side else wide, M.CAPE)
        if look.wag and (c.side or c.back):
            columns = (left - 2, left - 1) if c.side else c.middle[:1] * 2
            c.box((c.hips - 1, c.hips), columns, M.WOOD if look.cover == M.METAL else look.cover)
        if look.pack and (c.side or c.back):
            columns = (left - 2, left) if c.side else (left + 1, right - 1)
            c.box((c.shoulders, c.hips - 1), columns, M.WOOD)
    first, last = c.head
    if look.cover != M.SKIN and look.behind > c.tall:
        rows = (c.top + c.tall - 1, min(c.top + look.behind - 1, c.ground - 2))
        c.box(rows, (first, first + look.nape - 1) if c.side else (first, last), look.under)
    if look.tail:
        rows = (c.brow, min(c.brow + look.tail, c.ground - 2))
        if c.side:
            c.box(rows, (first - 2, first - 1), M.HAIR)
        elif c.back:
            c.box(rows, c.middle, M.HAIR)
            c.row(rows[0], c.middle, M.TRIM)


def draw_head(c: Canvas) -> None:
    """The head; only things on top of it and in front of the face exceed its shape."""
    outside, (left, right) = c.codes.copy(), c.head
    insets = np.zeros(c.tall, int)
    top, chin = c.look.top[: c.tall], c.look.chin[: c.tall]
    insets[: len(top)] = top
    insets[c.tall - len(chin) :] = np.maximum(insets[c.tall - len(chin) :], chin[::-1])
    for k, inset in enumerate(insets.tolist()):
        c.row(c.top + k, (left + inset, right - inset), -1)
    inside = c.codes == -1
    c.codes[inside] = M.SKIN
    if not c.back:
        _face(c)
    if c.look.cover != M.SKIN:
        _cover(c)
    c.codes = np.where(inside, c.codes, outside)
    _hat(c)
    if c.look.crown:
        _crown(c)
    if c.look.gloss:
        c.row(c.top + 1, (left + 2, min(left + 1 + c.look.gloss, right - 1)), M.GLOSS)
    if not c.back:
        _before(c)


def _face(c: Canvas) -> None:
    look, (left, right), row = c.look, c.head, c.top + c.look.eye_row
    wide, high = 1 + (look.eyes in WIDE), 1 + (look.eyes in HIGH)
    if look.visor:
        c.box((c.brow, c.top + c.tall - 2), (left + look.nape * c.side, right), M.INK)
    if look.snout and not c.side:
        c.box((row + 1, row + 2), (c.middle[0] - 1, c.middle[1] + 1), M.OTHER)
        c.row(row + 1, c.middle, M.INK)
    mouth = row + high + 1
    if look.mouth and mouth < c.top + c.tall:
        columns = c.middle if look.mouth > 1 else c.middle[:1] * 2
        c.row(mouth, (right - 1, right) if c.side else columns, M.MOUTH)
    if look.mask:
        c.box((row + high, c.top + c.tall - 1), c.head, M.TRIM)
    if look.eyes != "none":
        _eyes(c, row, wide, high)


def _eyes(c: Canvas, row: int, wide: int, high: int) -> None:
    look, (left, right) = c.look, c.head
    places = [(left + look.eye_inset, 1), (right - look.eye_inset - wide + 1, -1)]
    if c.side:
        end = right - min(max(look.eye_inset - 1, 1), 2)  # not on the edge, where it were lost
        places = [(end - wide + 1, 1)]
    elif look.eyes == "one":
        places = [(c.middle[0], 1)]
    for column, inward in places:
        rows = (row, row + high - 1)
        if look.eyes in ("white", "white2", "one"):
            c.column(rows, column - (1 if look.eyes == "one" else inward), M.WHITE)
        c.box(rows, (column, column + wide - 1), M.EYE)
        if look.eyes == "2x2":
            c.dot(row, column, M.WHITE)
        elif look.eyes == "brow":
            c.dot(row, column, M.HAIR)
        if look.blush and not look.visor:
            c.dot(row + high, column - inward * (not c.side), M.BLUSH)


def _cover(c: Canvas) -> None:
    """Hair, a hood or a helmet around the face, or a hat above it and hair below."""
    look, (left, right) = c.look, c.head
    rows = (c.top, c.top + look.length - 1)
    if c.side:
        rows = (c.top, c.top + max(look.behind, look.length) - 1)
        c.box(rows, (left, left + look.nape - 1), look.under)
        if look.length > look.brow:
            c.dot(c.brow, left + look.nape, look.under)
    elif c.back:
        c.box((c.top, c.top + look.behind - 1), c.head, look.under)
    elif look.temple:
        c.box(rows, (left, left + look.temple - 1), look.under)
        c.box(rows, (right - look.temple + 1, right), look.under)
    c.box((c.top, c.brow - 1), c.head, look.cover)
    if look.cover == M.HAIR and look.eye_row > look.brow and not c.back:
        fringe = {
            "parted": (left, left + 1, right - 1, right),
            "jagged": tuple(range(left, right + 1, 2)),
            "aside": tuple(range(left, c.middle[0])),
        }.get(look.fringe, ())
        if c.side:
            fringe = (right,) if look.fringe in ("jagged", "aside") else ()
        for column in fringe:
            c.dot(c.brow, column, M.HAIR)
    if look.band:
        c.row(c.brow - 1, c.head, M.TRIM)


def _hat(c: Canvas) -> None:
    look, (left, right) = c.look, c.head
    for k, width in enumerate(reversed(look.above)):
        first, last = c.across(width)
        bent = c.side and k > 1 and width < 4
        c.row(c.top - 1 - k, (first - bent, last - bent), look.cover)
    if look.peak and not c.back:
        c.row(c.brow - 1, (right - 1, right + 2) if c.side else c.head, M.TRIM)
    elif look.brim and not look.peak:
        c.row(c.brow - 1, (left - look.brim, right + look.brim), M.TRIM if look.band else M.COVER)


def _crown(c: Canvas) -> None:
    """Things on top of a head without a hat."""
    look, (left, right), top = c.look, c.head, c.top
    inward = look.top[0] if look.top else 0
    ends = (left + inward, right - inward)
    own = M.TRIM if look.cover == M.METAL else look.cover
    two = (top - 2, top - 1)
    if look.crown in ("ears", "cat"):
        for column in c.middle[:1] if c.side else ends:
            c.column((top - 1 - (look.crown == "cat"), top - 1), column, own)
    elif look.crown == "horns":
        low = top + min(1, look.brow)
        for column in (c.middle[0] - 1,) if c.side else (left - 1, right + 1):
            c.column((low - 2, low), column, M.WHITE)
    elif look.crown == "plume":
        c.row(top - 1, (left, c.middle[0] + 1) if c.side else c.middle, M.TRIM)
        c.row(top - 2, (left + 1, c.middle[0]) if c.side else c.middle, M.TRIM)
    elif look.crown == "mohawk":
        low = top + look.behind - 1 if c.back else top + 1
        c.box(
            two if c.side else (top - 2, low), (left + 1, right - 1) if c.side else c.middle, M.HAIR
        )
    elif look.crown in ("spikes", "crown"):
        material = own if look.crown == "spikes" else M.TRIM
        c.row(top, ends, material)
        c.codes[top - 1, ends[0] + (c.back and (ends[1] - ends[0]) % 2) : ends[1] + 1 : 2] = (
            material
        )
    elif look.crown == "bun":
        c.box(two, (left, left + 1) if c.side else c.middle, own)
    elif look.crown == "feather":
        c.column((top - 2, top), c.middle[0] - 1 if c.side else ends[c.back], M.TRIM)
    elif look.crown == "antenna":
        c.column(two, c.middle[0], M.METAL)
        c.dot(top - 2, c.middle[0], M.TRIM)
    else:
        c.row(top - 1, c.middle, own)


def _before(c: Canvas) -> None:
    """A nose, a snout, a beard."""
    look, (left, right), row = c.look, c.head, c.top + c.look.eye_row
    if look.nose and c.side and not look.visor:
        c.dot(row + 1, right + 1, M.SKIN)
    if look.snout and c.side:
        c.box((row + 1, row + 2), (right, right + look.snout), M.OTHER)
        c.dot(row + 1, right + look.snout, M.INK)
    first = max(row + 2, c.top + c.tall - 2)
    for k in range(look.beard):
        narrow = max(0, k - 1) + (look.temple if look.length >= look.head[1] else 0)
        columns = (left + (look.nape if c.side else 0) + narrow, right - narrow * (not c.side))
        if columns[0] <= columns[1]:
            c.row(first + k, columns, M.BEARD)
