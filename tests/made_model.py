"""Small models for tests."""

from __future__ import annotations

import torch

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.model import Model


def make_model(channels: int = 3, guided: bool = False, classes: int = 2, seed: int = 0) -> Model:
    """Weights that are not trained, but do react to every input."""
    torch.manual_seed(seed)
    network = NetworkConfig(
        width=16, image_size=8, channels=channels, num_classes=classes, guided=guided
    )
    denoiser = Denoiser(network, "v")
    with torch.no_grad():
        for parameter in denoiser.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    vocabulary = Vocabulary(("bar", "square")[:classes])
    denoiser.eval().requires_grad_(False)
    return Model(denoiser, NoiseSchedule(ScheduleConfig()), vocabulary, "teacher", 7, "0f", "made")
