"""Training errors by noise level, collected over a few steps at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.records import WindowRecord
from sprite_lab.core.results.level_errors import BINS, LevelBins, LevelErrors
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.loss import loss_weight
from sprite_lab.diffusion.schedule import NoiseSchedule

#: Steps per window: enough to have sprites in every bin, and to keep the log short.
WINDOW = 20


def level_bins(config: TrainConfig) -> LevelBins:
    """Bins over the log-SNR range of a configuration."""
    schedule = NoiseSchedule(config.schedule)
    low, high = schedule.trained_range
    edges = torch.linspace(low, high, BINS + 1, dtype=torch.float64).numpy()
    return LevelBins(edges, schedule.t_of(edges), config.prediction_type)


def binned(bins: LevelBins, config: TrainConfig, log_snr: Tensor, losses: Tensor) -> LevelErrors:
    """Divide losses (N,) at levels (N,) by their weights, and add them up in each bin."""
    weight = loss_weight(config.loss_weighting, config.prediction_type, log_snr)
    errors = losses / weight
    return LevelErrors.of(bins, log_snr.cpu().numpy(), errors.cpu().numpy())


class LevelWindow:
    """Keeps the losses of each step until it is time to bin them.

    Values stay on their device: fetching them at every step would make an accelerator wait.
    """

    def __init__(self, config: TrainConfig, first: int) -> None:
        self.bins = level_bins(config)
        self._config, self._first = config, first
        self._log_snr: list[Tensor] = []
        self._losses: list[Tensor] = []

    def add(self, log_snr: Tensor, losses: Tensor) -> None:
        """Add one step: levels (N,) and losses (N,)."""
        self._log_snr.append(log_snr)
        self._losses.append(losses)

    def due(self, step: int, last: bool) -> bool:
        """Whether the window ends with ``step``."""
        return step % WINDOW == 0 or last

    def close(self, step: int, ema: Ema) -> WindowRecord:
        """A record of all steps since the last window."""
        log_snr, losses = torch.cat(self._log_snr), torch.cat(self._losses)
        self._log_snr.clear()
        self._losses.clear()
        first, self._first = self._first, step + 1
        levels = binned(self.bins, self._config, log_snr, losses)
        return WindowRecord(first, step, levels, ema.distance())
