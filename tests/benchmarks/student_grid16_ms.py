"""A grid of 16 sprites by the shipped student, with guidance, as in the Draw workspace.

Only the finished sprites are kept; snapping to flat colors is included.
"""

from __future__ import annotations

import time

import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.benchmarks.report import report

RUNS, WARM_UP = 31, 5


def main() -> None:
    student = load_model("real-student")
    runs: dict[int, list[float]] = {1: [], 2: [], 4: []}
    for seed in range(WARM_UP + RUNS):
        for steps, times in runs.items():
            config = SampleConfig(16, seed, steps=steps, classes=COURSE_CLASSES)
            start = time.perf_counter()
            drain(sample_iter(student, [config], RunControl(), record=False))
            if seed >= WARM_UP:
                times.append(1000 * (time.perf_counter() - start))
    medians = {steps: round(sorted(times)[RUNS // 2], 1) for steps, times in runs.items()}
    default = SampleConfig(16, 0, classes=COURSE_CLASSES)
    detail = {
        "ms_by_evaluations": medians,
        "guidance_scale": default.guidance_scale,
        "threads": torch.get_num_threads(),
    }
    report("student_grid16_ms", runs[4], "ms", 60, detail)


if __name__ == "__main__":
    main()
