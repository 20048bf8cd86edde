"""Draw a character from another side or in a step of a walk, with pixels copied from its drawing.

Masked diffusion (Chang et al. 2022, MaskGIT; Sahoo et al. 2024) whose tokens are the pixels of the
drawing (Vinyals et al. 2015, pointer networks): for each pixel of the other view the network says
which pixel of the drawing has its color, or that it is blank. So it does not learn colors, only
where they move, and draws characters of any palette in their own colors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: The views that are drawn, named like the parts of a character (core/pixels/characters.py): the
#: other sides, drawn from the front, and two steps, drawn from each standing view.
KINDS = ("up 0", "right 0", "down 1", "down 3", "right 1", "right 3", "up 1", "up 3")

#: Width and height of the drawings.
SIDE = 16

#: Number of input channels of the first layer; see :func:`seen`.
_SEEN = 4 + 8 + 2 + 4 + 5 + 2

#: Index of "blank" among the pixels that can be pointed at.
BLANK = SIDE * SIDE


class Block(nn.Module):
    """Two convolutions, with the kind added in between."""

    def __init__(self, before: int, after: int, kind: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, after, 3, padding=1)
        self.second = nn.Conv2d(after, after, 3, padding=1)
        self.norm = nn.GroupNorm(4, after)
        self.kind = nn.Linear(kind, after)
        self.skip = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

    def forward(self, x: Tensor, kind: Tensor) -> Tensor:
        h = self.norm(self.first(F.silu(x))) + self.kind(kind)[:, :, None, None]
        skipped: Tensor = self.skip(x)
        return skipped + self.second(F.silu(h))


class Pointer(nn.Module):
    """A small U-Net over a drawing and the known part of its other view.

    The products of its queries and keys say which pixel of the drawing each pixel points at; a
    third output says how likely it is blank.
    """

    def __init__(self, width: int = 32, key: int = 32) -> None:
        super().__init__()
        kinds, wide, widest = len(KINDS), 2 * width, 3 * width
        self.enter = nn.Conv2d(_SEEN, width, 3, padding=1)
        self.down = nn.ModuleList(
            [Block(width, width, kinds), Block(width, wide, kinds), Block(wide, widest, kinds)]
        )
        self.middle = Block(widest, widest, kinds)
        self.up = nn.ModuleList(
            [Block(widest + wide, wide, kinds), Block(wide + width, width, kinds)]
        )
        self.query = nn.Conv2d(width, key, 1)
        self.key = nn.Conv2d(width, key, 1)
        self.blank = nn.Conv2d(width, 1, 1)
        spans = 2 * SIDE - 1
        near = -0.7 * (torch.arange(spans) - (SIDE - 1)).abs().float()
        #: Biases by relative position of the pixel pointed at: in rows, in columns, and in columns
        #: of the mirrored drawing.
        self.rows = nn.Parameter(near.expand(kinds, spans).clone())
        self.columns = nn.Parameter(0.3 * near.expand(kinds, spans).clone())
        self.mirrored = nn.Parameter(0.3 * near.expand(kinds, spans).clone())

    def forward(self, drawing: Tensor, known: Tensor, shown: Tensor, kind: Tensor) -> Tensor:
        """The log-probability that a pixel of the view has the color of a pixel of the drawing.

        Parameters
        ----------
        drawing : float32 (N, 4, 16, 16) in [0, 1], RGB and alpha, blank pixels all zeros.
        known : the other view, in the same form.
        shown : bool (N, 1, 16, 16), the pixels of the view that are known.
        kind : int64 (N,), index into :data:`KINDS`.

        Returns
        -------
        float32 (N, 256, 257), the last is blank.
        """
        what = F.one_hot(kind, len(KINDS)).float()
        x = self.enter(seen(drawing, known * shown, shown))
        fine = self.down[0](x, what)
        half = self.down[1](F.avg_pool2d(fine, 2), what)
        least = self.middle(self.down[2](F.avg_pool2d(half, 2), what), what)
        half = self.up[0](torch.cat([F.interpolate(least, scale_factor=2.0), half], 1), what)
        fine = self.up[1](torch.cat([F.interpolate(half, scale_factor=2.0), fine], 1), what)
        fine = F.silu(fine)
        query, key = self.query(fine).flatten(2), self.key(fine).flatten(2)
        logits = query.transpose(1, 2) @ key / math.sqrt(key.shape[1]) + self._places(kind)
        logits = logits.masked_fill(drawing[:, 3].flatten(1)[:, None] == 0, -1e4)
        blank = self.blank(fine).flatten(2).transpose(1, 2)
        return torch.cat([logits, blank], dim=2).log_softmax(dim=2)

    def _places(self, kind: Tensor) -> Tensor:
        place = torch.arange(SIDE * SIDE, device=kind.device)
        y, x = place // SIDE, place % SIDE
        apart = SIDE - 1
        rows = self.rows[:, y[None] - y[:, None] + apart]
        columns = self.columns[:, x[None] - x[:, None] + apart]
        mirrored = self.mirrored[:, x[None] + x[:, None]]
        return (rows + torch.logaddexp(columns, mirrored))[kind]


def seen(drawing: Tensor, known: Tensor, shown: Tensor) -> Tensor:
    """The input of the network, (N, _SEEN, 16, 16): colors, and where these are alike."""
    n = len(drawing)
    opaque = drawing[:, 3:]
    padded = F.pad(drawing, (1, 1, 1, 1))
    around = [
        same(drawing, padded[:, :, dy : dy + SIDE, dx : dx + SIDE])
        for dy in range(3) for dx in range(3) if (dy, dx) != (1, 1)
    ]  # fmt: skip
    code = codes(drawing).flatten(1)
    alike = code[:, :, None] == code[:, None]
    share = alike.float().mean(dim=2).view(n, 1, SIDE, SIDE) * opaque
    place = torch.linspace(-1, 1, SIDE, device=drawing.device)
    y, x = place.view(1, 1, SIDE, 1), place.view(1, 1, 1, SIDE)
    whole = [part.expand(n, 1, SIDE, SIDE) for part in (y, x, *within(opaque))]
    return torch.cat(
        [
            drawing, *around, same(drawing, mirrored(drawing)), share, *whole, known,
            shown.float(), same(known, drawing) * shown, same(known, mirrored(drawing)) * shown,
        ],
        dim=1,
    )  # fmt: skip


def codes(picture: Tensor) -> Tensor:
    """Each pixel's color as a number, int64 (N, H, W); -1 = blank."""
    red, green, blue = (picture[:, :3] * 255).round().long().unbind(1)
    return torch.where(picture[:, 3] > 0, (red << 16) + (green << 8) + blue, -1)


def same(a: Tensor, b: Tensor) -> Tensor:
    """1 where two pictures have the same color, (N, 1, H, W)."""
    return (codes(a) == codes(b)).float()[:, None]


def within(opaque: Tensor) -> tuple[Tensor, Tensor]:
    """Positions relative to a character's height and width, -1 to 1: (N, 1, H, 1), (N, 1, 1, W)."""
    found = []
    for axis in (3, 2):
        drawn = opaque.amax(dim=axis, keepdim=True) > 0
        at = torch.arange(SIDE, device=opaque.device).view(
            (1, 1, SIDE, 1) if axis == 3 else (1, 1, 1, SIDE)
        )
        low = torch.where(drawn, at, SIDE).amin(dim=(2, 3), keepdim=True)
        high = torch.where(drawn, at, -1).amax(dim=(2, 3), keepdim=True)
        found.append((2 * at - low - high).float() / (high - low).clamp_min(1))
    return found[0], found[1]


def mirrored(drawing: Tensor) -> Tensor:
    """A picture mirrored about the middle of its character, not of the picture."""
    drawn = drawing[:, 3].amax(dim=1) > 0  # (N, W)
    at = torch.arange(SIDE, device=drawing.device)
    low = torch.where(drawn, at, SIDE).amin(dim=1, keepdim=True)
    high = torch.where(drawn, at, -1).amax(dim=1, keepdim=True)
    column = low + high - at
    inside = (column >= 0) & (column < SIDE)
    index = column.clamp(0, SIDE - 1)[:, None, None].expand_as(drawing)
    return drawing.gather(3, index) * inside[:, None, None]


def log_shares(pointed: Tensor, drawing: Tensor, palette: Tensor) -> Tensor:
    """The log-probability of each color: (N, 256, K + 1), the last is blank.

    ``pointed``: the network's output. ``palette``: float32 (N, K, 3), the colors of the drawings,
    padded with colors that do not occur.
    """
    flat = drawing[:, :3].flatten(2).transpose(1, 2)  # (N, 256, 3)
    which = (flat[:, :, None] - palette[:, None]).abs().amax(dim=3) < 1e-3  # (N, 256, K)
    which = which & (drawing[:, 3].flatten(1) > 0)[:, :, None]
    share = pointed[..., :BLANK].exp() @ which.float()
    return torch.cat([share.clamp_min(1e-9).log(), pointed[..., BLANK:]], dim=2)


def edge_of(picture: Tensor) -> Tensor:
    """True for pixels that have a blank neighbor or are at the border, bool (N, H, W)."""
    blank = F.pad(1 - picture[:, 3:].ceil(), (1, 1, 1, 1), value=1.0)
    return (picture[:, 3] > 0) & (F.max_pool2d(blank, 3, 1)[:, 0] > 0)


def outline_of(drawing: Tensor) -> int | None:
    """The color code (see :func:`codes`) of over 60% of the edge of a drawing; None = none.

    ``drawing``: (1, 4, H, W).
    """
    found, counts = torch.unique(codes(drawing)[edge_of(drawing)], return_counts=True)
    most = int(counts.max()) if len(counts) else 0
    return int(found[counts.argmax()]) if most > 0.6 * int(counts.sum()) else None


def palette_of(drawing: Tensor) -> Tensor:
    """The colors of a drawing (1, 4, 16, 16), float32 (K, 3)."""
    opaque = drawing[0, 3].flatten() > 0
    return torch.unique(drawing[0, :3].flatten(1)[:, opaque].T, dim=0)


def palette_codes(drawing: Tensor) -> Tensor:
    """The palette of a drawing as :func:`codes`, int64 (K,)."""
    return codes(F.pad(palette_of(drawing), (0, 1), value=1.0).T[None, :, :, None]).flatten()


#: Number of rounds in which a view is drawn, and the randomness of its pixels with a generator:
#: with more of either, views are less like those drawn by people (tests/benchmarks/README.md,
#: "Characters").
ROUNDS, HEAT = 3, 0.75

#: Width of the squares over which the noise is averaged, in pixels.
_SMOOTH = 5


@dataclass(frozen=True)
class Known:
    """What is known of a view before it is drawn: some pixels, and unlikely colors of others."""

    view: Tensor  #: float32 (1, 4, 16, 16)
    shown: Tensor  #: bool (1, 1, 16, 16), the pixels of the view that are known
    bias: Tensor | None = None  #: float32 (256, K + 1), added to the log-probabilities

    @classmethod
    def nothing(cls) -> Known:
        return cls(torch.zeros(1, 4, SIDE, SIDE), torch.zeros(1, 1, SIDE, SIDE, dtype=torch.bool))


#: The kind of each mirrored view; views from the right are missing, as they would become views from
#: the left.
_OF_MIRRORED = {"up 0": "up 0", "down 1": "down 3", "down 3": "down 1", "up 1": "up 3",
                "up 3": "up 1"}  # fmt: skip


def both_ways(network: Pointer, drawing: Tensor, known: Tensor, shown: Tensor, kind: int) -> Tensor:
    """The network's output, averaged with that for the mirrored drawing (except from the right).

    The average is closer to views drawn by people (tests/benchmarks/README.md, "Characters").
    """
    pointed = network(drawing, known, shown, torch.tensor([kind]))
    other = _OF_MIRRORED.get(KINDS[kind])
    if other is None:
        return pointed
    flipped = (part.flip(3) for part in (drawing, known, shown))
    mirror = network(*flipped, torch.tensor([KINDS.index(other)]))
    at = torch.arange(SIDE * SIDE).view(SIDE, SIDE).flip(1).flatten()
    back = mirror[:, at][..., F.pad(at, (0, 1), value=BLANK)]
    return torch.logaddexp(pointed, back) - math.log(2)


@torch.inference_mode()
def draw(
    network: Pointer,
    drawing: Tensor,
    kind: int,
    known: Known | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw another view of a drawing, both (1, 4, 16, 16) in the format of the network.

    The most certain pixels are drawn first, and the others then depend on them.

    ``kind``: index into :data:`KINDS`. ``generator``: the source of noise; None = every pixel gets
    its likeliest color.
    """
    known, colors = known or Known.nothing(), palette_of(drawing)
    brushes = F.pad(F.pad(colors, (0, 1), value=1.0), (0, 0, 0, 1))  # the last is blank
    view, shown = known.view.clone(), known.shown.clone()
    count, noise = int((~shown).sum()), torch.zeros(1)
    if generator is not None:
        white = torch.randn(1, len(brushes), SIDE, SIDE, generator=generator)
        # Neighbors share noise, so that tries differ in whole parts and not in specks.
        smooth = F.avg_pool2d(white, _SMOOTH, 1, _SMOOTH // 2) * _SMOOTH
        noise = HEAT * smooth[0].flatten(1).T
    for k in range(ROUNDS):
        pointed = both_ways(network, drawing, view, shown, kind)
        chance = log_shares(pointed, drawing, colors[None])[0]
        if known.bias is not None:
            chance = chance + known.bias
        chance = chance + noise
        sure, choice = chance.max(dim=1)
        hidden = ~shown.flatten()
        left = round(count * math.cos(math.pi / 2 * (k + 1) / ROUNDS))
        at = sure.masked_fill(~hidden, -torch.inf).topk(int(hidden.sum()) - left).indices
        view.view(4, -1)[:, at] = brushes[choice[at]].T
        shown.view(-1)[at] = True
    return view


@torch.inference_mode()
def pseudo_likelihood(network: Pointer, drawing: Tensor, view: Tensor, kind: int) -> float:
    """The log-probability of a view's pixels given their neighbors: of each half of a checkerboard,
    given the other (pseudo-likelihood, Besag 1975). A view's colors are those of the drawing.
    """
    colors, palette, code = palette_of(drawing), palette_codes(drawing), codes(view)[0].flatten()
    index = torch.where(code < 0, len(colors), (code[:, None] == palette).int().argmax(dim=1))
    at = torch.arange(SIDE)
    found = 0.0
    for odd in (0, 1):
        shown = ((at[:, None] + at) % 2 == odd)[None, None]
        pointed = both_ways(network, drawing, view * shown, shown, kind)
        chance = log_shares(pointed, drawing, colors[None])[0].gather(1, index[:, None])
        found += float(chance[~shown.flatten()].sum())
    return found


@torch.inference_mode()
def with_head(network: Pointer, drawing: Tensor, kind: int, head: slice) -> Known:
    """Place a drawing's head in its other view, in the likeliest place up to one pixel away.

    In the result, all rows down to the end of the head are known. ``head``: the rows of the head.
    """
    nothing, colors = Known.nothing(), palette_of(drawing)
    pointed = both_ways(network, drawing, nothing.view, nothing.shown, kind)
    chance = log_shares(pointed, drawing, colors[None])[0].view(SIDE, SIDE, -1)
    palette = palette_codes(drawing)
    best, most = nothing, -math.inf
    for down, across in product((0, 1, -1), repeat=2):
        beyond = drawing[0, 3, head, -max(across, 0)]  # the column that leaves the picture
        if head.start + down < 0 or head.stop + down > SIDE or (across and beyond.any()):
            continue
        view, shown = torch.zeros_like(drawing), torch.zeros_like(nothing.shown)
        view[:, :, head.start + down : head.stop + down] = drawing[:, :, head].roll(across, 3)
        shown[:, :, : head.stop + down] = True
        rows = head.stop - 1  # rows that are known for every move
        code = codes(view)[0, :rows]
        color = (code[..., None] == palette).int().argmax(dim=2)
        color = torch.where(code < 0, len(colors), color)
        found = float(chance[:rows].gather(2, color[..., None]).sum())
        if found > most:
            best, most = Known(view, shown), found
    return best


#: Added to the log-probability of an eye's color beside the eye, in a view from the right.
_NO_WIDER = -2.0


@torch.inference_mode()
def with_eye(network: Pointer, drawing: Tensor, kind: int, eyes: Tensor) -> Known:
    """Place one eye in a view from the right: in the eyes' rows, where a single eye is likeliest.

    ``eyes``: bool (16, 16), the pixels of the eyes in the drawing, at least one, all of one color.
    """
    nothing, colors = Known.nothing(), palette_of(drawing)
    pointed = both_ways(network, drawing, nothing.view, nothing.shown, kind)
    chance = log_shares(pointed, drawing, colors[None])[0].view(SIDE, SIDE, -1)
    brush = drawing[0, :, eyes][:, 0]
    color = int((colors - brush[:3]).abs().sum(dim=1).argmin())
    rows = eyes.any(dim=1)
    columns = torch.nonzero(drawing[0, 3, rows].amax(dim=0)).flatten()
    middle, last = int(columns[0] + columns[-1] + 1) // 2, int(columns[-1])
    # The outline may have the color of the eye, so the pixels beside the eye must not, and the one
    # on its right must not be blank.
    there, blank = chance[rows, :, color], chance[rows, :, -1]
    not_so, filled = (torch.log1p(-part.exp().clamp_max(0.999)) for part in (there, blank))
    alone = there[:, 1:-1] + not_so[:, :-2] + not_so[:, 2:] + filled[:, 2:]
    at = middle + int(alone[:, middle - 1 : last - 1].sum(dim=0).argmax())
    view, shown = nothing.view.clone(), nothing.shown.clone()
    view[0, :, rows, at], shown[0, 0, rows, at] = brush[:, None], True
    beside = torch.zeros(SIDE, SIDE, len(colors) + 1)
    beside[rows, at - 1, color] = beside[rows, at + 1, color] = _NO_WIDER
    return Known(view, shown, beside.flatten(0, 1))
