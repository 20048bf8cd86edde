"""Results of an evaluation: figures for JSON, and pictures."""

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
    """Figures of a set of pictures, alone and against the reference.

    ``frechet_distance`` is None if there are too few pictures or references; its ``stderr`` is over
    references resampled by whole groups. ``copies`` is the share of copies of training sprites (see
    ``metrics.copy_share``); None for the training sprites themselves. ``near_copies`` is the share
    that would share a group with a training sprite under the rules of
    :mod:`sprite_lab.data.near_copies`, which also find recolorings; None if not computed.
    ``colors`` is the median number per sprite, background included, at 5 bits per channel.
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
    colors: float
    isolated_pixel_rate: float
    edge_sharpness: float
    frechet_stderr: float | None = None
    near_copies: float | None = None


@dataclass(frozen=True)
class Quality:
    """Samples and, for comparison, training sprites against ``reference_count`` sprites.

    ``training`` is the score of drawings by the same artists, and so the goal; None if the
    references include the training sprites. ``colors``, ``isolated_pixel_rate`` and
    ``edge_sharpness`` are those of the references.
    """

    samples: SetFigures
    training: SetFigures | None
    reference_count: int
    colors: float
    isolated_pixel_rate: float
    edge_sharpness: float


@dataclass(frozen=True)
class FileSizes:
    """Bits per dimension of the same sprites with other coders.

    ``png`` and ``webp``: as picture files, without headers. ``lzma``: appended to one file of other
    sprites of the set. ``counted``: each alone, by :class:`.ContextCoder` with counts from
    ``learnt_from`` other sprites. Both include alpha; None without other sprites.
    """

    png: float
    webp: float
    lzma: float | None = None
    counted: float | None = None
    learnt_from: int = 0


@dataclass(frozen=True, eq=False)
class Report:
    """All measurements of one model."""

    config: EvalConfig  #: includes the sampler settings as resolved for this model
    #: facts to display: title, step and data
    model: dict[str, object]
    #: facts to display: title, split and count; and "rows": the indices in the set of the sprites
    #: in lists "..._by_sprite"
    data: dict[str, Any]
    file_sizes: FileSizes
    #: results and method, ready for JSON, including bits_per_dim and its standard error (None for a
    #: single sprite). None = not measured.
    likelihood: dict[str, object] | None
    quality: Quality | None
    #: classification of the sprites, ready for JSON. None = not requested.
    classes: dict[str, Any] | None
    #: the forward process compared with the model, ready for JSON, or None
    thermodynamics: dict[str, object] | None
    stopped: bool  #: whether it was stopped early and covers only part of the sprites or samples
    seconds: float  #: time taken
    #: uint8 (up to 100, H, W, 3), the first of each, without selection
    samples: NDArray[np.uint8] = field(repr=False)
    reference: NDArray[np.uint8] = field(repr=False)
    #: uint8 (2, up to 20, H, W, 3): the samples nearest to training sprites, and those training
    #: sprites
    closest: NDArray[np.uint8] = field(repr=False)

    def to_json(self) -> dict[str, object]:
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
