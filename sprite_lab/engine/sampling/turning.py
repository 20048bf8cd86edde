"""Draw a character's other sides and its steps with pixels copied from its drawing."""

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
        """Draw some parts of a character (``core.pixels.characters``), each from another part.

        Parameters
        ----------
        views : uint8 (N, N, 4), of a size that can be turned (``turned_by``), including the parts
            from which ``parts`` are drawn. Larger ones are turned at half their size.
        parts : of :data:`~sprite_lab.diffusion.pointing.KINDS`, or steps of the left side.
        seed : of the random choice of pixels; None = the likeliest pixels.
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
        """Sort tries of a direction or its steps: first those that are likely, in one piece and
        turned.

        The network assigns high probability to views like those in its training data but, in other
        styles, also to a side that has hardly turned, is thin or is in pieces
        (tests/benchmarks/README.md, "Characters").
        """
        likely = [sum(self._merit(views, part, one[part]) for part in one) for one in tries]
        return [tries[k] for k in np.argsort(likely, kind="stable")[::-1]]

    def with_ruled(
        self, views: Mapping[str, Rgba], tries: Sequence[Mapping[str, Rgba]]
    ) -> list[Mapping[str, Rgba]]:
        """Tries, best first, with the view drawn by rule added; unchanged if the rule yields none.

        It comes first if the network does not clearly prefer its own view and either the figure
        has no human face or, for a direction, the best try is faulty; otherwise second.
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
        """The merit of a view: its log-probability when the network sees every second pixel, minus
        the penalty for its faults.
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
        """Draw a part from another one, uint8 (16, 16, 4)."""
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
        """Remove remains of the face from a back, (16, 16, 4), unless the network is sure of them:
        stripes and spots may continue all around.
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
    """Load the network that comes with Sprite Lab; FileError if its file is missing or damaged."""
    network = Pointer()
    metadata = load_shipped(network, TURNER)
    with fitting(shipped_weights(TURNER)):
        return Turner(network, credits_from_json(metadata["credits"]), str(metadata["title"]))


def _small(rgba: Rgba) -> Rgba:
    """A drawing in the network's size, with alpha 0 or 255."""
    return shrunk(_solid(rgba), turned_by(len(rgba)))


def _in_square(small: Rgba) -> Rgba:
    """A small drawing, padded to the network's size."""
    edge = SIDE - len(small)
    return np.pad(small, ((edge // 2, edge - edge // 2),) * 2 + ((0, 0),))


def _large(view: Rgba, rgba: Rgba, part: str) -> Rgba:
    """A small view, enlarged to the size of ``rgba``, its drawing, with pixels taken from it."""
    rgba = _solid(rgba)
    factor = turned_by(len(rgba))
    if factor == 1 or not view.any():
        return view.repeat(factor, 0).repeat(factor, 1)
    return enlarged(view, rgba, grown(face_of(rgba)) if part == "up 0" else None)


def steps_by_rule(views: Mapping[str, Rgba], parts: Sequence[str]) -> dict[str, Rgba]:
    """Draw steps of a character without the network; parameters: see :meth:`Turner.draw`."""
    found = {}
    for part in parts:
        view = views[f"{part.partition(' ')[0]} 0"]
        small = _small(view)
        step = closed(small, stepped(part, small, legs_of(_small(views[LEADER]))))
        found[part] = _large(step, view, part)
    return found


def direction_by_rule(views: Mapping[str, Rgba], part: str) -> Rgba | None:
    """Draw a direction without the network; None = the front is not symmetric enough, or the view
    would be in pieces.
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
    """Steps by rule for the directions in which ``found``, at the network's size, shows no walk."""
    mended: dict[str, Rgba] = {}
    legs = legs_of(_small(views[LEADER])) if LEADER in views else None
    for direction in DIRECTIONS:
        steps = {part: found[part] for part in STEPS if part in found and direction in part}
        if steps and views[f"{direction} 0"].any():
            view = _small(views[f"{direction} 0"])
            if not walks(view, steps, legs):
                mended |= {part: stepped(part, view, legs) for part in steps}
    return mended


#: A side, a back or steps by rule come first only if the network's best try is likelier by less
#: than this, in log-probability. (For fronts of people it is likelier by at least 94, 58 and 44,
#: except for birds, fish and a shell-like one.) If the front is like a person's, the best try of a
#: direction must also have faults of more than _FAULTY (sides of people have at most 27), and steps
#: by rule never come first.
_RULED, _RULED_BACK, _RULED_STEPS, _FAULTY = 75.0, 45.0, 40.0, 60.0

#: Remains of the face stay on a back if they make it likelier by at least this, in log-probability.
#: They do so by at most 28 for 18 figures in other styles, and by 30 to 172 for people with spots
#: all around.
_SURE = 25.0

#: The share of a side's pixels that may equal the front's (people have at most 0.58), followed by
#: penalties in log-probability: for a larger share (times the excess), for each additional loose
#: pixel, for a thinner side (times the share of missing pixels) and for a missing eye.
_ALIKE, _UNTURNED, _LOOSE, _THIN, _EYELESS = 0.6, 400.0, 10.0, 60.0, 30.0


def _faults(front: Rgba, view: Rgba, part: str) -> float:
    """The penalty for the faults of a view, in log-probability."""
    apart = _LOOSE * max(0, loose(view) - loose(front))
    if part != "right 0":
        return apart
    drawn, there = (int((rgba[..., 3] > 0).sum()) for rgba in (front, view))
    thin = _THIN * (1 - there / drawn)
    if eyes_in(front, front) and not eyes_in(front, view):
        apart += _EYELESS
    return apart + thin + _UNTURNED * max(0.0, _alike(front, view) - _ALIKE)


def _alike(front: Rgba, side: Rgba) -> float:
    """The largest share of pixels that are the same in both, over horizontal shifts of the side."""
    most = 0.0
    for by in range(-2, 3):
        moved = np.roll(side, by, axis=1)
        either = (front[..., 3] > 0) | (moved[..., 3] > 0)
        same = (front == moved).all(axis=2) & either
        most = max(most, float(same.sum() / max(1, either.sum())))
    return most


#: A step that changes at most this many pixels stands still.
_STANDS = 4

#: Added to the log-probability of the face's colors where the face would be, seen from behind.
_FACELESS = -3.0


def _faceless(drawing: Tensor, rgba: Rgba) -> Known:
    """What is known of a back: there is no face and there are no eyes.

    The network has learned this too, but is less sure in styles that it has never seen.
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
    # The outline or the hair may have the color of the eyes.
    if not torch.isin(code[:above][inside[:above]], of_eyes).any():
        is_eye = F.pad(torch.isin(palette, of_eyes), (0, 1))
        bias |= (there & inside).flatten()[:, None] & is_eye
    return replace(Known.nothing(), bias=_FACELESS * bias)


def _blots(drawing: Tensor, view: Tensor, part: str) -> Known | None:
    """The view without thick spots of outline color, if the drawing has none; None = no such spots.

    In a step, only spots count that the drawing does not have nearby. In styles that it has never
    seen, the network mistakes an outline for dark legs.
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
    """Pixels that have this color, like all four neighbors; bool (1, 1, H, W)."""
    there = F.pad((codes(picture) == color)[:, None], (1, 1, 1, 1))
    return (
        there[..., 1:-1, 1:-1] & there[..., :-2, 1:-1] & there[..., 2:, 1:-1]
        & there[..., 1:-1, :-2] & there[..., 1:-1, 2:]
    )  # fmt: skip


def _to_middle(rgba: Rgba) -> int:
    """The number of columns to move a drawing to the right so that its head is in the middle.

    That is where heads were in training. Held objects do not count, but stay in the picture.
    """
    opaque = rgba[..., 3] > 0
    middles = [low + high for low, high in map(longest_run, opaque[head_of(rgba)]) if low <= high]
    columns = np.flatnonzero(opaque.any(axis=0))
    wanted = round((SIDE - 1 - float(np.median(middles))) / 2)
    return int(np.clip(wanted, -columns[0], SIDE - 1 - columns[-1]))


def _moved_back(rgba: Rgba, by: int) -> Rgba:
    """Move a view to the left by this many columns, or fewer if it would leave the picture."""
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
