#!/usr/bin/env python3
"""Train the critic, which tells drawn sprites from generated ones.

``train_critic.py --data FILE --generated A.npy B.npy ...``: FILE is a set of drawn sprites, to
which the built-in set is added; the others hold sprites that models generated, uint8
(N, 16, 16, 4). Drawn sprites that are spoiled in the ways models spoil them count as generated.
The validation groups of FILE and a tenth of each generated file are set aside: what is printed at
the end is measured on them. Only weights are written, to resources/models/critic.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.sets.sprites import composite, to_model_space
from sprite_lab.data import builtin
from sprite_lab.data.datasets import SEALED, split_rows
from sprite_lab.engine.measuring.features import CriticNetwork
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

BATCH, LEARNING_RATE, WARM_UP = 128, 2e-3, 100

#: The shares of a batch: drawn, drawn and then spoiled; the rest is generated.
DRAWN, SPOILED = 0.5, 0.15


def tensor(rgba: NDArray[np.uint8]) -> Tensor:
    """uint8 (N, H, W, 4) to float32 (N, 3, H, W) in [-1, 1], on white."""
    return torch.from_numpy(to_model_space(composite(rgba))).permute(0, 3, 1, 2).contiguous()


def spoiled(x: Tensor, generator: torch.Generator) -> Tensor:
    """Add stray pixels, bitten outlines, faded insides, or a part of another sprite."""
    n, _, size, _ = x.shape
    way = torch.randint(4, (n, 1, 1, 1), generator=generator)
    other = x[torch.randperm(n, generator=generator)]
    few = torch.rand(n, 1, size, size, generator=generator) < 0.03
    colors = other[..., torch.randperm(size, generator=generator), :]
    stray = torch.where(few, colors, x)
    drawn = (x < 0.98).any(dim=1, keepdim=True).float()
    inside = F.avg_pool2d(drawn, 3, 1, 1) > 0.99
    bitten = torch.where((drawn > 0) & ~inside & few.logical_or(few.roll(1, 3)), 1.0, x)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), value=1.0), 3, 1)
    faded = torch.where(inside, torch.lerp(x, blurred, 0.8), x)
    half = torch.arange(size) < size // 2
    mixed = torch.where(half[:, None], x, other)
    return torch.stack([stray, bitten, faded, mixed])[way[:, 0, 0, 0], torch.arange(n)]


def moved(x: Tensor, generator: torch.Generator) -> Tensor:
    """Mirrored at random, with color channels in another order."""
    x = torch.where(torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5, x.flip(3), x)
    order = torch.randperm(3, generator=generator)
    swap = torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5
    return torch.where(swap, x[:, order], x)


def train(drawn: Tensor, generated: Tensor, steps: int, seed: int) -> CriticNetwork:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = CriticNetwork(dropout=0.3)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=5e-2)
    counts = int(BATCH * DRAWN), int(BATCH * SPOILED)
    counts = (*counts, BATCH - sum(counts))
    truth = torch.cat([torch.ones(counts[0]), torch.zeros(BATCH - counts[0])])
    for step in range(steps):
        decay = 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * decay * min(1.0, (step + 1) / WARM_UP)
        good, bad, made = (
            group[torch.randint(len(group), (count,), generator=generator)]
            for group, count in zip((drawn, drawn, generated), counts, strict=True)
        )
        x = torch.cat([good, spoiled(bad, generator), made])
        logits = network(moved(x, generator).to(memory_format=torch.channels_last))
        loss = F.binary_cross_entropy_with_logits(logits, truth * 0.9 + 0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 200 == 0:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", flush=True)
    return network.eval()


def ranked_right(better: Tensor, worse: Tensor) -> float:
    """How often one of ``better`` scores above one of ``worse``: the area under the ROC curve."""
    return float((better[:, None] > worse[None]).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--generated", type=Path, nargs="+", required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    sprites = load_sprites(options.data)
    learned, aside = split_rows(sprites, sealed=SEALED)
    drawn = torch.cat([tensor(sprites.rgba_of(learned)), tensor(builtin().rgba[::4])])
    made = {path.stem: tensor(np.load(path)) for path in options.generated}
    rest = torch.cat([part[len(part) // 10 :] for part in made.values()])
    network = train(drawn, rest, options.steps, options.seed)
    with torch.inference_mode():
        real = network(tensor(sprites.rgba_of(aside)))
        print(
            f"drawn and set aside: {real.mean():.2f}, of those learned from "
            f"{network(drawn[:2000]).mean():.2f}"
        )
        for name, part in made.items():
            scores = network(part[: len(part) // 10])
            print(f"{name}: {scores.mean():.2f}, ranked right {ranked_right(real, scores):.3f}")
    folder = resource("models", "critic")
    folder.mkdir(parents=True, exist_ok=True)
    weights = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    about = {"kind": "critic", "data": [sprites.title, "builtin"], "steps": options.steps}
    save_tensors(folder / "weights.safetensors", weights, about)


if __name__ == "__main__":
    main()
