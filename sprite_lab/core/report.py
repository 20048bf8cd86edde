"""What an evaluation found, as values: figures that go to JSON, and pictures to look at."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import EvalConfig

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class SetFigures:
    """Pictures held against the reference, and how they look pixel by pixel.

    ``frechet_distance`` is None where there are too few pictures or references for it.
    ``copies`` is the share of copies of training sprites (see ``metrics.copy_share``); None
    for the training sprites themselves. ``colours`` is the median a sprite, background
    included, at 5 bits a channel.
    """

    count: int
    frechet_distance: float | None
    kernel_distance: float
    kernel_distance_stderr: float
    precision: float
    recall: float
    density: float
    coverage: float
    copies: float | None
    colours: float
    isolated_pixel_rate: float
    edge_sharpness: float


@dataclass(frozen=True)
class Quality:
    """Samples, and training sprites for comparison, against ``reference_count`` sprites.

    ``training`` is what drawings by the same hands score, and so what to aim for; None where
    the training sprites are among the references. ``colours``, ``isolated_pixel_rate`` and
    ``edge_sharpness`` are those of the references.
    """

    samples: SetFigures
    training: SetFigures | None
    reference_count: int
    colours: float
    isolated_pixel_rate: float
    edge_sharpness: float


@dataclass(frozen=True)
class FileSizes:
    """Bits per dimension of the same sprites as picture files, all headers left out."""

    png: float
    webp: float


@dataclass(frozen=True, eq=False)
class Report:
    """All that was measured of one model.

    Parameters
    ----------
    config : with the sampler's settings as they were resolved for this model.
    model, data : facts for a person: title, step and data; title, split and count.
    likelihood : what was found and how, ready for JSON; bits_per_dim and its standard error
        (None for a single sprite) among it. None = not measured.
    classes : how the sprites were told apart by class, ready for JSON. None = not asked for.
    thermodynamics : the forward process and the model beside it, ready for JSON, or None.
    stopped : whether it was stopped, and so is on part of the sprites or samples.
    seconds : what it took.
    samples, reference : uint8 (up to 100, H, W, 3), the first of each, nothing picked.
    closest : uint8 (2, up to 20, H, W, 3): the samples that are nearest to training sprites,
        and those training sprites.
    """

    config: EvalConfig
    model: dict[str, Any]
    data: dict[str, Any]
    file_sizes: FileSizes
    likelihood: dict[str, Any] | None
    quality: Quality | None
    classes: dict[str, Any] | None
    thermodynamics: dict[str, Any] | None
    stopped: bool
    seconds: float
    samples: NDArray[np.uint8] = field(repr=False)
    reference: NDArray[np.uint8] = field(repr=False)
    closest: NDArray[np.uint8] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """The figures; ``bits_per_dim`` and ``bits_per_dim_stderr`` at the top level."""
        likelihood = self.likelihood or {}
        return {
            "schema_version": SCHEMA_VERSION,
            "bits_per_dim": likelihood.get("bits_per_dim"),
            "bits_per_dim_stderr": likelihood.get("bits_per_dim_stderr"),
            "file_sizes": dataclasses.asdict(self.file_sizes),
            "quality": dataclasses.asdict(self.quality) if self.quality else None,
            "likelihood": self.likelihood,
            "classes": self.classes,
            "thermodynamics": self.thermodynamics,
            "model": self.model,
            "data": self.data,
            "config": self.config.to_json(),
            "stopped": self.stopped,
            "seconds": round(self.seconds, 1),
        }
