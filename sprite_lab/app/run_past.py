"""What a run folder remembers of its training, as records like those that a training sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import EvalRecord, Preview, Progress, Record, StepRecord
from sprite_lab.core.run import Run, RunControl

if TYPE_CHECKING:
    from sprite_lab.jobs import Factory

# ruff: noqa: PLC0415 (as in ``tasks``)


@dataclass(frozen=True, eq=False)
class RunPast:
    """What a run folder remembers of its training: its figures and its previews."""

    run: Path
    config: TrainConfig
    records: tuple[Record, ...]
    previews: tuple[Preview, ...]


def read_past(run: Path) -> Factory:
    """The figures and previews that a run kept, oldest first."""

    def read(control: RunControl) -> Run[RunPast]:
        from sprite_lab.engine.run_folder import RunFolder
        from sprite_lab.formats.png import read_image

        folder = RunFolder(run)
        config = TrainConfig.from_json(folder.read_manifest()["config"])
        records: list[Record] = []
        for row in folder.read_metrics():
            records.extend(_records(row))
            if len(records) % 1000 == 0:
                yield None
        previews = []
        steps = folder.steps("samples")
        for done, step in enumerate(steps):
            yield Progress(done, len(steps), "Reading the previews")
            sheet = read_image(folder.sample_sheet(step))[..., :3]
            images = _cut(sheet, config.network.image_size)[: config.preview_count]
            previews.append(Preview(step, images))
        return RunPast(run, config, tuple(records), tuple(previews))

    return read


def _records(row: Mapping[str, Any]) -> Iterator[Record]:
    """A line of metrics.jsonl as the records that it was made from."""
    yield StepRecord(
        step=int(row["step"]),
        epoch=float(row.get("epoch", 0.0)),
        loss=float(row["loss"]),
        learning_rate=float(row.get("learning_rate", 0.0)),
        sprites_per_second=0.0,
        seconds=float(row.get("seconds", 0.0)),
        grad_norm=float(row.get("grad_norm", 0.0)),
    )
    if "val_loss" in row and "epsilon_error" in row:
        yield EvalRecord(int(row["step"]), float(row["val_loss"]), float(row["epsilon_error"]))


def _cut(sheet: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """uint8 (rows * size, columns * size, C) to (rows * columns, size, size, C)."""
    rows, columns = sheet.shape[0] // size, sheet.shape[1] // size
    cells = sheet.reshape(rows, size, columns, size, sheet.shape[2]).swapaxes(1, 2)
    return np.ascontiguousarray(cells.reshape(rows * columns, size, size, sheet.shape[2]))
