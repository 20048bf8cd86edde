"""Our network: a U-Net on 2x2 patches, so that most of it works on a quarter of the pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sprite_lab.core.config import NetworkConfig
from sprite_lab.diffusion.color_attention import EXTRAS
from sprite_lab.diffusion.layers import (
    Attention,
    GuidanceEmbedding,
    LevelEmbedding,
    PixelNorm,
    ResidualBlock,
)

PATCH = 2


class PatchUNet(nn.Module):
    """x_t (N, C, S, S), log_snr (N,), context (N, context_size) -> (N, C, S, S).

    Two resolutions (S/2 with ``width`` channels, S/4 with twice as many), attention at the coarser
    one. ``context`` marks classes, words and styles; all zero = none. ``augment`` (N,
    augment_labels), None = zeros = not augmented. ``guidance_scale`` (N,), None = 1, is used if the
    network is ``guided``. With ``colour_attention``, there are EXTRAS more output channels, which
    are inputs of that layer.
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        w, wide = config.width, 2 * config.width
        patch_channels = config.channels * PATCH * PATCH
        embedding = 4 * w
        self.level = LevelEmbedding(embedding)
        size = config.context_size
        self.context = nn.Linear(size, embedding) if size else None
        # Words modify one another: a "red slime" is more than the sum of both.
        self.blend: nn.Linear | None = None
        if config.num_words:
            self.blend = nn.Linear(embedding, embedding)
            nn.init.zeros_(self.blend.weight)
            nn.init.zeros_(self.blend.bias)
        self.augment: nn.Linear | None = None
        if config.augment_labels:
            self.augment = nn.Linear(config.augment_labels, embedding, bias=False)
            nn.init.zeros_(self.augment.weight)
        steered = config.guided and size > 0
        self.guidance = GuidanceEmbedding(size, embedding) if steered else None

        def block(channels_in: int, channels: int) -> ResidualBlock:
            return ResidualBlock(channels_in, channels, embedding, config.dropout)

        self.stem = nn.Conv2d(patch_channels, w, 3, padding=1)
        self.fine_in = nn.ModuleList([block(w, w) for _ in range(2)])
        self.down = nn.Conv2d(w, wide, 3, stride=2, padding=1)
        self.coarse_in = nn.ModuleList([block(wide, wide) for _ in range(2)])
        self.attention = Attention(wide)
        self.coarse_out = nn.ModuleList(
            [
                block(wide + wide, wide),
                block(wide, wide),
            ]
        )
        self.up = nn.Conv2d(wide, w, 1)
        self.fine_out = nn.ModuleList(
            [
                block(w + w, w),
                block(w + w, w),
            ]
        )
        self.norm = PixelNorm(w)
        self.head = nn.Conv2d(w, patch_channels, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
        self.extras: nn.Conv2d | None = None
        if config.colour_attention:
            self.extras = nn.Conv2d(w, EXTRAS * PATCH * PATCH, 3, padding=1)
            nn.init.zeros_(self.extras.weight)
            nn.init.zeros_(self.extras.bias)  # type: ignore[arg-type]

    def forward(
        self,
        x_t: Tensor,
        log_snr: Tensor,
        context: Tensor,
        augment: Tensor | None = None,
        guidance_scale: Tensor | None = None,
    ) -> Tensor:
        embedding = self.level(log_snr)
        if self.context is not None:
            asked = self.context(context)
            if self.blend is not None:
                asked = asked + self.blend(F.silu(asked))
            embedding = embedding + asked
        if self.augment is not None and augment is not None:
            embedding = embedding + self.augment(augment)
        if self.guidance is not None and guidance_scale is not None:
            embedding = embedding + self.guidance(context, guidance_scale)
        embedding = F.silu(embedding)

        h = self.stem(F.pixel_unshuffle(x_t, PATCH))  # (N, w, S/2, S/2)
        first = self.fine_in[0](h, embedding)
        second = self.fine_in[1](first, embedding)
        h = self.down(second)  # (N, 2w, S/4, S/4)
        h = coarse = self.coarse_in[0](h, embedding)
        h = self.attention(self.coarse_in[1](h, embedding))
        h = self.coarse_out[0](torch.cat([h, coarse], dim=1), embedding)
        h = self.coarse_out[1](h, embedding)
        h = F.interpolate(self.up(h), scale_factor=2.0, mode="nearest")
        h = self.fine_out[0](torch.cat([h, second], dim=1), embedding)
        h = self.fine_out[1](torch.cat([h, first], dim=1), embedding)
        h = F.silu(self.norm(h))
        if self.extras is None:
            return F.pixel_shuffle(self.head(h), PATCH)
        # One convolution for both.
        weight = torch.cat([self.head.weight, self.extras.weight])
        bias = torch.cat([self.head.bias, self.extras.bias])  # type: ignore[list-item]
        return F.pixel_shuffle(F.conv2d(h, weight, bias, padding=1), PATCH)
