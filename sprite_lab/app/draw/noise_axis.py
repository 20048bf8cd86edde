"""The model's noise levels in words and numbers, for what is set on the noise axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.noise_levels import log_snr_at, noise_shares
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.model_info import ModelInfo

_POINTS = 65


class NoiseAxis:
    """Of a model, or where there is none of the one that a training would give."""

    def __init__(self, model: ModelInfo | None) -> None:
        self.schedule = TrainConfig().schedule if model is None else model.schedule_config

    @property
    def timesteps(self) -> int:
        """T."""
        return self.schedule.timesteps

    @property
    def noise(self) -> NDArray[np.float64]:
        """How much of a picture is noise, evenly from t = 0 to T: 0..1."""
        return noise_shares(self.schedule, _POINTS)

    def log_snr(self, t: float) -> float:
        """Of level t."""
        return log_snr_at(self.schedule, t)

    def text(self, t: float) -> str:
        """A level: t and log-SNR."""
        return f"t = {t:.0f} (log-SNR {_number(self.log_snr(t))})"

    def between(self, high: float, low: float) -> str:
        """From one level to a cleaner one."""
        return f"from {self.text(high)} to {self.text(low)}"


def _number(value: float) -> str:
    return f"{value:.1f}".replace("-", "\u2212")
