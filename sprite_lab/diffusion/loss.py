"""What training minimizes."""

from __future__ import annotations

import torch
from torch import Tensor

from sprite_lab.core.config import LevelDistribution
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.parameterization import level, q_sample, target
from sprite_lab.diffusion.schedule import NoiseSchedule

#: Mean and standard deviation of log-SNR while training. Those of Karras et al. 2022 (table 1)
#: are 2.4 and 2.4; sprites have no fine texture, so their shape is decided at noisier levels.
LOGNORMAL_MEAN, LOGNORMAL_STD = 0.8, 2.4


def draw_log_snr(
    levels: LevelDistribution, schedule: NoiseSchedule, count: int, generator: torch.Generator
) -> Tensor:
    """Noise levels to train at, float32 (count,), within the schedule's range."""
    if levels == "uniform":
        t = torch.randint(1, schedule.timesteps + 1, (count,), generator=generator)
        return torch.from_numpy(schedule.log_snr(t.numpy())).float()
    low, high = schedule.trained_range
    drawn = torch.randn(count, generator=generator) * LOGNORMAL_STD + LOGNORMAL_MEAN
    return drawn.clamp(low, high)


def per_sample_loss(
    denoiser: Denoiser, x0: Tensor, epsilon: Tensor, log_snr: Tensor, context: Tensor
) -> Tensor:
    """Mean squared error of the network's own prediction, (N,) float32.

    For a network that predicts v this is the loss of Karras et al. 2022 with sigma_data 1.
    """
    alpha, std = level(log_snr)
    prediction = denoiser.predict(q_sample(x0, epsilon, alpha, std), log_snr, context)
    wanted = target(denoiser.prediction_type, x0, epsilon, alpha, std)
    return (prediction - wanted).square().mean(dim=(1, 2, 3))
