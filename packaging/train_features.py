#!/usr/bin/env python3
"""Train the feature network that quality is measured in: ``train_features.py --data FILE``.

It learns from the sprites of FILE and the built-in set together; without ``--data``, from the
built-in set alone. It has to name the near-copy group, source and class of a sprite, and how it was
spoiled, if it was: without the last question it hardly sees blur, and noise not at all.
About six minutes on one core. Only weights are written, to resources/models/features; the card
beside them is written by hand.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.data import builtin, groups_of
from sprite_lab.data.datasets import SEALED, sealed_rows
from sprite_lab.engine.measuring.features import FEATURES, FeatureNetwork
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

BATCH = 256
LEARNING_RATE = 3e-3
WARM_UP = 100

#: Largest shift of a sprite, in pixels.
SHIFT = 2

#: The cosine to each group's direction is multiplied by this before the softmax.
SCALE = 16.0
SMOOTHING = 0.1

#: Weight of the other questions, relative to that of the group.
SOURCE_WEIGHT = LABEL_WEIGHT = HARM_WEIGHT = 0.3

#: Share of spoiled sprites, and the ways to spoil them (see :func:`spoiled`).
SPOILED_SHARE = 0.4
WAYS = 6

_BLUR = torch.tensor([1.0, 2.0, 1.0]).outer(torch.tensor([1.0, 2.0, 1.0]))[None, None] / 16


class Sprites(NamedTuple):
    """Pictures (N, 3, H, W) in [-1, 1], and int64 (N,) for each question."""

    x: Tensor
    group: Tensor
    source: Tensor
    label: Tensor

    @classmethod
    def of(cls, sets: list[SpriteSet]) -> Sprites:
        images = np.concatenate([s.images for s in sets])
        groups = [[f"{i}:{g}" for g in groups_of(s)] for i, s in enumerate(sets)]
        labels = [[s.class_names[k] if k >= 0 else "" for k in s.labels] for s in sets]

        def numbered(parts: list) -> Tensor:
            return torch.from_numpy(np.unique(np.concatenate(parts), return_inverse=True)[1])

        return cls(
            torch.from_numpy(to_model_space(images)).permute(0, 3, 1, 2).contiguous(),
            numbered(groups),
            numbered([s.source for s in sets]),
            numbered(labels),
        )

    def take(self, index: Tensor) -> Sprites:
        return Sprites(*(part[index] for part in self))


class Heads(nn.Module):
    """The heads that answer the questions from the features; not kept."""

    def __init__(self, sprites: Sprites) -> None:
        super().__init__()
        self.group = nn.Parameter(torch.randn(int(sprites.group.max()) + 1, FEATURES))
        self.source = nn.Linear(FEATURES, int(sprites.source.max()) + 1)
        self.label = nn.Linear(FEATURES, int(sprites.label.max()) + 1)
        self.way = nn.Linear(FEATURES, WAYS)

    def loss(self, features: Tensor, sprites: Sprites, way: Tensor) -> Tensor:
        """The loss; for spoiled sprites only that of the way they were spoiled."""
        harm = F.cross_entropy(self.way(features), way)
        sprites, features = sprites.take(way == 0), features[way == 0]
        cosine = F.normalize(features, dim=1) @ F.normalize(self.group, dim=1).T
        return (
            F.cross_entropy(SCALE * cosine, sprites.group, label_smoothing=SMOOTHING)
            + SOURCE_WEIGHT * F.cross_entropy(self.source(features), sprites.source)
            + LABEL_WEIGHT * F.cross_entropy(self.label(features), sprites.label)
            + HARM_WEIGHT * harm
        )


def moved(x: Tensor, generator: torch.Generator) -> Tensor:
    """Mirrored at random and shifted by up to SHIFT pixels, filled with white."""
    n, channels, size, _ = x.shape
    x = torch.where(torch.rand(n, 1, 1, 1, generator=generator) < 0.5, x.flip(3), x)
    padded = F.pad(x, (SHIFT,) * 4, value=1.0)
    shift = torch.randint(0, 2 * SHIFT + 1, (2, n, 1, 1, 1), generator=generator)
    span = torch.arange(size)
    rows, columns = shift[0] + span[:, None], shift[1] + span
    index = torch.arange(n)[:, None, None, None]
    return padded[index, torch.arange(channels)[:, None, None], rows, columns]


def spoiled(x: Tensor, way: Tensor, generator: torch.Generator) -> Tensor:
    """Each sprite spoiled in the given ``way``, (N,), more or less strongly, in whole 8-bit steps.

    0 leaves it; 1 blurs; 2 adds noise everywhere, 3 only where it is not white; 4 lays
    another sprite over it; 5 shuffles its quarters or sixteenths.
    """
    n, _, size, _ = x.shape
    strength = torch.rand(n, 1, 1, 1, generator=generator)
    padded = F.pad(x, (1, 1, 1, 1), value=1.0).flatten(0, 1)[:, None]
    blurred = F.conv2d(padded, _BLUR).view(x.shape)
    noise = torch.randn(x.shape, generator=generator) * 0.03 * 20**strength
    drawn = (x < 1).any(dim=1, keepdim=True)
    other = x[torch.randperm(n, generator=generator)]
    side = size // (2 if torch.rand((), generator=generator) < 0.5 else 4)
    patches = F.unfold(x, side, stride=side)
    order = torch.rand(n, 1, patches.shape[2], generator=generator).argsort(dim=2)
    shuffled = torch.gather(patches, 2, order.expand_as(patches))
    ways = [
        x,
        torch.lerp(x, blurred, 0.15 + 0.85 * strength),
        x + noise,
        x + noise * drawn,
        torch.lerp(x, other, 0.15 + 0.35 * strength),
        F.fold(shuffled, (size, size), side, stride=side),
    ]
    done = torch.stack(ways)[way, torch.arange(n)].clamp(-1, 1)
    return ((done + 1) * 127.5).round() / 127.5 - 1


def batches(count: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Endless; an incomplete batch at the end of a pass is dropped."""
    while True:
        yield from torch.randperm(count, generator=generator).split(BATCH)[: count // BATCH]


def train(sprites: Sprites, steps: int, seed: int) -> FeatureNetwork:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    network, heads = FeatureNetwork(), Heads(sprites)
    parameters = [*network.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=1e-2)
    for step, pick in zip(range(steps), batches(len(sprites.x), generator), strict=False):
        decay = 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * decay * min(1.0, (step + 1) / WARM_UP)
        batch = sprites.take(pick)
        way = torch.randint(1, WAYS, pick.shape, generator=generator)
        way[torch.rand(pick.shape, generator=generator) >= SPOILED_SHARE] = 0
        x = spoiled(moved(batch.x, generator), way, generator)
        with torch.autocast("cpu", torch.bfloat16):
            features = network(x.to(memory_format=torch.channels_last))
        loss = heads.loss(features.float(), batch, way)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 200 == 0:
            print(f"step {step + 1} of {steps}: loss {loss.item():.3f}", flush=True)
    return network.eval()


def unsealed(sprites: SpriteSet) -> SpriteSet:
    """The set without the sealed test sprites."""
    return sprites.take(np.setdiff1d(np.arange(len(sprites)), sealed_rows(sprites, SEALED)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="sprites to learn from beside the built-in set")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=resource("models", "features"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = [builtin()] + ([load_sprites(options.data)] if options.data else [])
    network = train(Sprites.of([unsealed(each) for each in sets]), options.steps, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    about = {"kind": "features", "data": [s.title for s in sets], "steps": options.steps}
    save_tensors(options.out / "weights.safetensors", network.state_dict(), about, half=True)


if __name__ == "__main__":
    main()
