"""Conversions between epsilon, x0, v and score, and back, at every level."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.diffusion import parameterization as p

LEVELS = st.floats(-10, 10)


def draw(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 3, 4, 4, generator=generator), torch.randn(
        2, 3, 4, 4, generator=generator
    )


@given(log_snr=LEVELS, seed=st.integers(0, 100), kind=st.sampled_from(["epsilon", "x0", "v"]))
def test_each_prediction_gives_back_x0_and_epsilon(log_snr, seed, kind):
    x0, epsilon = draw(seed)
    alpha, std = p.level(torch.full((2,), log_snr))
    x_t = p.q_sample(x0, epsilon, alpha, std)
    prediction = p.target(kind, x0, epsilon, alpha, std)
    got_x0, got_epsilon = p.to_x0_epsilon(kind, prediction, x_t, alpha, std)
    tolerance = 4e-6 * (1 + float((std / alpha + alpha / std)[0]))
    torch.testing.assert_close(got_x0, x0, rtol=0, atol=tolerance)
    torch.testing.assert_close(got_epsilon, epsilon, rtol=0, atol=tolerance)


@given(log_snr=st.floats(-30, 30))
def test_levels_preserve_variance(log_snr):
    alpha, std = p.level(torch.tensor([log_snr]))
    assert float(alpha**2 + std**2) == pytest.approx(1, abs=1e-6)
    if abs(log_snr) < 20:
        snr = float((alpha.double() / std.double()) ** 2)
        assert np.log(snr) == pytest.approx(log_snr, abs=1e-3)


@given(log_snr=LEVELS, mean=st.floats(-1, 1), spread=st.floats(0.05, 2))
def test_the_score_of_gaussian_data_is_the_gradient_of_their_density(log_snr, mean, spread):
    """The expected x0 (Tweedie) turned into epsilon, v and score, checked with autograd."""
    alpha, std = (value.double() for value in p.level(torch.tensor([log_snr])))
    x_t = torch.linspace(-3, 3, 7, dtype=torch.float64).requires_grad_()[None, None, None]
    variance = alpha**2 * spread**2 + std**2
    density = torch.distributions.Normal(alpha * mean, variance.sqrt())
    (wanted,) = torch.autograd.grad(density.log_prob(x_t).sum(), x_t)
    x0 = mean + alpha * spread**2 / variance * (x_t - alpha * mean)
    epsilon = p.epsilon_from_x0(x_t, x0, alpha, std)
    v = p.target("v", x0, epsilon, alpha, std)
    for same in (epsilon, p.epsilon_from_v(x_t, v, alpha, std)):
        got = p.score_from_epsilon(same, std)
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(p.x0_from_v(x_t, v, alpha, std), x0, rtol=1e-5, atol=1e-5)


KINDS = ["x0", "epsilon", "v", "score"]


def as_kind(kind, x0, epsilon, alpha, std):
    """Convert x0 and epsilon to a quantity of a kind."""
    if kind == "score":
        return p.score_from_epsilon(epsilon, std)
    return p.target(kind, x0, epsilon, alpha, std)


def from_kind(kind, value, x_t, alpha, std):
    """Convert a quantity of a kind back to x0 and epsilon."""
    if kind == "score":
        kind, value = "epsilon", -std * value
    return p.to_x0_epsilon(kind, value, x_t, alpha, std)


def exact_level(log_snr):
    value = torch.tensor(log_snr, dtype=torch.float64)
    return torch.sigmoid(value).sqrt(), torch.sigmoid(-value).sqrt()


@given(
    log_snr=st.floats(-15, 15),
    seed=st.integers(0, 100),
    kind=st.sampled_from(KINDS),
    other=st.sampled_from(KINDS),
)
def test_every_kind_becomes_every_other_and_itself_again(log_snr, seed, kind, other):
    """Computed in float64, so that only the formulas can be wrong."""
    x0, epsilon = (value.double() for value in draw(seed))
    alpha, std = exact_level(log_snr)
    x_t = p.q_sample(x0, epsilon, alpha, std)
    value = as_kind(kind, x0, epsilon, alpha, std)
    between = as_kind(other, *from_kind(kind, value, x_t, alpha, std), alpha, std)
    again = as_kind(kind, *from_kind(other, between, x_t, alpha, std), alpha, std)
    wanted = as_kind(other, x0, epsilon, alpha, std)
    # Dividing by a small alpha or std amplifies rounding, once in each direction.
    rtol = 1e-14 * float(1 / alpha**2 + 1 / std**2)
    for got, expected in ((between, wanted), (again, value)):
        scale = float(expected.abs().max())
        torch.testing.assert_close(got, expected, rtol=0, atol=1e-14 + rtol * scale)


@given(log_snr=st.floats(-15, 15), seed=st.integers(0, 100))
def test_v_and_score_are_what_their_definitions_say(log_snr, seed):
    """v is dx_t / dphi along alpha = cos phi, std = sin phi; the score is that of q(x_t | x0)."""
    x0, epsilon = (value.double() for value in draw(seed))
    alpha, std = exact_level(log_snr)
    phi = torch.atan2(std, alpha).expand_as(x0).clone().requires_grad_()
    (v,) = torch.autograd.grad(p.q_sample(x0, epsilon, phi.cos(), phi.sin()).sum(), phi)
    torch.testing.assert_close(p.target("v", x0, epsilon, alpha, std), v, rtol=0, atol=1e-12)

    x_t = p.q_sample(x0, epsilon, alpha, std).requires_grad_()
    log_density = -(x_t - alpha * x0).square().sum() / (2 * std**2)
    (score,) = torch.autograd.grad(log_density, x_t)
    got = p.score_from_epsilon(epsilon, std)
    torch.testing.assert_close(got, score, rtol=1e-8, atol=1e-8)


@given(log_snr=LEVELS, seed=st.integers(0, 100))
def test_the_score_leads_to_x0_by_tweedies_formula(log_snr, seed):
    """x0 = (x_t + std² score) / alpha, in float32."""
    x0, epsilon = draw(seed)
    alpha, std = p.level(torch.full((2,), log_snr))
    x_t = p.q_sample(x0, epsilon, alpha, std)
    score = p.score_from_epsilon(epsilon, std)
    got, _ = from_kind("score", score, x_t, alpha, std)
    tolerance = 4e-6 * (1 + float((std / alpha)[0]))
    torch.testing.assert_close(got, (x_t + std**2 * score) / alpha, rtol=0, atol=tolerance)
    torch.testing.assert_close(got, x0, rtol=0, atol=tolerance)
