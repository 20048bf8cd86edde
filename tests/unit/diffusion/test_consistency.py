"""Where a student evaluates, and how it gets from one evaluation to the next."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sprite_lab.diffusion import methods
from sprite_lab.diffusion.consistency import between, student_levels
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.sampler import Point, Step


@pytest.mark.parametrize("low", [-8.76, -5.0, 0.0, 6.0])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_levels_rise_from_where_it_starts_and_end_before_the_cleanest(
    low: float, steps: int
) -> None:
    levels = student_levels(low, 13.0, steps)
    assert levels[0] == low
    assert len(levels) == steps
    assert (np.diff(levels) > 0).all()
    assert levels[-1] < 13


def test_from_pure_noise_the_second_of_two_is_where_sprites_take_shape() -> None:
    assert -3 < student_levels(-8.76, 13.0, 2)[1] < 0


def test_shares_are_of_the_way() -> None:
    """Half of the way from a to c and then half of the rest is three quarters of it."""
    half = float(between(-6.0, 9.0, [0.5])[0])
    assert between(half, 9.0, [0.5])[0] == pytest.approx(between(-6.0, 9.0, [0.75])[0])


def test_where_it_starts_as_clean_as_it_knows_one_is_enough() -> None:
    assert student_levels(13.0, 13.0, 4).tolist() == [13.0]
    assert student_levels(20.0, 13.0, 4).tolist() == [20.0]


@pytest.mark.parametrize("fresh", [0.0, 0.7, 1.0])
def test_what_a_student_is_noised_with_is_partly_the_noise_that_it_saw(
    monkeypatch: pytest.MonkeyPatch, fresh: float
) -> None:
    monkeypatch.setattr(methods, "FRESH_NOISE", fresh)
    generator = torch.Generator().manual_seed(0)
    shape = (2000, 3, 4, 4)
    x0 = torch.zeros(shape).uniform_(-1, 1, generator=generator)
    epsilon, noise = (torch.randn(shape, generator=generator) for _ in "12")
    here = Point(q_sample(x0, epsilon, *level(torch.full((2000,), -3.0))), x0, epsilon, -3.0)
    alpha, std = level(torch.full((2000,), 1.0))
    x = methods.consistency(Step(here, 1.0, [], None, lambda: noise))  # type: ignore[arg-type]
    rest = (x - alpha * x0) / std
    assert float(rest.std()) == pytest.approx(1, abs=0.01)  # the marginal of the level
    assert float((rest * noise).mean()) == pytest.approx(fresh, abs=0.02)
    assert float((rest * epsilon).mean()) == pytest.approx((1 - fresh**2) ** 0.5, abs=0.02)
