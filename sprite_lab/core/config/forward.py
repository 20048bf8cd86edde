"""Settings of a forward process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sprite_lab.core.config.base import LARGEST_SEED, Choice, Config, setting
from sprite_lab.core.config.schedule import ScheduleConfig

ForwardNoise = Literal["one", "fresh"]


@dataclass(frozen=True)
class ForwardConfig(Config):
    """Settings of a forward process.

    ``noise`` is "one" for q(x_t | x_0) with one ε at every level (Ho et al. 2020, eq. 4), "fresh"
    for the Markov chain q(x_t | x_{t-1}) (eq. 2). Each x_t on its own is distributed alike.
    ``bend`` is added to the log-SNR of the schedule at evenly spaced t from 0 to T, and
    interpolated in between; () leaves it as it is.
    """

    # fmt: off
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    noise: ForwardNoise = setting(
        "one", "Noise", title="Noise of the steps", group="Noise",
        choices=(
            Choice("one", "One", "The same noise ε at every level, only stronger: "
                   "x_t = √ᾱ_t · x0 + √(1 − ᾱ_t) · ε, as training draws it."),
            Choice("fresh", "Fresh each step", 
                "A Markov chain: every step adds a little noise of its own, so ε slowly changes. "
                "Each level alone looks the same."
            ),
        ),
    )
    seed: int = setting(0, "Seed", low=0, high=LARGEST_SEED)
    # fmt: on
    bend: tuple[float, ...] = ()
