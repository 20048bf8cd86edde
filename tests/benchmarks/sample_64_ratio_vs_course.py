"""64 sprites: the course's network with its 500 ancestral steps compared with ours, in seconds.

Both draw with classes and without guidance, on all threads. The course's speed does not depend on
its weights, which are random here. Three goals: fp32 55, bf16 100, student 150.
"""

from __future__ import annotations

import statistics
import time

import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.benchmarks.report import report

COUNT, RUNS = 64, 3
GOALS = {"fp32": 55, "bf16": 100, "student": 150}


def course_model() -> Model:
    """The notebook's network, untrained."""
    config = PRESETS["course"]
    torch.manual_seed(0)
    denoiser = Denoiser(config.network, config.prediction_type).eval().requires_grad_(False)
    return Model(denoiser, NoiseSchedule(config.schedule), COURSE_CLASSES, "course", 0, "", "")


def seconds(model: Model, config: SampleConfig) -> float:
    """Seconds to draw; only the finished sprites are kept."""
    start = time.perf_counter()
    drain(sample_iter(model, [config], RunControl(), record=False))
    return time.perf_counter() - start


def main() -> None:
    plain = SampleConfig(count=COUNT, classes=COURSE_CLASSES, guidance_scale=1.0)
    fp32 = SampleConfig.from_json({**plain.to_json(), "precision": "fp32"})
    bf16 = SampleConfig.from_json({**plain.to_json(), "precision": "bf16"})
    guided = SampleConfig.from_json({**plain.to_json(), "guidance_scale": 2.0})
    ancestral = SampleConfig.from_json(
        {**fp32.to_json(), "sampler": "ddpm", "steps": 500, "colors": 0}
    )
    course, model, student = course_model(), load_model("real"), load_model("real-student")
    contenders = {
        "fp32": (model, fp32),
        "bf16": (model, bf16),
        "student": (student, bf16),
        "bf16 guided": (model, guided),
        "student guided": (student, guided),
    }
    for which in contenders.values():
        seconds(*which)  # warms up
    slow: list[float] = []
    fast: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(RUNS):
        slow.append(seconds(course, ancestral))
        for name, which in contenders.items():
            fast[name].append(statistics.median(seconds(*which) for _ in range(3)))
    ratios = {n: [s / f for s, f in zip(slow, fast[n], strict=True)] for n in contenders}
    detail = {
        "course_seconds": [round(s, 1) for s in slow],
        "seconds": {n: round(statistics.median(f), 3) for n, f in fast.items()},
        "ratios": {n: round(statistics.median(r), 1) for n, r in ratios.items()},
        "goals": GOALS,
        "all_ok": all(statistics.median(ratios[n]) >= goal for n, goal in GOALS.items()),
        "threads": torch.get_num_threads(),
    }
    report(
        "sample_64_ratio_vs_course", ratios["bf16"], "x", GOALS["bf16"], detail, more_is_better=True
    )


if __name__ == "__main__":
    main()
