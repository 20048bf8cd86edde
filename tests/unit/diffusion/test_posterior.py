"""Posteriors against closed forms: a Gaussian prior times r(x), sampled through a whole walk."""

import pytest
import torch

from sprite_lab.core.config import SAMPLERS, SampleConfig, ScheduleConfig
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.conditioning import Hold, conditioned
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import ddim, ddpm, dpmpp_2m, dpmpp_2m_sde
from sprite_lab.diffusion.parameterization import epsilon_from_x0
from sprite_lab.diffusion.posterior import Observed, Posterior, Steered
from sprite_lab.diffusion.sampler import Churn, walk
from sprite_lab.diffusion.schedule import NoiseSchedule

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


MEAN = torch.tensor([0.3, -0.2])
COVARIANCE = torch.tensor([[0.50, 0.32], [0.32, 0.40]])
PAIRS = 4000


def denoise_pairs(x_t, log_snr):
    """E[x0 | x_t] for two pixels that are correlated Gaussians."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    gain = alpha * COVARIANCE @ torch.linalg.inv(alpha**2 * COVARIANCE + std**2 * torch.eye(2))
    x0 = MEAN + (x_t - alpha * MEAN) @ gain.T
    return DenoiserOutput(x0, (x_t - alpha * x0) / std)


def inpainted(kind, visits, method=ddpm):
    """The known pixel (PAIRS,), another in every sprite, and what was drawn beside it."""
    generator = torch.Generator().manual_seed(1)
    noise = lambda: torch.randn(PAIRS, 1, 1, 2, generator=generator)  # noqa: E731
    value = MEAN + COVARIANCE.diagonal().sqrt() * noise()
    known = torch.tensor([True, False])
    if kind == "posterior":
        observed = Observed(value, torch.where(known, 0.0, torch.inf))
        constraint = Posterior(observed, float(COVARIANCE[0, 0]))
    else:
        constraint = Hold(value, noise(), torch.where(known, torch.inf, -torch.inf))
    points = walk(
        denoise_pairs,
        noise(),
        torch.linspace(-8, 8, 100).tolist(),
        method,
        noise,
        constraints=[constraint],
        churn=Churn(visits=visits),
    )
    x0 = list(points)[-1].x0[:, 0, 0]
    torch.testing.assert_close(x0[:, 0], value[:, 0, 0, 0])
    return x0.T


def line(known, drawn):
    """The line of least squares at the known pixel's mean, its slope, the variance about it."""
    both = torch.cov(torch.stack([known, drawn]))
    slope = both[0, 1] / both[0, 0]
    rest = drawn - slope * (known - MEAN[0])
    return float(rest.mean()), float(slope), float(rest.var())


#: E[unknown | known] = MEAN[1] + SLOPE (known - MEAN[0]).
SLOPE = float(COVARIANCE[0, 1] / COVARIANCE[0, 0])
REST = float(COVARIANCE[1, 1]) - SLOPE * float(COVARIANCE[0, 1])


@pytest.mark.parametrize("kind", ["hold", "posterior"])
@pytest.mark.parametrize("method", [ddim, ddpm])
def test_an_unknown_pixel_follows_the_known_one_beside_it(kind, method):
    """Were they not coupled, the slope would be 0, and the variance twice as large."""
    middle, slope, rest = line(*inpainted(kind, 16, method))
    assert middle == pytest.approx(float(MEAN[1]), abs=0.03)
    assert slope == pytest.approx(SLOPE, abs=0.06)
    assert rest == pytest.approx(REST, rel=0.1)


@pytest.mark.parametrize("kind", ["hold", "posterior"])
def test_visits_bring_the_unknown_pixel_to_its_conditional_mean(kind):
    errors = [SLOPE - line(*inpainted(kind, visits))[1] for visits in (1, SampleConfig.visits, 16)]
    assert 0.5 * SLOPE > errors[0] > 2 * errors[1]
    assert 0.2 * SLOPE > errors[1] > abs(errors[2])  # SampleConfig.visits: as the app inpaints


PIXELS = 24
STRIP = 0.06 * torch.exp(-(((torch.arange(PIXELS)[:, None] - torch.arange(PIXELS)) / 3) ** 2))
STRIP = STRIP + 0.02 * torch.eye(PIXELS)
KEPT = (torch.arange(PIXELS) < 8) | (torch.arange(PIXELS) >= 20)


def denoise_strip(x_t, log_snr):
    """E[x0 | x_t] of strips of pixels that resemble their neighbors, around 0."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    x0 = x_t @ (alpha * STRIP @ torch.linalg.inv(alpha**2 * STRIP + std**2 * torch.eye(PIXELS)))
    return DenoiserOutput(x0, (x_t - alpha * x0) / std)


def beside_kept(inpainting):
    """What the app's own settings draw (4000, D), and the true mean and covariance."""
    generator = torch.Generator().manual_seed(0)
    noise = lambda: torch.randn(4000, 1, 1, PIXELS, generator=generator)  # noqa: E731
    value = (noise()[:1] @ torch.linalg.cholesky(STRIP).T).expand(4000, 1, 1, PIXELS)
    schedule = NoiseSchedule(ScheduleConfig())
    levels = schedule.log_snr(schedule.levels(SAMPLERS["dpmpp_2m"].steps)).tolist()
    posterior = inpainting == "posterior"
    held = Hold(value, noise(), torch.where(KEPT, torch.inf, -torch.inf), posterior)
    look = conditioned(denoise_strip, held) if posterior else denoise_strip
    visits = 1 if posterior else SampleConfig.visits
    walked = walk(
        look, noise(), levels, dpmpp_2m, noise, constraints=[held], churn=Churn(visits=visits)
    )
    got = list(walked)[-1].x0[:, 0, 0]
    torch.testing.assert_close(got[:, KEPT], value[:, 0, 0, KEPT])
    slope = STRIP[~KEPT][:, KEPT] @ torch.linalg.inv(STRIP[KEPT][:, KEPT])
    mean, cov = slope @ value[0, 0, 0, KEPT], STRIP[~KEPT][:, ~KEPT] - slope @ STRIP[KEPT][:, ~KEPT]
    return got[:, ~KEPT], mean, cov


def divergence(drawn, mean, cov):
    """KL divergence, in nats, of the Gaussian of what was drawn from the true one."""
    normal = torch.distributions.MultivariateNormal
    return float(
        torch.distributions.kl_divergence(normal(drawn.mean(0), drawn.T.cov()), normal(mean, cov))
    )


def test_what_the_app_draws_beside_kept_pixels_is_near_the_posterior():
    """RePaint, which takes as long, is several times as far from it. Help and lesson 9 tell how far
    off and how narrow what is drawn is, in standard deviations."""
    found = {name: beside_kept(name) for name in ("posterior", "repaint")}
    assert divergence(*found["posterior"]) < 0.3
    assert divergence(*found["repaint"]) > 3 * divergence(*found["posterior"])
    off, spread = {}, {}
    for name, (drawn, mean, cov) in found.items():
        deviation = cov.diagonal().sqrt()
        off[name] = float(((drawn.mean(0) - mean) / deviation).square().mean().sqrt())
        spread[name] = float((drawn.std(0) / deviation).mean())
    assert off["posterior"] < 0.15 < off["repaint"] < 0.4
    assert 0.94 < spread["posterior"] < 1
    assert 0.83 < spread["repaint"] < 0.93


def test_where_nothing_is_kept_a_conditioned_denoiser_is_the_denoiser():
    x_t, free = torch.randn(3, 1, 1, PIXELS), torch.full((3, 1, 1, PIXELS), -torch.inf)
    held = Hold(torch.ones_like(x_t), x_t, free, known=True)
    for log_snr in (-8.0, 0.0, 8.0):
        wanted = denoise_strip(x_t, log_snr).x0.clamp(-1, 1)
        torch.testing.assert_close(conditioned(denoise_strip, held)(x_t, log_snr).x0, wanted)


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
