"""A million sprites: opening their store, its memory, and its effect on training.

The sprites are the built-in ones, shifted and recolored; those with the same original form a group.
``SPRITE_LAB_MILLION`` names a folder in which the store is kept, so that it is written only once;
otherwise it is deleted.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data import builtin
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.formats.sets.store_writer import StoreWriter
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

COUNT, PART = 1_000_000, 10_000
RUNS, ROUNDS, STEPS, SMALL = 5, 6, 10, 3_000
SCROLLS = 60


def write(path: Path) -> float:
    """Write the store; returns the seconds it took."""
    base, rng = builtin(), np.random.default_rng(0)
    begin = time.perf_counter()
    with StoreWriter(path) as writer:
        for start in range(writer.count, COUNT, PART):
            writer.append(recolored(base, rng.integers(0, len(base), PART), rng, start))
        drain(writer.finish_iter())
    return time.perf_counter() - begin


def recolored(
    base: SpriteSet, index: np.ndarray, rng: np.random.Generator, start: int
) -> SpriteSet:
    """The sprites at ``index``, each with rotated hues, and moved by at most one pixel."""
    images, alpha = base.images[index], base.alpha[index]
    tint = rng.integers(0, 64, (len(index), 1, 1, 3), np.uint8)
    images = np.where(alpha[..., None] > 0, images ^ tint, images)
    moves = rng.integers(0, 9, len(index))
    for move in range(9):
        here, shift = moves == move, (move // 3 - 1, move % 3 - 1)
        images[here] = np.roll(images[here], shift, (1, 2))
        alpha[here] = np.roll(alpha[here], shift, (1, 2))
    return SpriteSet(
        images,
        alpha,
        base.labels[index],
        base.class_names,
        group=index,
        names=np.array([f"sprite {start + i}" for i in range(len(index))]),
        source=np.full(len(index), "built-in, recolored"),
    )


def resident_mb(kind: str = "VmRSS") -> float:
    """Memory of this process (Linux); "RssAnon": without mapped files."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{kind}:")[1].split()[0]) / 1000


def opened(path: Path) -> dict[str, float]:
    """In a separate process: seconds and memory to open the store and view a screenful."""
    before, begin = resident_mb(), time.perf_counter()
    sprites = load_sprites(path)
    opening = time.perf_counter() - begin
    _ = [str(sprites.names[i]) for i in range(0, len(sprites), len(sprites) // 200)]
    _ = sprites.rgba_of(slice(0, 200)), np.bincount(sprites.labels + 1)
    return {"s": opening, "mb": resident_mb() - before}


def in_app(path: Path) -> dict[str, float]:
    """In a separate process: the same in the window, with Data in front, and then scrolling."""
    with throwaway_home(), real_window() as (lab, window):
        window.show_workspace("data")
        wait(2)
        before, anonymous = resident_mb(), resident_mb("RssAnon")
        begin, own_begin = time.perf_counter(), time.thread_time()
        lab.open_data(path)
        wait_for(lambda: lab.data.value is not None and len(lab.data.value) == COUNT, 120)
        window.repaint()
        seconds, own = time.perf_counter() - begin, time.thread_time() - own_begin
        wait_for(lambda: not lab.jobs.handles, 300)
        browser = find(window, "data.browser")
        bar, gaps = browser.verticalScrollBar(), []  # type: ignore[attr-defined]
        found = {
            "s": seconds,
            "window_thread_s": own,
            "mb": resident_mb() - before,
            "own_mb": resident_mb("RssAnon") - anonymous,
        }
        jumps = []
        for place in np.linspace(0, bar.maximum(), SCROLLS // 10).astype(int):
            for step in range(10):
                begin = time.thread_time()  # of this thread alone
                bar.setValue(int(place) + 40 * step)
                browser.viewport().repaint()  # type: ignore[attr-defined]
                (gaps if step else jumps).append(1000 * (time.thread_time() - begin))
        return {
            **found,
            "scroll_p99_ms": percentile(gaps, 0.99),
            "jump_median_ms": statistics.median(jumps),
        }


def apart(phase: str, path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.million_sprites", phase, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def steps_ratio(sprites: SpriteSet) -> tuple[list[float], dict[str, float]]:
    """Steps a second with the million, relative to a small set, measured in turn."""
    from dataclasses import replace

    from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS
    from sprite_lab.engine.training.train_step import Learner
    from sprite_lab.engine.training.training_task import sprite_task

    config = replace(PRESETS[DEFAULT_PRESET], flips=0.5, shifts=0.5, recolor=0.5, device="cpu")
    small = sprites.take(np.arange(SMALL))
    tasks = {"small": sprite_task(config, small), "million": sprite_task(config, sprites)}
    learners = {name: Learner(task) for name, task in tasks.items()}
    for name, learner in learners.items():
        learner.threads = 1
        learner.learn(tasks[name].data.batch(0), 1, 1e-4)
    ratios, memory = [], resident_mb("RssAnon")
    took: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(ROUNDS):
        seconds = {}
        for name in sorted(tasks, reverse=bool(turn % 2)):
            begin = time.process_time()  # of this process alone
            for step in range(STEPS * turn, STEPS * (turn + 1)):
                learners[name].learn(tasks[name].data.batch(step), step + 1, 1e-4)
            seconds[name] = time.process_time() - begin
            took[name].append(seconds[name])
        ratios.append(seconds["small"] / seconds["million"])
    detail = {name: round(STEPS / statistics.median(s), 2) for name, s in took.items()}
    return ratios, {**detail, "own_mb_more": round(resident_mb("RssAnon") - memory, 1)}


def main() -> None:
    if len(sys.argv) == 3:
        print(json.dumps({"open": opened, "app": in_app}[sys.argv[1]](Path(sys.argv[2]))))
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="sprite-lab-million-") as folder:
        path = Path(os.environ.get("SPRITE_LAB_MILLION", folder)) / "million.sprites"
        detail: dict = {"load": round(load, 1)}
        if not path.exists():
            detail["writing_s"] = round(write(path), 1)
        runs = [apart("open", path) for _ in range(RUNS)]
        report("million_sprites_open_s", [run["s"] for run in runs], "s", 2, detail)
        report("million_sprites_open_mb", [run["mb"] for run in runs], "MB", 500, {})
        ratios, steps = steps_ratio(load_sprites(path))
        detail = {"steps_a_second": steps, "load": round(os.getloadavg()[0], 1)}
        report("million_sprites_steps_ratio", ratios, "x", 0.97, detail, more_is_better=True)
        load = os.getloadavg()[0]
        app = {key: round(value, 3) for key, value in apart("app", path).items()}
        report("million_sprites_app_s", [app["s"]], "s", 2, {"load": round(load, 1), **app})
        report("million_sprites_app_mb", [app["mb"]], "MB", 500, {})
        report("million_sprites_scroll_p99_ms", [app["scroll_p99_ms"]], "ms", 16.7, {})


if __name__ == "__main__":
    main()
