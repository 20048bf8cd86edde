"""Posteriors against closed forms: a Gaussian prior times r(x), sampled through a whole walk."""

import pytest
import torch

from sprite_lab.diffusion.conditioning import Hold
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import ddim, dpmpp_2m_sde
from sprite_lab.diffusion.parameterization import epsilon_from_x0
from sprite_lab.diffusion.posterior import Observed, Posterior, Steered
from sprite_lab.diffusion.sampler import walk
from sprite_lab.diffusion.schedule import alpha_std

N = 20_000
PRIOR_MEAN, PRIOR_VARIANCE = 0.3, 0.5


def denoise(x_t, log_snr):
    """E[x0 | x_t] for data that are independent Gaussians."""
    alpha, std = (torch.tensor(float(value)) for value in alpha_std(log_snr))
    gain = alpha * PRIOR_VARIANCE / (alpha**2 * PRIOR_VARIANCE + std**2)
    x0 = PRIOR_MEAN + gain * (x_t - alpha * PRIOR_MEAN)
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))


def drawn(factor, method=ddim, steps=200):
    generator = torch.Generator().manual_seed(0)
    noise = lambda: torch.randn(N, 1, 1, 2, generator=generator)  # noqa: E731
    levels = torch.linspace(-10, 14, steps).tolist()
    points = walk(denoise, noise(), levels, method, noise, constraints=[factor])
    return list(points)[-1].x0[:, 0, 0]


@pytest.mark.parametrize("method", [ddim, dpmpp_2m_sde])
def test_a_gaussian_prior_times_a_gaussian_is_the_gaussian_that_it_should_be(method):
    """Both values observed, one nearly without noise: denoising, as Bayes has it."""
    value, variance = torch.tensor([1.5, -1.0]), torch.tensor([0.25, 0.01])
    got = drawn(Posterior(Observed(value, variance), PRIOR_VARIANCE), method)
    precision = 1 / PRIOR_VARIANCE + 1 / variance
    mean = (PRIOR_MEAN / PRIOR_VARIANCE + value / variance) / precision
    torch.testing.assert_close(got.mean(0), mean, atol=0.01, rtol=0)
    torch.testing.assert_close(got.var(0), 1 / precision, atol=0, rtol=0.05)
    assert torch.corrcoef(got.T)[0, 1].abs() < 0.03


def test_where_nothing_is_observed_it_is_the_prior_and_where_all_is_the_value():
    value, variance = torch.tensor([9.0, -1.0]), torch.tensor([torch.inf, 0.0])
    got = drawn(Posterior(Observed(value, variance), PRIOR_VARIANCE))
    assert got[:, 0].mean() == pytest.approx(PRIOR_MEAN, abs=0.015)
    assert got[:, 0].var() == pytest.approx(PRIOR_VARIANCE, rel=0.05)
    torch.testing.assert_close(got[:, 1], torch.full((N,), -1.0))


def test_inpainting_is_the_posterior_of_pixels_without_noise():
    value = torch.tensor([0.7, 0.0]).expand(N, 1, 1, 2)
    known = torch.tensor([True, False])
    posterior = Posterior(Observed(value, torch.where(known, 0.0, torch.inf)), PRIOR_VARIANCE)
    held = Hold(value, torch.zeros_like(value), torch.where(known, torch.inf, -torch.inf))
    torch.testing.assert_close(drawn(posterior), drawn(held), atol=2e-2, rtol=0)


def test_a_function_of_ones_own_tilts_the_prior():
    """r(x) = exp(b . x) moves a Gaussian's mean by b times its variance, and that alone."""
    tilt = torch.tensor([0.8, -0.4])
    got = drawn(Posterior(Steered(lambda x: tilt.expand_as(x)), PRIOR_VARIANCE))
    expected = PRIOR_MEAN + PRIOR_VARIANCE * tilt
    torch.testing.assert_close(got.mean(0), expected, atol=0.015, rtol=0)
    torch.testing.assert_close(got.var(0), torch.full((2,), PRIOR_VARIANCE), atol=0, rtol=0.05)


def test_a_function_that_is_a_wide_gaussian_agrees_with_the_closed_form():
    value, variance = 1.0, 10.0
    smooth = Steered(lambda x: (value - x) / variance)
    got = drawn(Posterior(smooth, PRIOR_VARIANCE))
    exact = drawn(Posterior(Observed(torch.tensor(value), torch.tensor(variance)), PRIOR_VARIANCE))
    torch.testing.assert_close(got.mean(0), exact.mean(0), atol=5e-3, rtol=0)
    torch.testing.assert_close(got.var(0), exact.var(0), atol=0, rtol=0.02)
