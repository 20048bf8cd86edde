"""What a drawing, a mirror and a tiled ground demand of a sample.

The classes are constraints of :func:`sprite_lab.diffusion.sampler.walk`. Pictures are float32
(N, C, H, W) in [-1, 1]; a fourth channel is alpha.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sprite_lab.core.levels import alpha_std
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.sampler import Constraint, Denoise


@dataclass(frozen=True)
class Hold(Constraint):
    """Pixels that are those of a drawing until they are released.

    Until then they are the drawing noised to each level with one noise (differential
    diffusion, Levin & Fried 2023). Pixels that are never released are inpainting's.

    Parameters
    ----------
    drawing, epsilon : (N, C, H, W).
    release : log-SNR from which on a pixel is free, broadcastable to (N, C, H, W); inf = never
        released, -inf = always free.
    """

    drawing: Tensor
    epsilon: Tensor
    release: Tensor

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        alpha, std = (x_t.new_tensor(float(value)) for value in alpha_std(log_snr))
        noised = q_sample(self.drawing, self.epsilon, alpha, std)
        return torch.where(self.release > log_snr, noised, x_t)

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        return torch.where(self.release > log_snr, self.drawing, x0)


class Mirror(Constraint):
    """Left and right alike: the noise is the left half's, the prediction the mean of both.

    Taking half of the noise, not a mean of the halves, leaves its variance as it is.
    """

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        half = (x_t.shape[3] + 1) // 2
        left = x_t[..., :half]
        return torch.cat([left, left.flip(3)[..., 2 * half - x_t.shape[3] :]], dim=3)

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        return (x0 + x0.flip(3)) / 2


def seamless(denoise: Denoise) -> Denoise:
    """A denoiser that sees the picture moved around its edges, another way each time.

    So every seam lies inside of the picture at most evaluations, and what is drawn there goes
    on across the border. The moves are the same in every walk.
    """
    rng = np.random.default_rng(0)

    def moved(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        down, right = (int(v) for v in rng.integers(0, x_t.shape[2:]))
        seen = denoise(x_t.roll((down, right), (2, 3)), log_snr)
        back = (None if part is None else part.roll((-down, -right), (2, 3)) for part in seen)
        return DenoiserOutput._make(back)

    return moved
