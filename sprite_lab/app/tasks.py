"""Tasks that open, save, train and generate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.engine_types import Followed, Model, TrainResult
from sprite_lab.app.task import call, task
from sprite_lab.core.config import ForwardConfig, SampleConfig, TrainConfig
from sprite_lab.core.follow_control import FollowControl
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.presets import FEW_SPRITES
from sprite_lab.core.records import Notice, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import marked, tr

# ruff: noqa: PLC0415 (torch takes a second to import)


@dataclass(frozen=True)
class Machine:
    """The device that "auto" selects, and all available ones."""

    device: str
    devices: tuple[str, ...]


@call(name=marked("Loading PyTorch"))
def look_at_machine() -> Machine:
    """Load torch ahead of its first use, and list the devices."""
    from sprite_lab.engine.runtime import devices

    there = devices()
    return Machine(there[0], tuple(there))


# -- data and models -----------------------------------------------------------------------


@task("files")
def load_data(control: RunControl, path: Path | None) -> Run[SpriteSet]:
    """Load a data set; None = the built-in one."""
    if path is None:
        yield Progress(0, 0, tr("Making the built-in sprites"))
        from sprite_lab.data import builtin

        return builtin()
    yield None
    from sprite_lab.formats.sets.sprites import load_sprites

    return load_sprites(path)


@dataclass(frozen=True)
class Plan:
    """Size and cost of a training run."""

    #: numbers of training and validation sprites
    training: int
    validation: int
    steps: int | None  #: total number of steps; None = only time limits it
    parameters: int  #: number of parameters of the network
    disk_bytes: int  #: approximate size of the run folder
    few: bool  #: whether there are too few sprites to learn from
    speed: float = 0.0  #: approximate sprites a second on this machine; 0 = not measured


@task(name=marked("Estimating the cost of a training run"))
def plan_training(
    control: RunControl,
    config: TrainConfig,
    sprites: SpriteSet,
    init: Model | None = None,
    timed: bool = False,
) -> Run[Plan]:
    """Estimate the size and cost of a training run; ``timed``: measure its speed in a trial."""
    yield Progress(0, 0, tr("Estimating the cost of a training run"))
    from sprite_lab.data.datasets import learned_rows, settled
    from sprite_lab.diffusion.denoiser import Denoiser
    from sprite_lab.engine.models.model import network_for
    from sprite_lab.engine.runtime import choose_device
    from sprite_lab.engine.training.batch_trial import learning_speed
    from sprite_lab.engine.training.run_folder import is_early

    training, validation = learned_rows(sprites, settled(config, sprites))
    yield None
    network = network_for(_fitted(config, init), sprites)
    denoiser = Denoiser(network, config.prediction_type)
    parameters = sum(p.numel() for p in denoiser.parameters())
    per_epoch = max(1, len(training) // config.batch_size)
    steps = config.total_steps(per_epoch)
    checkpoints = math.ceil((steps or 0) / config.checkpoint_every) or 1
    # Weights of each checkpoint, and two sets of weights and moments for resuming. Checkpoints of
    # the first steps are in half precision.
    first = min(steps or config.checkpoint_every, config.checkpoint_every)
    early = sum(is_early(step, config.checkpoint_every) for step in range(1, first + 1))
    disk = 4 * parameters * (checkpoints + 2 * 3) + 2 * parameters * early
    few = len(training) < FEW_SPRITES
    speed = 0.0
    if timed:
        yield Progress(0, 0, tr("Timing the training"))
        denoiser.to(choose_device(config.device))
        speed = learning_speed(denoiser, replace(config, network=network))
    return Plan(len(training), len(validation), steps, parameters, disk, few, speed)


@task()
def load_model(control: RunControl, ref: str | Path, device: str = "auto") -> Run[Model]:
    """Load a model from a run folder or weights file, or a shipped one by name."""
    yield Progress(0, 0, tr("Loading the model"))
    from sprite_lab.engine.models.model import load_model as load

    return load(ref, device)


@dataclass(frozen=True)
class Stopped:
    """The settings of a run to continue. ``teacher``: title of its teacher; "" = it learns from
    sprites. ``seconds``, ``epoch``, ``step``: how long it has trained.
    """

    config: TrainConfig
    teacher: str
    seconds: float = 0.0
    epoch: float = 0.0
    step: float = 0.0

    @property
    def longer(self) -> TrainConfig:
        """Its settings, with the limit that ended it, if any, extended by as much again."""
        config = self.config
        if config.max_seconds is not None and self.seconds >= config.max_seconds:
            config = replace(config, max_seconds=self.seconds + config.max_seconds)
        if config.epochs is not None and self.epoch >= config.epochs:
            config = replace(config, epochs=2 * config.epochs)
        if config.max_steps is not None and self.step >= config.max_steps:
            config = replace(config, max_steps=2 * config.max_steps)
        return config


@call()
def read_stopped(path: Path) -> Stopped:
    """Read everything needed to continue a run, even if it never reached a checkpoint."""
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(path)
    config = folder.read_config()
    student = config.network.guided
    teacher = folder.read_data(prompts=False).student_of or "" if student else ""
    last = folder.newest("seconds", "epoch", "step")
    return Stopped(config, teacher, **{name: value or 0.0 for name, value in last.items()})


# -- computing -----------------------------------------------------------------------------


@task(long=True)
def train(
    control: RunControl,
    config: TrainConfig,
    sprites: SpriteSet,
    run: Path,
    *,
    resume: bool = False,
    init: Model | None = None,
) -> Run[TrainResult]:
    """Train in the folder ``run``; ``init``: the model to start from."""
    from sprite_lab.engine.training.trainer import train_iter

    ours = _fitted(config, init)
    return train_iter(ours, sprites, run, control, resume=resume, init=init)


def _fitted(config: TrainConfig, init: Model | None) -> TrainConfig:
    """The configuration, adapted to the model to start from."""
    from sprite_lab.engine.training.fine_tuning import fine_tuning

    return config if init is None else fine_tuning(config, init)


@task("network", marked("Finding the run"))
def find_run(control: RunControl, text: str, runs: Path) -> Run[Followed]:
    """Connect to the run that the user named; a remote run gets a folder in ``runs``."""
    yield Progress(0, 0, tr("Connecting"))
    from sprite_lab.engine.following.connection import parse_place
    from sprite_lab.engine.following.follow_run import find_run as find

    return find(parse_place(text), runs)


@task("network", long=True)
def follow(control: RunControl, run: Followed) -> Run[Path]:
    """Yield the events of another process's training until it ends or is no longer followed.

    ``control``: a FollowControl.
    """
    from sprite_lab.engine.following.follow_run import follow_iter

    assert isinstance(control, FollowControl)
    return follow_iter(run, control)


@task(long=True)
def distill(control: RunControl, ref: str | Path, run: Path) -> Run[TrainResult]:
    """Distill a model into a student, in the folder ``run``."""
    from sprite_lab.core.presets import STUDENT
    from sprite_lab.engine.models.model import load_model as load
    from sprite_lab.engine.training.distill import distill_iter

    yield Progress(0, 0, tr("Loading the model"))
    return (yield from distill_iter(load(ref), run, STUDENT, control))


@task(long=True)
def continue_student(
    control: RunControl, run: Path, config: TrainConfig, models: Sequence[str | Path]
) -> Run[TrainResult]:
    """Resume the student in the folder ``run``; its teacher must be in ``models`` or shipped."""
    from sprite_lab.engine.training.distill import distill_iter, teacher_of

    yield Progress(0, 0, tr("Loading the model"))
    return (yield from distill_iter(teacher_of(run, models), run, config, control, resume=True))


@task()
def generate(
    control: RunControl,
    model: Model,
    configs: Sequence[SampleConfig],
    most_recorded: int | None = None,
    tries: int = 1,
) -> Run[Trajectory]:
    """Draw the sprites of all configurations as one trajectory.

    ``most_recorded`` : maximum number of bytes to record; None = the engine's default. ``tries`` :
    sprites drawn for each one kept; a Notice reports how many were drawn and kept.
    """
    from sprite_lab.engine.sampling.reverse import sample_iter
    from sprite_lab.engine.sampling.selection import pick_best_iter

    kept = []
    for config in configs:
        if tries > 1:
            many = tries * config.count
            best = yield from pick_best_iter(model, config, many, control)
            if control.stop_requested:
                return best.drawn
            config = best.config
            yield Notice(
                tr("Drew {many} sprites; kept the best {count}.", many=many, count=config.count)
            )
        kept.append(config)
    return (yield from sample_iter(model, kept, control, most_recorded=most_recorded))


@task("files", marked("Adding noise"))
def forward(
    control: RunControl, images: NDArray[np.uint8], config: ForwardConfig
) -> Run[Trajectory]:
    """Dissolve uint8 (N, H, W, 3) into noise. Needs only numpy, so it does not wait for torch."""
    from sprite_lab.engine.sampling.forward import forward_iter

    return forward_iter(images, config, control)


# -- files ---------------------------------------------------------------------------------


@call("files")
def write_bytes(path: Path, data: bytes) -> Path:
    """Write a file from memory; returns the path."""
    from sprite_lab.formats.atomic import write_whole

    write_whole(path, data)
    return path


@call("files", marked("Saving a copy of the drawings"))
def save_project(path: Path, sheet: CellSheet) -> CellSheet:
    """Write a project; returns the sheet written."""
    from sprite_lab.formats.project import save_project as save

    save(path, sheet)
    return sheet


@call("files", marked("Opening help"))
def read_page(path: Path) -> str:
    """Read a help page, as Markdown."""
    from sprite_lab.core.errors import FileError

    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            "“{name}” cannot be read ({error}): install Sprite Lab again.",
            name=path.name,
            error=error,
        ) from error


@call("files")
def read_settings(path: Path) -> SampleConfig | None:
    """Read the settings stored in a picture or video that Sprite Lab wrote; None = it has none."""
    from sprite_lab.formats.metadata import read_config

    return read_config(path)
