#!/usr/bin/env python3
"""Train the critic, which says whether an artist would use a sprite.

``train_critic.py --data FILE``: it learns the grades in ``grades/``, beside the drawn sprites of
FILE and the built-in set, most of which raters would use, and the same sprites spoiled as models
spoil them, which nobody would. It continues from the shipped weights: the first critic had learned
to tell drawn sprites from samples and spoiled ones. The last rater of each file of grades is set
aside: the figures printed at the end are measured on that rater's samples. Only weights are
written, to resources/models/critic.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from grades import Graded, all_graded
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.sets.sprites import composite, to_model_space
from sprite_lab.data import builtin
from sprite_lab.data.datasets import SEALED, split_rows
from sprite_lab.engine.measuring.features import CriticNetwork
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.engine.models.eight_bits import load_shipped
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

BATCH, LEARNING_RATE, WARM_UP = 128, 1e-3, 100

#: A sample would rather be used above this many standard deviations from the rater's mean grade.
USED_ABOVE = 0.6

#: Probability that a rater would use a drawn sprite, and a spoiled one.
DRAWN, SPOILED = 0.75, 0.05

#: The shares of samples, drawn sprites and spoiled ones in a batch.
SHARES = (0.875, 0.0625, 0.0625)


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
    """At random mirrored, moved by a pixel, and in slightly other colors."""
    n = len(x)
    x = torch.where(torch.rand(n, 1, 1, 1, generator=generator) < 0.5, x.flip(3), x)
    across, down = torch.randint(3, (2,), generator=generator).tolist()
    size = x.shape[-1]
    framed = F.pad(x, (1, 1, 1, 1), value=1.0)
    x = framed[..., down : down + size, across : across + size]
    tint = 1 + 0.08 * torch.randn(n, 3, 1, 1, generator=generator)
    return ((x - 1) * tint + 1).clamp(-1, 1)


def train(samples: Tensor, used: Tensor, drawn: Tensor, steps: int, seed: int) -> CriticNetwork:
    """A critic of ``samples`` that raters would use with these probabilities, and of ``drawn``."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network = CriticNetwork(dropout=0.4)
    load_shipped(network, "critic")
    network.train().requires_grad_(True)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=5e-2)
    counts = [int(BATCH * share) for share in SHARES]
    for step in range(steps):
        decay = 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * decay * min(1.0, (step + 1) / WARM_UP)
        picks = [
            torch.randint(len(group), (count,), generator=generator)
            for group, count in zip((samples, drawn, drawn), counts, strict=True)
        ]
        x = torch.cat([samples[picks[0]], drawn[picks[1]], spoiled(drawn[picks[2]], generator)])
        truth = [used[picks[0]], torch.full((counts[1],), DRAWN), torch.full((counts[2],), SPOILED)]
        logits = network(moved(x, generator).to(memory_format=torch.channels_last))
        loss = F.binary_cross_entropy_with_logits(logits, torch.cat(truth))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 200 == 0:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", flush=True)
    return network.eval()


def would_use(file: Graded) -> Tensor:
    """Probability that another rater would use each sample of a file, float32 (N,).

    Grades count relative to the rater's others, as some raters are stricter.
    """
    chances = torch.empty(len(file.grades))
    for rater in np.unique(file.raters):
        rows = torch.from_numpy(file.raters == rater)
        grades = torch.from_numpy(file.grades[file.raters == rater]).float()
        chances[rows] = torch.sigmoid(2 * ((grades - grades.mean()) / grades.std() - USED_ABOVE))
    return chances


def ranked_right(scores: Tensor, grades: Tensor) -> float:
    """Of all pairs with different grades, the share in which the better one scores higher."""
    better = grades[:, None] > grades[None]
    return float((scores[:, None] > scores[None])[better].float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    files = all_graded()
    learned = [each.raters < each.raters.max() for each in files]
    samples = torch.cat([tensor(f.rgba[rows]) for f, rows in zip(files, learned, strict=True)])
    used = torch.cat([would_use(f)[rows] for f, rows in zip(files, learned, strict=True)])
    sprites = load_sprites(options.data)
    training, _ = split_rows(sprites, sealed=SEALED)
    drawn = torch.cat([tensor(sprites.rgba_of(training)), tensor(builtin().rgba[::4])])
    network = train(samples, used, drawn, options.steps, options.seed)
    for file, rows in zip(files, learned, strict=True):
        report(network, file, ~rows)
    folder = resource("models", "critic")
    folder.mkdir(parents=True, exist_ok=True)
    about = {"kind": "critic", "data": [sprites.title, "builtin"], "steps": options.steps}
    save_tensors(folder / "weights.safetensors", network.state_dict(), about, half=True)


@torch.inference_mode()
def report(network: CriticNetwork, file: Graded, rows: NDArray[np.bool_]) -> None:
    """Print how well it ranks the samples of a file, by class."""
    scores, grades = network(tensor(file.rgba[rows])), torch.from_numpy(file.grades[rows])
    kinds = np.array([prompt.class_mix[0][0] for prompt in file.prompts])[rows]
    for kind in np.unique(kinds):
        of = torch.from_numpy(kinds == kind)
        print(f"{kind}: ranked right {ranked_right(scores[of], grades[of]):.3f}")


if __name__ == "__main__":
    main()
