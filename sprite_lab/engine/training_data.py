"""The training sprites on the device, and the batch of each step."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sprites import SpriteSet, to_model_space
from sprite_lab.diffusion.loss import draw_log_snr
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.runtime import memory_format


class Batch(NamedTuple):
    """What one step learns from: pictures (N, C, H, W), levels (N,), classes (N, num_classes)."""

    x0: Tensor
    epsilon: Tensor
    log_snr: Tensor
    context: Tensor


class TrainingData:
    """Batches as a function of (seed, step) alone, so that a resumed run needs no random state."""

    def __init__(self, sprites: SpriteSet, config: TrainConfig, device: torch.device) -> None:
        self.config, self.device = config, device
        self._format = memory_format(device)
        self.x0, self.context = tensors(sprites, device)
        self.schedule = NoiseSchedule(config.schedule)
        self.steps_per_epoch = max(1, len(sprites) // config.batch_size)

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0. A last part of an epoch is left out."""
        config, count = self.config, self.config.batch_size
        epoch, position = divmod(step, self.steps_per_epoch)
        order = torch.randperm(len(self.x0), generator=_generator(config.seed, 0, epoch))
        pick = order[position * count : (position + 1) * count]
        generator = _generator(config.seed, 1, step)
        epsilon = torch.randn((len(pick), *self.x0.shape[1:]), generator=generator)
        log_snr = draw_log_snr(config.levels, self.schedule, len(pick), generator)
        keep = torch.rand(len(pick), 1, generator=generator) >= config.label_dropout
        flip = torch.rand(len(pick), 1, 1, 1, generator=generator) < 0.5

        x0 = self.x0[pick]
        if config.flips:
            x0 = torch.where(flip.to(self.device), x0.flip(3), x0)
        return Batch(
            x0.to(memory_format=self._format),
            epsilon.to(self.device, memory_format=self._format),
            log_snr.to(self.device),
            self.context[pick] * keep.to(self.device),
        )


def tensors(sprites: SpriteSet, device: torch.device) -> tuple[Tensor, Tensor]:
    """x0 float32 (N, 3, H, W) in [-1, 1], and one-hot classes (N, num_classes).

    A sprite without a class has all zeros.
    """
    x0 = torch.from_numpy(to_model_space(sprites.images)).permute(0, 3, 1, 2).contiguous()
    labels = torch.from_numpy(sprites.labels.copy())
    context = (labels[:, None] == torch.arange(len(sprites.class_names))).float()
    return x0.to(device), context.to(device)


def _generator(seed: int, stream: int, index: int) -> torch.Generator:
    """A generator for one purpose at one step, mixed so that neighbours are unrelated."""
    mixed = (seed * 1_000_003 + stream * 7_919 + index * 2_654_435_761) % (2**63)
    return torch.Generator().manual_seed(mixed)
