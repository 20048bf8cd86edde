"""Draws a character's other sides and its steps in pixels copied from its drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from sprite_lab.core.pixels.blocks import enlarged, shrunk
from sprite_lab.core.pixels.characters import (
    DIRECTIONS,
    LEADER,
    STANDING,
    STEPS,
    TURNER,
    drawn_from,
    head_of,
    mirror_of,
    turned_by,
)
from sprite_lab.core.pixels.crowns import crowned
from sprite_lab.core.pixels.faces import Rgba, eyes_of, face_of, grown, has_hair, within
from sprite_lab.core.pixels.pieces import loose
from sprite_lab.core.pixels.sides import eyes_in, faceless, from_behind, one_eyed, sideways
from sprite_lab.core.pixels.walks import closed, legs_of, longest_run, stepped, sunk, walks
from sprite_lab.core.sets.credits import Credit, credits_from_json
from sprite_lab.diffusion.pointing import (
    KINDS,
    SIDE,
    Known,
    Pointer,
    codes,
    draw,
    mirrored,
    outline_of,
    palette_codes,
    pseudo_likelihood,
    with_eye,
    with_head,
)
from sprite_lab.engine.models.checkpoint import fitting
from sprite_lab.engine.models.eight_bits import load_shipped, shipped_weights


@dataclass(frozen=True, eq=False)
class Turner:
    """The network that draws the parts of a character, with the credits of its training data."""

    network: Pointer
    credits: tuple[Credit, ...]
    title: str

    def draw(
        self, views: Mapping[str, Rgba], parts: Sequence[str], seed: int | None
    ) -> dict[str, Rgba]:
        """Some parts of a character (``core.pixels.characters``), each from another one.

        Parameters
        ----------
        views : uint8 (N, N, 4) of a size that is turned (``turned_by``), with those that ``parts``
            are drawn from. Larger ones are turned at half their size.
        parts : of :data:`~sprite_lab.diffusion.pointing.KINDS`, or steps of the left side.
        seed : of chance; None = the likeliest pixels.
        """
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        found: dict[str, Rgba] = {}
        for part in parts:
            if part.startswith("left"):
                continue
            small = _small(views[drawn_from(part)])
            view = self._view(_in_square(small), part, generator)
            edge = (SIDE - len(small)) // 2
            found[part] = view[edge : edge + len(small), edge : edge + len(small)]
        found |= _mended(views, found)
        found = {p: closed(_small(views[drawn_from(p)]), view) for p, view in found.items()}
        drawn = {part: _large(view, views[drawn_from(part)], part) for part, view in found.items()}
        if over := [mirror_of(part) for part in parts if part.startswith("left")]:
            other_way = {mirror_of(part): rgba[:, ::-1] for part, rgba in views.items()}
            for part, view in self.draw(other_way, over, seed).items():
                drawn[mirror_of(part)] = np.ascontiguousarray(view[:, ::-1])
        return drawn

    def best_first(
        self, views: Mapping[str, Rgba], tries: Sequence[Mapping[str, Rgba]]
    ) -> list[Mapping[str, Rgba]]:
        """Tries of a direction or of its steps, those first that are likeliest, whole, and turned.

        The network is sure of what looks like those that it learned from, but in other styles also
        of a side that has hardly turned, that is thin, or in pieces (tests/benchmarks/README.md,
        "Characters").
        """
        likely = [sum(self._merit(views, part, one[part]) for part in one) for one in tries]
        return [tries[k] for k in np.argsort(likely, kind="stable")[::-1]]

    def with_ruled(
        self, views: Mapping[str, Rgba], tries: Sequence[Mapping[str, Rgba]]
    ) -> list[Mapping[str, Rgba]]:
        """Tries, best first, with the one by rule as the second.

        It is the first where the figure is unlike people and the network knows no better; of a
        direction also where the others are faulty.
        """
        best, front = tries[0], _small(views[LEADER])
        (part, view), *_ = best.items()
        ruled: Mapping[str, Rgba]
        if part in STANDING:
            direction = direction_by_rule(views, part)
            if direction is None:
                return [*tries]
            ruled, at_most = {part: direction}, _RULED_BACK if part == "up 0" else _RULED
        else:
            ruled, at_most = steps_by_rule(views, [*best]), _RULED_STEPS
        better = sum(self._merit(views, p, best[p]) - self._merit(views, p, ruled[p]) for p in best)
        faulty = part in STANDING and _faults(front, _small(view), part) > _FAULTY
        if better < at_most and (faulty or not has_hair(front)):
            return [ruled, *tries]
        return [best, ruled, *tries[1:]]

    def _merit(self, views: Mapping[str, Rgba], part: str, rgba: Rgba) -> float:
        """The merit of a view, as log-probability: how sure the network is of it when it sees every
        second pixel, minus its faults.
        """
        front, view = _small(views[drawn_from(part)]), _small(rgba)
        if part.startswith("left"):
            part, front, view = mirror_of(part), front[:, ::-1], view[:, ::-1]
        if not front.any():
            return 0.0
        drawing, seen = (_tensor(_in_square(rgba)) for rgba in (front, view))
        likely = pseudo_likelihood(self.network, drawing, seen, KINDS.index(part))
        return likely - _faults(front, view, part)

    def _view(self, rgba: Rgba, part: str, generator: torch.Generator | None) -> Rgba:
        """uint8 (16, 16, 4), the part drawn from another one."""
        if not rgba.any():
            return rgba
        moved = _to_middle(rgba)
        rgba = np.roll(rgba, moved, axis=1)
        drawing, kind, known = _tensor(rgba), KINDS.index(part), None
        if part in STEPS:
            known = with_head(self.network, drawing, kind, head_of(rgba))
        elif part == "up 0":
            known = _faceless(drawing, rgba)
        elif (eyes := eyes_of(rgba)).any():
            known = with_eye(self.network, drawing, kind, torch.from_numpy(eyes))
        view = draw(self.network, drawing, kind, known, generator)
        if (blotted := _blots(drawing, view, part)) is not None:
            view = draw(self.network, drawing, kind, blotted, generator)
        found = _rgba(view)
        if part == "up 0":
            found = self._faceless(rgba, found)
        elif part == "right 0":
            found = one_eyed(rgba, crowned(rgba, found))
        if part in STEPS and (found != rgba).any(axis=2).sum() <= _STANDS:
            found = sunk(rgba)
        return _moved_back(found, moved)

    def _faceless(self, front: Rgba, back: Rgba) -> Rgba:
        """A back, (16, 16, 4), without what it kept of the face, unless the network is sure of it:
        stripes and spots may be all around.
        """
        bare = faceless(front, back)
        if np.array_equal(bare, back):
            return back
        drawing, kind = _tensor(front), KINDS.index("up 0")
        likely = (
            pseudo_likelihood(self.network, drawing, _tensor(one), kind) for one in (back, bare)
        )
        return bare if next(likely) - next(likely) < _SURE else back


def load_turner() -> Turner:
    """The network that comes with Sprite Lab; FileError if its file is missing or damaged."""
    network = Pointer()
    metadata = load_shipped(network, TURNER)
    with fitting(shipped_weights(TURNER)):
        return Turner(network, credits_from_json(metadata["credits"]), str(metadata["title"]))


def _small(rgba: Rgba) -> Rgba:
    """A drawing as the network takes it."""
    return shrunk(_solid(rgba), turned_by(len(rgba)))


def _in_square(small: Rgba) -> Rgba:
    """A small drawing in the middle of what the network takes."""
    edge = SIDE - len(small)
    return np.pad(small, ((edge // 2, edge - edge // 2),) * 2 + ((0, 0),))


def _large(view: Rgba, rgba: Rgba, part: str) -> Rgba:
    """A small view in the size of the drawing that it is made of, and in its pixels."""
    rgba = _solid(rgba)
    factor = turned_by(len(rgba))
    if factor == 1 or not view.any():
        return view.repeat(factor, 0).repeat(factor, 1)
    return enlarged(view, rgba, grown(face_of(rgba)) if part == "up 0" else None)


def steps_by_rule(views: Mapping[str, Rgba], parts: Sequence[str]) -> dict[str, Rgba]:
    """Steps of a character without the network, as of :meth:`Turner.draw`."""
    found = {}
    for part in parts:
        view = views[f"{part.partition(' ')[0]} 0"]
        small = _small(view)
        step = closed(small, stepped(part, small, legs_of(_small(views[LEADER]))))
        found[part] = _large(step, view, part)
    return found


def direction_by_rule(views: Mapping[str, Rgba], part: str) -> Rgba | None:
    """A direction without the network, as of :meth:`Turner.draw`; None = the front is not even, or
    it would be in pieces.
    """
    over, front = part.startswith("left"), _small(views[LEADER])
    faced = front[:, ::-1] if over else front
    view = from_behind(faced) if part == "up 0" else sideways(faced)
    if view is not None and part != "up 0":
        view = one_eyed(faced, view)
    if view is None or loose(view) > loose(front):
        return None
    return _large(view[:, ::-1] if over else view, views[LEADER], part)


def _mended(views: Mapping[str, Rgba], found: Mapping[str, Rgba]) -> dict[str, Rgba]:
    """The steps by rule of the directions in which those found, at small size, are no walk."""
    mended: dict[str, Rgba] = {}
    legs = legs_of(_small(views[LEADER])) if LEADER in views else None
    for direction in DIRECTIONS:
        steps = {part: found[part] for part in STEPS if part in found and direction in part}
        if steps and views[f"{direction} 0"].any():
            view = _small(views[f"{direction} 0"])
            if not walks(view, steps, legs):
                mended |= {part: stepped(part, view, legs) for part in steps}
    return mended


#: For a side, a back or steps by rule to come first, the best other one is at most this much
#: likelier to the network, in log-probability (of people's fronts, 94, 58 and 44 at least, but for
#: one like a shell, birds and fish), and has such faults if the front is like people's, whose sides
#: have 27 at most.
_RULED, _RULED_BACK, _RULED_STEPS, _FAULTY = 75.0, 45.0, 40.0, 60.0

#: A back that is this much likelier, in log-probability, than without what it kept of the face
#: stays: of 18 figures in other styles 28 at most, of people's with spots all around 30 to 172.
_SURE = 25.0

#: Share of a side's pixels that may equal the front's: people's have 0.58 at most. What it costs to
#: have more, in log-probability per share; what each pixel costs that is apart from the others and
#: was not in the front; each share of the front's pixels that a side has fewer; and a missing eye.
_ALIKE, _UNTURNED, _LOOSE, _THIN, _EYELESS = 0.6, 400.0, 10.0, 60.0, 30.0


def _faults(front: Rgba, view: Rgba, part: str) -> float:
    """The penalty for faults of a view, as log-probability."""
    apart = _LOOSE * max(0, loose(view) - loose(front))
    if part != "right 0":
        return apart
    drawn, there = (int((rgba[..., 3] > 0).sum()) for rgba in (front, view))
    thin = _THIN * (1 - there / drawn)
    if eyes_in(front, front) and not eyes_in(front, view):
        apart += _EYELESS
    return apart + thin + _UNTURNED * max(0.0, _alike(front, view) - _ALIKE)


def _alike(front: Rgba, side: Rgba) -> float:
    """The share of pixels that are the same in both, wherever the side is moved to."""
    most = 0.0
    for by in range(-2, 3):
        moved = np.roll(side, by, axis=1)
        either = (front[..., 3] > 0) | (moved[..., 3] > 0)
        same = (front == moved).all(axis=2) & either
        most = max(most, float(same.sum() / max(1, either.sum())))
    return most


#: A step that changes no more pixels than these stands still.
_STANDS = 4

#: How much less likely a color of the face is where the face would be, seen from behind: exp(-3).
_FACELESS = -3.0


def _faceless(drawing: Tensor, rgba: Rgba) -> Known:
    """Nothing is known from behind, but that there is no face, nor eyes.

    The network learned so, too, but in styles that it never met it is less sure.
    """
    face, eyes = face_of(rgba), torch.from_numpy(eyes_of(rgba))
    pixels = torch.from_numpy(grown(face) | grown(eyes.numpy()))[None, None]
    over = mirrored(torch.cat([pixels.float().expand(1, 3, -1, -1), drawing[:, 3:]], dim=1))
    there, code, palette = pixels | over[:, :1].bool(), codes(drawing)[0], palette_codes(drawing)
    of_face = torch.isin(palette, code[torch.from_numpy(face)])
    bias = there.flatten()[:, None] * F.pad(of_face, (0, 1))
    inside = torch.from_numpy(within(rgba[..., 3] > 0))
    above = int(eyes.any(dim=1).int().argmax())
    of_eyes = code[eyes][:1]
    # The outline may have the color of the eyes, or the hair.
    if not torch.isin(code[:above][inside[:above]], of_eyes).any():
        is_eye = F.pad(torch.isin(palette, of_eyes), (0, 1))
        bias |= (there & inside).flatten()[:, None] & is_eye
    return replace(Known.nothing(), bias=_FACELESS * bias)


def _blots(drawing: Tensor, view: Tensor, part: str) -> Known | None:
    """All of a view but where its outline runs into a blot, as that of the drawing does nowhere.

    In a step, nowhere near. In styles that it never met, the network takes an outline for dark
    legs. None = no blots.
    """
    outline = outline_of(drawing)
    if outline is None:
        return None
    dark = _thick(drawing, outline).float()
    near = F.max_pool2d(dark, 3, 1, 1) if part in STEPS else dark.amax().expand_as(dark)
    blots = _thick(view, outline) & (near == 0)
    if not blots.any():
        return None
    not_so = blots.flatten()[:, None] & F.pad(palette_codes(drawing) == outline, (0, 1))
    around = F.max_pool2d(blots.float(), 3, 1, 1) > 0
    return Known(view, ~around, torch.where(not_so, -torch.inf, 0.0))


def _thick(picture: Tensor, color: int) -> Tensor:
    """Pixels that have a color as their four neighbors do, bool (1, 1, H, W)."""
    there = F.pad((codes(picture) == color)[:, None], (1, 1, 1, 1))
    return (
        there[..., 1:-1, 1:-1] & there[..., :-2, 1:-1] & there[..., 2:, 1:-1]
        & there[..., 1:-1, :-2] & there[..., 1:-1, 2:]
    )  # fmt: skip


def _to_middle(rgba: Rgba) -> int:
    """By how many columns a drawing is to be moved, so that its head is in the middle.

    That is where heads were learned to be. What is held does not count, but stays in the picture.
    """
    opaque = rgba[..., 3] > 0
    middles = [low + high for low, high in map(longest_run, opaque[head_of(rgba)]) if low <= high]
    columns = np.flatnonzero(opaque.any(axis=0))
    wanted = round((SIDE - 1 - float(np.median(middles))) / 2)
    return int(np.clip(wanted, -columns[0], SIDE - 1 - columns[-1]))


def _moved_back(rgba: Rgba, by: int) -> Rgba:
    """Moved to the left by this many columns, or fewer where it would leave the picture."""
    columns = np.flatnonzero((rgba[..., 3] > 0).any(axis=0))
    if len(columns):
        by = int(np.clip(by, columns[-1] - SIDE + 1, columns[0]))
    return np.roll(rgba, -by, axis=1)


def _solid(rgba: Rgba) -> Rgba:
    """The drawing with pixels below half opacity blank, and all others opaque."""
    opaque = rgba[..., 3:] > 127
    solid = np.where(opaque, rgba, 0).astype(np.uint8)
    solid[..., 3:] = 255 * opaque
    return solid


def _tensor(rgba: Rgba) -> Tensor:
    """float32 (1, 4, H, W) in 0..1."""
    return torch.from_numpy(rgba.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def _rgba(view: Tensor) -> Rgba:
    pixels: Rgba = (view[0].permute(1, 2, 0) * 255).round().to(torch.uint8).numpy()
    return pixels
