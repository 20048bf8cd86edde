"""The walk itself: where the network is evaluated, and what methods and constraints receive."""

import numpy as np
import pytest
import torch

from sprite_lab.core.config import SAMPLERS, SampleConfig
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import ddim, ddpm, dpmpp_2m, heun, method
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.sampler import Churn, walk

LEVELS = [-6.0, -2.0, 1.0, 4.0]


class Model:
    """A stand-in for a network that records where it was evaluated."""

    def __init__(self):
        self.asked = []

    def __call__(self, x_t, log_snr):
        self.asked.append(log_snr)
        alpha, std = (float(value) for value in alpha_std(log_snr))
        x0 = torch.tanh(x_t)
        return DenoiserOutput(x0, (x_t - alpha * x0) / std)


def start():
    return torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))


class Noise:
    def __init__(self):
        self.generator = torch.Generator().manual_seed(1)
        self.drawn = 0

    def __call__(self):
        self.drawn += 1
        return torch.randn(2, 3, 4, 4, generator=self.generator)


def assert_consistent(point):
    alpha, std = (float(value) for value in alpha_std(point.log_snr))
    rebuilt = alpha * point.x0 + std * point.epsilon
    torch.testing.assert_close(rebuilt, point.x_t, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_method_visits_the_levels_given_and_no_others(sampler):
    model, noise = Model(), Noise()
    points = list(walk(model, start(), LEVELS, method(SampleConfig(sampler=sampler)), noise))
    assert [point.log_snr for point in points] == LEVELS
    assert all(map(torch.equal, [points[0].x_t], [start()]))
    for point in points:
        assert_consistent(point)
    twice_from = SAMPLERS[sampler].twice_from
    again = 0 if twice_from is None else sum(level >= twice_from for level in LEVELS[:-1])
    assert len(model.asked) == len(LEVELS) + again
    assert set(model.asked) == set(LEVELS)
    adds_noise = SampleConfig(sampler=sampler).is_random
    assert noise.drawn == (len(LEVELS) - 1 if adds_noise else 0)


def test_settings_reach_their_methods():
    def end(**settings):
        steps = walk(Model(), start(), LEVELS, method(SampleConfig(**settings)), Noise())
        return list(steps)[-1].x0

    for one, other in (
        ({"sampler": "ddim"}, {"sampler": "ddim", "eta": 0.5}),
        ({"sampler": "ddpm"}, {"sampler": "ddpm", "variance": "beta"}),
    ):
        assert not torch.allclose(end(**one), end(**other), atol=1e-3)
    assert torch.equal(end(sampler="euler"), end(sampler="ddim"))


def test_one_level_is_one_evaluation():
    model = Model()
    (point,) = walk(model, start(), [0.5], heun, Noise())
    assert model.asked == [0.5]
    torch.testing.assert_close(point.x0, torch.tanh(start()))


def test_churn_goes_up_but_never_above_the_first_level():
    model = Model()
    churn = Churn(amount=100.0, sigma_max=1.0)
    assert [p.log_snr for p in walk(model, start(), LEVELS, ddim, Noise(), churn=churn)] == (
        pytest.approx([-6.0, -2.0, 1.0 - np.log(2), 4.0 - np.log(2)])
    )
    noise = Noise()
    everywhere = walk(Model(), start(), LEVELS, ddim, noise, churn=Churn(100.0))
    assert next(everywhere).log_snr == -6.0
    assert noise.drawn == 0


class Held:
    """Sets the left column of every picture to that of ``drawing``."""

    def __init__(self, drawing, epsilon):
        self.drawing, self.epsilon = drawing, epsilon
        self.seen = []

    def enter(self, x_t, log_snr):
        alpha, std = (torch.tensor(float(value)) for value in alpha_std(log_snr))
        x_t = x_t.clone()
        x_t[..., 0] = q_sample(self.drawing, self.epsilon, alpha, std)[..., 0]
        return x_t

    def settle(self, x0, x_t, log_snr):
        self.seen.append(log_snr)
        x0 = x0.clone()
        x0[..., 0] = self.drawing[..., 0]
        return x0


@pytest.mark.parametrize("step", [ddim, ddpm, heun, dpmpp_2m])
@pytest.mark.parametrize("visits", [1, 3])
def test_constraints_are_met_at_every_evaluation(step, visits):
    drawing, epsilon = torch.full((2, 3, 4, 4), 0.4), Noise()()
    held, model = Held(drawing, epsilon), Model()
    walked = walk(
        model, start(), LEVELS, step, Noise(), constraints=[held], churn=Churn(visits=visits)
    )
    for point in walked:
        assert_consistent(point)
        torch.testing.assert_close(point.epsilon[..., 0], epsilon[..., 0], rtol=0, atol=1e-5)
    assert torch.equal(point.x0[..., 0], drawing[..., 0])
    assert held.seen == model.asked
    per_step = 2 if step is heun else 1
    assert len(model.asked) == per_step * visits * (len(LEVELS) - 1) + 1


def test_constraints_are_met_in_their_order():
    class Add:
        def __init__(self, amount):
            self.amount = amount

        def enter(self, x_t, log_snr):
            return 2 * x_t + self.amount

        def settle(self, x0, x_t, log_snr):
            return 2 * x0 + self.amount

    (point,) = walk(Model(), start(), [0.0], ddim, Noise(), constraints=[Add(1.0), Add(3.0)])
    torch.testing.assert_close(point.x_t, 4 * start() + 5)
    torch.testing.assert_close(point.x0, 4 * torch.tanh(point.x_t) + 5)


def test_after_a_jump_back_up_a_multistep_method_forgets_its_past():
    """Between visits there is fresh noise, so extrapolating from x0 before it is meaningless."""
    told = []

    def listening(step):
        told.append(len(step.past))
        return dpmpp_2m(step)

    list(walk(Model(), start(), LEVELS, listening, Noise(), churn=Churn(visits=2)))
    assert told == [0] * 6
    told.clear()
    list(walk(Model(), start(), [*LEVELS, 5.0, 6.0], listening, Noise()))
    assert told == [0, 1, 2, 2, 2]


def test_visits_go_back_up_to_the_same_level():
    noise, model = Noise(), Model()
    list(walk(model, start(), LEVELS, ddim, noise, churn=Churn(visits=3)))
    assert model.asked == [-6.0] * 3 + [-2.0] * 3 + [1.0] * 3 + [4.0]
    assert noise.drawn == 2 * 3
