"""Tune each start on a set, and make a sheet of both for blind rating.

``python -m tests.benchmarks.naming.tuning_sheet SET FOLDER`` writes FOLDER/NAME.png, with 24
sprites of each, shuffled, and FOLDER/NAME.json, the key with figures: the loss of the start before
tuning, the step kept, seconds of processor time, and copies among 256 other samples. Once NAME.txt
beside them lists the numbers of those that would be used, ``... SET FOLDER --rated`` counts them
for each start, and among the first sixteen as ordered by the critic alone and with ``plainness``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sprite_lab.app.draw.generate.batch import Scores
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.palette import common_colors, palette_bytes
from sprite_lab.core.pixels.plainness import plainness
from sprite_lab.core.presets import PRESETS, TUNING_PRESET
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.engine.measuring.features import load_critic
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.open_set import open_set
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.copies import TuningCheck
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.engine.training.validation import Validation
from tests.benchmarks.naming.make_sheet import numbered

STARTS, SHOWN, SEEDS = ("builtin", "real"), 24, (11, 12, 13, 14)


def tune(sprites: SpriteSet, name: str) -> tuple[dict[str, object], np.ndarray]:
    """Figures of the run, and uint8 (64, H, W, 4), drawn as by the page of one's own style."""
    start = load_model(name, "cpu")
    config = replace(fine_tuning(PRESETS[TUNING_PRESET], start), device="cpu", max_seconds=2500.0)
    task = sprite_task(config, sprites, start)
    known, cpu = task.facts.vocabulary, torch.device("cpu")
    shown = Pictures(sprites, task.config.network.channels, cpu, None, known)
    before = drain(Validation(shown, task.config).run(task.denoiser.eval()))
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        drain(train_iter(config, sprites, Path(folder) / "run", RunControl(), init=start))
        model, spent = load_model(Path(folder) / "run", "cpu"), time.process_time() - begun
    palette, check = palette_bytes(common_colors(sprites.rgba)), TuningCheck(sprites)
    asked = SampleConfig(count=64, classes=model.class_names, palette=palette, steps=12)
    drawn = [
        drain(sample_iter(model, [replace(asked, seed=seed)], RunControl(), record=False)).rgba()
        for seed in SEEDS
    ]
    return {
        "start_loss": round(before.val_loss, 4),
        "step": model.step,
        "seconds": round(spent),
        "copies": [round(check.share(composite(rgba)), 3) for rgba in drawn],
    }, drawn[0]


def rated(key: dict[str, list], used: set[int], sprites: SpriteSet) -> None:
    """Print how many are used: of each start, and of the first sixteen in either order."""
    rgba = np.array(key["pixels"], np.uint8)
    good = np.array([number in used for number in range(len(rgba))])
    for name in STARTS:
        print(name, sum(good[i] for i, one in enumerate(key["starts"]) if one == name))
    critic, plain = load_critic()(rgba), np.zeros(len(rgba))
    labels = np.array(key["labels"])
    for label in np.unique(labels):
        own = sprites.rgba[sprites.labels == label] if sprites.class_names else sprites.rgba
        plain[labels == label] = plainness(rgba[labels == label], own)
    for text, scores in (
        ("critic", Scores(critic=critic)),
        ("both", Scores(critic=critic, plain=plain)),
    ):
        order = scores.order("best")
        assert order is not None
        print(text, f"{good[order[:16]].mean():.2f} of {good.mean():.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rated", action="store_true")
    options = parser.parse_args()
    sprites, beside = open_set(str(options.set)), options.folder / options.set.stem
    if options.rated:
        used = set(map(int, beside.with_suffix(".txt").read_text().split()))
        rated(json.loads(beside.with_suffix(".json").read_text()), used, sprites)
        return
    torch.set_num_threads(1)
    found = {name: tune(sprites, name) for name in STARTS}
    kinds = max(1, len(sprites.class_names))
    pool = [(name, i) for name in STARTS for i in range(SHOWN)]
    pool = [pool[k] for k in np.random.default_rng(0).permutation(len(pool))]
    pixels = np.stack([found[name][1][i] for name, i in pool])
    numbered(composite(pixels)).save(beside.with_suffix(".png"))
    key = {
        "starts": [name for name, _ in pool],
        "labels": [i % kinds for _, i in pool],
        "pixels": pixels.tolist(),
        "figures": {name: figures for name, (figures, _) in found.items()},
    }
    beside.with_suffix(".json").write_text(json.dumps(key))
    print(json.dumps(key["figures"]))


if __name__ == "__main__":
    main()
