"""Evaluation of a model: likelihood and quality, with file sizes for comparison."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import EvalConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress, Record, sample_notice
from sprite_lab.core.results.metrics import (
    Nearest,
    copy_share,
    distinct_colors,
    edge_sharpness,
    fidelity,
    frechet_distance,
    isolated_pixel_rate,
    kernel_distance,
    nearest_sprites,
)
from sprite_lab.core.results.probability import (
    Bound,
    ClassProbabilities,
    FlowLikelihood,
    Thermodynamics,
)
from sprite_lab.core.results.report import Quality, Report, SetFigures
from sprite_lab.core.run import Run, RunControl, relay
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet, sample_rows
from sprite_lab.core.shares import merged, share_of
from sprite_lab.data import split, split_rows
from sprite_lab.data.datasets import groups_of, sealed_rows
from sprite_lab.data.near_copies import near_copies_of
from sprite_lab.engine.measuring.features import BATCH, FeatureFunction, load_features
from sprite_lab.engine.measuring.likelihood import bound_iter, class_probabilities_iter, ode_iter
from sprite_lab.engine.measuring.measuring import sizes_iter
from sprite_lab.engine.measuring.thermodynamics import learned_part, thermodynamics_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import BATCH as BATCH_OF_SAMPLES
from sprite_lab.engine.sampling.reverse import resolved, sample_iter
from sprite_lab.words import tr

#: Minimum numbers of samples and of reference sprites for a meaningful Fréchet distance.
LEAST_SAMPLES = 2048
LEAST_REFERENCES = 300

#: Number of nearest neighbors that define a set's manifold; a set needs more rows than this.
NEIGHBORS = 5

#: Number of samples shown beside their nearest training sprites.
CLOSEST = 20

#: Number of pictures compared with all training sprites at once.
_BLOCK = 256

#: Number of samples drawn at once: whole batches, so that the batches are always the same.
_PART = 64 * BATCH_OF_SAMPLES

#: Number of pictures checked at once for near-copies.
_FEW = 16

#: Bootstrap resamples for the standard error of the distance.
BOOTSTRAPS = 50


class QualityResult(NamedTuple):
    """The result of :func:`quality_iter`.

    ``quality`` is None if there are too few samples; ``samples``, uint8 (N, H, W, 4), were drawn
    with the settings ``sampling``; ``closest``, uint8 (2, n, H, W, 3), holds the samples closest to
    a training sprite, closest first, and below them those training sprites.
    """

    quality: Quality | None
    samples: NDArray[np.uint8]
    sampling: SampleConfig
    closest: NDArray[np.uint8]


def quality_iter(
    model: Model,
    train: SpriteSet,
    validation: SpriteSet,
    reference: SpriteSet,
    config: EvalConfig,
    control: RunControl,
) -> Run[QualityResult]:
    """Draw samples with the reference's class mix and measure them.

    Samples are dealt all of the model's prompts, not only those that it draws best.

    Yields Progress. If stopped, it measures the samples drawn so far.

    ``train``, ``validation``: the two parts of the set, both needed to detect copies.
    ``reference``: what the samples are compared with, ``validation`` or the whole set; more than
    NEIGHBORS sprites.
    """
    model = replace(model, dealt=None)
    wanted = sampling_config(model, reference, config)
    sampling = resolved([wanted], model)
    samples = yield from _draw(model, wanted, control)
    if len(samples) <= NEIGHBORS:
        none = np.empty((2, 0, *reference.images.shape[1:]), np.uint8)
        return QualityResult(None, samples, sampling, none)
    some = np.random.default_rng(config.seed).permutation(len(validation))[: len(samples)]
    new = yield from _nearest(validation.images[some], train.images, control)
    nearest = yield from _nearest(samples[..., :3], train.images, control)
    order = nearest.distance.argsort(kind="stable")[:CLOSEST]
    closest = np.stack([samples[order, ..., :3], train.images[nearest.which[order]]])
    copies = copy_share(nearest.distance, new.distance)
    near = yield from _near_copies(samples[:LEAST_SAMPLES], train, control)
    features = _shared(load_features(), control)
    quality = _measure(samples, train, reference, config, features, (copies, near))
    return QualityResult(quality, samples, sampling, closest)


def _draw(model: Model, config: SampleConfig, control: RunControl) -> Run[NDArray[np.uint8]]:
    """The samples, uint8 (N, H, W, 4), drawn in parts to limit memory."""
    parts = []
    for first in range(0, config.count, _PART):
        count = min(_PART, config.count - first)
        run = sample_iter(
            model, [replace(config, first_index=first, count=count)], control, record=False
        )

        def of_all(record: Record | None, first: int = first, count: int = count) -> Record | None:
            if not isinstance(record, Progress):
                return record
            done = first + count * record.done // max(1, record.total)
            return replace(record, done=done, total=config.count)

        trajectory = yield from relay(run, of_all)
        parts.append(trajectory.rgba())
        if control.stop_requested:
            break
    return np.concatenate(parts)


def _shared(features: FeatureFunction, control: RunControl) -> FeatureFunction:
    """``features`` computed by all processes, each for a part of the pictures."""

    def found(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        blocks = share_of(control, range(0, len(images), BATCH))
        parts = [features(images[start : start + BATCH]) for start in blocks]
        return merged(control, parts)

    return found


def sampling_config(model: Model, reference: SpriteSet, config: EvalConfig) -> SampleConfig:
    """Settings of the samples, with the reference's classes if the model knows them."""
    labels = reference.labels[reference.labels >= 0]
    labels = np.random.default_rng(config.seed).permutation(labels)
    names = tuple(reference.class_names[k] for k in labels)
    known = set(names) <= set(model.class_names)
    return replace(
        config.sampling,
        count=config.samples,
        seed=config.seed,
        first_index=0,
        picked=(),
        classes=names if known else (),
    )


def _measure(
    samples: NDArray[np.uint8],
    train: SpriteSet,
    reference: SpriteSet,
    config: EvalConfig,
    features: FeatureFunction,
    copies: tuple[float, float],
) -> Quality:
    known = features(reference.images)
    group = groups_of(reference)
    training = None
    if config.split != "all":
        same = same_classes(train, reference, len(samples), config.seed)
        training = _figures(train.rgba_of(same), known, group, features, config)
    return Quality(
        samples=_figures(samples, known, group, features, config, *copies),
        training=training,
        reference_count=len(reference),
        **_pixel_figures(reference.rgba),
    )


def _nearest(
    images: NDArray[np.uint8], train: NDArray[np.uint8], control: RunControl
) -> Run[Nearest]:
    """Like ``nearest_sprites``, with progress."""
    which, distance = [], []
    for start in share_of(control, range(0, len(images), _BLOCK)):
        yield Progress(start, len(images), tr("Finding copies"))
        found = nearest_sprites(images[start : start + _BLOCK], train)
        which.append(found.which)
        distance.append(found.distance)
    return Nearest(merged(control, which), merged(control, distance))


def _near_copies(rgba: NDArray[np.uint8], train: SpriteSet, control: RunControl) -> Run[float]:
    """The share of pictures that are near-copies of a training sprite, with progress."""
    parts = []
    for start in share_of(control, range(0, len(rgba), _FEW)):
        yield Progress(start, len(rgba), tr("Finding near-copies"))
        part = rgba[start : start + _FEW]
        found = near_copies_of(part[..., :3], train.images, part[..., 3], train.alpha)
        parts.append(found >= 0)
    return float(merged(control, parts).mean())


def _frechet_stderr(
    known: NDArray[np.float32], group: NDArray[np.int64], found: NDArray[np.float32], seed: int
) -> float:
    """The bootstrap standard deviation of the distance: references are resampled by whole groups,
    samples one by one."""
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(group == each) for each in np.unique(group)]
    distances = []
    for _ in range(BOOTSTRAPS):
        rows = np.concatenate([members[k] for k in rng.integers(0, len(members), len(members))])
        again = rng.integers(0, len(found), len(found))
        distances.append(frechet_distance(known[rows], found[again]))
    return float(np.std(distances, ddof=1))


def same_classes(
    train: SpriteSet, reference: SpriteSet, count: int, seed: int
) -> NDArray[np.int64]:
    """Indices of distinct random training sprites with the reference's class mix.

    ``count`` of them, or as many as that mix allows; of all classes if it allows none. No sprite
    appears twice: duplicates would seem farther from the reference than they are.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(train))
    labels, wanted = np.unique(reference.labels, return_counts=True)
    members = [order[train.labels[order] == label] for label in labels]
    share = min(len(m) / n for m, n in zip(members, wanted, strict=True))
    share = min(share, count / wanted.sum())
    several = [m[: math.ceil(share * n)] for m, n in zip(members, wanted, strict=True)]
    picked = rng.permutation(np.concatenate(several))[:count]
    return picked if len(picked) else order[:count]


def _figures(
    rgba: NDArray[np.uint8],
    known: NDArray[np.float32],
    group: NDArray[np.int64],
    features: FeatureFunction,
    config: EvalConfig,
    copies: float | None = None,
    near_copies: float | None = None,
) -> SetFigures:
    found = features(rgba[..., :3])
    kernel = kernel_distance(known, found, seed=config.seed)
    # Equal numbers of both: recall and coverage grow with the number of samples.
    count = min(len(known), len(found))
    rng = np.random.default_rng(config.seed)
    alike = fidelity(rng.permutation(known)[:count], rng.permutation(found)[:count], NEIGHBORS)
    enough = len(known) >= LEAST_REFERENCES and len(found) >= LEAST_SAMPLES
    return SetFigures(
        count=len(rgba),
        frechet_distance=frechet_distance(known, found) if enough else None,
        frechet_stderr=_frechet_stderr(known, group, found, config.seed) if enough else None,
        kernel_distance=kernel.value,
        kernel_distance_stderr=kernel.stderr,
        copies=copies,
        near_copies=near_copies,
        **alike._asdict(),
        **_pixel_figures(rgba),
    )


def _pixel_figures(rgba: NDArray[np.uint8]) -> dict[str, float]:
    images, alpha = rgba[..., :3], rgba[..., 3]
    return {
        "colors": float(np.median(distinct_colors(images))),
        "isolated_pixel_rate": isolated_pixel_rate(images, alpha),
        "edge_sharpness": edge_sharpness(images),
    }


#: Number of samples and of reference sprites in a report.
SHOWN = 100


def evaluate_iter(
    model: Model, sprites: SpriteSet, config: EvalConfig, control: RunControl
) -> Run[Report]:
    """Measure ``model`` on ``sprites``.

    Yields Progress. If stopped, it reports on the sprites and samples so far. With a SharedControl,
    all processes get the same report; if one is stopped, all fail. Raises ConfigError if the
    sprites are of another size than the model's or too few, or if what is requested needs a
    likelihood that a student does not have, or classes that the model does not know.
    """
    start = time.perf_counter()
    _check(model, sprites, config)
    config = as_trained(config, model, sprites)
    train = validation = sprites
    rows = np.arange(len(sprites))
    if config.quality or config.thermodynamics or config.split != "all":
        sprites = replace(sprites, group=groups_of(sprites))
        shares = config.validation_fraction, config.sealed_fraction
        train, validation = split(sprites, shares[0], 0, MOST_STUDIED, shares[1])
        if config.split == "validation":
            _, rows = split_rows(sprites, shares[0], 0, shares[1])
        elif config.split == "sealed":
            rows = sealed_rows(sprites, shares[1])
    rows = sample_rows(rows, MOST_STUDIED)
    reference = sprites.take(rows)
    if config.quality:
        _check_quality(model, reference, config)
    yield sample_notice(len(sprites))
    order = np.random.default_rng(config.seed).permutation(len(reference))
    chosen = order[: config.limit]
    measured = reference.take(chosen)
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
        own = sprites.fingerprint == model.data_fingerprint
        learned = learned_part(model, sprites) if own else train
        entropies = yield from thermodynamics_iter(model, learned, control, seed=config.seed)
    quality: Quality | None = None
    samples = np.empty((0, *sprites.size, 3), np.uint8)
    closest = np.empty((2, 0, *sprites.size, 3), np.uint8)
    asked = False
    if config.quality:
        found = yield from quality_iter(model, train, validation, reference, config, control)
        quality, closest, asked = found.quality, found.closest, bool(found.sampling.classes)
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
            "classes_asked_for": asked,
            "rows": rows[chosen].tolist(),
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
    """The kind of likelihood to measure by default; None for a student, which has none."""
    return None if model.is_student else "bound"


def as_trained(config: EvalConfig, model: Model, sprites: SpriteSet) -> EvalConfig:
    """The configuration with the share of sprites that the model's training set aside, if it
    learned from this set; with a larger one, some of them would not be new to it.
    """
    share = model.trained.validation_fraction
    own = sprites.fingerprint == model.data_fingerprint
    return replace(config, validation_fraction=share) if own and share else config


def _check(model: Model, sprites: SpriteSet, config: EvalConfig) -> None:
    """Raise ConfigError, before anything is measured, if the model lacks what that needs."""
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
    """Whether training saw these sprites; None = unknown, because it used another set."""
    if sprites.fingerprint != model.data_fingerprint:
        return None
    return config.split == "all" or not model.trained.validation_fraction


def labels_of(model: Model, sprites: SpriteSet) -> NDArray[np.int64]:
    """The index of each sprite's class among the model's classes; -1 = unknown to the model."""
    known: dict[str | None, int] = {name: i for i, name in enumerate(model.class_names)}
    return np.array([known.get(name, -1) for name in sprites.classes])
