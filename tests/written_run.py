"""A run folder like that of a training run, written without training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import StepRecord
from sprite_lab.engine.following import agent
from sprite_lab.engine.training.metrics_rows import step_row
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet

DATA = {"title": "made", "fingerprint": "", "class_names": []}


class WrittenRun:
    """A run folder that is locked until :meth:`end`."""

    def __init__(self, path: Path) -> None:
        self.folder = RunFolder(path)
        self.folder.create()
        config = replace(TrainConfig(), max_steps=100, preview_count=4)
        self.folder.write_manifest({"config": config.to_json(), "data": DATA})
        self.lock = self.folder.lock()
        self.lock.acquire()

    def step(self, *steps: int, torn: str = "") -> None:
        with self.folder.metrics.open("a") as file:
            for step in steps:
                record = StepRecord(step, step / 10, 1 / step, 1e-3, 0.0, float(step), 1.0)
                file.write(json.dumps(step_row(record)) + "\n")
            file.write(torn)

    def draw(self, step: int) -> None:
        images = np.full((4, 16, 16, 3), step, np.uint8)
        write_png(self.folder.sample_sheet(step), make_sheet(images))

    def save(self, step: int) -> None:
        self.folder.weights(step).write_bytes(bytes([step]) * (agent.PIECE + 3))
        self.folder.state(step).write_bytes(b"not for others")

    def end(self) -> None:
        self.lock.release()
