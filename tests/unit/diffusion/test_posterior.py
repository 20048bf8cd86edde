"""Inpainting against the closed form for Gaussian data, sampled through a whole walk."""

import pytest
import torch

from sprite_lab.core.config import SAMPLERS, SampleConfig, ScheduleConfig
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.constraints import Hold, conditioned, seeing
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import ddim, ddpm, dpmpp_2m
from sprite_lab.diffusion.sampler import Churn, walk
from sprite_lab.diffusion.schedule import NoiseSchedule

MEAN = torch.tensor([0.3, -0.2])
COVARIANCE = torch.tensor([[0.50, 0.32], [0.32, 0.40]])
PAIRS = 4000


def denoise_pairs(x_t, log_snr):
    """E[x0 | x_t] for two pixels that are correlated Gaussians."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    gain = alpha * COVARIANCE @ torch.linalg.inv(alpha**2 * COVARIANCE + std**2 * torch.eye(2))
    x0 = MEAN + (x_t - alpha * MEAN) @ gain.T
    return DenoiserOutput(x0, (x_t - alpha * x0) / std)


def inpainted(visits, method=ddpm):
    """The known pixel (PAIRS,), a different one in every sprite, and the pixel drawn beside it."""
    generator = torch.Generator().manual_seed(1)
    noise = lambda: torch.randn(PAIRS, 1, 1, 2, generator=generator)  # noqa: E731
    value = MEAN + COVARIANCE.diagonal().sqrt() * noise()
    known = torch.tensor([True, False])
    held = Hold(value, noise(), torch.where(known, torch.inf, -torch.inf))
    points = walk(
        denoise_pairs,
        noise(),
        torch.linspace(-8, 8, 100).tolist(),
        method,
        noise,
        constraints=[held],
        churn=Churn(visits=visits),
    )
    x0 = list(points)[-1].x0[:, 0, 0]
    torch.testing.assert_close(x0[:, 0], value[:, 0, 0, 0])
    return x0.T


def line(known, drawn):
    """The least-squares line at the known pixel's mean, its slope, and the variance around it."""
    both = torch.cov(torch.stack([known, drawn]))
    slope = both[0, 1] / both[0, 0]
    rest = drawn - slope * (known - MEAN[0])
    return float(rest.mean()), float(slope), float(rest.var())


#: E[unknown | known] = MEAN[1] + SLOPE (known - MEAN[0]).
SLOPE = float(COVARIANCE[0, 1] / COVARIANCE[0, 0])
REST = float(COVARIANCE[1, 1]) - SLOPE * float(COVARIANCE[0, 1])


@pytest.mark.parametrize("method", [ddim, ddpm])
def test_an_unknown_pixel_follows_the_known_one_beside_it(method):
    """If they were not coupled, the slope would be 0 and the variance twice as large."""
    middle, slope, rest = line(*inpainted(16, method))
    assert middle == pytest.approx(float(MEAN[1]), abs=0.03)
    assert slope == pytest.approx(SLOPE, abs=0.06)
    assert rest == pytest.approx(REST, rel=0.1)


def test_visits_bring_the_unknown_pixel_to_its_conditional_mean():
    errors = [SLOPE - line(*inpainted(visits))[1] for visits in (1, SampleConfig.visits, 16)]
    assert 0.5 * SLOPE > errors[0] > 2 * errors[1]
    assert 0.2 * SLOPE > errors[1] > abs(errors[2])  # SampleConfig.visits: what the app uses


def denoise_beside(x_t, log_snr):
    """E[x0 | x_t of the second pixel, the first pixel seen without noise]."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    mean = MEAN[1] + SLOPE * (x_t[..., 0] - MEAN[0])
    gain = alpha * REST / (alpha**2 * REST + std**2)
    second = mean + gain * (x_t[..., 1] - alpha * mean)
    x0 = torch.stack([torch.zeros_like(second), second], dim=-1)
    return DenoiserOutput(x0, (x_t - alpha * x0) / std)


@pytest.mark.parametrize("method", [ddim, ddpm])
def test_a_denoiser_that_sees_what_is_kept_draws_beside_it_as_it_should(method):
    generator = torch.Generator().manual_seed(1)
    noise = lambda: torch.randn(PAIRS, 1, 1, 2, generator=generator)  # noqa: E731
    value = MEAN + COVARIANCE.diagonal().sqrt() * noise()
    held = Hold(value, noise(), torch.tensor([torch.inf, -torch.inf]), known=True)
    levels = torch.linspace(-8, 8, 100).tolist()
    look = seeing(denoise_beside, held)
    points = list(walk(look, noise(), levels, method, noise, constraints=[held]))
    x0 = points[-1].x0[:, 0, 0]
    torch.testing.assert_close(x0[:, 0], value[:, 0, 0, 0])
    middle, slope, rest = line(*x0.T)
    assert middle == pytest.approx(float(MEAN[1]), abs=0.03)
    assert slope == pytest.approx(SLOPE, abs=0.03)
    assert rest == pytest.approx(REST, rel=0.1)


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
    """Samples with the app's own settings (4000, D), and the true mean and covariance."""
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
    """KL divergence, in nats, from the true Gaussian to that of the samples."""
    normal = torch.distributions.MultivariateNormal
    return float(
        torch.distributions.kl_divergence(normal(drawn.mean(0), drawn.T.cov()), normal(mean, cov))
    )


def test_what_the_app_draws_beside_kept_pixels_is_near_the_posterior():
    """RePaint, which takes as long, is several times as far from it. Help and lesson 9 state how
    far off and how narrow the results are, in standard deviations.
    """
    found = {name: beside_kept(name) for name in ("posterior", "repaint")}
    assert divergence(*found["posterior"]) < 0.22
    assert divergence(*found["repaint"]) > 3 * divergence(*found["posterior"])
    off, spread = {}, {}
    for name, (drawn, mean, cov) in found.items():
        deviation = cov.diagonal().sqrt()
        off[name] = float(((drawn.mean(0) - mean) / deviation).square().mean().sqrt())
        spread[name] = float((drawn.std(0) / deviation).mean())
    assert off["posterior"] < 0.12 < off["repaint"] < 0.4
    assert 0.94 < spread["posterior"] < 1
    assert 0.83 < spread["repaint"] < 0.93


def test_where_nothing_is_kept_a_conditioned_denoiser_is_the_denoiser():
    x_t, free = torch.randn(3, 1, 1, PIXELS), torch.full((3, 1, 1, PIXELS), -torch.inf)
    held = Hold(torch.ones_like(x_t), x_t, free, known=True)
    for log_snr in (-8.0, 0.0, 8.0):
        wanted = denoise_strip(x_t, log_snr).x0.clamp(-1, 1)
        torch.testing.assert_close(conditioned(denoise_strip, held)(x_t, log_snr).x0, wanted)


def test_what_is_free_moves_no_further_than_what_is_kept_had_to():
    """A network's derivative may be nearly flat at kept pixels and steep elsewhere."""
    kept = torch.arange(PIXELS) < 4
    weights = torch.where(kept, 1.0, 0.0).expand(PIXELS, PIXELS).clone()
    weights[:4, :4] = 1e-4 * torch.eye(4)

    def steep(x_t, log_snr):
        return DenoiserOutput(x_t @ weights, x_t)

    drawing, x_t = torch.full((2, 1, 1, PIXELS), 0.3), torch.zeros(2, 1, 1, PIXELS)
    held = Hold(drawing, x_t, torch.where(kept, torch.inf, -torch.inf), known=True)
    x0 = conditioned(steep, held)(x_t, 0.0).x0[:, 0, 0]
    assert x0[:, ~kept].square().mean().sqrt() == pytest.approx(0.3)


def test_the_noise_that_is_told_is_what_the_prediction_leaves():
    x_t = torch.randn(3, 1, 1, PIXELS, generator=torch.Generator().manual_seed(0))
    held = Hold(torch.ones_like(x_t), x_t, torch.where(KEPT, torch.inf, -torch.inf), known=True)
    for log_snr in (-2.0, 0.0, 4.0):
        alpha, std = (float(value) for value in alpha_std(log_snr))
        found = conditioned(denoise_strip, held)(x_t, log_snr)
        torch.testing.assert_close(alpha * found.x0 + std * found.epsilon, x_t)
