"""Whether prompted sprites show the prompted noun, according to a classifier of nouns.

The classifier is trained on drawn training sprites alone. Then it names held-out drawn sprites, and
sprites that the shipped model generates for the same words. A noun is the first word of a sprite.
Blurred and shuffled held-out sprites show whether the measure can be trusted.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.data.datasets import split_rows
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.report import report

ROOT = Path(__file__).parents[2]
GOAL = 0.7
STEPS, BATCH = 1500, 128
LEAST_SPRITES, LEAST_GROUPS = 8, 2
MODELS = os.environ.get("SPRITE_LAB_MODELS", "real,real-student").split(",")


class NounNetwork(nn.Module):
    """RGB on white, (N, 3, 16, 16) in [-1, 1] -> logits of the nouns (N, nouns)."""

    def __init__(self, nouns: int, width: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for wide, stride in ((1, 1), (1, 1), (2, 2), (2, 1), (4, 2), (4, 1)):
            layers += [
                nn.Conv2d(channels, wide * width, 3, stride, 1, bias=False),
                nn.BatchNorm2d(wide * width),
                nn.SiLU(),
            ]
            channels = wide * width
        self.layers = nn.Sequential(*layers)
        self.out = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(channels * 16, nouns))

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.layers(x))


def drawn_sprites() -> SpriteSet:
    """All drawn 16x16 sprites with their words, as the shipped model was trained on."""
    file = data_file()
    if file is None:
        sys.exit("The real sprites are not here: set SPRITE_LAB_SHARED to their folder.")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "drawn.npz"
        files = f"{file}+{file.with_name('real_words.npz')}", file.with_name("more_sprites.npz")
        command = [sys.executable, ROOT / "packaging/real_set.py", out, *files]
        subprocess.run([*command, "--credits", ROOT / "packaging/real_credits.json"], check=True)
        return load_sprites(out)


def tensor(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(to_model_space(images)).permute(0, 3, 1, 2).contiguous()


def trained(x: Tensor, nouns: Tensor, count: int) -> NounNetwork:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    network = NounNetwork(count)
    optimizer = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=5e-2)
    # Rare nouns count almost as much as frequent ones.
    weights = torch.bincount(nouns, minlength=count).double()[nouns] ** -0.7
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = 1e-3 * (1 + math.cos(math.pi * step / STEPS))
        pick = torch.multinomial(weights, BATCH, replacement=True, generator=generator)
        batch = x[pick]
        flip = torch.rand(BATCH, 1, 1, 1, generator=generator) < 0.5
        batch = torch.where(flip, batch.flip(3), batch)
        dy, dx = torch.randint(-1, 2, (2,), generator=generator).tolist()
        batch = batch.roll((dy, dx), (2, 3))
        loss = F.cross_entropy(network(batch), nouns[pick], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


@torch.inference_mode()
def recognized(network: NounNetwork, x: Tensor, nouns: Tensor) -> dict[str, float]:
    """Shares of sprites whose noun is the most probable one, or one of the five most probable."""
    order = network(x).argsort(dim=1, descending=True)
    hits = order[:, :5] == nouns[:, None]
    return {
        "top1": round(float(hits[:, 0].float().mean()), 3),
        "top5": round(float(hits.any(dim=1).float().mean()), 3),
    }


def spoiled(x: Tensor) -> dict[str, Tensor]:
    """The same sprites blurred, and with their quarters shuffled."""
    blurred = F.avg_pool2d(F.pad(x, (3, 3, 3, 3), value=1.0), 7, 1)
    top, bottom = x.chunk(2, dim=2)
    quarters = [*bottom.chunk(2, dim=3), *top.chunk(2, dim=3)]
    a, b, c, d = quarters
    return {
        "blurred": blurred,
        "shuffled": torch.cat([torch.cat([b, c], 3), torch.cat([d, a], 3)], 2),
    }


def generated(model: Model, sprites: SpriteSet, rows: NDArray[np.int64]) -> Tensor:
    """One sprite for the class, words and source of each of these sprites."""
    known = set(model.vocabulary.words)
    configs = [
        SampleConfig(
            count=1,
            seed=1,
            first_index=i,
            classes=(sprites.class_names[sprites.labels[row]],),
            words=tuple(w for w in str(sprites.words[row]).split() if w in known),
            style=s if (s := str(sprites.source[row])) in model.vocabulary.styles else "",
        )
        for i, row in enumerate(rows.tolist())
    ]
    return tensor(drain(sample_iter(model, configs, RunControl(), record=False)).rgba()[..., :3])


def main() -> None:
    torch.set_num_threads(1)
    sprites = drawn_sprites()
    train, aside = split_rows(sprites)
    noun = np.array([str(words).split()[0] if words else "" for words in sprites.words])
    assert sprites.group is not None
    counts = Counter(noun[train].tolist())
    groups = {word: len(set(sprites.group[train][noun[train] == word].tolist())) for word in counts}
    names = sorted(
        word
        for word, count in counts.items()
        if word and count >= LEAST_SPRITES and groups[word] >= LEAST_GROUPS
    )
    index = {word: i for i, word in enumerate(names)}
    train = train[[word in index for word in noun[train]]]
    aside = aside[[word in index for word in noun[aside]]]
    numbers = torch.tensor([index.get(word, -1) for word in noun.tolist()])
    network = trained(tensor(sprites.images[train]), numbers[train], len(names))

    x, wanted = tensor(sprites.images[aside]), numbers[aside]
    drawn = recognized(network, x, wanted)
    detail: dict[str, object] = {
        "nouns": len(names),
        "held_out": len(aside),
        "drawn": drawn,
        **{name: recognized(network, bad, wanted) for name, bad in spoiled(x).items()},
    }
    shares = []
    for name in MODELS:
        found = recognized(network, generated(load_model(name), sprites, aside), wanted)
        detail[Path(name).name] = found
        shares.append(found["top5"] / drawn["top5"])
    report("recognizability", shares[:1], "of drawn", GOAL, detail, more_is_better=True)


if __name__ == "__main__":
    main()
