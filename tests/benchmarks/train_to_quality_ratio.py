"""How many times faster our recipe reaches the quality of the course's, in wall time.

The course's recipe is trained in fp32 as published (except that its network gets log-SNR instead of
t / T) for 32 epochs and for 200,000 sprites seen, and sampled by the better of its own 500 steps
and our sampler. Ours gets a fraction of its seconds, with three seeds each, and must not copy.
Quality is the Frechet distance of 2,048 samples to the validation sprites.

``train_to_quality_ratio course`` only trains and measures the course's two runs, which takes
longest; they are kept in a folder and used again (``SPRITE_LAB_COURSE_RUNS``). The course's time is
the sprites seen divided by its speed, measured in the same run as ours; ours is from the start of
training to the end, including all validation, previews and saving.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.results.metrics import kernel_distance
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.judge import Judge
from tests.benchmarks.peers import BATCH, ours, seconds_in_turn
from tests.benchmarks.report import report

SAMPLES, SEEDS = 2048, 3
#: Steps of 100 sprites: 32 epochs of the real set's training part, and 200,000 sprites.
COURSE_STEPS = {"32 epochs": 832, "200k sprites": 2000}
#: Ratios to try, in this order, until the quality is reached.
RATIOS = (30, 20, 15, 10)
FP32_RATIO = 7
#: The share of a run's seconds spent on training, not on evaluation, saving and warm-up.
TRAINING_SHARE = 0.92
#: "A result counts only if it is new."
MOST_COPIES = 0.1
OWN_SAMPLER = SampleConfig(sampler="ddpm", steps=500, variance="beta", colors=0, guidance_scale=1.0)
#: Ours without guidance, which trades variety for looks.
OUR_SAMPLER = SampleConfig(guidance_scale=1.0)


class Attempt(NamedTuple):
    """One of our runs: its distance, share of copies, and wall time in seconds."""

    distance: float
    copies: float
    seconds: float


def draw(run: Path, judge: Judge, config: SampleConfig, count: int) -> NDArray[np.uint8]:
    """RGB of samples in the classes of the validation sprites."""
    config = replace(config, count=count, seed=1, classes=judge.classes)
    drawn = drain(sample_iter(load_model(run), [config], RunControl(), record=False))
    return drawn.rgba()[..., :3]


def better_sampler(run: Path, judge: Judge) -> SampleConfig:
    """The course's own sampler or ours, by the kernel distance of 256 samples."""

    def far(config: SampleConfig) -> float:
        found = judge.features(draw(run, judge, config, 256))
        return kernel_distance(judge.known, found).value

    return min((OWN_SAMPLER, replace(OUR_SAMPLER, colors=0)), key=far)


def train(config: TrainConfig, sprites: SpriteSet, run: Path) -> float:
    """Train, including previews and validation; returns seconds of wall time."""
    start = time.perf_counter()
    drain(train_iter(config, sprites, run, RunControl(), resume=run.exists()))
    return time.perf_counter() - start


def course_runs(sprites: SpriteSet, judge: Judge, folder: Path) -> dict[str, dict]:
    """The course's two runs, trained and measured unless already done."""
    found = {}
    for name, steps in COURSE_STEPS.items():
        run = folder / name.replace(" ", "-")
        result = folder / f"{run.name}.json"
        if not result.exists():
            train(replace(PRESETS["course"], epochs=None, max_steps=steps), sprites, run)
            sampler = better_sampler(run, judge)
            distance = judge.distance(draw(run, judge, sampler, SAMPLES))
            facts = {"course_frechet": distance, "course_sampler": sampler.sampler or "ours"}
            result.write_text(json.dumps(facts))
        found[name] = json.loads(result.read_text())
    return found


def attempts(seconds: float, bf16: bool, sprites: SpriteSet, judge: Judge) -> list[Attempt]:
    """SEEDS runs of ``quick`` that end after ``seconds``."""
    done = []
    for seed in range(SEEDS):
        config = replace(
            PRESETS["quick"],
            epochs=None,
            max_seconds=TRAINING_SHARE * seconds,
            seed=seed,
            precision="auto" if bf16 else "fp32",
        )
        with tempfile.TemporaryDirectory() as folder:
            clock = train(config, sprites, Path(folder) / "run")
            images = draw(Path(folder) / "run", judge, OUR_SAMPLER, SAMPLES)
        done.append(Attempt(judge.distance(images), judge.copies(images), clock))
        print(f"# {seconds:.0f} s, seed {seed}: {done[-1]}", flush=True)
    return done


def reaches(done: list[Attempt], target: float) -> bool:
    middle = Attempt(*map(statistics.median, zip(*done, strict=True)))
    return middle.distance <= target and middle.copies <= MOST_COPIES


def rounded(done: list[Attempt]) -> list[list[float]]:
    return [[round(value, 3) for value in attempt] for attempt in done]


def main() -> None:
    file = data_file()
    if file is None:
        sys.exit("The real sprites are not here: set SPRITE_LAB_SHARED to their folder.")
    sprites = load_sprites(file)
    judge = Judge(sprites)
    folder = Path(os.environ.get("SPRITE_LAB_COURSE_RUNS", "") or tempfile.mkdtemp())
    targets = course_runs(sprites, judge, folder)
    if sys.argv[1:] == ["course"]:
        return
    course, quick = ours("course", bf16=False), ours("quick", bf16=True)
    times = seconds_in_turn([course, quick], 15)
    speed = BATCH / statistics.median(times[course.name])

    reached, fp32_ok = [], []
    for name, facts in targets.items():
        seconds = COURSE_STEPS[name] * BATCH / speed
        facts["course_seconds"] = round(seconds)
        best = 0.0
        for ratio in RATIOS:
            done = attempts(seconds / ratio, True, sprites, judge)
            facts[f"frechet, copies, seconds at {ratio}x"] = rounded(done)
            if reaches(done, facts["course_frechet"]):
                best = seconds / statistics.median(attempt.seconds for attempt in done)
                break
        done = attempts(seconds / FP32_RATIO, False, sprites, judge)
        facts[f"frechet, copies, seconds in fp32 at {FP32_RATIO}x"] = rounded(done)
        fp32_ok.append(reaches(done, facts["course_frechet"]))
        reached.append(best)
    detail = {
        "course_sprites_per_second": round(speed),
        "targets": targets,
        "ratio_by_target": dict(zip(targets, [round(r, 1) for r in reached], strict=True)),
        "fp32_ok": fp32_ok,
        "threads": torch.get_num_threads(),
    }
    report("train_to_quality_ratio", [min(reached)], "x", 10, detail, more_is_better=True)


if __name__ == "__main__":
    main()
