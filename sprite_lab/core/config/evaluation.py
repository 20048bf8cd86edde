"""What is measured of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

from sprite_lab.core.config.base import Config, require
from sprite_lab.core.config.sample import SampleConfig


@dataclass(frozen=True)
class EvalConfig(Config):
    """What is measured of a model, and on which sprites.

    Parameters
    ----------
    likelihood : bits per dimension by the variational "bound" or by the "ode" of the
        probability flow; None = not measured.
    quality : whether samples are drawn and held against the sprites.
    classify : whether each sprite's class is told, by the bound under every class.
    thermodynamics : whether the forward process of the training sprites is measured, and how
        far the model's reverse process stays behind it.
    split : "validation" = the sprites set aside by whole groups, as training does; "all".
    validation_fraction : share of the groups that is set aside.
    limit : most sprites whose likelihood or class is worked out, taken at random by ``seed``;
        None = all. Quality is always held against all.
    samples : how many are drawn; the Fréchet distance needs 2,048.
    seed : of samples, noise and the choice of sprites.
    sampling : how they are drawn; its count, seed and classes are set by the evaluation.
    """

    likelihood: Literal["bound", "ode"] | None = "bound"
    quality: bool = True
    classify: bool = False
    thermodynamics: bool = False
    split: Literal["validation", "all"] = "validation"
    validation_fraction: float = 0.15
    limit: int | None = None
    samples: int = 2048
    seed: int = 0
    sampling: SampleConfig = field(default_factory=SampleConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.likelihood in (None, "bound", "ode"),
            f"'likelihood' is {self.likelihood!r}, but must be 'bound', 'ode' or None.",
        )
        require(
            self.quality or self.likelihood is not None or self.classify or self.thermodynamics,
            "There is nothing to measure: ask for the likelihood, the quality or both.",
        )
        require(0 < self.validation_fraction < 1, "'validation_fraction' must be within 0..1.")
        require(self.limit is None or self.limit >= 1, "'limit' must be at least 1.")
        require(16 <= self.samples <= 100_000, "'samples' must be from 16 to 100000.")
        require(0 <= self.seed < 2**63, "'seed' must be a whole number from 0 on.")

    @classmethod
    def quick(cls, seed: int = 0) -> Self:
        """Bound and quality of a few sprites, for a first look: within a minute or two."""
        return cls(limit=64, samples=256, seed=seed)
