"""How much sooner our recipe reaches what the course's reaches, by the clock.

The course's recipe is trained in fp32, as it is published, for 32 epochs and for 200,000 sprites
seen, and sampled by the better of its own 500 steps and our sampler. Ours gets a share of its
seconds, three seeds each. Quality is the Frechet distance of 2,048 samples to the validation
sprites. ``train_to_quality_ratio course`` only makes the course's two runs, which take the
longest; they are kept in a folder and used again (``SPRITE_LAB_COURSE_RUNS``). Its clock is
sprites seen over its speed, measured in this very run beside ours.
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
from sprite_lab.core.metrics import frechet_distance, kernel_distance
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.data.datasets import split
from sprite_lab.engine.features import load_features
from sprite_lab.engine.models import load_model
from sprite_lab.engine.sampling import sample_iter
from sprite_lab.engine.trainer import train_iter
from sprite_lab.formats.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.peers import BATCH, ours, seconds_in_turn
from tests.benchmarks.report import report

SAMPLES, SEEDS = 2048, 3
#: Steps of 100 sprites: 32 epochs of the real set's training part, and 200,000 sprites.
COURSE_STEPS = {"32 epochs": 832, "200k sprites": 2000}
#: How many times sooner: tried from the first on while the quality is reached.
RATIOS = (10, 15, 20, 30)
FP32_RATIO = 7
#: Ours without guidance, which trades variety for looks.
OWN_SAMPLER = SampleConfig(sampler="ddpm", steps=500, colors=0, guidance_scale=1.0)
OUR_SAMPLER = SampleConfig(guidance_scale=1.0)


class Judge:
    """Frechet distances of models to the validation sprites."""

    def __init__(self, validation: SpriteSet) -> None:
        self.features = load_features()
        self.known = self.features(validation.images)
        labels = np.random.default_rng(0).permutation(validation.labels)
        self.classes = tuple(validation.class_names[k] for k in labels)

    def sampled(self, run: Path, config: SampleConfig, count: int) -> np.ndarray:
        """Features of samples, float32 (count, D)."""
        config = replace(config, count=count, seed=1, classes=self.classes)
        drawn = drain(sample_iter(load_model(run), [config], RunControl(), record=False))
        return self.features(drawn.rgba()[..., :3])

    def distance(self, run: Path, config: SampleConfig) -> float:
        return float(frechet_distance(self.known, self.sampled(run, config, SAMPLES)))

    def better_sampler(self, run: Path) -> SampleConfig:
        """The course's own sampler or ours, by the kernel distance of 256 samples."""
        configs = OWN_SAMPLER, replace(OUR_SAMPLER, colors=0)
        return min(
            configs, key=lambda c: kernel_distance(self.known, self.sampled(run, c, 256)).value
        )


def train(config: TrainConfig, sprites: SpriteSet, run: Path) -> float:
    """Train, previews and validation included; seconds by the clock."""
    start = time.perf_counter()
    drain(train_iter(config, sprites, run, RunControl(), resume=run.exists()))
    return time.perf_counter() - start


def course_runs(sprites: SpriteSet, folder: Path) -> dict[str, Path]:
    """The course's two runs, trained where they are not there yet."""
    runs = {}
    for name, steps in COURSE_STEPS.items():
        runs[name] = folder / name.replace(" ", "-")
        config = replace(PRESETS["course"], epochs=None, max_steps=steps)
        if not (runs[name] / "done").exists():
            train(config, sprites, runs[name])
            (runs[name] / "done").touch()
    return runs


def ours_reaches(
    target: float, seconds: float, bf16: bool, sprites: SpriteSet, judge: Judge
) -> list[float]:
    """The distances of SEEDS runs of ``quick`` that end after ``seconds``."""
    distances = []
    for seed in range(SEEDS):
        precision = "auto" if bf16 else "fp32"
        config = replace(
            PRESETS["quick"], epochs=None, max_seconds=seconds, seed=seed, precision=precision
        )
        with tempfile.TemporaryDirectory() as folder:
            train(config, sprites, Path(folder) / "run")
            distances.append(judge.distance(Path(folder) / "run", OUR_SAMPLER))
        print(f"# {seconds:.0f} s seed {seed}: {distances[-1]:.2f} (wanted {target:.2f})")
    return distances


def main() -> None:
    file = data_file()
    if file is None:
        sys.exit("The real sprites are not here: set SPRITE_LAB_SHARED to their folder.")
    sprites = load_sprites(file)
    folder = Path(os.environ.get("SPRITE_LAB_COURSE_RUNS", "") or tempfile.mkdtemp())
    runs = course_runs(sprites, folder)
    if sys.argv[1:] == ["course"]:
        return
    judge = Judge(split(sprites)[1])
    course, quick = ours("course", bf16=False), ours("quick", bf16=True)
    times = seconds_in_turn([course, quick], 15)
    speed = BATCH / statistics.median(times[course.name])

    detail: dict = {"course_sprites_per_second": round(speed), "targets": {}}
    reached = []
    for name, run in runs.items():
        seconds = COURSE_STEPS[name] * BATCH / speed
        sampler = judge.better_sampler(run)
        target = judge.distance(run, sampler)
        found = {"course_seconds": round(seconds), "course_frechet": round(target, 2)}
        found["course_sampler"] = sampler.sampler or "ours"
        best = 0
        for ratio in RATIOS:
            distances = ours_reaches(target, seconds / ratio, True, sprites, judge)
            found[f"frechet_at_{ratio}x"] = [round(d, 2) for d in distances]
            if statistics.median(distances) > target:
                break
            best = ratio
        distances = ours_reaches(target, seconds / FP32_RATIO, False, sprites, judge)
        found[f"frechet_fp32_at_{FP32_RATIO}x"] = [round(d, 2) for d in distances]
        found["fp32_ok"] = statistics.median(distances) <= target
        detail["targets"][name] = found
        reached.append(best)
    detail["threads"] = torch.get_num_threads()
    detail["all_ok"] = all(t["fp32_ok"] for t in detail["targets"].values())
    report("train_to_quality_ratio", [min(reached)], "x", 10, detail, more_is_better=True)


if __name__ == "__main__":
    main()
