"""Settings of a noise schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sprite_lab.core.config.base import Choice, Config, setting
from sprite_lab.core.errors import require

ScheduleName = Literal["linear", "cosine", "karras"]


#: log-SNR assigned to t = 0, where the picture is clean: finite, and far below 8-bit rounding.
CLEAN_LOG_SNR = 20.0


@dataclass(frozen=True)
class ScheduleConfig(Config):
    """A noise schedule over t = 0 (clean) to ``timesteps`` (noise).

    ``linear`` is that of Ho et al. 2020 with the course's numbers (its notebook has T + 1 of them
    and so is one level ahead: its ᾱ_1 is 0.99976, ours 0.9999). ``cosine`` is that of Nichol and
    Dhariwal 2021. ``karras`` has the spacing of Karras et al. 2022, from sigma 80 down to where
    8-bit rounding hides the noise. ``beta_start`` and ``beta_end`` only apply to ``linear``.
    """

    # fmt: off
    name: ScheduleName = setting(
        "karras", "Noise", title="Noise schedule", group="Advanced", flag="--schedule",
        tip="How fast noise takes over: linear, the first one; cosine, gentler at both ends; or "
        "Karras, which also covers the faintest noise.",
        choices=(
            Choice("linear", "Linear"), Choice("cosine", "Cosine"), Choice("karras", "Karras"),
        ),
    )
    timesteps: int = setting(500, "T", low=2, high=10_000)
    beta_start: float = setting(1e-4, title="First beta")
    beta_end: float = setting(0.02, title="Last beta")
    # fmt: on

    def __post_init__(self) -> None:
        super().__post_init__()
        # Below the minimum, t = 1 would be cleaner than the log-SNR that stands for t = 0.
        require(
            1e-8 <= self.beta_start <= self.beta_end < 1,
            "'beta_start' and 'beta_end' must satisfy 1e-8 <= beta_start <= beta_end < 1.",
        )
        # alpha at T must be large enough for float32.
        betas = np.linspace(self.beta_start, self.beta_end, self.timesteps)
        require(
            float(np.log1p(-betas).sum()) > -150.0,
            "This many steps with this much noise leave nothing of a picture: lower 'beta_end' "
            "or 'timesteps'.",
        )
