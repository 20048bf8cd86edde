"""The feature network, whose features compare two sets of sprites, and the critic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sprite_lab.core.sets.sprites import composite, to_model_space
from sprite_lab.engine.models.eight_bits import load_shipped

FEATURES = 32

#: Channels of the first layer.
WIDTH = 32

#: The scale, in [-1, 1], at which neighbors stop counting as alike: 8 of 255 levels.
_ALIKE = 8 / 127.5

#: uint8 (N, H, W, 3), RGB on white, to float32 (N, FEATURES).
FeatureFunction = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

BATCH = 256


class FeatureNetwork(nn.Module):
    """RGB on white, float32 (N, 3, H, W) in [-1, 1] -> features (N, FEATURES).

    Six 3x3 convolutions over three resolutions, then the mean over all pixels, so height and width
    may be any multiples of 4. The input of the first one also marks where neighbors are alike: from
    colors alone, a network hardly notices faint noise in flat areas. Over the training set, each
    feature has a mean of about 0 and a variance of about 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.layers = convolutions()
        self.out = nn.Linear(4 * WIDTH, FEATURES, bias=False)
        self.norm = nn.BatchNorm1d(FEATURES, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([x, likeness(x, 3), likeness(x, 2)], dim=1)
        return self.norm(self.out(self.layers(x).mean(dim=(2, 3))))


def convolutions() -> nn.Sequential:
    """Layers from 3 colors and 2 similarities, (N, 5, H, W), to (N, 4 * WIDTH, H / 4, W / 4)."""
    layers: list[nn.Module] = []
    channels = 3 + 2
    for wide, stride in ((1, 1), (1, 1), (2, 2), (2, 1), (4, 2), (4, 1)):
        layers += [
            nn.Conv2d(channels, wide * WIDTH, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(wide * WIDTH),
            nn.SiLU(),
        ]
        channels = wide * WIDTH
    return nn.Sequential(*layers)


def likeness(x: Tensor, axis: int) -> Tensor:
    """How alike each pixel and the next along ``axis`` are, (N, 1, H, W) in 0..1; 1 = equal."""
    step = (x - x.roll(-1, axis)).abs().amax(dim=1, keepdim=True)
    return torch.exp(-((step / _ALIKE) ** 2))


def shipped(network: nn.Module, name: str) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """``network``, with its shipped weights, as a function of uint8 (N, H, W, 3), RGB on white.

    Raises FileError if the weights file is missing or damaged.
    """
    load_shipped(network, name)

    @torch.inference_mode()
    def computed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = []
        for start in range(0, len(images) or 1, BATCH):
            x = torch.from_numpy(to_model_space(images[start : start + BATCH]))
            parts.append(network(x.permute(0, 3, 1, 2)))
        return torch.cat(parts).numpy()

    return computed


def load_features() -> FeatureFunction:
    """The shipped feature network as a function; see :func:`shipped`."""
    return shipped(FeatureNetwork(), "features")


#: uint8 (N, H, W, 4) to float32 (N,): the log-odds of "drawn" against "generated or spoiled" if
#: both are equally common. Higher means that a sprite looks more like a drawing.
Critic = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class CriticNetwork(nn.Module):
    """RGB on white, float32 (N, 3, H, W) in [-1, 1] -> log-odds of "drawn" (N,).

    Convolutions over three resolutions, then the mean over all pixels, which tells how a sprite is
    drawn, and the maximum, which finds a single stray pixel. As in :class:`FeatureNetwork`, the
    input of the first layer also marks where neighbors are alike.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = convolutions()
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(2 * 4 * WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(torch.cat([x, likeness(x, 3), likeness(x, 2)], dim=1))
        pooled = torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1)
        return self.out(self.dropout(pooled))[:, 0]


def load_critic() -> Critic:
    """The critic that comes with Sprite Lab, as a function; see :func:`shipped`."""
    network = shipped(CriticNetwork(), "critic")
    return lambda rgba: network(composite(rgba))
