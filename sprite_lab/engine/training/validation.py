"""Evaluation of a denoiser on validation sprites, with fixed noise so that runs are comparable."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

import torch
from torch import Tensor

from sprite_lab.core.config import ScheduleConfig, TrainConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.loss import draw_log_snr, loss_weight, per_sample_loss, squared_errors
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.training.pictures import Pictures

#: The standard validation: 64 sprites, at the levels of the course's schedule.
SPRITES = 64
COURSE_SCHEDULE = ScheduleConfig(name="linear", timesteps=500)
_LEVELS_PER_SPRITE = 8
_BATCH = 64


class Examined(NamedTuple):
    """The result of an examination.

    ``levels``: log-SNR and loss of each sprite in ``val_loss``, float32 (N,) each; None if losses
    are not kept by level.
    """

    val_loss: float
    epsilon_error: float
    levels: tuple[Tensor, Tensor] | None = None


class Validation:
    """Fixed validation sprites, levels and noise.

    ``val_loss`` is the training loss on the sprites, at the levels of training; ``epsilon_error``
    is the mean squared error of the predicted noise in red, green and blue, uniform over the
    course's 500 levels: each of 64 sprites gets 8 levels, and these 512 are spread evenly over all
    levels.

    ``pictures``: the validation sprites.
    """

    def __init__(self, pictures: Pictures, config: TrainConfig) -> None:
        generator = torch.Generator().manual_seed(0)
        pick = torch.randperm(len(pictures), generator=generator)
        pick = pick.repeat(-(-SPRITES // len(pick)))[:SPRITES].repeat(_LEVELS_PER_SPRITE)
        self._x0, self._context = pictures.x0(pick), pictures.context(pick)
        count, (channels, *size), device = len(pick), pictures.shape, pictures.device
        epsilon = torch.randn((count, 3, *size), generator=generator)

        course = NoiseSchedule(COURSE_SCHEDULE)
        spread = (torch.arange(count) + 0.5) / count * course.timesteps
        t = (spread.floor() + 1)[torch.randperm(count, generator=generator)]
        self._course_log_snr = torch.from_numpy(course.log_snr(t.numpy())).float().to(device)
        own = NoiseSchedule(config.schedule)
        self._own_log_snr = draw_log_snr(config, own, count, generator).to(device)
        self._weighting = config.loss_weighting

        # The noise of alpha is drawn last, so that colors have the same noise with or without
        # alpha.
        alpha = torch.randn((count, channels - 3, *size), generator=generator)
        self._epsilon = torch.cat([epsilon, alpha], dim=1).to(device)

    def run(self, denoiser: Denoiser) -> Generator[None, None, Examined]:
        """Evaluate ``denoiser``; yields between batches."""
        losses, epsilon_error = [], 0.0
        for start in range(0, len(self._x0), _BATCH):
            part = slice(start, start + _BATCH)
            x0, epsilon, context = self._x0[part], self._epsilon[part], self._context[part]
            losses.append(self._losses(denoiser, x0, epsilon, self._own_log_snr[part], context))
            epsilon_error += _epsilon_error(
                denoiser, x0, epsilon, self._course_log_snr[part], context
            )
            yield
        found = torch.cat(losses)
        # In float64 on the CPU, because Apple's GPUs lack it.
        val_loss = float(found.cpu().double().mean())
        return Examined(val_loss, epsilon_error / len(self._x0), (self._own_log_snr, found))

    @torch.inference_mode()
    def _losses(
        self, denoiser: Denoiser, x0: Tensor, epsilon: Tensor, log_snr: Tensor, context: Tensor
    ) -> Tensor:
        losses = per_sample_loss(squared_errors(denoiser, x0, epsilon, log_snr, context))
        return losses * loss_weight(self._weighting, denoiser.prediction_type, log_snr)


@torch.inference_mode()
def _epsilon_error(
    denoiser: Denoiser, x0: Tensor, epsilon: Tensor, log_snr: Tensor, context: Tensor
) -> float:
    alpha, std = level(log_snr)
    predicted = denoiser(q_sample(x0, epsilon, alpha, std), log_snr, context).epsilon
    return float((predicted - epsilon)[:, :3].square().mean(dim=(1, 2, 3)).sum())
