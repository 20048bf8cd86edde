"""The constraints that a drawing, symmetry and tiling put on a sample.

The classes are constraints of :func:`sprite_lab.diffusion.sampler.walk`. Pictures are float32
(N, C, H, W) in [-1, 1]; a fourth channel is alpha.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.sampler import Constraint, Denoise


@dataclass(frozen=True)
class Hold(Constraint):
    """Pixels that are fixed to a drawing until they are released.

    Until then they are the drawing, noised to each level with the same noise (differential
    diffusion, Levin & Fried 2023). In inpainting, kept pixels are never released.
    """

    #: (N, C, H, W)
    drawing: Tensor
    epsilon: Tensor
    #: log-SNR above which a pixel is free, broadcastable to (N, C, H, W); inf = never released,
    #: -inf = always free
    release: Tensor
    #: whether the denoiser knows the pixels that are never released (:func:`conditioned` or
    #: :func:`seeing`), so that their x_t is not changed
    known: bool = False

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        alpha, std = map(x_t.new_tensor, alpha_std_at(log_snr))
        noised = q_sample(self.drawing, self.epsilon, alpha, std)
        held = self.release > log_snr
        if self.known:
            held = held & torch.isfinite(self.release)
        return torch.where(held, noised, x_t)

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        return torch.where(self.release > log_snr, self.drawing, x0)


#: Products with the covariance per evaluation: two find the conditional mean of Gaussian data to
#: within 0.06 standard deviations, while RePaint with four visits, at the same cost, is off by 0.29
#: (tests/benchmarks/README.md, "Inpainting").
PRODUCTS = 2

#: The assumed variance of kept pixels, as a share of the noise's: it keeps the linear system
#: regular, and vanishes with the noise. Ten times as much increases the bias of the mean by half.
_RIDGE = 0.001

#: The highest noise-to-signal ratio used here, so that its square fits in float32. With even more
#: noise, kept pixels tell nothing about the others anyway.
_MOST_SIGMA = 1e12


def conditioned(denoise: Denoise, held: Hold) -> Denoise:
    """E[x_0 | x_t, kept pixels], from a denoiser for E[x_0 | x_t] and its derivative.

    The posterior covariance of x_0 is C = std^2 / alpha d E[x_0 | x_t] / d x_t (second-order
    Tweedie). The other pixels follow the kept ones as in a Gaussian with that covariance: x0 + C H'
    (H C H')^-1 (kept - H x0), where H selects the kept values (Boys et al. 2023; exact for Gaussian
    data). The system is solved by a few steps of conjugate gradients, with one product each.

    A network's derivative is not quite a covariance: where its curvature is close to zero, a step
    can be a hundred times too long. So the other pixels move no farther than the kept ones had to,
    on average over the picture, as in a Gaussian with equal variances.

    ``denoise``: called with gradients enabled, which it must not disable. ``held``: the kept pixels
    are those that are never released.
    """
    known = torch.isposinf(held.release).expand_as(held.drawing)
    count = known.sum(dim=(1, 2, 3), keepdim=True)
    free_for_each = (known[0].numel() - count) / count.clamp_min(1)

    def look(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        alpha, std = alpha_std_at(log_snr)
        sigma = min(std / alpha, _MOST_SIGMA)
        with torch.enable_grad():
            point = x_t.detach().clone().requires_grad_()
            found = denoise(point, log_snr)

        def covariance(v: Tensor) -> Tensor:
            with torch.enable_grad():
                weighted = (found.x0 * v).sum()  # given v by itself, torch would import sympy
            (product,) = torch.autograd.grad(weighted, point, retain_graph=True)
            return product * (std * sigma) + v * (_RIDGE * sigma**2)

        x0 = found.x0.detach()
        left = torch.where(known, held.drawing - x0, 0.0)
        direction, square = left, _dot(left, left)
        move, wanted = torch.zeros_like(x0), square
        for _ in range(PRODUCTS):
            spread = covariance(direction)
            curvature = _dot(direction, spread)
            # A network's derivative is not always a covariance; if it is not, no step is taken.
            length = torch.where(curvature > 0, square / curvature.clamp_min(1e-20), 0.0)
            move = move + length * spread
            left = left - length * torch.where(known, spread, 0.0)
            before, square = square, _dot(left, left)
            direction = left + square / before.clamp_min(1e-20) * direction
        moved = _dot(move, torch.where(known, 0.0, move))
        most = wanted * free_for_each
        x0 = x0 + move * (most / moved.clamp_min(1e-20)).sqrt().clamp(max=1.0)
        x0 = x0.clamp(-1.0, 1.0)
        uncond = None if found.x0_uncond is None else found.x0_uncond.detach()
        return DenoiserOutput(x0, (x_t - alpha * x0) / std, uncond, found.x0.detach())

    return look


def seeing(denoise: Denoise, held: Hold) -> Denoise:
    """E[x_0 | x_t, kept pixels], from a denoiser trained to see kept pixels without noise.

    ``held``: the kept pixels are those that are never released.
    """
    known = torch.isposinf(held.release).expand_as(held.drawing)

    def look(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        found = denoise(torch.where(known, held.drawing, x_t), log_snr)
        x0 = torch.where(known, held.drawing, found.x0)
        alpha, std = alpha_std_at(log_snr)
        return DenoiserOutput(x0, (x_t - alpha * x0) / std, found.x0_uncond, found.x0)

    return look


def _dot(a: Tensor, b: Tensor) -> Tensor:
    """The inner products of pictures, (N, 1, 1, 1)."""
    return (a * b).sum(dim=(1, 2, 3), keepdim=True)


def mirrored(held: Hold) -> Hold:
    """Held pixels, replaced by their mirror images where these are held longer.

    Both sides have the noise of the left half, as in :class:`Mirror`. Where both are held equally
    long, each is kept as drawn.
    """
    release = held.release.expand_as(held.drawing)
    across = release.flip(3) > release
    return Hold(
        torch.where(across, held.drawing.flip(3), held.drawing),
        left_half(held.epsilon),
        torch.maximum(release, release.flip(3)),
        held.known,
    )


def left_half(x: Tensor) -> Tensor:
    """The left half, with its mirror image as the right half; a column in the middle stays."""
    half = (x.shape[3] + 1) // 2
    left = x[..., :half]
    return torch.cat([left, left.flip(3)[..., 2 * half - x.shape[3] :]], dim=3)


class Mirror(Constraint):
    """Makes both halves alike: they have the left one's noise, and their mean prediction.

    Using one half's noise, not the mean of both, preserves the variance.
    """

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return left_half(x_t)

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        return (x0 + x0.flip(3)) / 2


def seamless(denoise: Denoise, before: int = 0) -> Denoise:
    """Wrap a denoiser so that it sees the picture shifted, with wraparound, by changing offsets.

    In most evaluations the seams therefore lie inside the picture, and drawings continue across the
    border. The offsets are the same in every trajectory; ``before``: the number already used.
    """
    rng = np.random.default_rng(0)
    skipped = iter(range(before))

    def moved(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        for _ in skipped:
            rng.integers(0, x_t.shape[2:])
        down, right = (int(v) for v in rng.integers(0, x_t.shape[2:]))
        seen = denoise(x_t.roll((down, right), (2, 3)), log_snr)
        back = (None if part is None else part.roll((-down, -right), (2, 3)) for part in seen)
        return DenoiserOutput._make(back)

    return moved


class Shared(Constraint):
    """Makes shared pixels equal: they have the noise of the first, and their mean prediction.

    As in :class:`Mirror`, using the noise of one pixel preserves the variance.

    Parameters
    ----------
    place : int64 (H, W), for each pixel the index, row by row, of the first pixel that it equals.
    mean : False = use the prediction of the first pixel, which adds no new colors.
    """

    def __init__(self, place: Tensor, *, mean: bool = True) -> None:
        self._mean = mean
        self._place = place.flatten()
        self._count = torch.bincount(self._place, minlength=place.numel()).clamp_min(1)

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return x_t.flatten(2)[..., self._place].view_as(x_t)

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        if not self._mean:
            return self.enter(x0, log_snr)
        flat = x0.flatten(2)
        means = torch.zeros_like(flat).index_add_(2, self._place, flat) / self._count
        return means[..., self._place].view_as(x0)


def windows(x: Tensor, side: int, moves: Sequence[tuple[int, int]]) -> Tensor:
    """Cut a map (1, C, H, W) that wraps around into pictures (N, C, side, side), for each move.

    H and W are multiples of ``side``; a move is in pixels down and right.
    """
    _, channels, height, width = x.shape
    cut = []
    for move in moves:
        rows = x.roll(move, (2, 3)).view(channels, height // side, side, width // side, side)
        cut.append(rows.permute(1, 3, 0, 2, 4).reshape(-1, channels, side, side))
    return torch.cat(cut)


def joined(cut: Tensor, shape: Sequence[int], moves: Sequence[tuple[int, int]]) -> Tensor:
    """Put pieces from :func:`windows` back into a map of ``shape``, summed over all moves."""
    _, channels, height, width = shape
    side = cut.shape[2]
    whole = cut.new_zeros(1, channels, height, width)
    for part, (down, right) in zip(cut.chunk(len(moves)), moves, strict=True):
        rows = part.view(height // side, width // side, channels, side, side)
        moved = rows.permute(2, 0, 3, 1, 4).reshape(1, channels, height, width)
        whole += moved.roll((-down, -right), (2, 3))
    return whole
