"""What is measured of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

from sprite_lab.core.config.base import LARGEST_SEED, Config, require, setting
from sprite_lab.core.config.sample import SampleConfig


@dataclass(frozen=True)
class EvalConfig(Config):
    """What is measured of a model, and on which sprites.

    The samples that are drawn have the count, seed and classes that the evaluation sets.
    """

    # fmt: off
    likelihood: Literal["bound", "ode"] | None = setting(
        "bound", tip="Bits per dimension: variational bound or exact ODE.",
    )
    quality: bool = setting(True, tip="Draw samples and hold them against the sprites.")
    classify: bool = setting(
        False, tip="How probable each class is for every sprite, by the bound under each.",
    )
    thermodynamics: bool = setting(
        False, tip="Entropies of the forward process, and how far the reverse one stays behind it.",
    )
    split: Literal["validation", "all"] = setting(
        "validation", tip="The sprites that training sets aside, or all of them.",
    )
    validation_fraction: float = setting(
        0.15, above=0, below=1, tip="Share of the groups of sprites that is set aside.",
    )
    limit: int | None = setting(
        None, low=1,
        tip="Most sprites whose likelihood or class is worked out, taken at random by the seed. "
        "Quality is always held against all.",
    )
    samples: int = setting(
        2048, low=16, high=100_000,
        tip="How many samples for the quality; the Fréchet distance needs 2,048.",
    )
    seed: int = setting(0, low=0, high=LARGEST_SEED, tip="Decides all chance.")
    sampling: SampleConfig = field(default_factory=SampleConfig)
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            self.quality or self.likelihood is not None or self.classify or self.thermodynamics,
            "There is nothing to measure: ask for the likelihood, the quality or both.",
        )

    @classmethod
    def quick(cls, seed: int = 0) -> Self:
        """Bound and quality of a few sprites, for a first look: within a minute or two."""
        return cls(limit=64, samples=256, seed=seed)
