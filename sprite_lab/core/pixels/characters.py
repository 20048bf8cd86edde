"""Characters: requests to a model that turn one drawing into all directions and a walk.

A character faces down, left, right and up, with four frames of walking each; in the first it
stands. Parts are named "down 0" to "up 3". Requests redraw as little as possible, so that the
character stays the same: everything has the colors of the drawing and the same noise, and whatever
does not turn or step is kept. Any model can draw part by part. For cells of 16x16 there is also a
network that turns drawings (the turner), and a model that draws all sides of a new character as one
picture (a sheet).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.faces import Rgba, within
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary

DIRECTIONS = ("down", "left", "right", "up")
FRAMES = 4

PARTS = tuple(f"{direction} {frame}" for direction in DIRECTIONS for frame in range(FRAMES))

#: The direction that mirrors each, by its first letter.
_OTHER = {"d": "down", "l": "right", "r": "left", "u": "up"}

#: The part from which all others are drawn.
LEADER = "down 0"

#: The standing parts, one for each direction.
STANDING = PARTS[::FRAMES]

#: Words for a part: the first alternative of which the model knows all words. The first
#: is for the built-in sprites, where "side" is used for animals only; the second for drawn ones.
_WORDS = {
    "up": (("behind",), ("back",)),
    "right": (("standing",), ("right",)),
    "right 1": (("striding",), ("right", "walk")),
    "right 3": (("passing",), ("right", "walk")),
}

#: Words for people who stand or walk, as opposed to other things with sides.
_PERSON = ("person", "walk")

#: The class of sprites seen from the side.
_SIDE_CLASS = "side_facing"

#: Share of T to which the drawing is noised for the side: with more, the character changes.
_TURN = 0.55

#: Redraw strengths, of 255: inside the outline below the head, seen from behind; and of feet
#: that are already lifted.
_BODY, _FEET = 128, 100

#: The head and the legs, as shares of the height.
_HEAD, _LEGS = 0.55, 0.28


def colors_of(rgba: Rgba) -> bytes:
    """The colors of a drawing, at most 256, as for ``SampleConfig.palette``."""
    colors = np.unique(rgba[rgba[..., 3] > 0][:, :3], axis=0)
    return colors[:256].tobytes()


def turns(
    drawing: Rgba, base: SampleConfig, known: Vocabulary, timesteps: int
) -> dict[str, SampleConfig]:
    """Configurations that show a character from behind and from the side, by part.

    For the view from behind, the mirrored drawing keeps its outline, its head is redrawn inside,
    and its body changes less. The side is drawn from the noised drawing.

    ``base``: all other settings, including class, words and seed.
    """
    base = replace(
        base, count=1, drawing=None, redraw_strength=None, known_mask=None, start_t=None,
        keep_alpha=False, symmetric=False, tile=False, palette=colors_of(drawing),
    )  # fmt: skip
    behind = np.ascontiguousarray(drawing[:, ::-1])
    side = _with_words(base, "right", known)
    if _SIDE_CLASS in known.classes:
        side = replace(side, classes=(_SIDE_CLASS,), class_mix=())
    start = max(1, round(_TURN * timesteps))
    return {
        "up 0": replace(
            _with_words(base, "up", known),
            drawing=behind.tobytes(),
            redraw_strength=_behind(behind).tobytes(),
        ),
        "right 0": replace(side, drawing=drawing.tobytes(), start_t=start),
    }


def steps(
    views: Mapping[str, Rgba], wanted: Collection[str], base: SampleConfig, known: Vocabulary
) -> dict[str, SampleConfig]:
    """Configurations for the frames with a lifted foot, by part.

    ``views``: the standing views, by part, from which ``wanted`` are drawn. ``base``: see
    :func:`turns`; its words for a direction are replaced.
    """
    asked = {}
    for part in wanted:
        direction, _, frame = part.partition(" ")
        view, sideways = views[f"{direction} 0"], mirror_of(part) != part
        seen = "right" if sideways else direction
        strength = np.zeros(view.shape[:2], np.uint8)
        strength[_legs(view), _across(view)] = 255 if sideways else _FEET
        config = _with_words(base, f"{seen} {frame}" if sideways else seen, known)
        if sideways and _SIDE_CLASS in known.classes:
            config = replace(config, classes=(_SIDE_CLASS,), class_mix=())
        asked[part] = replace(
            config, count=1, start_t=None, keep_alpha=False, symmetric=False, tile=False,
            known_mask=None, palette=colors_of(view), redraw_strength=strength.tobytes(),
            drawing=(view if sideways else lifted(view, int(frame) // 2)).tobytes(),
        )  # fmt: skip
    return asked


#: Classes of the model of characters, which draws 2x2 cells as one picture so that they match:
#: front and back above left and right, or four frames of a walk.
SIDES, WALK = "directions", "walk"

#: What draws characters of 16x16 pixels, whatever model is open; both ship with Sprite Lab. The
#: model draws new ones from noise, the turner the other parts of an existing one.
MODEL, TURNER, MODEL_CELL = "characters", "turner", 16

#: Parts that the turner draws: directions, and steps.
TURNS = ("up 0", "right 0")
STEPS = tuple(f"{direction} {frame}" for direction in ("down", "right", "up") for frame in (1, 3))


def turned_by(side: int) -> int:
    """The factor by which cells are shrunk for the turner; 0 = it cannot draw them."""
    return next((f for f in (1, 2) if side % f == 0 and 12 <= side // f <= MODEL_CELL), 0)


def direction_of(part: str) -> str:
    """The direction that a part faces, such as "left" of "left 2"."""
    return part.partition(" ")[0]


def drawn_from(part: str) -> str:
    """The part that the turner draws a part from."""
    return LEADER if part in STANDING else f"{direction_of(part)} 0"


@dataclass(frozen=True)
class Sheet:
    """Cells to draw as one picture."""

    config: SampleConfig  #: the request to the model of characters
    parts: tuple[str, ...]  #: the part of each cell, row by row; "" = not wanted

    def only(self, parts: Collection[str]) -> Sheet:
        """The same sheet with fewer wanted parts."""
        return replace(self, parts=tuple(part if part in parts else "" for part in self.parts))

    @property
    def wanted(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if part)

    def asked(self, known: Vocabulary, prompts: Sequence[Prompt]) -> SampleConfig:
        """Its configuration with the words and style that a model knows.

        ``prompts``: those of the model's training set. If the model knows no word of the request,
        the words of one of the people among them are taken.
        """
        config = self.config
        words = tuple(word for word in config.words if word in known.words)
        people = [prompt.words for prompt in prompts if set(_PERSON) <= set(prompt.words)]
        if not words and people:
            words = people[config.seed % len(people)]
        return replace(
            config, words=words, style=config.style if config.style in known.styles else ""
        )

    def cut(self, rgba: Rgba) -> dict[str, Rgba]:
        """The wanted parts of the drawn picture, uint8 (2H, 2W, 4)."""
        height, width = rgba.shape[0] // 2, rgba.shape[1] // 2
        cells = rgba.reshape(2, height, 2, width, 4).swapaxes(1, 2).reshape(4, height, width, 4)
        return {part: cell for part, cell in zip(self.parts, cells, strict=True) if part}


def draws_sheets(known: Vocabulary) -> bool:
    """Whether a model draws the cells of a character as one picture."""
    return {SIDES, WALK} <= set(known.classes)


def new_character(base: SampleConfig) -> Sheet:
    """The request to a model of characters for a new one, from noise.

    Settings of ``base`` for a class, a drawing or a sampler are dropped; if it has no words, they
    are dealt.
    """
    config = replace(
        base, count=1, classes=(SIDES,), class_mix=(), negative_class=None, deal_prompts=True,
        drawing=None, known_mask=None, redraw_strength=None, start_t=None, keep_alpha=False,
        symmetric=False, tile=False, sampler=None, steps=None,
    )  # fmt: skip
    return Sheet(config, (LEADER, "up 0", "", "right 0"))


def follow(parts: Mapping[str, Rgba], own: Collection[str] = ("right",)) -> dict[str, Rgba]:
    """Parts that follow from others without a model: one side mirrors the other, and between two
    steps the character stands.

    ``own``: the sides that are not mirror images: left, right or both.
    """
    found = {}
    for direction in DIRECTIONS:
        if f"{direction} 1" in parts and f"{direction} 0" in parts:
            found[f"{direction} 2"] = parts[f"{direction} 0"]
    for part, rgba in {**parts, **found}.items():
        mirror = mirror_of(part)
        if part.startswith(tuple(own)) and not mirror.startswith(tuple(own)):
            found[mirror] = np.ascontiguousarray(rgba[:, ::-1])
    return found


def mirror_of(part: str) -> str:
    """The part that is the mirror image of a part; "down" and "up" mirror themselves."""
    return _OTHER[part[0]] + part[part.index(" ") :]


def lifted(rgba: Rgba, foot: int) -> Rgba:
    """The drawing with the left (0) or right (1) half of its legs one pixel higher."""
    legs, across = _legs(rgba), np.flatnonzero((rgba[..., 3] > 0).any(axis=0))
    middle = int(across[0] + across[-1] + 1) // 2
    half = slice(0, middle) if foot == 0 else slice(middle, rgba.shape[1])
    after = rgba.copy()
    after[legs.start : legs.stop - 1, half] = rgba[legs.start + 1 : legs.stop, half]
    after[legs.stop - 1, half] = 0
    return after


def _across(rgba: Rgba) -> slice:
    """Columns of the character, and one more on either side for a foot."""
    drawn = np.flatnonzero((rgba[..., 3] > 0).any(axis=0))
    return slice(max(0, int(drawn[0]) - 1), int(drawn[-1]) + 2)


def _legs(rgba: Rgba) -> slice:
    """Rows of the legs; at least two."""
    drawn = np.flatnonzero((rgba[..., 3] > 0).any(axis=1))
    height = int(drawn[-1] - drawn[0] + 1)
    bottom = int(drawn[-1]) + 1
    return slice(max(0, bottom - max(2, round(_LEGS * height))), bottom)


def head_of(rgba: Rgba) -> slice:
    """Rows of the head."""
    drawn = np.flatnonzero((rgba[..., 3] > 0).any(axis=1))
    top, height = int(drawn[0]), int(drawn[-1] - drawn[0] + 1)
    return slice(top, top + round(_HEAD * height))


def _behind(rgba: Rgba) -> NDArray[np.uint8]:
    """Redraw mask for the view from behind: the outline stays, the face does not."""
    inside, head = within(rgba[..., 3] > 0), head_of(rgba)
    strength = np.where(inside, _BODY, 0).astype(np.uint8)
    strength[: head.stop][inside[: head.stop]] = 255
    return strength


def _with_words(config: SampleConfig, what: str, known: Vocabulary) -> SampleConfig:
    """The configuration with the known words for ``what`` in place of other directions."""
    ways = _WORDS.get(what, ())
    there = next((words for words in ways if set(words) <= set(known.words)), ())
    words = tuple(word for word in config.words if word not in ("front", *there))
    return replace(config, words=(*words, *there), deal_prompts=False)
