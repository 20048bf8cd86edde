"""``sprite-lab selftest``: a small run of everything, for packaged apps."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from sprite_lab import extras
from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import Json
from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_pixels

STEPS = 20
SCALE = 4
COUNT = 4
SAMPLE_STEPS = 10


def selftest(as_json: Json = False) -> None:
    """Train 20 steps, draw sprites, export animations and read them back: does it all work here?"""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="sprite-lab-selftest-") as folder:
        checks = _run(Path(folder))
    seconds = time.perf_counter() - start
    print_result(
        {"ok": True, "checks": checks, "seconds": round(seconds, 2)},
        "\n".join(f"ok: {check}" for check in checks) + f"\nselftest passed in {seconds:.1f} s",
        as_json,
    )


def _check(condition: bool, failure: str) -> None:
    if not condition:
        raise RunError(f"The self-test failed: {failure}.")


def _run(folder: Path) -> list[str]:
    """Run all of it below ``folder``; returns the checks passed, one per line."""
    import numpy as np
    from PIL import Image

    from sprite_lab.core.config import AnimationConfig
    from sprite_lab.data import builtin
    from sprite_lab.engine.machine import machine_facts
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter
    from sprite_lab.engine.training.trainer import train_iter
    from sprite_lab.formats.animation.animation import trajectory_clip
    from sprite_lab.formats.animation.film import Film

    facts = machine_facts()
    device, title = facts.devices[0]
    checks = [f"PyTorch {facts.torch} (built for: {facts.built_for}) on {device} ({title})"]
    sprites = builtin()
    checks.append(f"{len(sprites)} built-in sprites in {len(sprites.class_names)} classes")

    config = replace(
        PRESETS["quick"],
        epochs=None,
        max_seconds=None,
        max_steps=STEPS,
        batch_size=32,
        network=NetworkConfig(width=32),
        preview_count=4,
        preview_steps=4,
        device="cpu",
    )
    run = folder / "run"
    with Reporter("Training") as reporter:
        result = drain(train_iter(config, sprites, run, RunControl()), reporter.show)
    _check(result.step == STEPS, f"{result.step} steps were trained instead of {STEPS}")
    loss = reporter.last_step.loss if reporter.last_step else float("nan")
    _check(bool(np.isfinite(loss)), f"the loss is {loss}")
    checks.append(f"{STEPS} steps of training, loss {loss:.3f}")

    model = load_model(run, "cpu")
    drawing = SampleConfig(count=COUNT, steps=SAMPLE_STEPS, classes=model.class_names)
    trajectory = follow("Sampling", sample_iter(model, [drawing], RunControl()))
    final = to_pixels(trajectory.final())
    _check(len(trajectory) == SAMPLE_STEPS + 1, f"{len(trajectory)} frames were recorded")
    _check(final.shape == (COUNT, 16, 16, 3), f"the sprites have shape {final.shape}")
    checks.append(f"the checkpoint loads and draws {COUNT} sprites in {SAMPLE_STEPS} steps")

    # imageio imports its plugins by name, so they may be missing from a frozen app.
    looks = {name: AnimationConfig(format=name, scale=SCALE, fps=10) for name in ("gif", "webp")}
    for name, look in looks.items():
        path = folder / f"reverse.{name}"
        drain(Film(trajectory_clip(trajectory), look).write(path))
        with Image.open(path) as image:
            frames, width = getattr(image, "n_frames", 1), image.width
        what = f"the {image.format}"
        _check(frames == len(trajectory), f"{what} has {frames} frames of {len(trajectory)}")
        _check(width == 2 * 16 * SCALE, f"{what} is {width} pixels wide")
        checks.append(f"{what} reads back: {frames} frames, {width} pixels wide")
    if not extras.missing("video"):
        import_module("imageio.plugins.ffmpeg")
        checks.append(f"videos are written by {extras.find_ffmpeg()}")
    return checks
