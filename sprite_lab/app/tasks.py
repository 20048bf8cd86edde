"""What the app asks for, as factories of runs: each is called, and advanced, on a worker.

The layers below are imported inside the generators, for the first of those imports takes
longer (torch: a second) than a window may wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

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


def first_sprites(count: int) -> Factory:
    """The first sprites of the built-in set, which are there long before the whole set is."""

    def run(control: RunControl) -> Run[SpriteSet]:
        yield Progress(0, 0, "Making sprites")
        from sprite_lab.data.synthetic import make_builtin

        return make_builtin(count)

    return run


@dataclass(frozen=True)
class SplitSizes:
    """How many sprites a training would learn from, and how many it would keep aside."""

    training: int
    validation: int


def measure_split(sprites: SpriteSet, fraction: float) -> Factory:
    """The sizes of the training and validation parts."""

    def run(control: RunControl) -> Run[SplitSizes]:
        yield Progress(0, 0, "Looking for near-copies")
        from sprite_lab.data import split

        training, validation = split(sprites, fraction)
        return SplitSizes(len(training), len(validation))

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


def train(config: TrainConfig, sprites: SpriteSet, run: Path, resume: bool = False) -> Factory:
    """Train, keeping everything in the folder ``run``."""

    def make(control: RunControl) -> Run[TrainResult]:
        from sprite_lab.engine.trainer import train_iter

        return train_iter(config, sprites, run, control, resume=resume)

    return make


def generate(model: Model, configs: Sequence[SampleConfig]) -> Factory:
    """Draw the sprites of all configurations, as one reverse Trajectory."""

    def make(control: RunControl) -> Run[Trajectory]:
        from sprite_lab.engine.sampling import sample_iter

        return sample_iter(model, configs, control)

    return make


def forward(images: NDArray[np.uint8], schedule: ScheduleConfig, seed: int) -> Factory:
    """Dissolve uint8 (N, H, W, 3) into noise, as a forward Trajectory."""

    def make(control: RunControl) -> Run[Trajectory]:
        from sprite_lab.engine.forward import forward_iter

        return forward_iter(images, schedule, seed, control)

    return make


# -- files ---------------------------------------------------------------------------------


def export_trajectory(
    path: Path,
    trajectory: Trajectory,
    *,
    what: Literal["x_t", "x0", "both"] = "x_t",
    scale: int = 8,
    gap: int = 0,
    columns: int | None = None,
    fps: float = 25.0,
    hold_last_s: float = 1.0,
    max_frames: int | None = None,
) -> Factory:
    """Write a reverse or forward trajectory as a GIF; gives the path.

    ``what``: "both" puts x_t and x0 side by side.
    """

    def run(control: RunControl) -> Run[Path]:
        from sprite_lab.formats.animation import trajectory_frames
        from sprite_lab.formats.gif import write_gif
        from sprite_lab.formats.metadata import config_text

        yield Progress(0, 0, f"Writing {path.name}")

        def frames(one: Literal["x_t", "x0"]) -> Iterator[NDArray[np.uint8]]:
            return trajectory_frames(trajectory, one, 1, gap, columns, max_frames)

        if what == "both":
            pairs = zip(frames("x_t"), frames("x0"), strict=True)
            shown = (np.concatenate(pair, axis=1) for pair in pairs)
        else:
            shown = (frame for frame in frames(what))
        write_gif(
            path,
            shown,
            fps=fps,
            hold_last_s=hold_last_s,
            comment=config_text(trajectory.config) if trajectory.config else "",
            scale=scale,
        )
        return path

    return run


def export_training(
    path: Path, run: Path, *, scale: int = 8, fps: float = 8.0, max_frames: int | None = None
) -> Factory:
    """Write the samples that a run kept while it trained as a GIF; gives the path."""

    def write(control: RunControl) -> Run[Path]:
        from sprite_lab.formats.animation import training_frames
        from sprite_lab.formats.gif import write_gif

        yield Progress(0, 0, f"Writing {path.name}")
        write_gif(path, training_frames(run, 1, max_frames), fps=fps, scale=scale)
        return path

    return write


def export_sheet(
    path: Path,
    images: NDArray[np.uint8],
    *,
    scale: int = 1,
    gap: int = 0,
    columns: int | None = None,
    config: SampleConfig | None = None,
) -> Factory:
    """Write uint8 (N, H, W, 3|4) as one PNG; gives the path."""

    def run(control: RunControl) -> Run[Path]:
        from sprite_lab.formats.metadata import KEY, config_text
        from sprite_lab.formats.png import write_png
        from sprite_lab.formats.sheet import make_sheet

        yield Progress(0, 0, f"Writing {path.name}")
        sheet = make_sheet(images, columns=columns, scale=scale, gap=gap)
        write_png(path, sheet, {KEY: config_text(config)} if config else {})
        return path

    return run


def read_training_previews(run: Path) -> Factory:
    """The sheets that a run kept as it trained: (steps, sheets uint8 (H, W, 3)), oldest first."""

    def read(control: RunControl) -> Run[tuple[tuple[int, ...], tuple[NDArray[np.uint8], ...]]]:
        from sprite_lab.engine.run_folder import RunFolder
        from sprite_lab.formats.png import read_image

        folder = RunFolder(run)
        steps = folder.steps("samples")
        sheets = []
        for done, step in enumerate(steps):
            yield Progress(done, len(steps), "Reading the previews")
            sheets.append(read_image(folder.sample_sheet(step))[..., :3])
        return tuple(steps), tuple(sheets)

    return read


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
