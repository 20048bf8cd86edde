"""A moving average of weights, which samples better than the weights themselves."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import Denoiser


class Ema:
    """Exponential moving average of a denoiser's parameters; buffers are copied.

    The decay grows from 2/11 to ``decay`` as (1 + step) / (10 + step), so that the random initial
    weights are soon forgotten. ``decay`` 0 = the latest weights.
    """

    def __init__(self, module: Denoiser, decay: float) -> None:
        self.decay = decay
        self.module: Denoiser = copy.deepcopy(module).eval().requires_grad_(False)
        self._average: list[Tensor] = list(self.module.parameters())
        self._source: list[Tensor] = list(module.parameters())
        self._buffers = list(zip(self.module.buffers(), module.buffers(), strict=True))

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Add the weights after optimizer step number ``step`` (from 1)."""
        torch._foreach_lerp_(self._average, self._source, self.weight(step))
        self._copy_buffers()

    def weight(self, step: int) -> float:
        """Weight of the newest weights in the average."""
        return 1 - min(self.decay, (1 + step) / (10 + step))

    @torch.no_grad()
    def take_in(self, weight: Tensor) -> None:
        """Like :meth:`update`, with a weight that may differ in each replay of a CUDA graph."""
        for average, source in zip(self._average, self._source, strict=True):
            average.lerp_(source, weight)
        self._copy_buffers()

    def _copy_buffers(self) -> None:
        for average, source in self._buffers:
            average.copy_(source)

    @torch.no_grad()
    def distance(self) -> float:
        """How far the average is from the newest weights: ||average - newest|| / ||newest||."""
        apart = torch._foreach_norm(torch._foreach_sub(self._average, self._source))
        lengths = torch._foreach_norm(self._source)
        norm = torch.linalg.vector_norm
        return float(norm(torch.stack(apart)) / norm(torch.stack(lengths)).clamp_min(1e-30))
