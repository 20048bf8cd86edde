"""Tasks that draw the same sprite with each checkpoint of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sprite_lab.app.task import call, task
from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.records import CheckpointDrawing, Progress
from sprite_lab.core.run import Run, RunControl, relay_as
from sprite_lab.words import marked, tr

# ruff: noqa: PLC0415 (as in ``tasks``)


@dataclass(frozen=True)
class Checkpoint:
    """Weights of a run: their step, path, and time of writing in ns."""

    step: int
    path: Path
    written: int


@dataclass(frozen=True)
class RunCheckpoints:
    """The checkpoints of a run, oldest first, and everything needed to draw with them."""

    run: Path
    config: TrainConfig
    class_names: tuple[str, ...]
    checkpoints: tuple[Checkpoint, ...]


@call("files", marked("Finding checkpoints"))
def list_checkpoints(run: Path) -> RunCheckpoints:
    """List the checkpoints that a run has kept so far."""
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(run)
    found = []
    for step, path in folder.all_weights():
        try:
            found.append(Checkpoint(step, path, path.stat().st_mtime_ns))
        except OSError:  # the training was canceled, and its files are gone
            continue
    names = folder.read_data(prompts=False).vocabulary.classes
    return RunCheckpoints(run, folder.read_config(), names, tuple(found))


@task(name=marked("Drawing with each checkpoint"))
def draw_checkpoints(
    control: RunControl, checkpoints: Sequence[Checkpoint], config: SampleConfig
) -> Run[int]:
    """Draw a sprite with each checkpoint; yields CheckpointDrawings.

    Returns the number of checkpoints done, counting those that a running training has removed.
    """
    yield Progress(0, len(checkpoints), tr("Drawing with each checkpoint"))
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    for done, checkpoint in enumerate(checkpoints):
        if control.stop_requested:
            return done
        if not checkpoint.path.is_file():  # a running training has removed it
            continue
        model = load_model(checkpoint.path)
        progress = Progress(done, len(checkpoints), tr("Drawing with each checkpoint"))
        sampling = sample_iter(model, [config], control)
        trajectory = yield from relay_as(sampling, progress)
        if control.stop_requested:
            return done
        yield CheckpointDrawing(checkpoint.step, checkpoint.path, config, trajectory)
    return len(checkpoints)
