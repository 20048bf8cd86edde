"""Settings for measuring a model: what to measure, and how thoroughly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Self

from sprite_lab.core.config.base import LARGEST_SEED, Choice, Config, same_as, setting
from sprite_lab.core.config.sample import SampleConfig
from sprite_lab.core.config.train import TrainConfig
from sprite_lab.core.errors import require


@dataclass(frozen=True)
class EvalConfig(Config):
    """What an evaluation measures, and on which sprites.

    The count, seed and classes in ``sampling`` have no effect: the evaluation sets them itself.
    """

    # fmt: off
    likelihood: Literal["bound", "ode"] | None = setting(
        "bound",
        tip="Measure bits per dimension, by the variational bound or the probability flow.",
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
    validation_fraction: float = same_as(TrainConfig, "validation_fraction")
    sealed_fraction: float = same_as(TrainConfig, "sealed_fraction")
    limit: int | None = setting(
        None, low=1,
        tip=(
            "Maximum number of sprites whose likelihood or class is measured, selected at "
            "random. Quality is always compared with all."
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
        """The bound and quality of a few sprites, for a first look: it takes a minute or two."""
        return cls(limit=64, samples=256, seed=seed)


@dataclass(frozen=True)
class MeasureConfig(Config):
    """Which sprites are measured, and how often.

    All fields but ``source`` and ``repeats`` are for data sets. ``take`` is "random" to draw
    ``count`` sprites by ``seed``, or "in order" for those from number ``first`` on, counted within
    the class.
    """

    # fmt: off
    source: Literal["data", "project", "samples"] = setting(
        "data", title="Which sprites",
        choices=(
            Choice("data", "Data set", "Sprites of the open data set"),
            Choice("project", "Drawings", "The cells of the project in Draw"),
            Choice("samples", "Samples", "The finished sprites of See"),
        ),
    )
    class_name: str = setting("", "Class")  #: "" = all classes
    take: Literal["random", "in order"] = setting(
        "random", "Select", title="How to select them",
        choices=(
            Choice("random", "Random", "Drawn at random by the seed"),
            Choice("in order", "In order", "One after another, starting from a number"),
        ),
    )
    count: int = setting(
        100, "Sprites", low=1, high=10_000_000, usual=(1, 20_000), logarithmic=True,
        tip="Maximum number to measure.",
    )
    first: int = setting(
        1, "From", title="First sprite", low=1, high=10_000_000, slider=False,
        tip="Number of the first sprite",
    )
    seed: int = setting(0, "Seed", low=0, high=LARGEST_SEED)
    repeats: int = setting(
        2, "Repeats", low=2, high=32,
        tip="Independent estimates for each sprite: four times as many halve its error.",
    )
    # fmt: on


@dataclass(frozen=True)
class EntropyConfig(Config):
    """How the entropies of a training set are measured."""

    # fmt: off
    levels: int = setting(
        40, "Levels", title="Noise levels", low=10, high=200,
        tip="Levels t that the path from noise to sprite is divided into.",
    )
    draws: int = setting(
        64, "Draws", low=16, high=512, step=16,
        tip="Sprites drawn from the training set: four times as many halve all errors.",
    )
    seed: int = setting(0, "Seed", low=0, high=LARGEST_SEED)
    # fmt: on


@dataclass(frozen=True)
class ReversalConfig(Config):
    """Where a reverse step begins, in a process that adds noise to a single value."""

    # fmt: off
    x_t: float = setting(
        0.0, "x_t", title="Noisy value", low=-2.0, high=2.0, step=0.1, decimals=1,
        tip="Noisy value that the step back starts from; 0 is halfway between the peaks.",
    )
    signal: float = setting(
        0.5, "Signal", title="Share of signal", low=0.05, high=0.95, step=0.05, decimals=2,
        tip="Share of the variance that is signal where the step back starts: the nearest step.",
    )
    # fmt: on
