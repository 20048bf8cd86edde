"""Pixels held, mirrored and tiled, at every level and at the end."""

import pytest
import torch

from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.diffusion.constraints import (
    Hold,
    Mirror,
    Shared,
    joined,
    mirrored,
    seamless,
    windows,
)
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.methods import ddpm, dpmpp_2m
from sprite_lab.diffusion.parameterization import epsilon_from_x0
from sprite_lab.diffusion.sampler import walk

LEVELS = torch.linspace(-8, 10, 40).tolist()


def output(x_t, x0, log_snr):
    alpha, std = (torch.tensor(float(value)) for value in alpha_std(log_snr))
    return DenoiserOutput(x0, epsilon_from_x0(x_t, x0, alpha, std))


def standard(x_t, log_snr):
    """E[x0 | x_t] where every value is standard normal: alpha x_t."""
    return output(x_t, float(alpha_std(log_snr)[0]) * x_t, log_snr)


def walked(denoise, method=dpmpp_2m, constraints=(), shape=(4, 3, 8, 8), seed=0):
    generator = torch.Generator().manual_seed(seed)
    noise = lambda: torch.randn(shape, generator=generator)  # noqa: E731
    return list(walk(denoise, noise(), LEVELS, method, noise, constraints=constraints))


@pytest.fixture
def drawing():
    return torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize("method", [ddpm, dpmpp_2m])
def test_a_pixel_is_the_drawing_until_its_level_and_free_from_there(drawing, method):
    release = torch.full((4, 1, 8, 8), -torch.inf)
    release[..., :2], release[..., 2:4] = torch.inf, 1.0
    epsilon = torch.randn(drawing.shape, generator=torch.Generator().manual_seed(2))
    points = walked(standard, method, [Hold(drawing, epsilon, release)])
    for point in points:
        alpha, std = (float(value) for value in alpha_std(point.log_snr))
        noised = alpha * drawing + std * epsilon
        for part, held in ((slice(2), True), (slice(2, 4), point.log_snr < 1.0)):
            same = torch.allclose(point.x0[..., part], drawing[..., part])
            assert same == held
            if held:
                torch.testing.assert_close(point.x_t[..., part], noised[..., part])
    # Pixels released late still resemble the drawing; those never held do not.
    away = (points[-1].x0 - drawing).abs().mean(dim=(0, 1, 2))
    assert away[:2].max() == 0
    assert 0 < away[2:4].max() < 0.8 * away[4:].min()


@pytest.mark.parametrize("width", [8, 7])
@pytest.mark.parametrize("method", [ddpm, dpmpp_2m])
def test_left_and_right_are_alike_and_as_varied_as_without(method, width):
    shape = (200, 3, 8, width)
    points = walked(standard, method, [Mirror()], shape)
    for point in points:
        torch.testing.assert_close(point.x_t, point.x_t.flip(3))
        torch.testing.assert_close(point.x0, point.x0.flip(3))
    free = walked(standard, method, [], shape)
    assert points[-1].x0.std() == pytest.approx(free[-1].x0.std().item(), rel=0.05)


def stripes(x_t, log_snr):
    """A denoiser that detects borders: it darkens whatever is in its left column."""
    x0 = 0.5 * torch.ones_like(x_t)
    x0[..., 0] = -0.5
    return output(x_t, x0, log_snr)


def test_no_column_is_a_border_for_long():
    generator = torch.Generator().manual_seed(0)
    x_t = torch.randn(1, 3, 8, 8, generator=generator)
    denoise = seamless(stripes)
    mean = torch.stack([denoise(x_t, 0.0).x0 for _ in range(400)]).mean(dim=0)
    torch.testing.assert_close(mean, torch.full_like(mean, 0.5 - 1 / 8), atol=0.06, rtol=0)


def test_moving_around_the_edges_leaves_each_pixel_its_own():
    x_t = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    denoise = seamless(standard)
    for log_snr in (-3.0, 0.0, 3.0):
        for got, expected in zip(denoise(x_t, log_snr), standard(x_t, log_snr), strict=True):
            torch.testing.assert_close(got, expected)


def test_every_walk_moves_in_the_same_way():
    first, second = (walked(seamless(stripes))[-1].x0 for _ in range(2))
    torch.testing.assert_close(first, second)


PLACE = torch.tensor([[0, 1, 0], [3, 1, 0]])


def test_shared_pixels_have_the_first_ones_noise_and_the_mean_of_their_predictions():
    x = torch.arange(12.0).view(1, 2, 2, 3)
    noise = Shared(PLACE).enter(x, 0.0)
    assert noise[0, 0].tolist() == [[0, 1, 0], [3, 1, 0]]
    assert noise[0, 1].tolist() == [[6, 7, 6], [9, 7, 6]]
    settled = Shared(PLACE).settle(x, noise, 0.0)
    torch.testing.assert_close(settled[0, 0], torch.tensor([[7 / 3, 2.5, 7 / 3], [3, 2.5, 7 / 3]]))


def test_shared_pixels_may_take_the_first_ones_prediction_too():
    x = torch.arange(12.0).view(1, 2, 2, 3)
    first = Shared(PLACE, mean=False)
    assert torch.equal(first.settle(x, x, 0.0), first.enter(x, 0.0))


def test_what_is_cut_into_windows_is_joined_again_once_for_each_move():
    x = torch.arange(2 * 4 * 6.0).view(1, 2, 4, 6)
    moves = [(0, 0), (1, 0), (0, 1), (1, 1)]
    cut = windows(x, 2, moves)
    assert cut.shape == (4 * 6, 2, 2, 2)
    assert torch.equal(cut[0], x[0, :, :2, :2])
    assert torch.equal(cut[1], x[0, :, :2, 2:4])
    assert torch.equal(cut[6, 0], x[0, 0, [3, 0]][:, :2]), "borders meet"
    assert torch.equal(joined(cut, x.shape, moves), 4 * x)


def test_a_pixel_that_is_held_longer_is_held_on_both_sides():
    drawing = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
    noise = torch.tensor([[[[5.0, 6.0, 7.0, 8.0]]]])
    release = torch.tensor([[[[9.0, 1.0, 1.0, 0.0]]]])
    both = mirrored(Hold(drawing, noise, release, known=True))
    assert both.drawing.flatten().tolist() == [1.0, 2.0, 3.0, 1.0]
    assert both.epsilon.flatten().tolist() == [5.0, 6.0, 6.0, 5.0]
    assert both.release.flatten().tolist() == [9.0, 1.0, 1.0, 9.0]
    assert both.known
