"""Autoguidance: away from the prediction of a weaker version of the denoiser."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from sprite_lab.core.config import NetworkConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.guidance import Guidance, guided
from tests.made_model import made_denoiser

LOG_SNR = 1.0


def make_denoiser(seed: int, **network: object) -> Denoiser:
    return made_denoiser(NetworkConfig(width=16, num_classes=2, **network), seed=seed, by=0.02)


@pytest.fixture
def x_t() -> torch.Tensor:
    return torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.3


def guidance(**settings: object) -> Guidance:
    context = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    return Guidance(context, torch.tensor([2.0, 1.0, 2.0]), torch.zeros(3, 2), **settings)


def test_it_is_the_formula(x_t: torch.Tensor) -> None:
    strong, weak = make_denoiser(0), make_denoiser(1)
    asked = guidance(weak=weak, autoguidance=0.7)
    levels = torch.full((3,), LOG_SNR)
    cond = strong(x_t, levels, asked.context).x0
    uncond = strong(x_t, levels, asked.negative).x0
    led = cond + (asked.scale - 1)[:, None, None, None] * (cond - uncond)
    expected = (led + 0.7 * (cond - weak(x_t, levels, asked.context).x0)).clamp(-1, 1)
    found = guided(strong, x_t, LOG_SNR, asked)
    torch.testing.assert_close(found.x0, expected, atol=1e-5, rtol=0)
    assert found.x0_uncond is not None
    torch.testing.assert_close(found.x0_uncond[0], uncond[0].clamp(-1, 1), atol=1e-5, rtol=0)


def test_a_version_that_is_no_worse_changes_nothing(x_t: torch.Tensor) -> None:
    strong = make_denoiser(0)
    plain = guided(strong, x_t, LOG_SNR, guidance()).x0
    same = guided(strong, x_t, LOG_SNR, guidance(weak=strong, autoguidance=3.0)).x0
    torch.testing.assert_close(same, plain, atol=1e-5, rtol=0)


@pytest.mark.parametrize("off", [{"autoguidance": 0.0}, {"interval": (2.0, 3.0)}, {"weak": None}])
def test_where_it_is_off_the_weak_version_is_not_asked(x_t: torch.Tensor, off: dict) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("asked")

    weak = make_denoiser(1)
    weak.forward = fails  # type: ignore[method-assign]
    asked = replace(guidance(weak=weak, autoguidance=1.0), **off)
    guided(make_denoiser(0), x_t, LOG_SNR, asked)
    guided(make_denoiser(0), x_t, LOG_SNR, guidance(weak=weak))  # off by default


def test_a_student_is_not_led(x_t: torch.Tensor) -> None:
    student = make_denoiser(0, guided=True)
    asked = guidance(weak=make_denoiser(1), autoguidance=1.0)
    found = guided(student, x_t, LOG_SNR, asked)
    torch.testing.assert_close(found.x0, guided(student, x_t, LOG_SNR, guidance()).x0)
