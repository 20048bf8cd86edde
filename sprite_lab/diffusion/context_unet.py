"""The course's network, as a known baseline.

Written from its description (DeepLearning.AI, "How Diffusion Models Work"): two scales below
full resolution, a vector at the bottom, and up-path features multiplied by the class and
shifted by the time. With ``width`` 64 and five classes it has 1.5 million parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.diffusion.layers import LevelOf, level_position

_BETA_STEP = (0.02 - 1e-4) / 500
#: The schedule of the course's notebook, in which betas start at t = 0; ours start at t = 1.
COURSE_SCHEDULE = ScheduleConfig(name="linear", timesteps=500, beta_start=1e-4 + _BETA_STEP)


class _DoubleConv(nn.Module):
    """Two 3x3 convolutions with batch norm and GELU, optionally with the course's residual."""

    def __init__(self, channels_in: int, channels: int, residual: bool = False) -> None:
        super().__init__()
        self.residual = residual
        self.first = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.GELU()
        )
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.GELU()
        )
        match = residual and channels_in != channels
        self.shortcut = nn.Conv2d(channels_in, channels, 1) if match else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = self.second(self.first(x))
        # The course divides by sqrt(2) to keep the variance of the sum.
        return (self.shortcut(x) + h) / 2**0.5 if self.residual else h


class _Up(nn.Module):
    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(channels_in, channels, 2, stride=2),
            _DoubleConv(channels, channels),
            _DoubleConv(channels, channels),
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.layers(torch.cat([x, skip], dim=1))


def _embed(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, outputs), nn.GELU(), nn.Linear(outputs, outputs))


class ContextUNet(nn.Module):
    """x_t (N, C, S, S), log_snr (N,), context (N, num_classes) -> (N, C, S, S)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.level = LevelOf(COURSE_SCHEDULE) if config.told_t else None
        w = config.width
        self.init_conv = _DoubleConv(config.channels, w, residual=True)
        self.down1 = nn.Sequential(_DoubleConv(w, w), _DoubleConv(w, w), nn.MaxPool2d(2))
        self.down2 = nn.Sequential(
            _DoubleConv(w, 2 * w), _DoubleConv(2 * w, 2 * w), nn.MaxPool2d(2)
        )
        bottom = config.image_size // 4
        self.to_vec = nn.Sequential(nn.AvgPool2d(bottom), nn.GELU())
        self.time1, self.time2 = _embed(1, 2 * w), _embed(1, w)
        classes = config.num_classes
        self.class1 = _embed(classes, 2 * w) if classes else None
        self.class2 = _embed(classes, w) if classes else None
        self.up0 = nn.Sequential(
            nn.ConvTranspose2d(2 * w, 2 * w, bottom, bottom), nn.GroupNorm(8, 2 * w), nn.ReLU()
        )
        self.up1 = _Up(4 * w, w)
        self.up2 = _Up(2 * w, w)
        self.out = nn.Sequential(
            nn.Conv2d(2 * w, w, 3, padding=1),
            nn.GroupNorm(8, w),
            nn.ReLU(),
            nn.Conv2d(w, config.channels, 3, padding=1),
        )

    def forward(
        self, x_t: Tensor, log_snr: Tensor, context: Tensor, *ignored: Tensor | None
    ) -> Tensor:
        """Predict; augmentation and guidance are not supported."""
        if self.level is None:
            position = level_position(log_snr)[:, None]
        else:
            position = self.level(log_snr)[:, None] / COURSE_SCHEDULE.timesteps
        x = self.init_conv(x_t)  # (N, w, S, S)
        down1 = self.down1(x)  # (N, w, S/2, S/2)
        down2 = self.down2(down1)  # (N, 2w, S/4, S/4)
        h = self.up0(self.to_vec(down2))
        h = self.up1(_modulate(h, self.class1, context, self.time1(position)), down2)
        h = self.up2(_modulate(h, self.class2, context, self.time2(position)), down1)
        return self.out(torch.cat([h, x], dim=1))


def _modulate(h: Tensor, embed: nn.Module | None, context: Tensor, time: Tensor) -> Tensor:
    shift = time[:, :, None, None]
    return h + shift if embed is None else embed(context)[:, :, None, None] * h + shift
