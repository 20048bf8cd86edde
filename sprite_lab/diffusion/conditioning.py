"""What a drawing, a mirror and a tiled ground demand of a sample.

The classes are constraints of :func:`sprite_lab.diffusion.sampler.walk`. Pictures are float32
(N, C, H, W) in [-1, 1]; a fourth channel is alpha.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sprite_lab.core.trajectories.levels import alpha_std
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


def mirrored(held: Hold) -> Hold:
    """What is held, with its mirror image: where a pixel is held longer than the one across.

    Its noise is the left half's on both sides, as of :class:`Mirror`. Where both are held
    equally long, each stays as it is drawn.
    """
    release = held.release.expand_as(held.drawing)
    across = release.flip(3) > release
    return Hold(
        torch.where(across, held.drawing.flip(3), held.drawing),
        left_half(held.epsilon),
        torch.maximum(release, release.flip(3)),
    )


def left_half(x: Tensor) -> Tensor:
    """The left half, and its mirror image as the right one; a column in the middle stays."""
    half = (x.shape[3] + 1) // 2
    left = x[..., :half]
    return torch.cat([left, left.flip(3)[..., 2 * half - x.shape[3] :]], dim=3)


class Mirror(Constraint):
    """Left and right alike: the noise is the left half's, the prediction the mean of both.

    Taking half of the noise, not a mean of the halves, leaves its variance as it is.
    """

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return left_half(x_t)

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
