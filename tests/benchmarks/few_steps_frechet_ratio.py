"""Few evaluations compared with 500-step ancestral sampling of the same model, by Frechet distance.

2,048 samples each are compared with the validation sprites, with the same classes, seeds, guidance
(none) and snapping. Two goals: 12 evaluations of the shipped model are no worse, and 4 of its
student are within 20%. The student, which was taught to guide itself in one evaluation, is also
shown with the app's guidance.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.judge import Judge
from tests.benchmarks.report import report

SAMPLES, STUDENT_GOAL = 2048, 1.2


def measure(judge: Judge, name: str, config: SampleConfig) -> dict[str, float]:
    start = time.perf_counter()
    config = replace(config, count=SAMPLES, seed=1, classes=judge.classes)
    drawn = drain(sample_iter(load_model(name), [config], RunControl(), record=False))
    images = drawn.rgba()[..., :3]
    seconds = time.perf_counter() - start
    found = {"frechet": judge.distance(images), "copies": judge.copies(images)}
    print(f"# {name} {config.sampler} {config.steps}: {found}", flush=True)
    return {**{key: round(value, 3) for key, value in found.items()}, "seconds": round(seconds)}


def measure_all(sprites: SpriteSet) -> dict[str, dict[str, float]]:
    judge = Judge(sprites)
    plain = SampleConfig(guidance_scale=1.0)
    found = {}
    for steps in (8, 12, 16):
        config = replace(plain, steps=steps)
        found[f"{steps} evaluations"] = measure(judge, "real", config)
    for steps in (1, 2, 4):
        for guidance in (1.0, 2.0):
            config = replace(plain, steps=steps, guidance_scale=guidance)
            name = f"student, {steps}, guidance {guidance:g}"
            found[name] = measure(judge, "real-student", config)
    ancestral = replace(plain, sampler="ddpm", steps=500)
    found["500 ancestral"] = measure(judge, "real", ancestral)
    return found


def main() -> None:
    file = data_file()
    if file is None:
        sys.exit("The real sprites are not here: set SPRITE_LAB_SHARED to their folder.")
    found = measure_all(load_sprites(file))
    slow = found["500 ancestral"]["frechet"]
    student = min(found[f"student, 4, guidance {g}"]["frechet"] for g in (1, 2)) / slow
    detail = {
        "samplers": found,
        "student_ratio_at_4": round(student, 3),
        "student_ok": student <= STUDENT_GOAL,
        "threads": torch.get_num_threads(),
    }
    report("few_steps_frechet_ratio", [found["12 evaluations"]["frechet"] / slow], "", 1, detail)


if __name__ == "__main__":
    main()
