"""Conversions between epsilon, x0 and v are inverse to each other at every level."""

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
