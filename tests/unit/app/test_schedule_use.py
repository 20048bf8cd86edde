"""What a schedule changes: the noise levels of training and samplers."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.app.see.schedule_curves import log_snr_of, signal_ticks, use_of
from sprite_lab.core.config import ScheduleConfig
from sprite_lab.diffusion.schedule import NoiseSchedule


def test_even_levels_are_counted_and_the_lesson_is_right() -> None:
    """A third of Ho et al.'s 1,000 linear levels are nearly pure noise, but few cosine ones."""
    config = ScheduleConfig(name="linear", timesteps=1000)
    levels = NoiseSchedule(config).log_snr(np.arange(1, 1001))
    use = use_of(config)
    assert use.even.shares.sum() == pytest.approx(1.0)
    inner = (levels > use.edges[5]) & (levels < use.edges[6])
    assert use.even.shares[5] == pytest.approx(inner.mean())
    assert use.even.all_noise == pytest.approx((levels < np.log(0.01 / 0.99)).mean())
    assert f"{use.even.all_noise:.0%}" == "33%"
    cosine = use_of(ScheduleConfig(name="cosine", timesteps=1000))
    assert f"{cosine.even.all_noise:.1%}" == "6.5%"


def test_what_sprite_lab_does_hardly_depends_on_the_schedule() -> None:
    linear, karras = (use_of(ScheduleConfig(name=name)) for name in ("linear", "karras"))
    ours = np.abs(linear.ours.shares - karras.ours.shares).sum()
    even = np.abs(linear.even.shares - karras.even.shares).sum()
    assert ours < even / 4
    assert len(linear.ours.log_snr) == len(linear.even.log_snr) == 12
    assert (np.diff(linear.even.log_snr) > 0).all()


def test_a_bend_moves_the_even_levels() -> None:
    config = ScheduleConfig(name="cosine")
    straight, bent = use_of(config), use_of(config, (-2.0,) * 7)
    assert bent.even.all_noise > straight.even.all_noise
    assert (bent.even.log_snr < straight.even.log_snr).all()


def test_the_axis_is_in_percent_of_signal() -> None:
    assert [text for _, text in signal_ticks()] == ["0.01%", "1%", "50%", "99%", "99.99%"]
    assert log_snr_of(0.5) == 0.0
    assert 1 / (1 + np.exp(-log_snr_of(0.01))) == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
@pytest.mark.parametrize("timesteps", [500, 1000])
def test_nothing_piles_up_at_the_ends_of_the_axis(name: str, timesteps: int) -> None:
    """A spike at an end would come from the axis, not from the schedule."""
    shares = use_of(ScheduleConfig(name=name, timesteps=timesteps)).even.shares
    for outer, next_to_it in ((shares[0], shares[1]), (shares[-1], shares[-2])):
        assert outer <= next_to_it + 2 / timesteps
