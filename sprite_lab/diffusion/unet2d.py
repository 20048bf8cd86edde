"""The U-Net of the package diffusers (``UNet2DModel``), with the same weight names.

The network of Ho et al. 2020 as in diffusers: residual blocks with group norm, shifted by the time,
and attention at the coarsest scale. Trained weights load in diffusers without any code of ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.diffusion.layers import LevelOf

#: The schedule to which the network's input t belongs: that of Ho et al. 2020.
SCHEDULE = ScheduleConfig(name="linear", timesteps=1000)

_GROUPS, _EPS, _HEAD = 8, 1e-5, 32


def unet2d_config(config: NetworkConfig) -> dict[str, object]:
    """The arguments of diffusers' ``UNet2DModel`` that make the same network."""
    widths = _widths(config)
    return {
        "sample_size": config.image_size,
        "in_channels": config.channels,
        "out_channels": config.channels,
        "block_out_channels": widths,
        "down_block_types": ["DownBlock2D"] * len(widths),
        "up_block_types": ["UpBlock2D"] * len(widths),
        "layers_per_block": 1,
        "norm_num_groups": _GROUPS,
        "norm_eps": _EPS,
        "attention_head_dim": _HEAD,
    }


def _widths(config: NetworkConfig) -> list[int]:
    return [config.width, 2 * config.width, 2 * config.width]


class _Resnet(nn.Module):
    def __init__(self, channels_in: int, channels: int, embedding: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(_GROUPS, channels_in, _EPS)
        self.conv1 = nn.Conv2d(channels_in, channels, 3, padding=1)
        self.time_emb_proj = nn.Linear(embedding, channels)
        self.norm2 = nn.GroupNorm(_GROUPS, channels, _EPS)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        match = channels_in != channels
        self.conv_shortcut = nn.Conv2d(channels_in, channels, 1) if match else None

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(F.silu(embedding))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + h


class _Attention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.group_norm = nn.GroupNorm(_GROUPS, channels, _EPS)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        seen = self.group_norm(x.flatten(2)).transpose(1, 2)  # (N, H W, C)
        q, k, v = (
            part(seen).view(n, h * w, c // _HEAD, _HEAD).transpose(1, 2)
            for part in (self.to_q, self.to_k, self.to_v)
        )
        mixed = torch.softmax(q @ k.transpose(2, 3) * _HEAD**-0.5, dim=-1) @ v
        out = self.to_out[0](mixed.transpose(1, 2).reshape(n, h * w, c))
        return x + out.transpose(1, 2).reshape(n, c, h, w)


class _Scaled(nn.Module):
    """A change of scale with its convolution."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class _Down(nn.Module):
    """A residual block, and the step to the next scale, unless it is the last."""

    def __init__(self, channels_in: int, channels: int, embedding: int, *, last: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Resnet(channels_in, channels, embedding)])
        self.downsamplers = nn.ModuleList([_Scaled(channels, 2)] * (not last))

    def forward(self, h: Tensor, embedding: Tensor, skips: list[Tensor]) -> Tensor:
        """Run the layers, and push the output of each onto ``skips``."""
        for resnet in self.resnets:
            skips.append(h := resnet(h, embedding))
        for down in self.downsamplers:
            skips.append(h := down(h))
        return h


class _Up(nn.Module):
    """Two residual blocks, and the step to the next scale, unless it is the last."""

    def __init__(self, inputs: Sequence[int], channels: int, embedding: int, *, last: bool) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Resnet(i, channels, embedding) for i in inputs])
        self.upsamplers = nn.ModuleList([_Scaled(channels, 1)] * (not last))

    def forward(self, h: Tensor, embedding: Tensor, skips: list[Tensor]) -> Tensor:
        """Run the layers; each block pops the last of ``skips``."""
        for resnet in self.resnets:
            h = resnet(torch.cat([h, skips.pop()], dim=1), embedding)
        for up in self.upsamplers:
            h = up(F.interpolate(h, scale_factor=2.0, mode="nearest"))
        return h


class _Middle(nn.Module):
    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.resnets = nn.ModuleList([_Resnet(channels, channels, embedding) for _ in range(2)])
        self.attentions = nn.ModuleList([_Attention(channels)])

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.attentions[0](self.resnets[0](x, embedding))
        return self.resnets[1](h, embedding)


class _TimeEmbedding(nn.Module):
    """t (N,) -> (N, embedding)."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.waves = width // 2
        self.linear_1 = nn.Linear(width, embedding)
        self.linear_2 = nn.Linear(embedding, embedding)

    def forward(self, t: Tensor) -> Tensor:
        falling = torch.arange(self.waves, dtype=torch.float32, device=t.device) / self.waves
        angle = t[:, None] * torch.exp(-math.log(10_000) * falling)
        return self.linear_2(F.silu(self.linear_1(torch.cat([angle.cos(), angle.sin()], dim=1))))


class UNet2D(nn.Module):
    """x_t (N, C, S, S), log_snr (N,) -> (N, C, S, S). All other inputs are ignored."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        widths = _widths(config)
        first, embedding = widths[0], 4 * widths[0]
        self.level = LevelOf(SCHEDULE)
        self.conv_in = nn.Conv2d(config.channels, first, 3, padding=1)
        self.time_embedding = _TimeEmbedding(first, embedding)
        self.down_blocks, self.up_blocks = nn.ModuleList(), nn.ModuleList()
        skips, before = [first], first
        for i, width in enumerate(widths):
            last = i == len(widths) - 1
            self.down_blocks.append(_Down(before, width, embedding, last=last))
            skips += [width] * (1 if last else 2)
            before = width
        self.mid_block = _Middle(before, embedding)
        for i, width in enumerate(reversed(widths)):
            inputs = [before + skips.pop(), width + skips.pop()]
            self.up_blocks.append(_Up(inputs, width, embedding, last=i == len(widths) - 1))
            before = width
        self.conv_norm_out = nn.GroupNorm(_GROUPS, first, _EPS)
        self.conv_out = nn.Conv2d(first, config.channels, 3, padding=1)

    def forward(
        self, x_t: Tensor, log_snr: Tensor, context: Tensor, *ignored: Tensor | None
    ) -> Tensor:
        # diffusers counts from 0, which is our t = 1.
        embedding = self.time_embedding((self.level(log_snr) - 1.0).clamp_min(0.0))
        h = self.conv_in(x_t)
        skips = [h]
        for block in self.down_blocks:
            h = block(h, embedding, skips)
        h = self.mid_block(h, embedding)
        for block in self.up_blocks:
            h = block(h, embedding, skips)
        return self.conv_out(F.silu(self.conv_norm_out(h)))
