"""Evaluation of a model: likelihood and quality, with file sizes for comparison."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import EvalConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import sample_notice
from sprite_lab.core.results.probability import (
    Bound,
    ClassProbabilities,
    FlowLikelihood,
    Thermodynamics,
)
from sprite_lab.core.results.report import Quality, Report
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet
from sprite_lab.data import split
from sprite_lab.data.datasets import groups_of, sealed_rows
from sprite_lab.engine.measuring.likelihood import bound_iter, class_probabilities_iter, ode_iter
from sprite_lab.engine.measuring.measuring import sizes_iter
from sprite_lab.engine.measuring.quality import NEIGHBORS, quality_iter, sampling_config
from sprite_lab.engine.measuring.thermodynamics import thermodynamics_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import resolved

#: Pictures of each kind in a report.
SHOWN = 100


def evaluate_iter(
    model: Model, sprites: SpriteSet, config: EvalConfig, control: RunControl
) -> Run[Report]:
    """Measure ``model`` on ``sprites``.

    Yields Progress. Stopped, it reports on the sprites and samples so far. With a SharedControl all
    processes get the same report, or fail where one is stopped.

    Raises
    ------
    ConfigError
        If the sprites are of another size than the model's or too few to be divided, or the
        likelihood of a student is asked for.
    """
    start = time.perf_counter()
    _check(model, sprites, config)
    train = validation = reference = sprites
    if config.quality or config.thermodynamics or config.split != "all":
        train, validation = split(
            sprites, config.validation_fraction, 0, MOST_STUDIED, config.sealed_fraction
        )
    if config.split == "validation":
        reference = validation
    elif config.split == "sealed":
        reference = sprites.take(sealed_rows(sprites, config.sealed_fraction))
    reference = reference.sample()
    if config.quality:
        _check_quality(model, reference, config)
    yield sample_notice(len(sprites))
    order = np.random.default_rng(config.seed).permutation(len(reference))
    measured = reference.take(order[: config.limit])
    classes: ClassProbabilities | None = None
    if config.classify:
        classes = yield from class_probabilities_iter(model, measured, control, seed=config.seed)
        classes = classes.calibrated(labels_of(model, measured), groups_of(measured))
    likelihood: Bound | FlowLikelihood | None = None
    if config.likelihood == "bound":
        likelihood = yield from bound_iter(model, measured, control, seed=config.seed)
    elif config.likelihood == "ode":
        likelihood = yield from ode_iter(model, measured, control, seed=config.seed)
    sizes = yield from sizes_iter(measured, None if control.stop_requested else train)
    entropies: Thermodynamics | None = None
    if config.thermodynamics:
        entropies = yield from thermodynamics_iter(model, train, control, seed=config.seed)
    quality: Quality | None = None
    samples = np.empty((0, *sprites.size, 3), np.uint8)
    closest = np.empty((2, 0, *sprites.size, 3), np.uint8)
    if config.quality:
        found = yield from quality_iter(model, train, validation, reference, config, control)
        quality, closest = found.quality, found.closest
        samples = found.samples[:SHOWN, ..., :3]
        config = replace(config, sampling=replace(found.sampling, classes=()))
    return Report(
        config=config,
        model={
            "title": model.title,
            "step": model.step,
            "data": model.data_title,
            "fingerprint": model.data_fingerprint,
        },
        data={
            "title": sprites.title,
            "fingerprint": sprites.fingerprint,
            "split": config.split,
            "count": len(reference),
            "seen_in_training": _seen(model, sprites, config),
        },
        file_sizes=sizes.mean(),
        likelihood=likelihood.to_json() if likelihood else None,
        classes=classes.to_json(labels_of(model, measured)) if classes else None,
        thermodynamics=entropies.to_json() if entropies else None,
        stopped=control.stop_requested,
        quality=quality,
        seconds=time.perf_counter() - start,
        samples=samples,
        closest=closest,
        reference=reference.take(order[:SHOWN]).images,
    )


def usual_likelihood(model: Model) -> Literal["bound"] | None:
    """The default likelihood to measure: a student has none."""
    return None if model.is_student else "bound"


def _check(model: Model, sprites: SpriteSet, config: EvalConfig) -> None:
    """Raise ConfigError at once for what cannot succeed."""
    model.check_size(sprites.size)
    if model.is_student and (config.likelihood or config.classify or config.thermodynamics):
        raise ConfigError(
            "A student predicts where its teacher's trajectory leads, not a mean of sprites, so "
            "it has no likelihood: measure its quality alone, or its teacher's likelihood."
        )
    if config.classify and not model.class_names:
        raise ConfigError("The model knows no classes, so it cannot tell them apart.")


def _check_quality(model: Model, reference: SpriteSet, config: EvalConfig) -> None:
    if len(reference) <= NEIGHBORS:
        advice = "use a larger set"
        if config.split == "validation":
            advice += " or --split all"
        raise ConfigError(
            "Quality needs at least {neighbors} sprites to compare with, but there are "
            "{count}: {advice}.",
            neighbors=NEIGHBORS + 1,
            count=len(reference),
            advice=advice,
        )
    resolved([sampling_config(model, reference, config)], model)


def _seen(model: Model, sprites: SpriteSet, config: EvalConfig) -> bool | None:
    """Whether training saw these sprites; None = unknown, if it used another set."""
    if sprites.fingerprint != model.data_fingerprint:
        return None
    return config.split == "all"


def labels_of(model: Model, sprites: SpriteSet) -> NDArray[np.int64]:
    """The index of each sprite's class among the model's; -1 = not among them."""
    known: dict[str | None, int] = {name: i for i, name in enumerate(model.class_names)}
    return np.array([known.get(name, -1) for name in sprites.classes])
