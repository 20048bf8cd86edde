"""The shipped models on the sealed test sprites, with errors: two tables.

For the built-in set, these are new drawings of sealed designs. For drawn sprites, which we may not
ship, they are the sealed groups of the file named by ``SPRITE_LAB_DRAWN`` (made by
``packaging/real_set.py``). Bits have standard errors by groups of near-copies. Distances are means
over three seeds, with the spread between seeds and the bootstrap error by groups. No weights have
been trained on these sprites since they were sealed; the feature network and the weights that
``real`` started from are older, as the cards say.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging"))

from builtin_set import make_alike

from sprite_lab.core.config import EvalConfig
from sprite_lab.core.results.report import SetFigures
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data import builtin, split
from sprite_lab.data.datasets import SEALED, groups_of, sealed_rows
from sprite_lab.engine.compression import compress_iter, known_of
from sprite_lab.engine.measuring.evaluation import quality_iter
from sprite_lab.engine.measuring.likelihood import bound_iter
from sprite_lab.engine.measuring.measuring import sizes_iter
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.report import report

#: Drawings of each class; about a twentieth have a sealed design.
DRAWN, SEED = 1500, 2

SEEDS = (0, 1, 2)


def sealed(name: str) -> tuple[SpriteSet, SpriteSet]:
    """The training set of a model, and its sealed sprites."""
    if name == "builtin":
        sprites = builtin()
        return sprites, make_alike([DRAWN] * 5, SEED, sprites, sealed_rows(sprites, SEALED))
    sprites = load_sprites(Path(os.environ["SPRITE_LAB_DRAWN"]))
    return sprites, sprites.take(sealed_rows(sprites, SEALED))


def mean(values: NDArray[np.float64], group: NDArray[np.int64]) -> str:
    """The mean and its standard error, by groups."""
    sums = np.bincount(np.unique(group, return_inverse=True)[1], values - values.mean())
    error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / len(values)
    return f"{values.mean():.3f} ± {error:.3f}"


def bits(model: Model, sprites: SpriteSet, test: SpriteSet) -> str:
    """A row of bits/dim: PNG, WebP, LZMA, counts, bound, and files of ``compress``."""
    train, _ = split(sprites)
    group = groups_of(test)
    sizes = drain(sizes_iter(test, train))
    bound = drain(bound_iter(model, test, RunControl()))
    dims = test.images[0].size
    coded = drain(compress_iter(model, test.rgba, test.classes, known_of(sprites)))
    alone = drain(compress_iter(model, test.rgba, test.classes))
    files = (f"{len(each) / len(test):.1f} ({len(each) * 8 / len(test) / dims:.3f})"
             for each in (coded, alone))  # fmt: skip
    cells = (
        f"{len(test)} of {len(np.unique(group))} groups",
        *(mean(values, group) for values in (sizes.png, sizes.webp)),
        f"{sizes.lzma:.3f}",
        *(mean(values, group) for values in (sizes.counted, bound.bits / dims)),
        *files,
    )
    return " | ".join(cells)


def quality(
    model: Model, sprites: SpriteSet, test: SpriteSet, samples: int
) -> tuple[str, list[float]]:
    """A row of figures over all seeds, and the distance for each seed."""
    train, validation = split(sprites, sealed=SEALED)
    found: list[SetFigures] = []
    for seed in SEEDS:
        config = EvalConfig(samples=samples, seed=seed, split="sealed", sealed_fraction=SEALED)
        measured = drain(quality_iter(model, train, validation, test, config, RunControl()))
        assert measured.quality is not None
        found.append(measured.quality.samples)
    exact = all(each.frechet_distance is not None for each in found)
    distances = [each.frechet_distance if exact else each.kernel_distance for each in found]
    within = [each.frechet_stderr if exact else each.kernel_distance_stderr for each in found]
    values = [float(distance or 0.0) for distance in distances]
    error = statistics.mean(float(each or 0.0) for each in within)
    spread = statistics.stdev(values)
    shares = " | ".join(
        f"{statistics.mean(each):.3f} ± {statistics.stdev(each):.3f}"
        for each in (
            [figures.precision for figures in found],
            [figures.recall for figures in found],
            [figures.copies or 0.0 for figures in found],
        )
    )
    name = "Fréchet" if exact else "kernel"
    return (
        f"{name} {statistics.mean(values):.2f} ± {spread:.2f} (seeds) ± {error:.2f} (sprites) "
        f"| {shares}",
        values,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--samples", type=int, default=2048, help="of each seed; 0 = none")
    parser.add_argument("--limit", type=int, help="of the sealed sprites")
    options = parser.parse_args()
    names = ["builtin", *(["real"] if "SPRITE_LAB_DRAWN" in os.environ else [])]
    sets = {name: sealed(name) for name in names}
    for name, (sprites, test) in sets.items():
        order = np.random.default_rng(0).permutation(len(test))[: options.limit]
        sets[name] = sprites, replace(test, group=groups_of(test)).take(order)
    print(
        "| bits/dim | sprites | PNG | WebP | LZMA | counts | bound "
        "| `compress --like`, bytes (bits/dim) | `compress` |\n|" + " --- |" * 9
    )
    for name, (sprites, test) in sets.items():
        print(f"| `{name}` | {bits(load_model(name), sprites, test)} |", flush=True)
    if not options.samples:
        return 0
    print("\n| quality | distance | precision | recall | copies |\n|" + " --- |" * 5)
    runs: list[float] = []
    for name, (sprites, test) in sets.items():
        row, values = quality(load_model(name), sprites, test, options.samples)
        print(f"| `{name}` | {row} |", flush=True)
        runs = runs or values
    report("sealed", runs, "distance of builtin", 10.0, {"samples": options.samples})
    return 0


if __name__ == "__main__":
    sys.exit(main())
