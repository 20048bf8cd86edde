"""The critic: a network that tells hand-drawn sprites from generated ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sprite_lab.core.sets.sprites import composite
from sprite_lab.engine.measuring.features import convolutions, likeness, shipped

#: uint8 (N, H, W, 4) to float32 (N,): the log-odds of "drawn" against "generated or spoiled" if
#: both are equally common. Higher means that a sprite looks more like a drawing.
Critic = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class CriticNetwork(nn.Module):
    """RGB on white, float32 (N, 3, H, W) in [-1, 1] -> log-odds of "drawn" (N,).

    Convolutions over three resolutions; the mean over the pixels says how a sprite is drawn, the
    maximum finds the one stray pixel. Beside the colors the first layer sees where neighbors are
    alike, as that of the feature network does.
    """

    def __init__(self, width: int = 32, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = convolutions(width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * 4 * width, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(torch.cat([x, likeness(x, 3), likeness(x, 2)], dim=1))
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        return self.out(self.dropout(pooled))[:, 0]


def load_critic() -> Critic:
    """The critic that comes with Sprite Lab: ``load_critic()(rgba)``; see :func:`shipped`."""
    network = shipped(CriticNetwork(), "critic")
    return lambda rgba: network(composite(rgba))
