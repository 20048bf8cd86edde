"""Tasks that compute for See: branches, sheets, races and the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.app.task import call, task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.results.metrics import Neighbors, neighbors
from sprite_lab.core.results.sprite_map import MapPaths, Pull, Space, SpriteMap
from sprite_lab.core.results.variety import Variety, Yardstick, variety
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.branches import Change
from sprite_lab.core.trajectories.inpainting import Inpainted
from sprite_lab.core.trajectories.interpolation import Sheet
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import marked, tr

# ruff: noqa: PLC0415 (torch takes a second to import)

# -- branches and sheets -------------------------------------------------------------------


@task(name=marked("Branching"))
def branch(
    control: RunControl,
    model: Model,
    trajectory: Trajectory,
    frame: int,
    change: Change,
    most_recorded: int,
) -> Run[Trajectory]:
    """Change a trajectory at a frame and redraw the rest; records up to ``most_recorded`` bytes."""
    from sprite_lab.engine.sampling.branching import continue_iter

    return continue_iter(model, trajectory, frame, change, control, most_recorded)


@task(name=marked("Drawing the sheet"))
def between(
    control: RunControl, model: Model, sheet: Sheet, config: SampleConfig
) -> Run[Trajectory]:
    """Draw every cell of a sheet as one trajectory."""
    from sprite_lab.engine.sampling.interpolation import between_iter

    return between_iter(model, sheet, config, control)


@dataclass(frozen=True, eq=False)
class MadeSheet:
    """A contact sheet as a PNG, and what is varied in it."""

    png: bytes
    title: str


@task(name=marked("Drawing a contact sheet"))
def contact_sheet(
    control: RunControl,
    model: Model,
    config: SampleConfig,
    setting: str,
    values: Sequence[str],
    run: Path | None,
) -> Run[MadeSheet | None]:
    """Draw the same noises once for each value of a setting; None if stopped.

    ``run``: what the model was loaded from; only a folder has checkpoints.
    """
    from sprite_lab.engine.sampling.contact import contact_iter
    from sprite_lab.formats.images.contact_png import contact_png

    run = run if run is not None and run.is_dir() else None
    title = run_title(model.title)
    drawing = contact_iter(model, config, setting, values, control, run=run, title=title)
    sheet = yield from drawing
    return None if sheet is None else MadeSheet(contact_png(sheet), sheet.title.split("\n")[0])


# -- races ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Racer:
    """A model that takes part in a race."""

    ref: str  #: the run folder, file or name it was loaded from
    model: Model
    #: (C, H, W); models with the same shape can start from the same noise
    noise_shape: tuple[int, ...]
    #: title of the model that a student was distilled from; None = not a student
    teacher: str | None = None


@task(name=marked("Loading the model"))
def load_racer(control: RunControl, ref: str | Path, model: Model | None = None) -> Run[Racer]:
    """Load a racer; ``model``: the model at ``ref``, if already loaded."""
    yield Progress(0, 0, tr("Loading the model"))
    from sprite_lab.engine.models.model import describe, load_model

    loaded = load_model(ref) if model is None else model
    teacher = describe(ref).data.student_of if loaded.is_student else None
    return Racer(str(ref), loaded, tuple(loaded.denoiser.data_mean.shape), teacher)


@task()
def race_lane(
    control: RunControl, racer: Racer, config: SampleConfig, most_recorded: int, reference: bool
) -> Run[Lane]:
    """Draw a lane, or with ``reference`` its reference; records at most ``most_recorded`` bytes."""
    from sprite_lab.engine.sampling.race import lane_iter, reference_config

    ours = reference_config(config, racer.model.timesteps) if reference else config
    return lane_iter(racer.model, ours, control, most_recorded)


# -- inpainting ----------------------------------------------------------------------------


@task(name=marked("Inpainting"))
def inpaint(
    control: RunControl, model: Model, config: SampleConfig, most_recorded: int
) -> Run[Inpainted | None]:
    """Complete a drawing in every way; records at most ``most_recorded`` bytes. None if stopped."""
    from sprite_lab.engine.sampling.inpainting import inpaint_iter

    return inpaint_iter(model, config, control, most_recorded)


# -- variety -------------------------------------------------------------------------------

#: Maximum number of training sprites that a batch is compared with.
_DRAWN = 600


@task(name=marked("Measuring variety"))
def measure_variety(
    control: RunControl, batch: SpriteSet, training: SpriteSet, drawn: Yardstick | None
) -> Run[tuple[Variety, Yardstick]]:
    """Measure the variety of a batch, compared with a sample of its training set.

    ``drawn``: the Yardstick of an earlier call with this set; None = compute it.
    """
    yield Progress(0, 0, tr("Measuring variety"))
    from sprite_lab.engine.measuring.features import load_features

    features = load_features()
    if drawn is None:
        some = training.sample(_DRAWN)
        found = []
        for start in range(0, len(some), 100):
            found.append(features(some.images[start : start + 100]))
            yield None
        names = training.class_names
        drawn = Yardstick(training.fingerprint, np.concatenate(found), some.labels, names)
    return variety(features(batch.images), tuple(batch.classes), drawn), drawn


# -- the map -------------------------------------------------------------------------------


@task(name=marked("Laying out the map"))
def make_map(control: RunControl, sprites: SpriteSet, space: Space) -> Run[SpriteMap]:
    """Project a data set onto a plane."""
    from sprite_lab.engine.measuring.sprite_map import map_iter

    return map_iter(sprites, space, control)


@task(name=marked("Laying out the trajectories"))
def find_paths(control: RunControl, sprite_map: SpriteMap, trajectory: Trajectory) -> Run[MapPaths]:
    """Find the paths of a trajectory's sprites on the map."""
    from sprite_lab.engine.measuring.sprite_map import paths_iter

    return paths_iter(sprite_map, trajectory, control)


@task(name=marked("Arrows of the map"))
def find_pull(
    control: RunControl,
    sprite_map: SpriteMap,
    log_snr: float,
    kind: str | None,
    model: Model | None,
) -> Run[Pull]:
    """Find the directions of denoising at a noise level, on the map.

    ``kind``: the class to denoise toward; None = any. ``model``: None = the optimal denoiser of the
    map's sprites.
    """
    from sprite_lab.engine.measuring.sprite_map import model_pull_iter, optimal_pull_iter

    if model is None:
        return optimal_pull_iter(sprite_map, log_snr, kind, control)
    return model_pull_iter(model, sprite_map, log_snr, kind, control)


@call(name=marked("Finding the nearest sprites"))
def find_nearest(image: NDArray[np.uint8], sprites: SpriteSet, count: int) -> Neighbors:
    """Find the sprites of a set that are nearest to an image, uint8 (H, W, 3)."""
    return neighbors(image, sprites.images, count)
