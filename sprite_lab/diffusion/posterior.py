"""Computing a posterior: samples of p(x0) r(x0), for any r, with a model of p alone.

Sohl-Dickstein et al. 2015, "Deep Unsupervised Learning using Nonequilibrium Thermodynamics",
section 2.5, multiply every step of the reverse process by another distribution r(x), which
moves the mean of each Gaussian kernel. Inpainting and denoising are cases of it. Here it is
the belief on the clean picture, N(x0 predicted, V), that is multiplied: its new mean is what
the model would have predicted had it known r.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from sprite_lab.diffusion.sampler import Constraint


class Factor(Protocol):
    """r(x): another distribution over clean pictures, not necessarily normalized."""

    def perturbed_mean(self, mean: Tensor, variance: Tensor) -> Tensor:
        """The mean of N(mean, variance) r(x), normalized; the paper's perturbed mean.

        Parameters
        ----------
        mean : float32 (N, C, H, W); variance : float32, broadcastable to it.
        """


@dataclass(frozen=True)
class Observed(Factor):
    """r(x) = N(x; value, variance): a noisy observation of what is to be drawn.

    Denoising where ``variance`` is that of the noise; inpainting where it is 0 (pixels that
    are known) or inf (pixels that are not).
    """

    #: float32, broadcastable to (N, C, H, W)
    value: Tensor
    variance: Tensor

    def perturbed_mean(self, mean: Tensor, variance: Tensor) -> Tensor:
        gain = variance / (variance + self.variance)
        return torch.lerp(mean, self.value.expand_as(mean), gain.expand_as(mean))


@dataclass(frozen=True)
class Steered(Factor):
    """Any smooth r(x), by ``gradient``: x (N, C, H, W) -> d log r / dx of the same shape.

    To first order, as in the paper: mean + variance gradient(mean). Exact where log r is
    linear over a standard deviation of the model's belief.
    """

    gradient: Callable[[Tensor], Tensor]

    def perturbed_mean(self, mean: Tensor, variance: Tensor) -> Tensor:
        return mean + variance * self.gradient(mean)


@dataclass(frozen=True)
class Posterior(Constraint):
    """Sample from the model's distribution times ``factor``."""

    factor: Factor
    #: of a channel value over the model's data, given nothing. The variance of the belief on x0
    #: follows from it as 1 / (1 / data_variance + SNR): exact for independent Gaussian values, and
    #: for pictures an upper bound on average.
    data_variance: float = 1.0

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        return x_t

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        snr = x0.new_tensor(log_snr).exp()
        return self.factor.perturbed_mean(x0, 1 / (1 / self.data_variance + snr))
