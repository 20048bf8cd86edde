"""Single steps against diffusers with the peer's own levels, and whole runs on Gaussian data."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.sampler import ddim_step, ddpm_step, posterior, renoise
from sprite_lab.diffusion.schedule import NoiseSchedule, alpha_std


def log_snr_of(alphas_cumprod):
    value = float(alphas_cumprod)
    return float(np.log(value) - np.log1p(-value))


def made(alphas_cumprod, seed=0):
    """x0, epsilon and x_t of one level, float32 (2, 3, 8, 8)."""
    generator = torch.Generator().manual_seed(seed)
    x0 = torch.rand(2, 3, 8, 8, generator=generator) * 2 - 1
    epsilon = torch.randn(2, 3, 8, 8, generator=generator)
    x_t = alphas_cumprod**0.5 * x0 + (1 - alphas_cumprod) ** 0.5 * epsilon
    return x0, epsilon, x_t


@pytest.mark.parametrize("t", [1, 20, 250, 499])
def test_ddpm_step_equals_diffusers(t):
    peer = DDPMScheduler(500, 1e-4, 0.02, "linear", clip_sample=False)
    peer.alphas_cumprod = peer.alphas_cumprod.double()  # 1 - ᾱ is lost in float32 near t = 0
    x0, epsilon, x_t = made(peer.alphas_cumprod[t])
    generator = torch.Generator().manual_seed(7)
    expected = peer.step(epsilon, t, x_t, generator=generator).prev_sample
    noise = torch.randn(x_t.shape, generator=torch.Generator().manual_seed(7))
    now, then = (log_snr_of(peer.alphas_cumprod[i]) for i in (t, t - 1))
    got = ddpm_step(x_t, DenoiserOutput(x0, epsilon), now, then, noise)
    sigma = float((1 / peer.alphas_cumprod[t] - 1) ** 0.5)
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5 * (1 + sigma**2) ** 0.5)


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("t", "before"), [(480, 460), (260, 240), (20, 0)])
def test_ddim_step_equals_diffusers(t, before, eta):
    peer = DDIMScheduler(500, 1e-4, 0.02, "linear", clip_sample=False, set_alpha_to_one=False)
    peer.set_timesteps(25)
    assert t in peer.timesteps
    x0, epsilon, x_t = made(peer.alphas_cumprod[t])
    noise = torch.randn(x_t.shape, generator=torch.Generator().manual_seed(3))
    expected = peer.step(epsilon, t, x_t, eta=eta, variance_noise=noise if eta else None)
    now, then = (log_snr_of(peer.alphas_cumprod[i]) for i in (t, before))
    got = ddim_step(x_t, DenoiserOutput(x0, epsilon), now, then, noise, eta)
    sigma = float((1 / peer.alphas_cumprod[t] - 1) ** 0.5)
    torch.testing.assert_close(got, expected.prev_sample, rtol=0, atol=1e-5 * (1 + sigma**2) ** 0.5)


def test_posterior_is_the_product_of_its_gaussians():
    """q(x_s | x_t, x0) ∝ q(x_t | x_s) q(x_s | x0), multiplied out on a fine grid."""
    now, then, x_t, x0 = -0.5, 1.0, 0.7, -0.3
    (alpha, std), (alpha_s, std_s) = alpha_std(now), alpha_std(then)
    ratio = alpha / alpha_s
    variance = std**2 - ratio**2 * std_s**2
    x_s = np.linspace(-6, 6, 200_001)
    log_p = -((x_t - ratio * x_s) ** 2) / variance - (x_s - alpha_s * x0) ** 2 / std_s**2
    p = np.exp(log_p / 2)
    p /= p.sum()
    mean = (p * x_s).sum()
    weight_x_t, weight_x0, posterior_variance = posterior(now, then)
    assert weight_x_t * x_t + weight_x0 * x0 == pytest.approx(mean, abs=1e-9)
    assert posterior_variance == pytest.approx((p * (x_s - mean) ** 2).sum(), abs=1e-9)


@pytest.mark.parametrize("sampler", ["ddpm", "ddim"])
def test_gaussian_data_come_back_with_their_mean_and_variance(sampler):
    """For N(m, s²) the best denoiser is known, so mean and variance can be propagated exactly."""
    m, s = 0.3, 0.5
    schedule = NoiseSchedule(ScheduleConfig(name="cosine"))
    log_snr = schedule.log_snr(np.arange(500, -1, -1))
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(40_000, generator=generator, dtype=torch.float64)
    for now, then in pairwise(log_snr):
        alpha, std = (float(v) for v in alpha_std(now))
        gain = alpha * s**2 / (alpha**2 * s**2 + std**2)
        x0 = m + gain * (x - alpha * m)
        denoised = DenoiserOutput(x0, (x - alpha * x0) / std)
        noise = torch.randn(len(x), generator=generator, dtype=torch.float64)
        step = ddpm_step if sampler == "ddpm" else ddim_step
        x = step(x, denoised, float(now), float(then), noise)
    assert float(x.mean()) == pytest.approx(m, abs=0.01)
    # Taking x0 as known makes ddpm's variance a little too small, the less the more steps.
    assert float(x.std()) == pytest.approx(s, rel=0.03)


def test_renoise_gives_the_marginal_of_the_noisier_level():
    generator = torch.Generator().manual_seed(1)
    x0 = 0.8
    alpha_s, std_s = (float(v) for v in alpha_std(2.0))
    alpha, std = (float(v) for v in alpha_std(-1.0))
    n = 200_000
    x_s = alpha_s * x0 + std_s * torch.randn(n, generator=generator, dtype=torch.float64)
    x_t = renoise(x_s, 2.0, -1.0, torch.randn(n, generator=generator, dtype=torch.float64))
    assert float(x_t.mean()) == pytest.approx(float(alpha) * x0, abs=0.01)
    assert float(x_t.std()) == pytest.approx(float(std), rel=0.01)
