#!/usr/bin/env python3
"""Train the turner, which draws a character's other sides and its steps in its own pixels.

``train_turner.py --data drawn.npz --halved halved.npz``: both are made by ``real_set.py``, the
second with ``--halved``. It learns from characters that people drew from four sides or walking, and
from such with another's head, in random hues and proportions, with and without an outline, so that
it learns where pixels go and not which colors there are. Only weights are written, to
resources/models/turner.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from joined_halves import joined_halves
from make_characters import as_sheets, in_rows
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.pixels.characters import TURNER
from sprite_lab.core.sets.credits import credits_of
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import split_rows
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.pointing import KINDS, SIDE, Pointer, codes
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

STEPS, BATCH, LEARNING_RATE, WARM_UP = 4500, 32, 2e-3, 100
EMA_DECAY = 0.998

#: How often a character of each set lends a half.
EACH = 20

#: Shares of the batch: drawn, and with another's head, of either set.
SHARES = (0.3, 0.25, 0.25, 0.2)

#: How often a step is seen for each time a side is.
STEP_SHARE = 2.5

#: Shares of the pictures in other hues, in other proportions, and without an outline.
RECOLORED, WARPED, THIN = 0.8, 0.5, 0.25

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
    assert rows.alpha is not None
    rgba = np.concatenate([rows.images, rows.alpha[..., None]], axis=3)
    cells = rgba.reshape(len(rows), side, 4, side, 4).swapaxes(1, 2).copy()
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


def warped(x: Tensor, y: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """With some rows left out and others doubled, the same in both: other proportions."""
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


def thinned(x: Tensor, y: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Some without their outline, where most of it has one color."""
    edge, colors = edge_of(x), codes(x)
    outline = torch.full((len(x),), -2)
    for i in range(len(x)):
        if rng.random() > THIN:
            continue
        found, counts = colors[i][edge[i]].unique(return_counts=True)
        if len(found) and counts.max() > 0.6 * counts.sum():
            outline[i] = found[counts.argmax()]
    a, b = (
        torch.where((edge_of(z) & (codes(z) == outline[:, None, None]))[:, None], 0.0, z)
        for z in (x, y)
    )
    return a, b


def edge_of(x: Tensor) -> Tensor:
    """Which pixels have a blank neighbor or are at the border, bool (N, H, W)."""
    blank = F.pad(1 - x[:, 3:].ceil(), (1, 1, 1, 1), value=1.0)
    return (x[:, 3] > 0) & (F.max_pool2d(blank, 3, 1)[:, 0] > 0)


def recolored(pictures: Sequence[Tensor], generator: torch.Generator) -> list[Tensor]:
    """In other hues, saturations and brightness, the same in all pictures of a row."""
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
    chance = (network(x, y, shown, kind).exp() * hit).sum(dim=2).clamp_min(1e-7)
    near = F.max_pool2d((x[:, 3:] + y[:, 3:]).clamp(max=1), 3, 1, 1).flatten(1) > 0
    weight = (hit.any(dim=2) & ~shown.flatten(1)) * torch.where(near, 1.0, 0.05)
    return -(chance.log() * weight).sum() / weight.sum()


def trained(pairs: Pairs, steps: int, seed: int = 0) -> Pointer:
    """The network after this training, averaged over the last steps."""
    drawing, view, kinds, weights = pairs
    torch.manual_seed(seed)
    generator, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    network = Pointer()
    average = Ema(network, EMA_DECAY)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=1e-2)
    for step in range(steps):
        late = max(0.0, (step / steps - 0.35) / 0.65)
        decay = max(0.01, 0.5 * (1 + math.cos(math.pi * late)))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * decay * min(1.0, (step + 1) / WARM_UP)
        pick = torch.multinomial(weights, BATCH, replacement=True, generator=generator)
        x, y = thinned(*warped(drawing[pick] / 255, view[pick] / 255, rng), rng)
        loss = loss_of(network, x, y, kinds[pick], generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update(step + 1)
        if (step + 1) % 200 == 0:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", flush=True)
    return average.module.eval()


def write(network: Pointer, sprites: Sequence[SpriteSet], steps: int) -> None:
    """Write the weights, with the credits of the characters."""
    folder = resource("models", TURNER)
    folder.mkdir(parents=True, exist_ok=True)
    credits = [
        credit.to_json()
        for rows in sprites
        for credit in credits_of(rows.credits, map(str, rows.source))
    ]
    about = {"kind": "turner", "title": "Characters", "steps": steps, "credits": credits}
    weights = {name: tensor.half() for name, tensor in network.state_dict().items()}
    save_tensors(folder / "weights.safetensors", weights, about)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--halved", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = [in_rows(load_sprites(path)) for path in (options.data, options.halved)]
    drawn, halved = learned(*sets)
    parts = (drawn, joined_halves(drawn, EACH), halved, joined_halves(halved, EACH))
    write(trained(pairs_of(parts), options.steps), sets, options.steps)


if __name__ == "__main__":
    main()
