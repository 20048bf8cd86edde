"""The look of a made-up character: random choices that are the same from all sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from made_characters.canvas import SIDE, M
from made_characters.tones import OUTLINES, SHADINGS, some_colors

#: Insets of the rows of a head, from its top or its bottom on; the last of the top for broad ones.
_TOPS = ((), (1,), (1,), (1,), (2, 1), (2, 1), (3, 1), (3, 1, 1))
_CHINS = ((), (1,), (1,), (2, 1))

#: What is on top of a head that has no hat.
_CROWNS = (
    "", "", "", "", "ears", "cat", "horns", "plume", "antenna", "spikes", "crown", "bun",
    "mohawk", "feather", "tuft",
)  # fmt: skip

#: What covers a head that has no hat: hair, a hood, a helmet or nothing.
_COVERS = (M.HAIR,) * 4 + (M.COVER,) * 2 + (M.METAL, M.SKIN)

_EYES = ("1x1",) * 4 + ("1x2",) * 4 + ("2x2", "2x1", "white", "white2", "brow", "one", "none")

#: Those of two rows, and those of two columns.
HIGH, WIDE = ("1x2", "2x2", "white2", "brow", "one"), ("2x2", "2x1", "one")

_PATTERNS = (
    "", "", "buttons", "open", "stripes", "neck", "emblem", "strap", "apron", "ribs", "straps",
    "halves", "hem",
)  # fmt: skip

_HELD = ("staff", "staff", "sword", "sword", "axe", "shield", "orb", "bow")

T = TypeVar("T")


class Dice:
    """Random choices."""

    def __init__(self, *seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included; ``low`` if there is none."""
        return int(self._rng.integers(low, max(low, high) + 1))

    def share(self, low: float = 0.0, high: float = 1.0) -> float:
        return float(self._rng.uniform(low, high))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options) - 1)]


@dataclass(frozen=True)
class Look:
    """What is the same from all sides. Lengths are in pixels; a head's rows count from its top."""

    center: int  #: of the body: its first and last column together
    ground: int  #: the row of the feet
    # The head.
    head: tuple[int, int]  #: width and height
    depth: int  #: its width from the side
    top: tuple[int, ...]  #: insets of its rows
    chin: tuple[int, ...]  #: the same, from the lowest on
    # What covers it: hair, a hat, a hood or a helmet.
    cover: int  #: material; SKIN = bald
    under: int  #: material below it: hair below a hat
    brow: int  #: rows of it above the face
    fringe: str
    temple: int  #: its width beside the face
    length: int  #: rows of it beside the face
    behind: int  #: rows of it from behind
    nape: int  #: its width behind the face, from the side
    above: tuple[int, ...]  #: widths of the rows of a hat above the head
    brim: int  #: columns beyond the head
    peak: bool  #: a brim in front only
    band: bool
    crown: str
    tail: int  #: rows of a pony tail
    gloss: int  #: bright pixels
    # The face.
    eyes: str
    eye_row: int
    eye_inset: int
    mouth: int  #: columns
    nose: bool
    blush: bool
    beard: int  #: rows; 0 = none
    mask: bool
    visor: bool  #: the face is dark
    snout: int  #: columns before the face; 0 = none
    # The body.
    body: tuple[int, int]  #: width and height; no height = a head on legs, or a blob
    thick: int  #: its width from the side
    sleeve: int  #: width of the arms; 0 = none
    arm: int  #: rows of the arms
    out: bool  #: hands are held away
    hand: int  #: material
    pattern: str
    belt: bool
    pads: bool
    cape: int  #: rows; 0 = none
    pack: bool
    wag: bool  #: a tail
    # Legs, or a robe.
    legs: int  #: rows; 0 = none
    leg: int  #: columns
    gap: int
    boots: int  #: rows
    skirt: int  #: rows
    flare: int  #: columns of a skirt beyond the body
    wavy: bool  #: a torn hem
    bob: bool  #: what is above the legs is lower in steps
    swing: bool  #: of the arms
    held: str  #: what is in a hand; "" = nothing
    held_left: bool  #: on the left of the front, so in the hand that is near from the right
    held_rows: tuple[int, int]  #: above the hand and below it
    # How it is drawn.
    shading: str
    outline: str
    lines: bool  #: the head is drawn apart from the body
    colors: NDArray[np.uint8]  #: (materials, 3: light, base and dark, 3)


@dataclass
class _Heights:
    """Rows of the parts of a character, one above the other."""

    above: int
    head: int
    body: int
    skirt: int
    legs: int

    def fit(self, room: int) -> None:
        """Shorten the parts that can best spare it and, as a last resort, leave out a hat."""
        while self.above + self.whole > room:
            spare = {"head": self.head - 4, "legs": 2 * self.legs - 2, "body": self.body - 2,
                     "skirt": self.skirt - 1}  # fmt: skip
            most = max(spare, key=lambda name: spare[name])
            if spare[most] <= 0:
                self.above = 0
                self.head = min(self.head, self.head + room - self.whole)
                break
            setattr(self, most, getattr(self, most) - 1)

    @property
    def whole(self) -> int:
        """The height without anything above the head."""
        return self.head + self.body + self.skirt + self.legs


def a_look(*seed: int) -> Look:
    """The look made from these random numbers."""
    dice = Dice(*seed)
    outline = dice.pick(OUTLINES)
    rim = outline != "none"
    odd, chibi = dice.chance(0.3), dice.chance(0.65)
    blob = dice.chance(0.08)
    robed = not blob and dice.chance(0.17)

    def even(low: int, high: int) -> int:
        """A width that is centered as the head is."""
        return min(high, dice.between(low, high) // 2 * 2 + odd)

    wide = even(7, 11) if chibi else even(5, 8)
    if blob:
        wide = even(7, 12)
    hat = not blob and dice.chance(0.3)
    above = tuple(sorted(even(2, wide) for _ in range(dice.between(0, 4)))) if hat else ()
    crown = "" if hat else dice.pick(_CROWNS)
    high = _Heights(len(above) + (2 if crown else 0), *_heights(dice, chibi, blob, robed))
    room = SIDE - 2 * rim
    high.fit(room)
    if not high.above:
        above, crown = (), ""
    cover = M.COVER if hat else dice.pick(_COVERS)
    cover = M.SKIN if blob else cover
    under = M.HAIR if hat and dice.chance(0.6) else cover
    brow = 0 if cover == M.SKIN else dice.between(1, max(1, round(0.55 * high.head)))
    eyes = dice.pick(_EYES)
    hooded = cover in (M.COVER, M.METAL) and not hat
    temple = 0 if cover == M.SKIN else dice.between(int(hooded or hat), 2 if wide >= 8 else 1)
    inset = dice.between(max(temple, 1), max(1, wide // 2 - 2))
    length = high.head + dice.between(0, 3)
    if hooded or dice.chance(0.6):
        length = dice.between(brow, high.head)
    behind = max(length, high.head - dice.between(0, 1)) if cover != M.SKIN else 0
    if hat and under == M.HAIR:
        length = max(length, brow + 2)
    elif hat:  # all of the hair is in the hat
        length, behind = brow, high.head - dice.between(0, 1)
    deep = max(4, wide - dice.pick((0, 0, 0, 1, 1, 2)))
    broad = min(10, even(wide - 4, wide + 1) if chibi else even(4, 8))
    skirt = dice.between(1, 2) if high.legs > 2 and dice.chance(0.2) else 0
    skirt = high.legs - 1 if robed else skirt
    low = 0 if dice.chance(0.7) else dice.between(0, room - high.above - high.whole)
    return Look(
        center=SIDE - 2 + 2 * dice.between(0, 1) if odd else SIDE - 1,
        ground=SIDE - 1 - rim - low,
        head=(wide, high.head), depth=deep,
        top=dice.pick(_TOPS[4:] if blob else _TOPS[: max(2, wide - 3)]),
        chin=() if blob else dice.pick(_CHINS[: max(2, wide - 5)]),
        cover=cover, under=under, brow=brow,
        fringe=dice.pick(("flat", "flat", "parted", "jagged", "aside")),
        temple=temple, length=length, behind=behind,
        nape=max(1, round(deep * dice.share(0.3, 0.55))),
        above=above, brim=dice.pick((0, 1, 1, 2, 3)) if hat else 0, peak=hat and dice.chance(0.2),
        band=cover != M.SKIN and dice.chance(0.25), crown=crown,
        tail=dice.between(3, 6) if cover == M.HAIR and dice.chance(0.15) else 0,
        gloss=dice.between(1, 3) if dice.chance(0.2) else 0,
        eyes=eyes, eye_row=brow + dice.between(0, high.head - brow - 2 - (eyes in HIGH)),
        eye_inset=(wide - 1) // 2 if eyes == "one" else inset,
        mouth=dice.pick((0, 0, 0, 1, 2, 2)), nose=not blob and dice.chance(0.25),
        blush=dice.chance(0.2), beard=dice.between(1, 5) if not blob and dice.chance(0.18) else 0,
        mask=not blob and dice.chance(0.06), visor=cover == M.METAL and dice.chance(0.5),
        snout=dice.pick((0,) * 14 + (1, 2)),
        body=(broad, high.body), thick=max(3, broad - dice.pick((0, 0, 1, 1, 2))),
        sleeve=0 if high.body == 0 else dice.pick((0, 1, 1, 1, 1, 2)),
        arm=dice.between(2, high.body + 1), out=dice.chance(0.15),
        hand=M.SKIN if dice.chance(0.75) else dice.pick((M.SLEEVE, M.TRIM)),
        pattern=dice.pick(_PATTERNS), belt=dice.chance(0.35), pads=dice.chance(0.12),
        cape=dice.between(3, 7) if not blob and dice.chance(0.15) else 0, pack=dice.chance(0.07),
        wag=dice.chance(0.08),
        legs=high.legs, leg=dice.between(1, max(1, (broad - 1) // 2)), gap=dice.between(0, 2),
        boots=dice.between(0, min(2, high.legs)),
        skirt=high.skirt or skirt,
        flare=dice.between(0, 2 if robed else 1), wavy=not high.legs and dice.chance(0.35),
        bob=high.legs != 1 and dice.chance(0.8), swing=dice.chance(0.5),
        held=dice.pick(_HELD) if high.body and dice.chance(0.3) else "",
        held_left=dice.chance(0.5), held_rows=(dice.between(3, 8), dice.between(0, 5)),
        shading=dice.pick(SHADINGS), outline=outline, lines=dice.chance(0.3),
        colors=some_colors(dice.chance, dice.share),
    )  # fmt: skip


def _heights(dice: Dice, chibi: bool, blob: bool, robed: bool) -> tuple[int, int, int, int]:
    """Rows of the head, the body, a robe below it or legs, before they fit.

    With a robe, only the visible part of the legs below it counts.
    """
    if blob:
        return dice.between(6, 12), 0, 0, 0
    head, body = (
        (dice.between(6, 9), dice.between(2, 5)) if chibi
        else (dice.between(4, 7), dice.between(3, 6))
    )  # fmt: skip
    if robed:
        robe = dice.between(2, 4)
        return (head, body, 0, robe) if dice.chance(0.4) else (head, body, robe, 0)
    legs = dice.pick((1, 1, 2, 2, 3, 3, 4, 5) if chibi else (2, 3, 4, 4, 5, 6))
    return head, 0 if dice.chance(0.06) else body, 0, legs
