"""The segments of a student, and the x0 that leads from one end of a segment to the other."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sprite_lab.core.config import SEGMENTS, SampleConfig
from sprite_lab.diffusion.consistency import between, segment_starts, segment_x0, student_levels
from sprite_lab.diffusion.methods import method
from sprite_lab.diffusion.parameterization import epsilon_from_x0, level, q_sample
from sprite_lab.diffusion.sampler import Point, Step

TRAINED = (-8.76, 13.0)


def test_a_student_evaluates_once_in_each_segment() -> None:
    starts = segment_starts(*TRAINED)
    assert len(starts) == SEGMENTS
    assert starts[0] == TRAINED[0]
    assert (np.diff(starts) > 0).all()
    assert starts[-1] < TRAINED[1]
    assert student_levels(TRAINED[0], TRAINED).tolist() == starts.tolist()


@pytest.mark.parametrize(("steps", "segments"), [(1, [0]), (2, [0, 3]), (3, [0, 2, 3])])
def test_with_fewer_steps_segments_in_between_are_left_out(steps: int, segments: list[int]) -> None:
    starts = segment_starts(*TRAINED)
    assert student_levels(TRAINED[0], TRAINED, steps).tolist() == starts[segments].tolist()


@pytest.mark.parametrize("start", [-5.0, 0.0, 6.0])
def test_from_less_noise_only_the_segments_to_come_are_taken(start: float) -> None:
    later = [log_snr for log_snr in segment_starts(*TRAINED).tolist() if log_snr > start]
    assert student_levels(start, TRAINED).tolist() == [start, *later]


@pytest.mark.parametrize("start", [13.0, 20.0])
def test_from_the_cleanest_level_that_it_knows_one_evaluation_is_enough(start: float) -> None:
    assert student_levels(start, TRAINED).tolist() == [start]


def test_shares_are_of_the_way() -> None:
    """Half of the way from a to c, and then half of the rest, is three quarters of it."""
    half = float(between(-6.0, 9.0, [0.5])[0])
    assert between(half, 9.0, [0.5])[0] == pytest.approx(between(-6.0, 9.0, [0.75])[0])
    # Quantiles of N(-0.5, 3), which the shipped students were trained for.
    np.testing.assert_allclose(between(-99.0, 99.0, [0.5, 0.8413447]), [-0.5, 2.5], atol=1e-6)


@pytest.mark.parametrize(("here", "then"), [(-8.0, -2.5), (-3.2, -2.5), (0.9, 1.5)])
def test_with_the_x0_of_a_segment_a_student_ends_where_the_segment_does(
    here: float, then: float
) -> None:
    generator = torch.Generator().manual_seed(0)
    x_t, x_s = torch.randn(2, 5, 3, 4, 4, generator=generator, dtype=torch.float64)
    log_snr, end = torch.full((5,), here), torch.full((5,), then)
    x0 = segment_x0(x_t, log_snr, x_s, end)
    point = Point(x_t, x0, epsilon_from_x0(x_t, x0, *level(log_snr)), here)

    def unused(*_: object) -> Point:
        raise AssertionError("it takes neither noise nor another evaluation")

    step = Step(point, then, (), unused, unused)  # type: ignore[arg-type]
    got = method(SampleConfig(sampler="student"))(step)
    torch.testing.assert_close(got, x_s, rtol=1e-4, atol=1e-4)


def test_where_all_sprites_are_one_it_is_the_x0_of_every_segment() -> None:
    """The trajectories are then straight: x_t = alpha x0 + std epsilon with constant epsilon."""
    x0, epsilon = torch.randn(2, 3, 4, 2, 2, generator=torch.Generator().manual_seed(1))
    log_snr, end = torch.tensor([-8.0, -2.0, 1.0]), torch.tensor([-2.5, -0.5, 6.0])
    x_t, x_s = (q_sample(x0, epsilon, *level(at)) for at in (log_snr, end))
    torch.testing.assert_close(segment_x0(x_t, log_snr, x_s, end), x0, rtol=1e-3, atol=1e-3)
