"""How often training visits each noise level, compared with the levels that it draws."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from sprite_lab.core.config import ScheduleConfig, ScheduleName, TrainConfig
from sprite_lab.core.config.train import LevelDistribution
from sprite_lab.diffusion.level_shares import level_shares
from sprite_lab.diffusion.loss import draw_log_snr
from sprite_lab.diffusion.schedule import NoiseSchedule

DRAWN = 100_000


@pytest.mark.parametrize("name", get_args(ScheduleName))
@pytest.mark.parametrize("levels", get_args(LevelDistribution))
def test_the_shares_are_those_of_the_levels_that_are_drawn(
    name: ScheduleName, levels: LevelDistribution
) -> None:
    config = replace(TrainConfig(), levels=levels, schedule=ScheduleConfig(name=name))
    schedule = NoiseSchedule(config.schedule)
    low, high = schedule.trained_range
    edges = np.linspace(low, high, 13)
    found = level_shares(config, schedule, edges)
    drawn = draw_log_snr(config, schedule, DRAWN, torch.Generator().manual_seed(0))
    # float32 rounds some levels slightly beyond the ends.
    counts, _ = np.histogram(drawn.double().numpy().clip(low, high), edges)
    assert found.sum() == pytest.approx(1.0)
    assert np.allclose(found, counts / DRAWN, atol=0.006)


def test_bins_beyond_the_range_are_empty() -> None:
    config = TrainConfig()
    schedule = NoiseSchedule(config.schedule)
    low, high = schedule.trained_range
    found = level_shares(config, schedule, np.array([low - 2, low - 1, low, 0.0, high, high + 1]))
    assert found[[0, 1, 4]] == pytest.approx(0.0)
    assert found.sum() == pytest.approx(1.0)
