"""Single steps against diffusers and denoising-diffusion-pytorch, at those
libraries' own levels.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

from sprite_lab.core.trajectories.levels import alpha_std, posterior
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import (
    ddim,
    ddpm,
    dpmpp_2m,
    dpmpp_2m_sde,
    euler,
    heun,
    unipc,
)
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.sampler import Churn, Point, Step, renoise, walk

SHAPE = (2, 3, 8, 8)


def normal(seed):
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


def predicted(x_t, log_snr):
    """A made-up prediction that depends on all of its inputs, as a Point."""
    alpha, std = (float(value) for value in alpha_std(log_snr))
    x0 = torch.tanh(0.8 * x_t + 0.1 * log_snr + 0.3 * x_t.flip(-1))
    return Point(x_t, x0, (x_t - alpha * x0) / std, log_snr)


def log_snr_of_sigma(sigma):
    return -2 * float(np.log(float(sigma)))


def log_snr_of(alphas_cumprod):
    value = float(alphas_cumprod)
    return float(np.log(value) - np.log1p(-value))


def assert_same(got, expected, log_snr):
    """Within 1e-5 sqrt(1 + sigma²), where sigma is the noise-to-signal ratio stepped from."""
    atol = 1e-5 * (1 + np.exp(-log_snr)) ** 0.5
    torch.testing.assert_close(got.float(), expected.float(), rtol=0, atol=atol)


def step_from(here, then, past=(), noise=None):
    def no_noise():
        raise AssertionError("a deterministic method asked for noise")

    return Step(here, then, past, predicted, no_noise if noise is None else lambda: noise)


@pytest.mark.parametrize("variance", ["posterior", "beta"])
@pytest.mark.parametrize("t", [1, 20, 250, 499])
def test_ddpm(diffusers, t, variance):
    name = {"posterior": "fixed_small", "beta": "fixed_large"}[variance]
    peer = diffusers.DDPMScheduler(500, 1e-4, 0.02, "linear", variance_type=name, clip_sample=False)
    peer.alphas_cumprod = peer.alphas_cumprod.double()  # 1 - ᾱ is lost in float32 near t = 0
    now, then = (log_snr_of(peer.alphas_cumprod[i]) for i in (t, t - 1))
    here = predicted(normal(0), now)
    generator = torch.Generator().manual_seed(7)
    expected = peer.step(here.epsilon, t, here.x_t, generator=generator).prev_sample
    assert_same(ddpm(step_from(here, then, noise=normal(7)), variance), expected, now)


@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
@pytest.mark.parametrize(("t", "before"), [(480, 460), (260, 240), (20, 0)])
def test_ddim(diffusers, t, before, eta):
    peer = diffusers.DDIMScheduler(
        500, 1e-4, 0.02, "linear", clip_sample=False, set_alpha_to_one=False
    )
    peer.set_timesteps(25)
    now, then = (log_snr_of(peer.alphas_cumprod[i]) for i in (t, before))
    here, noise = predicted(normal(0), now), normal(3)
    expected = peer.step(
        here.epsilon, t, here.x_t, eta=eta, variance_noise=noise if eta else None
    ).prev_sample
    assert_same(ddim(step_from(here, then, noise=noise if eta else None), eta), expected, now)


@pytest.mark.parametrize("karras", [False, True])
def test_euler(diffusers, karras):
    peer = diffusers.EulerDiscreteScheduler(500, use_karras_sigmas=karras)
    peer.set_timesteps(12)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[:-1]]
    for i, (now, then) in enumerate(pairwise(levels)):
        here = predicted(normal(i), now)
        ratio = float(1 / alpha_std(now)[0])  # the peer's pictures are x_t / alpha
        peer.scale_model_input(ratio * here.x_t, peer.timesteps[i])
        expected = peer.step(here.epsilon, peer.timesteps[i], ratio * here.x_t).prev_sample
        got = euler(step_from(here, then)) / float(alpha_std(then)[0])
        assert_same(got, expected, now)


@pytest.mark.parametrize("karras", [False, True])
def test_heun(diffusers, karras):
    peer = diffusers.HeunDiscreteScheduler(500, use_karras_sigmas=karras)
    peer.set_timesteps(9)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[0:-1:2]]
    assert len(levels) == 9
    for i, (now, then) in enumerate(pairwise(levels)):
        here = predicted(normal(i), now)
        alpha_s = float(alpha_std(then)[0])
        x = here.x_t / float(alpha_std(now)[0])
        peer.scale_model_input(x, peer.timesteps[2 * i])
        guess = peer.step(here.epsilon, peer.timesteps[2 * i], x).prev_sample
        there = predicted(alpha_s * guess, then)
        expected = peer.step(there.epsilon, peer.timesteps[2 * i + 1], guess).prev_sample
        assert_same(heun(step_from(here, then)) / alpha_s, expected, now)


@pytest.mark.parametrize("churn", [0.0, 4.0])
def test_edm_euler(diffusers, churn):
    peer = diffusers.EDMEulerScheduler(sigma_min=0.002, sigma_max=80.0, num_train_timesteps=500)
    peer.set_timesteps(18)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[:-1]]
    for i, (now, then) in enumerate(pairwise(levels)):
        x = normal(i) / float(alpha_std(now)[0])
        noise = normal(100 + i)
        level = Churn(churn).raised(now, 18)
        x_t = renoise(normal(i), now, level, noise)
        here = predicted(x_t, level)
        peer.scale_model_input(x, peer.timesteps[i])
        expected = peer.step(
            x,
            peer.timesteps[i],
            x,
            s_churn=churn,
            generator=torch.Generator().manual_seed(100 + i),
            pred_original_sample=here.x0,
        ).prev_sample
        assert_same(euler(step_from(here, then)) / float(alpha_std(then)[0]), expected, now)


def test_edm_dpmpp_2m(diffusers):
    peer = diffusers.EDMDPMSolverMultistepScheduler(
        sigma_min=0.002, sigma_max=80.0, num_train_timesteps=500
    )
    peer.set_timesteps(18)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[:-1]]
    past = []
    for i, (now, then) in enumerate(pairwise(levels)):
        here = predicted(normal(i), now)
        x = here.x_t / float(alpha_std(now)[0])
        # Undo the peer's preconditioning, so that its x0 is ours.
        sigma, data = float(peer.sigmas[i]), peer.config.sigma_data
        skip = data**2 / (sigma**2 + data**2)
        output = (here.x0 - skip * x) / (sigma * data / (sigma**2 + data**2) ** 0.5)
        expected = peer.step(output, peer.timesteps[i], x).prev_sample
        got = dpmpp_2m(step_from(here, then, past)) / float(alpha_std(then)[0])
        assert_same(got, expected, now)
        past = [*past[-1:], here]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("stochastic", [False, True])
def test_dpmpp_2m(diffusers, stochastic, order):
    kind = "sde-dpmsolver++" if stochastic else "dpmsolver++"
    method = dpmpp_2m_sde if stochastic else dpmpp_2m
    peer = diffusers.DPMSolverMultistepScheduler(500, algorithm_type=kind, solver_order=order)
    peer.set_timesteps(16)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[:-1]]
    past = []
    for i, (now, then) in enumerate(pairwise(levels)):
        here, noise = predicted(normal(i), now), normal(100 + i) if stochastic else None
        expected = peer.step(here.epsilon, peer.timesteps[i], here.x_t, variance_noise=noise)
        got = method(step_from(here, then, past if order == 2 else (), noise))
        assert_same(got, expected.prev_sample, now)
        past = [*past[-1:], here]


def test_unipc(diffusers):
    """A whole walk, as the peer's corrector needs the x that it corrected one step before."""
    peer = diffusers.UniPCMultistepScheduler(500, solver_order=2, solver_type="bh2")
    peer.set_timesteps(16)
    levels = [log_snr_of_sigma(sigma) for sigma in peer.sigmas[:-1]]
    ours = list(
        walk(lambda x, s: DenoiserOutput(*predicted(x, s)[1:3]), normal(0), levels, unipc, None)
    )
    x = normal(0)
    for t, point in zip(peer.timesteps, ours, strict=True):
        assert_same(point.x_t, x, point.log_snr)
        x = peer.step(predicted(x, point.log_snr).epsilon, t, x).prev_sample


@pytest.fixture(scope="module")
def ddpm_pytorch():
    # Imports PyTorch's compiler, which slows down other pytest workers.
    from denoising_diffusion_pytorch import GaussianDiffusion, Unet

    return GaussianDiffusion(
        Unet(8, dim_mults=(1,)), image_size=8, timesteps=1000, beta_schedule="linear"
    )


@pytest.mark.parametrize("t", [1, 10, 300, 999])
def test_q_sample_and_posterior_equal_denoising_diffusion_pytorch(ddpm_pytorch, t):
    alphas_cumprod = torch.cumprod(1 - ddpm_pytorch.betas.double(), 0)
    now, then = (log_snr_of(alphas_cumprod[i]) for i in (t, t - 1))
    x0, epsilon, index = normal(0), normal(1), torch.full((2,), t)
    alpha, std = (torch.tensor(float(value)) for value in alpha_std(now))
    x_t = q_sample(x0, epsilon, alpha, std)
    assert_same(x_t, ddpm_pytorch.q_sample(x0, index, epsilon), now)
    mean, variance, _ = ddpm_pytorch.q_posterior(x0, x_t, index)
    weight_x_t, weight_x0, ours = posterior(now, then)
    assert_same(weight_x_t * x_t + weight_x0 * x0, mean, now)
    assert ours == pytest.approx(float(variance[0, 0, 0, 0]), rel=2e-4)


def test_churn_is_algorithm_2_of_karras_et_al():
    """Their stochastic Heun sampler, written out with sigma and unscaled pictures in float64."""
    sigmas = [20.0, 6.0, 2.0, 0.6, 0.2, 0.05]
    s_churn, s_tmin, s_tmax, s_noise = 2.0, 0.1, 10.0, 1.007
    rng = np.random.default_rng(0)
    noises = rng.standard_normal((len(sigmas), *SHAPE))

    def d(x, sigma):
        return predicted(torch.tensor(x / (1 + sigma**2) ** 0.5), -2 * np.log(sigma)).x0.numpy()

    start = sigmas[0] * rng.standard_normal(SHAPE)
    x, drawn = start, iter(noises)
    gammas = []
    for i, t in enumerate(sigmas):
        gamma = min(s_churn / len(sigmas), 2**0.5 - 1) if s_tmin <= t <= s_tmax else 0
        gammas.append(gamma)
        t_hat = t + gamma * t
        if gamma > 0:
            x = x + (t_hat**2 - t**2) ** 0.5 * s_noise * next(drawn)
        if i == len(sigmas) - 1:  # the step to sigma = 0 ends at D
            x = d(x, t_hat)
            break
        then = sigmas[i + 1]
        slope = (x - d(x, t_hat)) / t_hat
        guess = x + (then - t_hat) * slope
        slope_there = (guess - d(guess, then)) / then
        x = x + (then - t_hat) * (slope / 2 + slope_there / 2)
    assert sum(gamma > 0 for gamma in gammas) == 4

    again = iter(noises)
    log_snrs = [-2 * float(np.log(sigma)) for sigma in sigmas]
    points = walk(
        lambda x_t, log_snr: DenoiserOutput(*predicted(x_t, log_snr)[1:3]),
        torch.tensor(start / (1 + sigmas[0] ** 2) ** 0.5),
        log_snrs,
        heun,
        lambda: torch.tensor(next(again)),
        churn=Churn(s_churn, s_tmin, s_tmax, s_noise),
    )
    np.testing.assert_allclose(list(points)[-1].x0.numpy(), x, atol=1e-10)
