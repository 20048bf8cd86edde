"""One interface to all networks, whatever they predict."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from sprite_lab.core.config import NetworkConfig, NetworkName, PredictionType
from sprite_lab.diffusion.color_attention import EXTRAS, ColorAttention
from sprite_lab.diffusion.context_unet import ContextUNet
from sprite_lab.diffusion.parameterization import (
    epsilon_from_x0,
    level,
    target,
    to_x0_epsilon,
)
from sprite_lab.diffusion.patch_unet import PatchUNet
from sprite_lab.diffusion.unet2d import UNet2D

_NETWORKS: dict[NetworkName, type[nn.Module]] = {
    "patch_unet": PatchUNet,
    "context_unet": ContextUNet,
    "unet2d": UNet2D,
}


class DenoiserOutput(NamedTuple):
    """A prediction in two forms, related by ``x_t = alpha x0 + std epsilon``.

    ``x0_uncond`` is the prediction that guidance steered away from, if there were two; ``x0_free``
    is the network's own prediction, before kept pixels changed it (None = ``x0``).
    """

    x0: Tensor
    epsilon: Tensor
    x0_uncond: Tensor | None = None
    x0_free: Tensor | None = None


class Denoiser(nn.Module):
    """(x_t, log_snr, context, augment, guidance_scale) -> DenoiserOutput.

    ``data_mean`` (C, H, W) is the mean training sprite, on which x_T is centered if the schedule
    leaves some signal at T.
    """

    data_mean: Tensor

    def __init__(self, network: NetworkConfig, prediction_type: PredictionType) -> None:
        super().__init__()
        self.config = network
        self.prediction_type = prediction_type
        self.network = _NETWORKS[network.name](network)
        shares = network.colour_attention
        self.colour_attention = ColorAttention(network.channels) if shares else None
        shape = (network.channels, network.image_size, network.image_size)
        self.register_buffer("data_mean", torch.zeros(shape))

    def predict(
        self,
        x_t: Tensor,
        log_snr: Tensor,
        context: Tensor,
        augment: Tensor | None = None,
        guidance_scale: Tensor | None = None,
    ) -> Tensor:
        """The prediction of ``prediction_type``, (N, C, H, W) float32, as used in the loss."""
        out = self.network(x_t, log_snr, context, augment, guidance_scale).float()
        if self.colour_attention is None:
            return out
        prediction, extras = out.split((self.config.channels, EXTRAS), dim=1)
        alpha, std = level(log_snr)
        x0, _ = to_x0_epsilon(self.prediction_type, prediction, x_t, alpha, std)
        x0 = self.colour_attention(x0, extras, x_t, log_snr)
        epsilon = epsilon_from_x0(x_t, x0, alpha, std)
        return target(self.prediction_type, x0, epsilon, alpha, std)

    def forward(
        self,
        x_t: Tensor,
        log_snr: Tensor,
        context: Tensor,
        augment: Tensor | None = None,
        guidance_scale: Tensor | None = None,
    ) -> DenoiserOutput:
        """Denoise.

        Parameters
        ----------
        x_t : float32 (N, C, H, W), variance-preserving.
        log_snr : float32 (N,).
        context : float32 (N, context_size), a mix of classes, words and styles; all zero = none.
        augment : float32 (N, augment_labels), labels of the augmentation; None = not augmented.
        guidance_scale : float32 (N,), the scale that a ``guided`` network applies itself; None = 1.
        """
        alpha, std = level(log_snr)
        prediction = self.predict(x_t, log_snr, context, augment, guidance_scale)
        return DenoiserOutput(*to_x0_epsilon(self.prediction_type, prediction, x_t, alpha, std))
