"""Collect everything known about a model for the lab report."""

from __future__ import annotations

import datetime
import platform
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sprite_lab import __version__
from sprite_lab.core.command_lines import evaluate_command, train_command
from sprite_lab.core.config import EvalConfig, SampleConfig, TrainConfig
from sprite_lab.core.errors import FileError, RunError
from sprite_lab.core.evenly import evenly
from sprite_lab.core.model_facts import ModelFacts
from sprite_lab.core.records import EvalRecord, Progress, StepRecord, WindowRecord
from sprite_lab.core.results.lab_report import Curve, LabReport, TrainingCourse
from sprite_lab.core.results.level_errors import Floor, LevelErrors
from sprite_lab.core.results.report import Report
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, SpriteSet
from sprite_lab.data.datasets import groups_of, split_rows
from sprite_lab.engine.measuring.evaluation import NEIGHBORS, SHOWN, as_trained, evaluate_iter
from sprite_lab.engine.measuring.optimal_loss import floor_iter
from sprite_lab.engine.models.model import Model, describe, load_model, shipped_models
from sprite_lab.engine.models.model_export import own_card
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.level_window import level_bins
from sprite_lab.engine.training.metrics_rows import records_of
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.formats.images.png import read_image
from sprite_lab.words import tr

#: Number of sample sheets that show how the model improves.
_DRAWN = 8

#: Number of windows of steps whose errors by noise level are pooled: a single one is noisy.
_WINDOWS = 10


def lab_report_iter(
    ref: str | Path,
    sprites: SpriteSet | None,
    config: EvalConfig,
    control: RunControl,
    *,
    data: str = "",
    device: str = "auto",
) -> Run[LabReport]:
    """Collect what is known about a model, and measure the rest.

    Yields Progress. When stopped, it reports what was measured so far.

    Raises ConfigError and FileError like :func:`load_model` and :func:`evaluate_iter`.

    Parameters
    ----------
    ref : a run folder, weights file or name, as in :func:`load_model`.
    sprites : the set to measure it on, which should be the one it was trained on; None = only draw
        samples.
    config : what is measured. Likelihood, classes and entropies of a student are left out, and a
        set too small to be divided is measured as a whole.
    data : the set's name on the command line.
    """
    yield Progress(0, 0, tr("Loading the model"))
    model = load_model(ref, device)
    facts = describe(ref)
    training = facts.config
    folder = RunFolder(Path(ref)) if (Path(ref) / "run.json").is_file() else None
    if model.is_student:
        config = replace(config, likelihood=None, classify=False, thermodynamics=False)
    course = None
    if folder is not None:
        known = sprites is not None and sprites.fingerprint == model.data_fingerprint
        floor = yield from _floor(folder, training, sprites if known else None, control)
        yield Progress(0, 0, tr("Reading the run"))
        course = course_of(folder, training, floor)
    evaluation: Report | None = None
    if sprites is not None:
        config = as_trained(config, model, sprites)
        sprites = replace(sprites, group=groups_of(sprites))
        _, aside = split_rows(sprites, config.validation_fraction, 0, config.sealed_fraction)
        if len(aside) <= NEIGHBORS:  # too few to compare with, as in most sets for fine-tuning
            config = replace(config, split="all")
        evaluation = yield from evaluate_iter(model, sprites, config, control)
    if evaluation is not None and len(evaluation.samples):
        samples, sampling = evaluation.samples, evaluation.config.sampling
    else:
        asked = SampleConfig(count=SHOWN, seed=config.seed, classes=model.class_names)
        drawn = yield from sample_iter(model, [asked], control, record=False)
        samples, sampling = drawn.rgba()[..., :3], drawn.config or asked
    today = datetime.date.today()
    return LabReport(
        title=model.title,
        ref=str(ref),
        step=model.step,
        config=training,
        data=facts.data,
        origins=origins(ref),
        versions=_versions(folder),
        report_versions={
            "Sprite Lab": __version__,
            "PyTorch": torch.__version__,
            "Python": platform.python_version(),
            "System": f"{platform.system()} {platform.machine()}",
        },
        credits=model.credits,
        course=course,
        drawn=_drawn(folder) if folder is not None else (),
        samples=samples,
        sampling=sampling,
        evaluation=evaluation,
        commands=_commands(str(ref), model, facts, config, data, evaluation),
        made=f"{today.day} {today:%B %Y}",
    )


def course_of(folder: RunFolder, config: TrainConfig, floor: Floor | None) -> TrainingCourse:
    """The course of a run's training, from its metrics."""
    bins = level_bins(config)
    records = [record for row in folder.read_metrics() for record in records_of(row, bins)]
    steps = [r for r in records if isinstance(r, StepRecord)]
    evals = [r for r in records if isinstance(r, EvalRecord)]
    windows = [r for r in records if isinstance(r, WindowRecord)][-_WINDOWS:]
    validated = [r.levels for r in evals if r.levels is not None][-1:]

    def curve(records: Sequence[StepRecord | EvalRecord], name: str) -> Curve:
        places = np.array([r.step for r in records], np.float64)
        return places, np.array([getattr(r, name) for r in records], np.float64)

    def by_level(levels: Sequence[LevelErrors]) -> Curve:
        if not levels:
            return np.zeros(0), np.zeros(0)
        sums = np.sum([part.sums for part in levels], axis=0)
        counts = np.sum([part.counts for part in levels], axis=0)
        return bins.centers[counts > 0], sums[counts > 0] / counts[counts > 0]

    return TrainingCourse(
        loss=curve(steps, "loss"),
        learning_rate=curve(steps, "learning_rate"),
        val_loss=curve(evals, "val_loss"),
        seconds=steps[-1].seconds if steps else 0.0,
        level_errors=by_level([w.levels for w in windows]),
        val_level_errors=by_level(validated),
        floor=floor,
    )


def _floor(
    folder: RunFolder, config: TrainConfig, sprites: SpriteSet | None, control: RunControl
) -> Run[Floor | None]:
    """The optimal loss stored with the run, or else computed from ``sprites``; None if neither
    is possible.
    """
    known = folder.read_floor()
    if known is not None or sprites is None or config.network.guided:
        return known
    try:
        vocabulary = folder.read_data().vocabulary
        return (yield from floor_iter(config, sprites, control, vocabulary))
    except (RunError, FileError):
        return None


def _drawn(folder: RunFolder) -> tuple[tuple[int, NDArray[np.uint8]], ...]:
    """Sample sheets, evenly spaced among those that the run kept; damaged ones are skipped."""
    steps = folder.steps("samples")
    found = []
    for i in evenly(len(steps), _DRAWN):
        try:
            found.append((steps[i], read_image(folder.sample_sheet(steps[i]))[..., :3]))
        except FileError:
            continue
    return tuple(found)


def _versions(folder: RunFolder | None) -> dict[str, str]:
    """The versions a run was trained with, by name, as far as known."""
    known = folder.read_manifest() if folder is not None else {}
    versions = {
        "Sprite Lab": known.get("sprite_lab"),
        "PyTorch": known.get("torch"),
        "Device": known.get("device"),
        "Threads": known.get("threads"),
        "Precision": None if "bf16" not in known else ("bf16" if known["bf16"] else "fp32"),
    }
    return {name: str(value) for name, value in versions.items() if value is not None}


def origins(ref: str | Path) -> str:
    """The section on the data in a model's own card, as Markdown, or ""."""
    chapter = re.search(r"^## Data\n(.*?)(?=^## |\Z)", own_card(ref), flags=re.M | re.S)
    return chapter[1].strip() if chapter else ""


def _commands(
    ref: str,
    model: Model,
    facts: ModelFacts,
    config: EvalConfig,
    data: str,
    evaluation: Report | None,
) -> tuple[tuple[str, str], ...]:
    title = "builtin" if model.data_title == BUILTIN_TITLE else data or f"{model.data_title}.npz"
    init = facts.data.init.title if facts.data.init else ""
    names = {shipped.title: shipped.name for shipped in shipped_models()}
    teacher, start = (names.get(name, name) for name in (facts.data.student_of or "", init))
    train, others = train_command(facts.config, title, f"{ref}-again", teacher=teacher, init=start)
    words = "Train such a model"
    if others:
        words += f"; no option sets its {', '.join(others)}, which are in run.json"
    drawn = f"sprite-lab sample --model {shlex.quote(ref)} --count {SHOWN} --seed {config.seed}"
    if evaluation is None:
        classes = ",".join(model.class_names)
        drawn += f" --classes {shlex.quote(classes)}" if classes else ""
    found = [(words, train), ("Draw sprites", f"{drawn} --out sprites.png")]
    if evaluation is not None:
        measured = evaluate_command(evaluation.config, ref, data or title, "report.json")
        found.append(("Measure it again, with the samples that are shown", measured))
    return tuple(found)
