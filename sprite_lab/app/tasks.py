"""What the app asks for, as factories of runs: each is called, and advanced, on a worker.

The layers below are imported inside the generators, for the first of those imports takes
longer (torch: a second) than a window may wait.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.cells import CellSheet
from sprite_lab.core.config import SampleConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.core.trajectory import Trajectory

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model
    from sprite_lab.engine.trainer import TrainResult
    from sprite_lab.jobs import Factory

# ruff: noqa: PLC0415 (see above)


@dataclass(frozen=True)
class Machine:
    """What there is to compute with: the device that "auto" takes, and all there are."""

    device: str
    devices: tuple[str, ...]


def look_at_machine() -> Factory:
    """Load torch, so that nobody waits for it later, and say what it can use."""

    def run(control: RunControl) -> Run[Machine]:
        yield Progress(0, 0, "Loading PyTorch")
        from sprite_lab.core.errors import RunError
        from sprite_lab.engine.runtime import choose_device

        there = []
        for name in ("cuda", "xpu", "mps", "cpu"):
            try:
                there.append(choose_device(name).type)
            except RunError:
                continue
        return Machine(choose_device("auto").type, tuple(there))

    return run


# -- data and models -----------------------------------------------------------------------


def load_data(path: Path | None) -> Factory:
    """A SpriteSet from a file; None = the built-in set."""

    def run(control: RunControl) -> Run[SpriteSet]:
        if path is None:
            yield Progress(0, 0, "Making the built-in sprites")
            from sprite_lab.data import builtin

            return builtin()
        yield Progress(0, 0, f"Reading {path.name}")
        from sprite_lab.formats.sprites import load_sprites

        return load_sprites(path)

    return run


@dataclass(frozen=True)
class Plan:
    """What a training will take.

    Parameters
    ----------
    training, validation : sprites to learn from, and those kept aside.
    steps : to its end; None where only time limits it.
    parameters : weights of the network.
    disk_bytes : about what its folder will hold.
    few : whether the sprites are too few to learn from.
    """

    training: int
    validation: int
    steps: int | None
    parameters: int
    disk_bytes: int
    few: bool


def plan_training(config: TrainConfig, sprites: SpriteSet, init: Model | None = None) -> Factory:
    """Find out what a training will take, without starting it."""

    def run(control: RunControl) -> Run[Plan]:
        yield Progress(0, 0, "Planning the training")
        from sprite_lab.data import split_rows
        from sprite_lab.diffusion.denoiser import Denoiser
        from sprite_lab.engine.lesson import MIN_SPRITES_TO_LEARN
        from sprite_lab.engine.models import network_for
        from sprite_lab.engine.run_folder import is_early

        training, validation = split_rows(sprites, config.validation_fraction)
        yield None
        network = network_for(_fitted(config, init), sprites)
        denoiser = Denoiser(network, config.prediction_type)
        parameters = sum(p.numel() for p in denoiser.parameters())
        per_epoch = max(1, len(training) // config.batch_size)
        limits = [config.max_steps, config.epochs and config.epochs * per_epoch]
        steps = min((limit for limit in limits if limit is not None), default=None)
        checkpoints = math.ceil((steps or 0) / config.checkpoint_every) or 1
        # Weights of each checkpoint, and two sets of weights and moments to resume from.
        # Those of the first steps take half the room.
        first = min(steps or config.checkpoint_every, config.checkpoint_every)
        early = sum(is_early(step, config.checkpoint_every) for step in range(1, first + 1))
        disk = 4 * parameters * (checkpoints + 2 * 3) + 2 * parameters * early
        few = len(training) < MIN_SPRITES_TO_LEARN
        return Plan(len(training), len(validation), steps, parameters, disk, few)

    return run


def load_model(ref: str | Path, device: str = "auto") -> Factory:
    """A Model from a run folder, a weights file or by the name of a shipped one."""

    def run(control: RunControl) -> Run[Model]:
        yield Progress(0, 0, "Loading the model")
        from sprite_lab.engine.models import load_model as load

        return load(ref, device)

    return run


def describe_run(path: Path) -> Factory:
    """The facts on a run folder, as a dict."""

    def run(control: RunControl) -> Run[dict[str, Any]]:
        yield None
        from sprite_lab.engine.models import describe

        return describe(path)

    return run


# -- computing -----------------------------------------------------------------------------


def train(
    config: TrainConfig,
    sprites: SpriteSet,
    run: Path,
    *,
    resume: bool = False,
    init: Model | None = None,
) -> Factory:
    """Train, keeping everything in the folder ``run``; ``init`` is what it starts from."""

    def make(control: RunControl) -> Run[TrainResult]:
        from sprite_lab.engine.trainer import train_iter

        ours = _fitted(config, init)
        return train_iter(ours, sprites, run, control, resume=resume, init=init)

    return make


def _fitted(config: TrainConfig, init: Model | None) -> TrainConfig:
    """The configuration as the model to start from, if any, would have it."""
    from sprite_lab.engine.fine_tuning import fine_tuning

    return config if init is None else fine_tuning(config, init)


def distill(ref: str | Path, run: Path) -> Factory:
    """Make a student of a model, keeping everything in the folder ``run``."""

    def make(control: RunControl) -> Run[TrainResult]:
        from sprite_lab.core.presets import STUDENT
        from sprite_lab.engine.distill import distill_iter
        from sprite_lab.engine.models import load_model as load

        yield Progress(0, 0, "Loading the model")
        return (yield from distill_iter(load(ref), run, STUDENT, control))

    return make


def generate(
    model: Model, configs: Sequence[SampleConfig], most_recorded: int | None = None
) -> Factory:
    """Draw the sprites of all configurations, as one reverse Trajectory of at most so many bytes;
    None = as many as the engine takes by itself."""

    def make(control: RunControl) -> Run[Trajectory]:
        from sprite_lab.engine.sampling import sample_iter

        return sample_iter(model, configs, control, most_recorded=most_recorded)

    return make


def forward(images: NDArray[np.uint8], schedule: ScheduleConfig, seed: int) -> Factory:
    """Dissolve uint8 (N, H, W, 3) into noise, as a forward Trajectory."""

    def make(control: RunControl) -> Run[Trajectory]:
        from sprite_lab.engine.forward import forward_iter

        return forward_iter(images, schedule, seed, control)

    return make


# -- files ---------------------------------------------------------------------------------


def write_bytes(path: Path, data: bytes) -> Factory:
    """Write a file that was made in memory; gives the path."""

    def run(control: RunControl) -> Run[Path]:
        from sprite_lab.formats.atomic import atomic_write

        yield Progress(0, 0, f"Writing {path.name}")
        with atomic_write(path) as file:
            file.write(data)
        return path

    return run


def save_project(path: Path, sheet: CellSheet) -> Factory:
    """Write a project; gives the sheet that was written."""

    def run(control: RunControl) -> Run[CellSheet]:
        from sprite_lab.formats.project import save_project as save

        yield Progress(0, 0, f"Saving {path.name}")
        save(path, sheet)
        return sheet

    return run


def load_project(path: Path) -> Factory:
    """Open a project: a CellSheet."""

    def run(control: RunControl) -> Run[CellSheet]:
        from sprite_lab.formats.project import load_project as load

        yield Progress(0, 0, f"Opening {path.name}")
        return load(path)

    return run


def read_page(path: Path) -> Factory:
    """A page of help that comes with the app, as Markdown."""

    def run(control: RunControl) -> Run[str]:
        from sprite_lab.core.errors import FileError

        yield Progress(0, 0, f"Opening {path.name}")
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FileError(
                f"'{path.name}' cannot be read ({error}): install Sprite Lab again."
            ) from error

    return run


def read_settings(path: Path) -> Factory:
    """The SampleConfig that a PNG or GIF of ours carries, or None."""

    def run(control: RunControl) -> Run[SampleConfig | None]:
        from sprite_lab.formats.metadata import read_config

        yield Progress(0, 0, f"Reading {path.name}")
        return read_config(path)

    return run
