"""Tasks that measure for Measure and for the plots of Train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.file_lock import held
from sprite_lab.app.task import task
from sprite_lab.core.config import EntropyConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.records import CopiesRecord, Notice, Preview, Progress, sample_notice
from sprite_lab.core.results.level_errors import Floor
from sprite_lab.core.results.measured import Entropies, Measured
from sprite_lab.core.results.metrics import neighbors, pixels_apart
from sprite_lab.core.results.neighbors import Augmentation, CopyRule, Remembered, TrainingPart
from sprite_lab.core.results.probability import ClassProbabilities
from sprite_lab.core.reversal import COUNTS, NoisePath, Reversal
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.paths import measured_dir
from sprite_lab.words import marked, tr

if TYPE_CHECKING:
    from sprite_lab.formats.measurements import Kind

F = TypeVar("F")

#: Maximum number of measurements kept between sessions; the newest stay.
MOST_KEPT = 40

# ruff: noqa: PLC0415 (torch takes a second to import)

# -- probability ---------------------------------------------------------------------------


@task()
def measure(
    control: RunControl,
    model: Model,
    sprites: SpriteSet,
    *,
    among: SpriteSet | None = None,
    rounds: int,
    seed: int = 0,
) -> Run[Measured]:
    """Measure the likelihood bound and file sizes of sprites; other coders learn from ``among``."""
    from sprite_lab.engine.measuring.measuring import measure_iter

    return measure_iter(model, sprites, control, among=among, rounds=rounds, seed=seed)


@task(name=marked("Finding the class"))
def classify(
    control: RunControl, model: Model, sprites: SpriteSet, *, blocks: int = 31, rounds: int = 4
) -> Run[ClassProbabilities]:
    """Compute the probability of each class given each sprite."""
    from sprite_lab.engine.measuring.likelihood import class_probabilities_iter
    from sprite_lab.engine.measuring.measuring import refuse_students

    refuse_students(model)
    return class_probabilities_iter(model, sprites, control, blocks=blocks, rounds=rounds)


@task()
def thermodynamics(
    control: RunControl, model: Model, sprites: SpriteSet, config: EntropyConfig
) -> Run[Entropies]:
    """Measure the Entropies, at some noise levels, of the sprites that a model learned from."""
    yield Progress(0, 0, tr("Finding near-copies"))
    from sprite_lab.engine.measuring.likelihood import bound_levels
    from sprite_lab.engine.measuring.measuring import refuse_students
    from sprite_lab.engine.measuring.thermodynamics import learned_part, thermodynamics_iter

    refuse_students(model)
    yield sample_notice(len(sprites))
    found = yield from thermodynamics_iter(
        model,
        learned_part(model, sprites),
        control,
        log_snr=bound_levels(model, config.levels),
        draws=config.draws,
        seed=config.seed,
    )
    return found, model.schedule.t_of(found.log_snr)


@task(name=marked("Steps back"))
def steps_back(control: RunControl) -> Run[tuple[Reversal, ...]]:
    """Measure how well steps back undo noise, for each number of steps in ``COUNTS``."""
    found = []
    for done, steps in enumerate(COUNTS):
        yield Progress(done, len(COUNTS), tr("Steps back"))
        found.append(NoisePath(steps).reversal())
    return tuple(found)


# -- between sessions -----------------------------------------------------------------------------


@task("files", marked("Saving the measurement"))
def keep(control: RunControl, model: Model, found: Measured | Entropies) -> Run[None]:
    """Save the measurements of a model for the next launch."""
    from sprite_lab.formats.measurements import save_entropies, save_measured

    yield Progress(0, 0, tr("Saving the measurement"))
    # Otherwise another window could delete a file as old while it is being rewritten.
    with held(measured_dir().with_suffix(".lock")):
        if isinstance(found, Measured):
            kept = _kept(model, "probability")
            save_measured(kept, found, model.fingerprint)
        else:
            kept = _kept(model, "thermodynamics")
            save_entropies(kept, found, model.fingerprint)
        files = [path for path in measured_dir().iterdir() if path.suffix == ".npz"]
        # This one is the newest, even if the clock was set back.
        for path in sorted(files, key=lambda p: (p == kept, p.stat().st_mtime))[:-MOST_KEPT]:
            path.unlink(missing_ok=True)


@task("files")
def measured_before(control: RunControl, model: Model) -> Run[Measured | None]:
    """Load the last measurement of sprites by a model; None = there is none."""
    from sprite_lab.formats.measurements import load_measured

    return _before(model, "probability", load_measured)


@task("files")
def entropies_before(control: RunControl, model: Model) -> Run[Entropies | None]:
    """Load the last thermodynamics of a model; None = never measured."""
    from sprite_lab.formats.measurements import load_entropies

    return _before(model, "thermodynamics", load_entropies)


def _before(model: Model, kind: Kind, load: Callable[[Path, str], F]) -> Run[F | None]:
    """Load a measurement; a damaged file is reported and left as it is."""
    yield Progress(0, 0, tr("Reading the last measurement"))
    path = _kept(model, kind)
    if not path.is_file():
        return None
    try:
        return load(path, model.fingerprint)
    except FileError as error:
        yield Notice(str(error))
        return None


def _kept(model: Model, kind: Kind) -> Path:
    return measured_dir() / f"{model.fingerprint}-{kind}.npz"


# -- memorization --------------------------------------------------------------------------


@task(name=marked("Finding the training sprites"))
def training_part(
    control: RunControl, sprites: SpriteSet, ref: str | Path | None
) -> Run[TrainingPart]:
    """Find the part of a set that the model at ``ref`` was trained on."""
    yield Progress(0, 0, tr("Finding the training sprites it learned from"))
    from sprite_lab.engine.measuring.neighbors import training_part as part

    yield sample_notice(len(sprites))
    return part(sprites, ref)


@task(name=marked("Looking for what counts as a copy"))
def copy_rule(control: RunControl, part: TrainingPart) -> Run[CopyRule]:
    """Find the distance below which a sprite counts as a copy."""
    from sprite_lab.engine.measuring.neighbors import copy_rule_iter

    return copy_rule_iter(part, control)


@task(name=marked("Comparing with the training sprites"))
def remember(
    control: RunControl,
    trajectory: Trajectory,
    sprite: int,
    part: TrainingPart,
    *,
    among: SpriteSet,
    augmentation: Augmentation | None = None,
) -> Run[Remembered]:
    """Compare one sprite of a trajectory with the training set.

    ``among``: the training sprites that it could become; ``augmentation``: how each is varied.
    """
    from sprite_lab.data.near_copies import near_copies_of
    from sprite_lab.engine.measuring.neighbors import becoming_iter

    yield Progress(0, 0, tr("Finding the nearest training sprites"))
    finished = to_pixels(trajectory.x0[-1, sprite])
    nearest = neighbors(finished, part.train.images)
    first = part.train.images[nearest.which[0]]
    apart = pixels_apart(finished, first, bool(nearest.mirrored[0]), nearest.shift[0])
    yield None
    x_t = trajectory.x_t[:, sprite]
    becoming = yield from becoming_iter(
        x_t, trajectory.log_snr, among, control, augmentation, part.channels
    )
    _ = becoming.perplexity, becoming.commits_at  # computed here, not on the UI thread
    rgba = trajectory.rgba()[sprite : sprite + 1]
    train = part.train
    near = near_copies_of(rgba[..., :3], train.images, rgba[..., 3], train.alpha)
    return Remembered(nearest, becoming, apart, int(near[0]))


# -- the optimal loss ----------------------------------------------------------------------


@task(name=marked("Floor of the error"))
def measure_floor(control: RunControl, run: Path, sprites: SpriteSet) -> Run[Floor]:
    """Compute the optimal loss of a run by noise level; also written to its folder."""
    yield Progress(0, 0, tr("The optimal denoiser"))
    from sprite_lab.engine.measuring.optimal_loss import both_floors_iter
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(run)
    data = folder.read_data(prompts=False)
    if data.fingerprint != sprites.fingerprint:
        raise RunError("This run learned from other sprites (“{get}”): open those.", get=data.title)
    floor = yield from both_floors_iter(folder.read_config(), sprites, control, data.vocabulary)
    if folder.exists:  # the training may have been canceled meanwhile
        folder.write_floor(floor)
    return floor


# -- the memorization clock ----------------------------------------------------------------


@task(name=marked("Finding copies"))
def find_copies(
    control: RunControl, run: Path, sprites: SpriteSet, previews: Sequence[Preview]
) -> Run[tuple[CopiesRecord, ...]]:
    """Find the share of copies among the samples that a run drew at each step."""
    yield Progress(0, len(previews), tr("Finding copies"))
    from sprite_lab.engine.training.copies import CopyCheck
    from sprite_lab.engine.training.run_folder import RunFolder

    check = CopyCheck.of(sprites, RunFolder(run).read_config())
    yield from check.prepare()
    found = []
    for done, preview in enumerate(previews, 1):
        found.append(CopiesRecord(preview.step, check.share(preview.images)))
        yield Progress(done, len(previews), tr("Finding copies"))
    return tuple(found)
