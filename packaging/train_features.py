#!/usr/bin/env python3
"""Train the feature network that quality is measured in: ``train_features.py --data FILE``.

It learns to tell near-copy groups, sources and classes apart, on the sprites of FILE and the
built-in set together; without ``--data``, on the built-in set alone. Only weights and a card
are written, to resources/models/features.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sprite_lab.core.sprites import SpriteSet, to_model_space
from sprite_lab.data import builtin, groups_of
from sprite_lab.engine.checkpoint import save_tensors
from sprite_lab.engine.features import FEATURES, FeatureNetwork
from sprite_lab.formats.sprites import load_sprites
from sprite_lab.paths import resource

BATCH = 256
LEARNING_RATE = 3e-3
#: Most that a sprite is shifted, in pixels.
SHIFT = 2
#: The cosine to each group's direction is multiplied by this before the softmax.
SCALE = 16.0
SMOOTHING = 0.1
#: Share of sprites that are spoilt (see :func:`harmed`).
HARMED = 0.4
HARMS = 6
HARM_WEIGHT = 0.5
_BLUR = torch.tensor([1.0, 2.0, 1.0])[:, None] * torch.tensor([1.0, 2.0, 1.0]) / 16
_BLUR = _BLUR[None, None]


def targets(sets: list[SpriteSet]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pictures (N, 3, H, W) in [-1, 1], and int64 (N,) group, source and class."""
    images = np.concatenate([s.images for s in sets])
    keys = [[f"{i}:{g}" for g in groups_of(s)] for i, s in enumerate(sets)]
    group = np.unique(np.concatenate(keys), return_inverse=True)[1]
    source = np.unique(np.concatenate([s.source for s in sets]), return_inverse=True)[1]
    names = [[s.class_names[k] if k >= 0 else "" for k in s.labels] for s in sets]
    label = np.unique(np.concatenate(names), return_inverse=True)[1]
    x = torch.from_numpy(to_model_space(images)).permute(0, 3, 1, 2).contiguous()
    return x, torch.from_numpy(group), torch.from_numpy(source), torch.from_numpy(label)


def augmented(x: Tensor, generator: torch.Generator) -> Tensor:
    """Mirrored at random and shifted by up to SHIFT pixels; white comes in."""
    n, size = len(x), x.shape[-1]
    x = torch.where(torch.rand(n, 1, 1, 1, generator=generator) < 0.5, x.flip(3), x)
    padded = F.pad(x, (SHIFT,) * 4, value=1.0)
    shift = torch.randint(0, 2 * SHIFT + 1, (2, n), generator=generator)
    span = torch.arange(size)
    rows = (shift[0, :, None] + span)[:, None, :, None]
    columns = (shift[1, :, None] + span)[:, None, None, :]
    index = torch.arange(n)[:, None, None, None]
    return padded[index, torch.arange(3)[None, :, None, None], rows, columns]


def harmed(x: Tensor, kind: Tensor, generator: torch.Generator) -> Tensor:
    """Each sprite spoilt as ``kind`` (N,) says, more or less strongly, in whole 8-bit steps.

    0 leaves it; 1 blurs; 2 adds noise everywhere, 3 only where it is not white; 4 lays
    another sprite over it; 5 shuffles its quarters or sixteenths.
    """
    n, _, size, _ = x.shape
    strength = torch.rand(n, generator=generator)[:, None, None, None]
    blurred = F.conv2d(F.pad(x, (1, 1, 1, 1), value=1.0).flatten(0, 1)[:, None], _BLUR).view(
        x.shape
    )
    noise = torch.randn(x.shape, generator=generator) * 0.03 * 20**strength
    drawn = (x < 1).any(dim=1, keepdim=True)
    other = x[torch.randperm(n, generator=generator)]
    side = size // (2 if torch.rand((), generator=generator) < 0.5 else 4)
    patches = F.unfold(x, side, stride=side)
    order = torch.rand(n, patches.shape[2], generator=generator).argsort(dim=1)
    shuffled = torch.gather(patches, 2, order[:, None].expand_as(patches))
    shuffled = F.fold(shuffled, (size, size), side, stride=side)
    ways = torch.stack(
        [
            x,
            torch.lerp(x, blurred, 0.15 + 0.85 * strength),
            x + noise,
            x + noise * drawn,
            torch.lerp(x, other, 0.15 + 0.35 * strength),
            shuffled,
        ]
    )
    spoilt = ways[kind, torch.arange(n)].clamp(-1, 1)
    return ((spoilt + 1) * 127.5).round() / 127.5 - 1


class Heads(nn.Module):
    """Three questions asked of the same features; not kept."""

    def __init__(self, groups: int, sources: int, classes: int) -> None:
        super().__init__()
        self.group = nn.Parameter(torch.randn(groups, FEATURES))
        self.source = nn.Linear(FEATURES, sources)
        self.label = nn.Linear(FEATURES, classes)
        self.harm = nn.Linear(FEATURES, HARMS)

    def forward(
        self, z: Tensor, group: Tensor, source: Tensor, label: Tensor, harm: Tensor
    ) -> Tensor:
        harm_loss = F.cross_entropy(self.harm(z), harm)
        whole = harm == 0
        z, group, source, label = z[whole], group[whole], source[whole], label[whole]
        cosine = F.normalize(z, dim=1) @ F.normalize(self.group, dim=1).T
        return (
            F.cross_entropy(SCALE * cosine, group, label_smoothing=SMOOTHING)
            + 0.3 * F.cross_entropy(self.source(z), source)
            + 0.3 * F.cross_entropy(self.label(z), label)
            + HARM_WEIGHT * harm_loss
        )


def train(sets: list[SpriteSet], steps: int, seed: int) -> FeatureNetwork:
    """A feature network, trained for so many steps."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    x, group, source, label = targets(sets)
    network = FeatureNetwork()
    heads = Heads(int(group.max()) + 1, int(source.max()) + 1, int(label.max()) + 1)
    parameters = [*network.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, LEARNING_RATE, weight_decay=1e-2)
    step = 0
    while step < steps:
        for pick in torch.randperm(len(x), generator=generator).split(BATCH)[:-1]:
            decay = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
            optimizer.param_groups[0]["lr"] = LEARNING_RATE * min(1.0, (step + 1) / 100) * decay
            harm = torch.randint(1, HARMS, pick.shape, generator=generator)
            harm[torch.rand(pick.shape, generator=generator) >= HARMED] = 0
            batch = harmed(augmented(x[pick], generator), harm, generator)
            with torch.autocast("cpu", torch.bfloat16):
                z = network(batch.to(memory_format=torch.channels_last))
            loss = heads(z.float(), group[pick], source[pick], label[pick], harm)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step % 200 == 0:
                print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    return network.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=resource("models", "features"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = [builtin()] + ([load_sprites(options.data)] if options.data else [])
    network = train(sets, options.steps, options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    weights = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    save_tensors(options.out / "weights.safetensors", weights, {"kind": "features"})


if __name__ == "__main__":
    main()
