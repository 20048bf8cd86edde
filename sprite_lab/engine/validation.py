"""How well a denoiser predicts on sprites that it has not seen; noise fixed, so runs compare."""

from __future__ import annotations

from collections.abc import Generator

import torch
from torch import Tensor

from sprite_lab.core.config import ScheduleConfig, TrainConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.loss import draw_log_snr, per_sample_loss
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.diffusion.schedule import NoiseSchedule

#: The yardstick: 64 sprites, the course's 500 levels.
SPRITES = 64
COURSE_SCHEDULE = ScheduleConfig(name="linear", timesteps=500)
_LEVELS_PER_SPRITE = 8
_BATCH = 64


class Validation:
    """Fixed validation sprites, levels and noise.

    ``val_loss`` is the training loss (its own levels) on the sprites; ``epsilon_error`` is
    the mean squared error of the predicted noise in red, green and blue, uniform over the
    course's 500 levels: each of 64 sprites meets 8 levels, and the 512 levels are spread
    evenly over all.

    Parameters
    ----------
    x0 : float32 (N, C, H, W) in [-1, 1].
    context : float32 (N, num_classes).
    """

    def __init__(self, x0: Tensor, context: Tensor, config: TrainConfig) -> None:
        generator = torch.Generator().manual_seed(0)
        pick = torch.randperm(len(x0), generator=generator)
        pick = pick.repeat(-(-SPRITES // len(pick)))[:SPRITES].repeat(_LEVELS_PER_SPRITE)
        self._x0, self._context = x0[pick], context[pick]
        count = len(pick)
        epsilon = torch.randn((count, 3, *x0.shape[2:]), generator=generator)

        course = NoiseSchedule(COURSE_SCHEDULE)
        spread = (torch.arange(count) + 0.5) / count * course.timesteps
        t = (spread.floor() + 1)[torch.randperm(count, generator=generator)]
        self._course_log_snr = torch.from_numpy(course.log_snr(t.numpy())).float().to(x0.device)
        own = NoiseSchedule(config.schedule)
        self._own_log_snr = draw_log_snr(config, own, count, generator).to(x0.device)
        self._weighting = config.loss_weighting

        # The noise of alpha comes last, so that with it or without, the colours have the same.
        alpha = torch.randn((count, x0.shape[1] - 3, *x0.shape[2:]), generator=generator)
        self._epsilon = torch.cat([epsilon, alpha], dim=1).to(x0.device)

    def run(self, denoiser: Denoiser) -> Generator[None, None, tuple[float, float]]:
        """Yield between batches; give (val_loss, epsilon_error)."""
        sums = torch.zeros(2, dtype=torch.float64)
        for start in range(0, len(self._x0), _BATCH):
            part = slice(start, start + _BATCH)
            x0, epsilon, context = self._x0[part], self._epsilon[part], self._context[part]
            sums[0] += self._loss(denoiser, x0, epsilon, self._own_log_snr[part], context)
            sums[1] += _epsilon_error(denoiser, x0, epsilon, self._course_log_snr[part], context)
            yield
        val_loss, epsilon_error = (sums / len(self._x0)).tolist()
        return val_loss, epsilon_error

    @torch.inference_mode()
    def _loss(
        self, denoiser: Denoiser, x0: Tensor, epsilon: Tensor, log_snr: Tensor, context: Tensor
    ) -> float:
        losses = per_sample_loss(denoiser, x0, epsilon, log_snr, context, weighting=self._weighting)
        return float(losses.sum())


@torch.inference_mode()
def _epsilon_error(
    denoiser: Denoiser, x0: Tensor, epsilon: Tensor, log_snr: Tensor, context: Tensor
) -> float:
    alpha, std = level(log_snr)
    predicted = denoiser(q_sample(x0, epsilon, alpha, std), log_snr, context).epsilon
    return float((predicted - epsilon)[:, :3].square().mean(dim=(1, 2, 3)).sum())
