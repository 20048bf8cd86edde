#!/usr/bin/env python3
"""Train the example run that Sprite Lab ships: 50 built-in sprites, learned by heart.

    python packaging/make_example_run.py

Takes four minutes of one CPU core and nothing but this checkout. With it, nobody has to train for
long to see memorization begin. The network is small, the sprites few and the training long: the
error on new sprites is lowest after a quarter of it. Writes the contents of a run folder
(``run_folder.py``) except weights to resources/examples/learned-by-heart.

It is seeded, on one thread and in float32, and examined after fixed steps, so that the same
machine and version of PyTorch make the same run, apart from the seconds.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from pathlib import Path

import torch

from sprite_lab.app.train.example_run import EXAMPLE_TITLE
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.records import EvalRecord, Record
from sprite_lab.core.run import RunControl, drain
from sprite_lab.data import builtin
from sprite_lab.engine.measuring.optimal_loss import both_floors_iter
from sprite_lab.engine.training.copies import CopyCheck
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import learn
from sprite_lab.engine.training.training_task import TrainingTask, sprite_task
from sprite_lab.paths import example_run

#: One step each: the sprites are fewer than a batch.
EPOCHS = 1500

#: Often at first, since so much is learned there.
EXAMINED = frozenset({1, 2, 4, 8, 16, 32, 64, *range(100, EPOCHS + 1, 50)})

_QUICK = PRESETS["quick"]
CONFIG: TrainConfig = replace(
    _QUICK,
    epochs=EPOCHS,
    max_seconds=None,
    max_sprites=50,
    network=replace(_QUICK.network, width=32),
    device="cpu",
    precision="fp32",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=example_run())
    make(parser.parse_args().out, CONFIG, EXAMINED)


def make(out: Path, config: TrainConfig, examined_at: frozenset[int]) -> None:
    """Train in ``out``, which is emptied first, and leave everything but the weights there."""
    torch.set_num_threads(1)
    sprites = builtin()

    def task() -> TrainingTask:
        copies = CopyCheck.of(sprites, config)
        return replace(sprite_task(config, sprites), copies=copies, examined_at=examined_at)

    shutil.rmtree(out, ignore_errors=True)
    drain(learn(task, out, RunControl()), _tell)
    folder = RunFolder(out)
    vocabulary = folder.read_data(prompts=False).vocabulary
    folder.write_floor(drain(both_floors_iter(config, sprites, RunControl(), vocabulary)))
    folder.write_name(EXAMPLE_TITLE)
    for weights in ("checkpoints", "early"):
        shutil.rmtree(out / weights)
    (out / ".lock").unlink(missing_ok=True)
    size = sum(file.stat().st_size for file in out.rglob("*"))
    print(f"{out}: {size / 1e3:,.0f} KB")


def _tell(record: Record) -> None:
    if isinstance(record, EvalRecord):
        print(f"step {record.step}: validation loss {record.val_loss:.4f}", flush=True)


if __name__ == "__main__":
    main()
