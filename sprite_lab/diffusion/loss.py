"""The training loss."""

from __future__ import annotations

import torch
from torch import Tensor

from sprite_lab.core.config import LossWeighting, PredictionType, TrainConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.parameterization import level, q_sample, target
from sprite_lab.diffusion.schedule import NoiseSchedule

#: The gamma of Hang et al. 2023: the signal-to-noise ratio above which weights no longer grow.
MIN_SNR_GAMMA = 5.0


def draw_log_snr(
    config: TrainConfig, schedule: NoiseSchedule, count: int, generator: torch.Generator
) -> Tensor:
    """Noise levels to train at, float32 (count,), within the schedule's range.

    "lognormal" levels are evenly spaced quantiles from one random start, as in Kingma et al. 2021
    (appendix I.1), so that the loss of a batch varies less.
    """
    if config.levels == "uniform":
        t = torch.randint(1, schedule.timesteps + 1, (count,), generator=generator)
        return torch.from_numpy(schedule.log_snr(t.numpy())).float()
    low, high = schedule.trained_range
    start = torch.rand(1, generator=generator, dtype=torch.float64)
    position = (start + torch.arange(count, dtype=torch.float64) / count) % 1.0
    share = config.uniform_share
    even = low + (high - low) * position / (share or 1.0)
    quantile = ((position - share) / ((1.0 - share) or 1.0)).clamp(1e-9, 1 - 1e-9)
    normal = config.log_snr_mean + config.log_snr_std * torch.special.ndtri(quantile)
    return torch.where(position < share, even, normal.clamp(low, high)).float()


def squared_errors(
    denoiser: Denoiser,
    x0: Tensor,
    epsilon: Tensor,
    log_snr: Tensor,
    context: Tensor,
    augment: Tensor | None = None,
    guidance_scale: Tensor | None = None,
) -> Tensor:
    """Squared errors of the network's own prediction, (N, C, H, W) float32."""
    alpha, std = level(log_snr)
    x_t = q_sample(x0, epsilon, alpha, std)
    prediction = denoiser.predict(x_t, log_snr, context, augment, guidance_scale)
    wanted = target(denoiser.prediction_type, x0, epsilon, alpha, std)
    return (prediction - wanted).square()


def per_sample_loss(errors: Tensor, huber_c: float = 0.0) -> Tensor:
    """The mean of squared errors (N, C, H, W), or a robust loss, (N,) float32.

    With ``huber_c`` = c > 0, the squared error e of a pixel, a mean over its channels, counts as
    2c² (√(1 + e/c²) - 1): as e where it is far below c², and as 2c √e far above. This is the
    pseudo-Huber loss, which Song & Dhariwal 2023 (improved consistency training) apply to whole
    images. Here it is applied per pixel: if a student cannot tell which of two colors a pixel has,
    the squared error leads to their mean, a third color, and this loss to one of the two.
    """
    if huber_c:
        errors = errors.mean(dim=1, keepdim=True)
        # Rewritten without the difference above, which would lose all digits with a large c.
        errors = 2 * errors / (1 + (1 + errors / huber_c**2).sqrt())
    return errors.mean(dim=(1, 2, 3))


def loss_weight(
    weighting: LossWeighting, prediction_type: PredictionType, log_snr: Tensor
) -> Tensor:
    """The weight of the squared error of the network's own prediction, (N,) float32.

    "uniform" is 1. "min_snr" weights the error of x0 by min(SNR, 5) (Hang et al. 2023), "edm"
    by 1 + SNR (Karras et al. 2022, eq. 8, with sigma_data 1; the sprites' root mean square is
    0.84). For a network that predicts v, "edm" is "uniform", as all of Karras' preconditioning
    with sigma_data 1 is v in the variance-preserving form: c_in is the factor from x0 + sigma
    epsilon to x_t, and F = -v.
    """
    if weighting == "uniform" or (weighting == "edm" and prediction_type == "v"):
        return torch.ones_like(log_snr)
    # The SNR of a linear schedule with 10,000 levels ends below the smallest float32.
    snr = log_snr.exp().clamp_min(torch.finfo(log_snr.dtype).tiny)
    of_x0 = snr.clamp_max(MIN_SNR_GAMMA) if weighting == "min_snr" else 1.0 + snr
    # Ratio of the prediction's squared error to that of x0.
    scale = {"epsilon": snr, "x0": torch.ones_like(snr), "v": 1.0 + snr}[prediction_type]
    return of_x0 / scale
