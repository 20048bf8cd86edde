"""The noise levels of a model as t, log-SNR and share of noise, without loading torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import signed
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.schedule import NoiseSchedule  # needs only numpy
from sprite_lab.words import tr

_POINTS = 65

_schedule = lru_cache(maxsize=8)(NoiseSchedule)


class NoiseLevels:
    """The levels of a model; without a model, those of a new training run."""

    def __init__(self, model: Model | None) -> None:
        config = TrainConfig().schedule if model is None else model.schedule_config
        self.timesteps = config.timesteps
        self._schedule = _schedule(config)

    @property
    def noise(self) -> NDArray[np.float64]:
        """The share of noise in the variance of a picture, 0..1, at even steps from t = 0 to T."""
        levels = np.linspace(0, self.timesteps, _POINTS)
        return alpha_std(self._schedule.log_snr(levels))[1] ** 2

    def log_snr(self, t: float) -> float:
        """The log-SNR of level ``t``, 0 to T."""
        return float(self._schedule.log_snr(t))

    def text(self, t: float) -> str:
        """A level in words: t and log-SNR."""
        number = signed(self.log_snr(t), ".1f")
        return f"t = {t:.0f} (log-SNR {number})"

    def between(self, high: float, low: float) -> str:
        """An interval in words, from the noisier level to the cleaner one."""
        return tr("from {high} to {low}", high=self.text(high), low=self.text(low))
