"""Everything that is measured of a model: likelihood, quality, and file sizes beside them."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np

from sprite_lab.core.config import EvalConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.probability import Bound, FlowLikelihood
from sprite_lab.core.report import FileSizes, Quality, Report
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.data import split
from sprite_lab.engine.likelihood import bound_iter, ode_iter
from sprite_lab.engine.models import Model
from sprite_lab.engine.quality import NEIGHBOURS, quality_iter
from sprite_lab.formats.file_sizes import png_bits_per_dim, webp_bits_per_dim

#: Pictures of either kind that a report shows.
SHOWN = 100


def evaluate_iter(
    model: Model, sprites: SpriteSet, config: EvalConfig, control: RunControl
) -> Run[Report]:
    """Measure ``model`` on ``sprites``.

    Yields Progress. Stopped, it reports on the sprites and samples so far.

    Raises
    ------
    ConfigError
        If the sprites are of another size than the model's, or too few to be divided.
    """
    start = time.perf_counter()
    if sprites.size != (model.image_size, model.image_size):
        raise ConfigError(
            f"The sprites are {sprites.size[1]}x{sprites.size[0]}, but the model draws "
            f"{model.image_size}x{model.image_size}; choose a set of that size."
        )
    train, validation = split(sprites, config.validation_fraction, seed=0)
    reference = validation if config.split == "validation" else sprites
    if config.quality and len(reference) <= NEIGHBOURS:
        raise ConfigError(
            f"Quality needs at least {NEIGHBOURS + 1} sprites to compare with, but there are "
            f"{len(reference)}; use a larger set or --split all."
        )
    order = np.random.default_rng(config.seed).permutation(len(reference))
    measured = reference.take(order[: config.limit])
    likelihood: dict[str, Any] | None = None
    if config.likelihood == "bound":
        bound = yield from bound_iter(model, measured, control, seed=config.seed)
        likelihood = _of_bound(bound)
    elif config.likelihood == "ode":
        flow = yield from ode_iter(model, measured, control, seed=config.seed)
        likelihood = _of_flow(flow)
    quality: Quality | None = None
    samples = np.empty((0, *sprites.size, 3), np.uint8)
    closest = np.empty((2, 0, *sprites.size, 3), np.uint8)
    if config.quality:
        found = yield from quality_iter(model, train, validation, reference, config, control)
        quality, drawn, closest = found
        samples = drawn.rgba()[:SHOWN, ..., :3]
        if drawn.config is not None:
            config = replace(config, sampling=replace(drawn.config, classes=()))
    return Report(
        config=config,
        model={"title": model.title, "step": model.step, "data": model.data_title},
        data={
            "title": sprites.title,
            "fingerprint": sprites.fingerprint,
            "split": config.split,
            "count": len(reference),
        },
        file_sizes=FileSizes(
            png=png_bits_per_dim(measured.images), webp=webp_bits_per_dim(measured.images)
        ),
        likelihood=likelihood,
        quality=quality,
        seconds=time.perf_counter() - start,
        samples=samples,
        closest=closest,
        reference=reference.take(order[:SHOWN]).images,
    )


def _of_bound(bound: Bound) -> dict[str, Any]:
    terms = bound.vlb_terms()
    return {
        "method": "bound",
        **_bits(bound),
        "decoder": "discretized Gaussian",
        "noise_levels": len(bound.log_snr),
        "L_0": float(terms[0]),
        "L_t-1": float(terms[1:-1].sum()),
        "L_T": float(terms[-1]),
        "vlb_terms": terms.tolist(),
    }


def _of_flow(flow: FlowLikelihood) -> dict[str, Any]:
    return {
        "method": "ode",
        **_bits(flow),
        "dequantization": "uniform",
        "noise_levels": len(flow.log_snr),
        "divergence": "exact" if flow.exact else "Hutchinson's estimate",
    }


def _bits(found: Bound | FlowLikelihood) -> dict[str, Any]:
    error = found.bits_per_dim_stderr
    return {
        "bits_per_dim": found.bits_per_dim,
        # One sprite alone says nothing of the spread.
        "bits_per_dim_stderr": error if math.isfinite(error) else None,
        "sprites": len(found.bits),
        "levels": found.levels,
        "log_snr": [float(found.log_snr[0]), float(found.log_snr[-1])],
        "guidance": 1,
    }
