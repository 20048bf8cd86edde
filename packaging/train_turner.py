#!/usr/bin/env python3
"""Train the turner, which draws a character's other sides and its steps in its own pixels.

``train_turner.py --data drawn.npz --halved halved.npz``: both are made by ``real_set.py``, the
second with ``--halved``. It learns from characters that people drew from four sides or walking,
from the same with another's head, and from made-up ones (``made_characters/``), in random hues and
proportions, with and without an outline, some with something in a hand, so that it learns where
pixels go and not which colors there are. Only weights are written, to resources/models/turner.
``--on`` carries on from those that are there.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from joined_halves import joined_halves
from made_characters import made_characters
from make_characters import as_sheets, in_rows
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.pixels.characters import STEPS, TURNER, drawn_from, head_of
from sprite_lab.core.sets.credits import credits_of
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import split_rows
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.pointing import KINDS, SIDE, Pointer, codes, edge_of, outline_of
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.engine.models.eight_bits import in_eight_bits, load_shipped
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

#: With --on, the highest rate is lower by the last factor.
MINUTES, BATCH, LEARNING_RATE, WARM_UP, AGAIN = 45.0, 32, 2e-3, 100, 0.7
EMA_DECAY = 0.998

#: How often a character of each set may lend a half.
EACH = 20

#: Shares of a batch: drawn ones, and those with another's head, of either set.
SHARES = (0.3, 0.25, 0.25, 0.2)

#: How often a step is seen for each time a side is.
STEP_SHARE = 1.0

#: Shares of the pictures in other hues, with other rows and columns, without an outline, and with
#: something in a hand.
RECOLORED, WARPED, WIDENED, THIN, HOLDING = 0.8, 0.5, 0.3, 0.25, 0.2

#: Share of the made-up characters, how many there are, and how often a side of them is seen for
#: each time a step is.
MADE_SHARE, MADE, MADE_SIDES = 0.5, 10_000, 2.0

#: Shares of the drawings that are smudged, of the pixels of those, and of the steps whose head is
#: given.
SMUDGED, SMUDGES, GIVEN = 0.15, 0.05, 0.5

#: Every third character of the halved set is set aside.
HALVED_ASIDE = 3

Pairs = tuple[Tensor, Tensor, Tensor, Tensor]


def learned(drawn: SpriteSet, halved: SpriteSet) -> tuple[SpriteSet, SpriteSet]:
    """The characters of both sets that it learns from, of those ``in_rows``."""
    return drawn.take(split_rows(as_sheets(drawn))[0]), halved.take(
        np.flatnonzero(~aside_of(halved))
    )


def aside_of(halved: SpriteSet) -> NDArray[np.bool_]:
    """Which characters of the halved set are set aside."""
    assert halved.group is not None
    return np.isin(halved.group, np.unique(halved.group)[::HALVED_ASIDE])


def cells_of(rows: SpriteSet) -> NDArray[np.uint8]:
    """uint8 (N, 4, H, W, 4), with binary alpha."""
    side = rows.size[0]
    cells = rows.rgba.reshape(len(rows), side, 4, side, 4).swapaxes(1, 2).copy()
    cells[..., 3] = np.where(cells[..., 3] > 127, 255, 0)
    cells[cells[..., 3] == 0] = 0
    return cells


def pairs_of(parts: Sequence[SpriteSet]) -> Pairs:
    """Drawings and other views of them, uint8 (N, 4, 16, 16), their kinds, and their weights."""
    found: list[tuple[NDArray[np.uint8], NDArray[np.uint8], str, float]] = []

    def add(a: NDArray[np.uint8], b: NDArray[np.uint8], kind: str, weight: float) -> None:
        found.append((a, b, kind, weight))

    for rows, share in zip(parts, SHARES, strict=True):
        sides = np.array([way == "" for way in rows.direction])
        side = share / max(1, sides.sum()) / 2
        step = STEP_SHARE * share / max(1, (~sides).sum()) / 2
        for cells, way in zip(cells_of(rows), rows.direction, strict=True):
            over = cells[:, :, ::-1]
            if way == "":
                front, back, left, right = range(4)
                add(cells[front], cells[back], "up 0", side)
                add(over[front], over[back], "up 0", side)
                add(cells[front], cells[right], "right 0", side)
                add(over[front], over[left], "right 0", side)
                continue
            if way == "left":
                cells, way = over, "right"
            part = {"front": "down", "right": "right", "back": "up"}[str(way)]
            add(cells[0], cells[1], f"{part} 1", step)
            add(cells[0], cells[3], f"{part} 3", step)
            if part != "right":  # mirrored, the feet change places
                add(over[0], over[3], f"{part} 1", step)
                add(over[0], over[1], f"{part} 3", step)
    drawing, view = (
        torch.from_numpy(np.stack([pair[k] for pair in found])).permute(0, 3, 1, 2).contiguous()
        for k in (0, 1)
    )
    kind = torch.tensor([KINDS.index(pair[2]) for pair in found])
    return drawing, view, kind, torch.tensor([pair[3] for pair in found], dtype=torch.float64)


def made_pairs(count: int) -> Pairs:
    """The same of made-up characters; sides are harder, and seen more often."""
    drawing, view, kind = [], [], []
    for cells in made_characters(count):
        for k, part in enumerate(KINDS):
            drawing.append(cells[drawn_from(part)])
            view.append(cells[part])
            kind.append(k)
    pictures = (torch.from_numpy(np.stack(cells)).permute(0, 3, 1, 2) for cells in (drawing, view))
    a, b = (cells.contiguous() for cells in pictures)
    weights = [1.0 if KINDS[k] in STEPS else MADE_SIDES for k in kind]
    return a, b, torch.tensor(kind), torch.tensor(weights, dtype=torch.float64)


def together(pairs: Pairs, made: Pairs) -> Pairs:
    """Drawn and made-up pairs, the made-up ones with the weight of MADE_SHARE."""
    a, b, kind, weights = (torch.cat(parts) for parts in zip(pairs, made, strict=True))
    weights[: len(pairs[3])] *= (1 - MADE_SHARE) / pairs[3].sum()
    weights[len(pairs[3]) :] *= MADE_SHARE / made[3].sum()
    return a, b, kind, weights


def smudged(x: Tensor, generator: torch.Generator) -> Tensor:
    """Some drawings with pixels of their neighbors, as sampled ones have; the views stay clean."""
    some = torch.rand(len(x), 1, 1, 1, generator=generator) < SMUDGED
    way = int(torch.randint(0, 4, (1,), generator=generator))
    moved = x.roll(1 - 2 * (way % 2), dims=2 + way // 2)
    bad = some & (torch.rand(len(x), 1, SIDE, SIDE, generator=generator) < SMUDGES)
    return torch.where(bad & (x[:, 3:] > 0) & (moved[:, 3:] > 0), moved, x)


def head_given(x: Tensor, y: Tensor, shown: Tensor, kind: Tensor) -> tuple[Tensor, Tensor]:
    """What is known of steps when they are drawn: the head, as high as that of the view.

    Returns
    -------
    The views, and which of their pixels are known.
    """
    y, shown = y.clone(), shown.clone()
    for k, which in enumerate(kind.tolist()):
        if KINDS[which] not in STEPS:
            continue
        if not (x[k].any() and y[k].any()):
            continue
        head, after = (head_of(z[k].permute(1, 2, 0).numpy()) for z in (x, y))
        down = min(1, max(-1, after.start - head.start))
        if head.start + down < 0 or head.stop + down > SIDE:
            continue
        y[k, :, : head.stop + down] = 0
        y[k, :, head.start + down : head.stop + down] = x[k, :, head]
        shown[k, :, : head.stop + down] = True
    return y, shown


def warped(x: Tensor, y: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Change proportions: some rows are left out and others doubled, the same in both."""
    rows = np.tile(np.arange(SIDE), (len(x), 1))
    tops = ((x[:, 3] + y[:, 3]).amax(dim=2) > 0).float().argmax(dim=1).tolist()
    for row, top in zip(rows, tops, strict=True):
        if rng.random() > WARPED:
            continue
        body = list(range(top, SIDE))
        for _ in range(rng.integers(0, 4)):
            if len(body) > SIDE // 2 + 1:
                body.pop(int(rng.integers(1, len(body))))
        for _ in range(rng.integers(0, 5)):
            if len(body) < SIDE:
                at = int(rng.integers(1, len(body)))
                body.insert(at, body[at])
        row[:] = [-1] * (SIDE - len(body)) + body
    index = torch.from_numpy(rows)[:, None, :, None].expand_as(x)
    a, b = (torch.where(index < 0, 0.0, z.gather(2, index.clamp_min(0))) for z in (x, y))
    return a, b


def widened(x: Tensor, y: Tensor, kinds: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Leave out or double two columns, equally far from the middle, in both."""
    index = np.tile(np.arange(SIDE), (2, len(x), 1))
    for i, kind in enumerate(kinds.tolist()):
        if rng.random() > WIDENED:
            continue
        by, share = (1 if rng.random() < 0.5 else -1), rng.random() / 2
        views = (x[i, 3], y[i, 3])
        if KINDS[kind] in STEPS:  # a step keeps the columns of the standing frame
            views = (x[i, 3] + y[i, 3],) * 2
        spans = [span_of(view) for view in views]
        least, most = (1, SIDE - 2) if by > 0 else (SIDE // 2, SIDE)
        if not all(least <= len(span) <= most for span in spans):
            continue
        for columns, span in zip(index[:, i], spans, strict=True):
            at = int(share * len(span))
            both = (at, len(span) - 1 - at)
            body = np.repeat(span, [1 + by * (k in both) for k in range(len(span))])
            low = min(max(0, span[0] - by), SIDE - len(body))
            columns[:] = -1
            columns[low : low + len(body)] = body
    found = []
    for z, columns in zip((x, y), index, strict=True):
        at = torch.from_numpy(columns)[:, None, None].expand_as(z)
        found.append(torch.where(at < 0, 0.0, z.gather(3, at.clamp_min(0))))
    return found[0], found[1]


def span_of(alpha: Tensor) -> list[int]:
    """The columns of a character (H, W), from its first to its last."""
    drawn = torch.nonzero(alpha.amax(dim=0)).flatten().tolist()
    return list(range(drawn[0], drawn[-1] + 1)) if drawn else []


def holding(x: Tensor, y: Tensor, kinds: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Give some characters a staff, a blade or a shield.

    From behind it is mirrored. From the right, what the near hand holds (on the left of the front)
    is before the body, and what the far hand holds is beyond its front.
    """
    x, y = x.clone(), y.clone()
    for drawing, view, kind in zip(x, y, kinds.tolist(), strict=True):
        spans = [span_of(drawing[3]), span_of(view[3])]
        if rng.random() > HOLDING or not all(spans):
            continue
        near, gap = rng.random() < 0.5, int(rng.integers(0, 2))
        beside = [(span[0] - gap, span[-1] + gap) for span in spans]
        before = (spans[1][0] + spans[1][-1] + 1) // 2 if near else spans[1][-1] + gap
        if KINDS[kind] == "up 0":
            places = beside[0][1 - near], beside[1][near]
        elif KINDS[kind] == "right 0":
            places = beside[0][1 - near], before
        else:
            places = (before if KINDS[kind].startswith("right") else beside[0][1 - near],) * 2
        thing, over = a_thing(drawing, rng), near or not KINDS[kind].startswith("right")
        flip = KINDS[kind] == "up 0"
        put(drawing, thing, places[0], over or KINDS[kind] == "right 0")
        put(view, thing.flip(2) if flip else thing, places[1], over)
    return x, y


def a_thing(drawing: Tensor, rng: np.random.Generator) -> Tensor:
    """Something long or broad to hold, (4, 16, 5), as high as a hand; column 2 is its middle."""
    rows = torch.nonzero(drawing[3].amax(dim=1)).flatten().tolist()
    hand = rows[0] + round((0.5 + 0.25 * rng.random()) * len(rows))
    colors = torch.from_numpy(rng.random((2, 3)).astype(np.float32))
    if rng.random() < 0.5:
        of_body = drawing[:3, drawing[3] > 0]
        colors[1] = of_body[:, int(rng.integers(of_body.shape[1]))]
    which = np.zeros((SIDE, 5), np.int64)
    if rng.random() < 0.25:  # a shield
        wide = int(rng.integers(1, 3))
        which[max(0, hand - 2) : hand + 3, 2 - wide // 2 - wide % 2 : 3 + wide // 2] = 1
        which[max(0, hand - 1) : hand + 2, 2] = 2
    else:
        top = max(0, hand - int(rng.integers(3, 10)))
        which[top : hand + int(rng.integers(1, 6)), 2] = 1
        tip = int(rng.integers(0, 4))
        which[top : top + tip, 1 : 4 if rng.random() < 0.5 else 3] = 2
        which[top : top + tip, 2] = 2
        if rng.random() < 0.5:
            which[hand - 1, 1:4] = 2  # a guard
    thing = torch.zeros(4, SIDE, 5)
    for k in (1, 2):
        thing[:3, torch.from_numpy(which == k)] = colors[k - 1][:, None]
    thing[3] = torch.from_numpy(which > 0).float()
    if rng.random() < 0.5:
        line = F.max_pool2d(thing[3:], 3, 1, 1)[0] - thing[3]
        thing[3] += line
        thing[:3, line > 0] = 0.1
    thing[:3] = (thing[:3] * 255).round() / 255
    return thing


def put(picture: Tensor, thing: Tensor, column: int, over: bool) -> None:
    """Draw something into a picture (4, 16, 16), over it or behind it."""
    low, high = max(0, column - 2), min(SIDE, column + 3)
    part, there = thing[:, :, low - column + 2 : high - column + 2], picture[:, :, low:high]
    there[:] = torch.where((part[3] > 0) & (torch.tensor(over) | (there[3] == 0)), part, there)


def thinned(x: Tensor, y: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Remove some outlines, if most of the outline has one color."""
    outline = torch.full((len(x),), -2)
    for i in range(len(x)):
        if rng.random() < THIN and (color := outline_of(x[i : i + 1])) is not None:
            outline[i] = color
    a, b = (
        torch.where((edge_of(z) & (codes(z) == outline[:, None, None]))[:, None], 0.0, z)
        for z in (x, y)
    )
    return a, b


def recolored(pictures: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """Change hue, saturation and brightness, in the same way for all pictures of a row."""
    n = len(pictures[0])
    draw = torch.rand(4, n, generator=generator)
    angle, axis = draw[0] * 2 * math.pi, 1 / math.sqrt(3)
    across = axis * torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    turn = (
        torch.eye(3)
        + torch.sin(angle)[:, None, None] * across
        + (1 - torch.cos(angle))[:, None, None] * (across @ across)
    )
    saturation, gamma, other = (part[:, None, None, None] for part in draw[1:])
    found = []
    for picture in pictures:
        rgb, alpha = picture[:, :3], picture[:, 3:]
        hue = torch.einsum("nij,njhw->nihw", turn, rgb)
        gray = hue.mean(dim=1, keepdim=True)
        new = (gray + (hue - gray) * (0.4 + 0.9 * saturation)).clamp(0, 1)
        # A tenth of its own color keeps different colors different.
        new = 0.9 * new**2 ** (1.6 * gamma - 0.8) + 0.1 * rgb
        found.append(torch.cat([torch.where(other < RECOLORED, new, rgb) * alpha, alpha], dim=1))
    return found


def loss_of(network: Pointer, x: Tensor, y: Tensor, kind: Tensor, g: torch.Generator) -> Tensor:
    """The mean of -log p(color) over the hidden pixels of a view; empty ground counts little."""
    # Which pixels of the drawing have the color of each pixel of the view, before other hues.
    mine, theirs = codes(x).flatten(1), codes(y).flatten(1)
    blank = theirs == -1
    hit = (theirs[:, :, None] == mine[:, None]) & ~blank[..., None]
    hit = torch.cat([hit, blank[..., None]], dim=2)
    x, y = recolored((x, y), g)
    share = torch.rand(len(x), 1, 1, 1, generator=g)
    share = torch.where(torch.rand(len(x), 1, 1, 1, generator=g) < 0.3, 0.0, share)
    shown = torch.rand(len(x), 1, SIDE, SIDE, generator=g) < share
    some = torch.rand(len(x), generator=g) < GIVEN
    known, seen = head_given(x[some], y[some], shown[some], kind[some])
    y, shown = y.clone(), shown.clone()
    y[some], shown[some] = known, seen
    chance = (network(x, y, shown, kind).exp() * hit).sum(dim=2).clamp_min(1e-7)
    near = F.max_pool2d((x[:, 3:] + y[:, 3:]).clamp(max=1), 3, 1, 1).flatten(1) > 0
    weight = (hit.any(dim=2) & ~shown.flatten(1)) * torch.where(near, 1.0, 0.05)
    return -(chance.log() * weight).sum() / weight.sum()


def trained(
    pairs: Pairs, minutes: float, start: Pointer | None = None
) -> Iterator[tuple[int, Pointer]]:
    """The network every 500 steps and at the end, averaged over the last steps, after how many.

    The learning rate follows the clock, since nobody knows how busy a machine will be.
    """
    drawing, view, kinds, weights = pairs
    torch.manual_seed(0)
    generator, rng = torch.Generator().manual_seed(0), np.random.default_rng(0)
    network = start or Pointer()
    average = Ema(network, EMA_DECAY)
    highest = LEARNING_RATE * (AGAIN if start else 1)
    optimizer = torch.optim.AdamW(network.parameters(), highest, weight_decay=1e-2)
    began, step, losses = time.monotonic(), 0, deque[float](maxlen=200)
    while (passed := (time.monotonic() - began) / 60 / minutes) < 1:
        decay = max(0.01, 0.5 * (1 + math.cos(math.pi * max(0.0, (passed - 0.35) / 0.65))))
        optimizer.param_groups[0]["lr"] = highest * decay * min(1.0, (step + 1) / WARM_UP)
        pick = torch.multinomial(weights, BATCH, replacement=True, generator=generator)
        kind = kinds[pick]
        x, y = thinned(*warped(drawing[pick] / 255, view[pick] / 255, rng), rng)
        x, y = holding(*widened(x, y, kind, rng), kind, rng)
        x = smudged(x, generator)
        loss = loss_of(network, x, y, kind, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        average.update(step)
        losses.append(loss.item())
        if step % 100 == 0:
            print(f"step {step}, {passed:.0%}: loss {np.mean(losses):.4f}", flush=True)
        if step % 500 == 0:
            yield step, average.module
    yield step, average.module


def write(network: Pointer, sprites: Sequence[SpriteSet], steps: int, folder: Path) -> None:
    """Write the weights, with the credits of the characters."""
    folder.mkdir(parents=True, exist_ok=True)
    credits = [
        credit.to_json()
        for rows in sprites
        for credit in credits_of(rows.credits, map(str, rows.source))
    ]
    about = {"kind": "turner", "title": "Characters", "steps": steps, "credits": credits}
    save_tensors(folder / "weights.safetensors", in_eight_bits(network.state_dict()), about)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--halved", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--on", action="store_true", help="carry on from the shipped weights")
    parser.add_argument("--out", type=Path, default=resource("models", TURNER))
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = [in_rows(load_sprites(path)) for path in (options.data, options.halved)]
    drawn, halved = learned(*sets)
    parts = (drawn, joined_halves(drawn, EACH), halved, joined_halves(halved, EACH))
    start, before = (Pointer(), 0) if options.on else (None, 0)
    if start is not None:
        before = int(str(load_shipped(start, TURNER)["steps"]))
        start.train().requires_grad_(True)
    pairs = together(pairs_of(parts), made_pairs(MADE))
    for step, network in trained(pairs, options.minutes, start):
        write(network, sets, before + step, options.out)


if __name__ == "__main__":
    main()
