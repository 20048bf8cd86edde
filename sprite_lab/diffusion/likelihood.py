"""The variational bound on -log p(x_0), term by term (Ho et al. 2020, eq. 5).

The model is discrete, over T noise levels: p(x_T) is a normal distribution with the noise's
variance around the mean sprite, p(x_{t-1} | x_t) has the variance of the posterior q(x_{t-1} | x_t,
x_0) and the mean that follows from the predicted x_0, and p(x_0 | x_1) is a normal distribution
around the predicted x_0, discretized into the data's bins. Each of these is a proper distribution
whatever the denoiser predicts, so the bound is valid for any denoiser, and for any change of its
predictions that depends on x_t alone. Predictions of 8-bit data are :func:`sharpened`; guidance and
snapping are left to samplers.

Terms are given per value, (N, C, H, W) in nats, so that they can be summed over a sprite or shown
pixel by pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import level, q_sample

#: (x_t, log_snr, context) -> x0 and epsilon: a Denoiser, or a function in closed form.
Denoise = Callable[[Tensor, Tensor, Tensor], DenoiserOutput]


#: log-SNR above which predictions are rounded to 8 bits: the noise is 1.1 steps of 8 bits. Above
#: it, rounding removes errors; below, it adds some. Found by trial.
ROUND_LOG_SNR = 9.5

#: log-SNR above which nearly decided alpha counts as decided; and the meaning of "nearly": within
#: an absolute bound and a multiple of the noise, so that partial transparency is not lost as the
#: noise falls.
DECIDED_LOG_SNR = 2.0
NEARLY, NEARLY_OF_NOISE = 0.1, 0.5


def prior_term(x0: Tensor, data_mean: Tensor, log_snr: Tensor) -> Tensor:
    """L_T = KL(q(x_T | x_0) || p(x_T)), (N, C, H, W) in nats.

    Both have the variance of the noise, so only their means differ.

    ``x0``, ``data_mean``: float32 (N, C, H, W) and (C, H, W). ``log_snr``: float32 (N,), the level
    of T.
    """
    return 0.5 * log_snr.exp()[:, None, None, None] * (x0 - data_mean).square()


def bound_term(
    denoise: Denoise,
    x0: Tensor,
    epsilon: Tensor,
    context: Tensor,
    log_snr: Tensor,
    log_snr_next: Tensor,
    levels: int | None = 256,
) -> Tensor:
    """L_{t-1} of each row with the given noise, (N, C, H, W) in nats.

    For t > 1 it is KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), which equals half the gain in
    signal-to-noise ratio times the squared error of x_0 (Kingma et al. 2021, eq. 13); for t = 1 it
    is -log p(x_0 | x_1), one draw of the term that Ho et al. call L_0.

    Parameters
    ----------
    x0, epsilon : float32 (N, C, H, W).
    log_snr, log_snr_next : float32 (N,), the levels of t and of t - 1, the latter infinite
        for t = 1.
    levels : number of values of a channel, evenly spaced from -1 to 1; None = continuous data, for
        which p(x_0 | x_1) is a density.
    """
    alpha, std = level(log_snr)
    x0_hat = denoise(q_sample(x0, epsilon, alpha, std), log_snr, context).x0
    if levels:
        x0_hat = sharpened(x0_hat, log_snr, levels)
    last = torch.isinf(log_snr_next)
    gain = torch.where(last, 0.0, log_snr_next.exp() - log_snr.exp())
    term = 0.5 * gain[:, None, None, None] * (x0_hat - x0).square()
    if last.any():
        sigma = torch.exp(-0.5 * log_snr[last])[:, None, None, None]
        log_p = discretized_gaussian_log_prob if levels else _gaussian_log_density
        term[last] = -log_p(x0[last], x0_hat[last], sigma, levels or 0).to(term)
    return term


def sharpened(x0_hat: Tensor, log_snr: Tensor, levels: int) -> Tensor:
    """A prediction of pixels, moved toward values that pixels can have.

    The result lies within [-1, 1]; above ROUND_LOG_SNR it is rounded to ``levels`` values; and
    where alpha is nearly decided, it is fully opaque or fully transparent (and white, as sprites
    lie on white).

    ``x0_hat``: float32 (N, C, H, W); a fourth channel is alpha. ``log_snr``: float32 (N,).
    """
    x0_hat = x0_hat.clamp(-1.0, 1.0)
    at = log_snr[:, None, None, None]
    if x0_hat.shape[1] == 4:
        rgb, alpha = x0_hat[:, :3], x0_hat[:, 3:]
        near = (NEARLY_OF_NOISE * torch.exp(-at / 2)).clamp_max(NEARLY)
        clear, solid = ((at >= DECIDED_LOG_SNR) & (side * alpha > 1 - near) for side in (-1, 1))
        alpha = torch.where(clear, -1.0, torch.where(solid, 1.0, alpha))
        x0_hat = torch.cat([torch.where(clear, 1.0, rgb), alpha], dim=1)
    half = (levels - 1) / 2
    return torch.where(at >= ROUND_LOG_SNR, torch.round((x0_hat + 1) * half) / half - 1, x0_hat)


def discretized_gaussian_log_prob(
    x: Tensor, mean: Tensor, std: Tensor, levels: int = 256
) -> Tensor:
    """The log of a normal distribution's mass in the bin of each value (Ho et al. 2020, eq. 13).

    The first and last bins extend to infinity, so the masses of all ``levels`` values sum to one.

    ``x``, ``mean``, ``std``: tensors that broadcast; ``x`` holds values of
    ``linspace(-1, 1, levels)``.

    Returns
    -------
    float64, on the CPU: differences of tails need more than float32, and some GPUs lack float64.
    """
    x, mean, std = (value.detach().to("cpu", torch.float64) for value in (x, mean, std))
    half = 1.0 / (levels - 1)
    upper = torch.where(x > 1.0 - half, torch.inf, (x + half - mean) / std)
    lower = torch.where(x < -1.0 + half, -torch.inf, (x - half - mean) / std)
    # In the lower tail, where neither is near 1 and nothing cancels.
    mirrored = upper + lower > 0
    upper, lower = torch.where(mirrored, -lower, upper), torch.where(mirrored, -upper, lower)
    log_upper, log_lower = torch.special.log_ndtr(upper), torch.special.log_ndtr(lower)
    return log_upper + torch.log(-torch.expm1(log_lower - log_upper))


def _gaussian_log_density(x: Tensor, mean: Tensor, std: Tensor, _: int) -> Tensor:
    return -0.5 * ((x - mean) / std).square() - std.log() - 0.5 * math.log(2 * math.pi)
