"""The share of a training step spent on other work than learning: loading, augmenting, recording,
saving.

The default preset with every augmentation, run as app and command line do. Checks (validation and
previews) are left out: they have their own limit, see ``engine/training/throttle.py``.
"""

import statistics
import tempfile
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS
from sprite_lab.core.records import StepRecord
from sprite_lab.core.run import RunControl
from sprite_lab.data import builtin
from sprite_lab.engine.training.throttle import Watch
from sprite_lab.engine.training.train_step import Learner
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.formats.sets.sprites import load_sprites
from tests.benchmarks.app import data_file
from tests.benchmarks.report import report

RUNS, WARM_UP, STEPS = 3, 5, 30


class Timed(Learner):
    """A learner that notes when each step began and ended."""

    def learn(self, batch, step, rate):
        begin = time.perf_counter()
        result = super().learn(batch, step, rate)
        times.append((begin, time.perf_counter()))
        return result


times: list[tuple[float, float]] = []


def measure() -> tuple[float, dict[str, float]]:
    """The overhead in percent of a step, and its parts in ms."""
    file = data_file()
    sprites = load_sprites(file) if file else builtin()
    config = replace(PRESETS[DEFAULT_PRESET], flips=0.5, shifts=0.5, recolor=0.5)
    times.clear()
    with tempfile.TemporaryDirectory() as folder:
        run = train_iter(config, sprites, Path(folder) / "run", RunControl())
        for record in run:
            if isinstance(record, StepRecord) and record.step == WARM_UP + STEPS:
                break
        begin = time.perf_counter()
        run.close()  # saves
        save = (time.perf_counter() - begin) / config.checkpoint_every
    kept = times[WARM_UP:]
    learn = statistics.median(end - begin for begin, end in kept)
    between = statistics.median(b[0] - a[1] for a, b in pairwise(kept))
    parts = {"learning": learn, "between_steps": between, "saving": save}
    milliseconds = {name: round(1000 * seconds, 2) for name, seconds in parts.items()}
    return 100 * (between + save) / (learn + between + save), milliseconds


def main() -> None:
    import sprite_lab.engine.training.trainer as trainer

    trainer.lone_learner = Timed
    Watch.due = lambda *_: False  # type: ignore[method-assign]
    runs = [measure() for _ in range(RUNS)]
    report("step_overhead_percent", [run[0] for run in runs], "%", 3, {"ms": [r[1] for r in runs]})


if __name__ == "__main__":
    main()
