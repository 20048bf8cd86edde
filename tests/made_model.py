"""Small models for tests."""

from __future__ import annotations

import torch

from sprite_lab.core.config import NetworkConfig, PredictionType, ScheduleConfig
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.model import Model


def made_denoiser(
    network: NetworkConfig,
    prediction_type: PredictionType = "v",
    *,
    seed: int = 0,
    by: float = 0.05,
) -> Denoiser:
    """A network whose weights are not trained, but react to every input."""
    torch.manual_seed(seed)
    denoiser = Denoiser(network, prediction_type).eval().requires_grad_(False)
    for parameter in denoiser.parameters():
        parameter.add_(torch.randn_like(parameter) * by)
    return denoiser


def model_of(
    denoiser: Denoiser,
    classes: tuple[str, ...] = ("bar", "square"),
    schedule: ScheduleConfig = ScheduleConfig(),  # noqa: B008
) -> Model:
    """A model without facts about its training set."""
    return Model(denoiser, NoiseSchedule(schedule), Vocabulary(classes), "made", 0, "", "")


def make_model(channels: int = 3, guided: bool = False, classes: int = 2, seed: int = 0) -> Model:
    network = NetworkConfig(
        width=16, image_size=8, channels=channels, num_classes=classes, guided=guided
    )
    denoiser = made_denoiser(network, seed=seed)
    vocabulary = Vocabulary(("bar", "square")[:classes])
    return Model(denoiser, NoiseSchedule(ScheduleConfig()), vocabulary, "teacher", 7, "0f", "made")
