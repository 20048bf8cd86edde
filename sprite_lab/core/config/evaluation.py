"""What is measured of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

from sprite_lab.core.config.base import LARGEST_SEED, Config, setting
from sprite_lab.core.config.sample import SampleConfig
from sprite_lab.core.errors import require


@dataclass(frozen=True)
class EvalConfig(Config):
    """What is measured of a model, and on which sprites.

    The samples that are drawn have the count, seed and classes that the evaluation sets.
    """

    # fmt: off
    likelihood: Literal["bound", "ode"] | None = setting(
        "bound", tip="Measure bits per dimension, by the variational bound or the exact ODE.",
    )
    quality: bool = setting(True, tip="Compare generated samples with the sprites.")
    classify: bool = setting(
        False, tip="Measure how probable each class is for every sprite.",
    )
    thermodynamics: bool = setting(
        False, tip="Measure the entropies of the forward and reverse processes.",
    )
    split: Literal["validation", "sealed", "all"] = setting(
        "validation",
        tip="Sprites to measure: those held out by training, those kept for a final test, or all.",
    )
    validation_fraction: float = setting(
        0.15, above=0, below=1, tip="Share of the sprite groups held out for validation.",
    )
    sealed_fraction: float = setting(
        0.0, low=0, below=1,
        tip=(
            "Share of the held-out groups that is kept for a final test; neither training nor "
            "validation sees it."
        ),
    )
    limit: int | None = setting(
        None, low=1,
        tip=(
            "Most sprites whose likelihood or class is measured, selected at random. Quality is "
            "always compared with all."
        ),
    )
    samples: int = setting(
        2048, low=16, high=1_000_000,
        tip="Number of samples for the quality; the Fréchet distance needs 2,048.",
    )
    seed: int = setting(0, low=0, high=LARGEST_SEED, tip="Seed of all random numbers.")
    sampling: SampleConfig = field(default_factory=SampleConfig)
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.quality or self.likelihood is not None or self.classify or self.thermodynamics,
            "There is nothing to measure: ask for the likelihood, the quality or both.",
        )
        require(
            self.split != "sealed" or self.sealed_fraction > 0,
            "No sprites were kept for a final test; if some were, give their share as "
            "'sealed_fraction'.",
        )

    @classmethod
    def quick(cls, seed: int = 0) -> Self:
        """Bound and quality of a few sprites, for a first look: a minute or two."""
        return cls(limit=64, samples=256, seed=seed)
