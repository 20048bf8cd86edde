"""Guidance: what is guided, at which levels, and its cost."""

import torch

from sprite_lab.core.config import NetworkConfig
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.guidance import Guidance, guided
from sprite_lab.diffusion.parameterization import level
from tests.made_model import made_denoiser


def made():
    denoiser = made_denoiser(NetworkConfig(width=16, num_classes=2), by=0.02)
    return denoiser, torch.randn(4, 3, 16, 16) * 0.3


CONTEXT = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0], [1.0, 0.0]])
SCALE = torch.tensor([3.0, 3.0, 3.0, 1.0])
NOBODY = torch.zeros(4, 2)


def plain(denoiser, x_t, log_snr, context):
    return denoiser(x_t, torch.full((len(x_t),), log_snr), context).x0


def test_the_prediction_is_moved_along_the_difference_that_the_class_makes():
    denoiser, x_t = made()
    got = guided(denoiser, x_t, 2.0, Guidance(CONTEXT, SCALE, NOBODY))
    cond, free = plain(denoiser, x_t, 2.0, CONTEXT), plain(denoiser, x_t, 2.0, NOBODY)
    wanted = (free + SCALE[:, None, None, None] * (cond - free)).clamp(-1, 1)
    assert (wanted - cond.clamp(-1, 1)).abs().max() > 1e-3
    torch.testing.assert_close(got.x0, wanted, rtol=0, atol=1e-5)
    alpha, std = level(torch.full((4,), 2.0))
    torch.testing.assert_close(alpha * got.x0 + std * got.epsilon, x_t, rtol=0, atol=1e-5)


def test_a_negative_class_takes_the_place_of_no_class():
    denoiser, x_t = made()
    away = torch.tensor([[0.0, 1.0]] * 4)
    got = guided(denoiser, x_t, 2.0, Guidance(CONTEXT, SCALE, away))
    cond, negative = plain(denoiser, x_t, 2.0, CONTEXT), plain(denoiser, x_t, 2.0, away)
    wanted = (negative + SCALE[:, None, None, None] * (cond - negative)).clamp(-1, 1)
    torch.testing.assert_close(got.x0, wanted, rtol=0, atol=1e-5)


def test_what_is_steered_away_from_is_a_sprite_too():
    """Both predictions are clamped to the range of a channel."""

    class Extreme:
        config = NetworkConfig(width=16, num_classes=2)

        def __call__(self, x_t, log_snr, context):
            x0 = 3.0 * (context[:, :1] - 0.5)[..., None, None].expand_as(x_t)
            return DenoiserOutput(x0, x_t)

    got = guided(Extreme(), torch.zeros(4, 3, 2, 2), 2.0, Guidance(CONTEXT, SCALE, NOBODY))
    assert got.x0[0].unique().tolist() == [1.0]
    assert got.x0_uncond[0].unique().tolist() == [-1.0]
    other = Guidance(NOBODY + 0.1, SCALE, CONTEXT)
    got = guided(Extreme(), torch.zeros(4, 3, 2, 2), 2.0, other)
    assert got.x0_uncond[0].unique().tolist() == [1.0]


def test_only_rows_that_guidance_changes_cost_a_second_evaluation():
    denoiser, x_t = made()
    sizes = []
    denoiser.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    for guidance, cost in (
        (Guidance(CONTEXT, SCALE, NOBODY), 4 + 2),  # one row has no class, one has scale 1
        (Guidance(CONTEXT, SCALE, CONTEXT), 4),
        (Guidance(CONTEXT, SCALE, NOBODY, (0.0, 1.9)), 4),
        (Guidance(CONTEXT, SCALE, NOBODY, (0.0, 2.1)), 4 + 2),
    ):
        guided(denoiser, x_t, 2.0, guidance)
        assert sizes.pop() == cost


def test_outside_of_its_interval_there_is_no_guidance():
    denoiser, x_t = made()
    got = guided(denoiser, x_t, 2.0, Guidance(CONTEXT, SCALE, NOBODY, (-5.0, 0.0)))
    wanted = plain(denoiser, x_t, 2.0, CONTEXT).clamp(-1, 1)
    torch.testing.assert_close(got.x0, wanted, rtol=0, atol=1e-5)


def test_a_student_is_told_only_scales_that_it_was_taught():
    student = made_denoiser(NetworkConfig(width=16, num_classes=2, guided=True), by=0.02)
    x_t, levels = torch.randn(4, 3, 16, 16) * 0.3, torch.full((4,), 2.0)
    drawn = []
    for given, told in ((0.2, 1.0), (2.5, 2.5), (9.0, 4.0)):
        got = guided(student, x_t, 2.0, Guidance(CONTEXT, torch.full((4,), given), NOBODY)).x0
        scale = torch.tensor([told, told, 1.0, told])  # the third row has no class
        wanted = student(x_t, levels, CONTEXT, guidance_scale=scale).x0.clamp(-1, 1)
        torch.testing.assert_close(got, wanted, rtol=0, atol=1e-5)
        drawn.append(got)
    assert (drawn[0] - drawn[1]).abs().max() > 1e-4
    assert (drawn[1] - drawn[2]).abs().max() > 1e-4


def test_after_inference_the_same_guidance_can_be_used_with_gradients():
    denoiser, x_t = made()
    asked = Guidance(CONTEXT, SCALE, NOBODY)
    with torch.inference_mode():
        guided(denoiser, x_t, 2.0, asked)
    point = x_t.clone().requires_grad_()
    guided(denoiser, point, 2.0, asked).x0.sum().backward()
    assert point.grad.abs().sum() > 0
