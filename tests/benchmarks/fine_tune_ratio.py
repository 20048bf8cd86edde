"""Fine-tuning on a few sprites of a source that the base model has never seen.

The base model is trained without one source. Half of that source's groups stand for the sprites
that a hobby game maker has; the other half stands for more of the same. One model is tuned from the
base in at most two minutes, as ``sprite-lab train --init`` does, and another one is trained from
new weights for two minutes. The value is the tuned model's kernel distance to the other half,
divided by the better one of the untuned base and the new model; tuning is worthwhile below 1.
``fine_tune_ratio base`` only trains the base, which takes longest; it is kept in a folder and used
again (``SPRITE_LAB_BASE_RUN``).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.results.metrics import copy_share, kernel_distance, nearest_sprites
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data.datasets import split
from sprite_lab.engine.measuring.features import load_features
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.report import report

SOURCE, BASE_SECONDS, SECONDS, SEEDS, SAMPLES = "tiny16_basic", 900.0, 120.0, 3, 512


def train(config: TrainConfig, sprites: SpriteSet, run: Path, start: Model | None = None) -> Model:
    drain(train_iter(config, sprites, run, RunControl(), resume=run.exists(), init=start))
    return load_model(run)


class Judge:
    """Kernel distance to held-out sprites, and the share of copies of training sprites."""

    def __init__(self, own: SpriteSet, held_back: SpriteSet) -> None:
        self.own, self.features = own, load_features()
        self.known = self.features(held_back.images)
        self.new = nearest_sprites(held_back.images, own.images).distance
        labels = np.random.default_rng(0).permutation(held_back.labels)
        self.classes = tuple(held_back.class_names[k] for k in labels)

    def __call__(self, model: Model) -> tuple[float, float]:
        config = SampleConfig(SAMPLES, seed=1, classes=self.classes)
        drawn = drain(sample_iter(model, [config], RunControl(), record=False)).rgba()[..., :3]
        distance = kernel_distance(self.known, self.features(drawn)).value
        copies = copy_share(nearest_sprites(drawn, self.own.images).distance, self.new)
        return float(distance), float(copies)


def main() -> None:
    file = data_file()
    if file is None:
        sys.exit("The real sprites are not here: set SPRITE_LAB_SHARED to their folder.")
    sprites = load_sprites(file)
    theirs = sprites.source == SOURCE
    folder = Path(os.environ.get("SPRITE_LAB_BASE_RUN", "") or tempfile.mkdtemp()) / "base"
    timed = {"epochs": None, "max_seconds": BASE_SECONDS}
    base = train(replace(PRESETS["best"], **timed), sprites.take(np.flatnonzero(~theirs)), folder)
    if sys.argv[1:] == ["base"]:
        return
    own, held_back = split(sprites.take(np.flatnonzero(theirs)), 0.5)
    judge = Judge(own, held_back)

    found: dict[str, list[tuple[float, float]]] = {"untuned": [], "new": [], "tuned": []}
    seconds: list[float] = []
    for seed in range(SEEDS):
        config = replace(PRESETS["quick"], epochs=None, max_seconds=SECONDS, seed=seed)
        with tempfile.TemporaryDirectory() as name:
            work = Path(name)
            found["new"].append(judge(train(config, own, work / "new")))
            tuning = fine_tuning(replace(PRESETS["tune"], seed=seed), base)
            start = time.perf_counter()
            tuned = train(tuning, own, work / "tuned", base)
            seconds.append(round(time.perf_counter() - start, 1))
            found["tuned"].append(judge(tuned))
    found["untuned"].append(judge(base))

    def middle(name: str, which: int) -> float:
        return statistics.median(result[which] for result in found[name])

    without = min(middle("untuned", 0), middle("new", 0))
    detail = {
        "learnt_from": len(own),
        "held_against": len(held_back),
        "kernel_distance": {n: [round(r[0], 3) for r in rs] for n, rs in found.items()},
        "copies": {n: [round(r[1], 3) for r in rs] for n, rs in found.items()},
        "copies_ok": middle("tuned", 1) <= 0.1,
        "tuning_seconds": seconds,
        "threads": torch.get_num_threads(),
    }
    ratios = [distance / without for distance, _ in found["tuned"]]
    report("fine_tune_ratio", ratios, "", 1, detail)


if __name__ == "__main__":
    main()
