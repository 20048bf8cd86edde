"""The optimal denoiser of a finite training set: E[x_0 | x_t] in closed form.

The forward process of M pictures is a mixture of M normal distributions around them, so the
posterior over the pictures is a softmax of negative squared distances, and the optimal denoiser
returns its mean. It has the lowest possible training loss at each level, and sampling with it
returns training pictures: it has memorized them perfectly.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0

#: Number of pictures compared at once.
CHUNK = 2048


class OptimalDenoiser:
    """The optimal denoiser of a training set, with the interface of a Denoiser.

    Everything is computed in float64 on the CPU: at log-SNR 13, two distances that differ by 1e-5
    are two nats apart.

    Parameters
    ----------
    x0 : (M, C, H, W) in [-1, 1], the training pictures, including all augmented ones.
    classes : (M, num_classes), one-hot, or all zero for a picture without a class; or the
        probability of each class for the picture, 0..1.
    weights : (M,), the relative frequency of each picture; None = all equal.
    """

    def __init__(self, x0: Tensor, classes: Tensor, weights: Tensor | None = None) -> None:
        self._x0 = x0.detach().flatten(1).to("cpu", torch.float32)
        self._square = self._x0.double().square().sum(dim=1)
        weight = torch.ones(len(x0)) if weights is None else weights
        weight = weight.to("cpu", torch.float64)
        of_class = classes.to("cpu", torch.float64) * weight[:, None]
        self._weight = weight / weight.sum()
        self._of_class = of_class / of_class.sum(dim=0).clamp_min(1e-300)

    @torch.no_grad()  # no gradients, because the weights of the pictures are computed separately
    def __call__(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> DenoiserOutput:
        """E[x_0 | x_t] over the pictures of the class or class mix in ``context`` (N, num_classes);
        over all pictures if it is zero, or requests only classes without pictures.
        """
        alpha, std = _level(log_snr)
        x0, _ = self._posterior(x_t, log_snr, context)
        mean = x0.view(x_t.shape)
        x = x_t.to("cpu", torch.float64)
        epsilon = epsilon_from_x0(x, mean, alpha[:, None, None, None], std[:, None, None, None])
        return DenoiserOutput(mean.to(x_t), epsilon.to(x_t))

    def log_density(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> Tensor:
        """log q(x_t), float64 (N,) in nats."""
        _, std = _level(log_snr)
        dims = self._x0.shape[1]
        _, log_sum = self._posterior(x_t, log_snr, context)
        return log_sum - dims * (std.log() + 0.5 * math.log(2 * math.pi))

    @torch.no_grad()
    def log_joint(self, x_t: Tensor, log_snr: Tensor) -> Tensor:
        """log(weight * exp(-distance)) of each picture: float64 (N, M).

        Its softmax over the pictures is their posterior, p(picture | x_t).
        """
        alpha, std = _level(log_snr)
        x = x_t.detach().flatten(1).to("cpu", torch.float64)
        parts = [
            self._weight[part].log() - self._distance(x, alpha, std, part)
            for part in (slice(i, i + CHUNK) for i in range(0, len(self._x0), CHUNK))
        ]
        return torch.cat(parts, dim=1)

    def _distance(self, x: Tensor, alpha: Tensor, std: Tensor, part: slice) -> Tensor:
        """|x_t - alpha x_0|^2 / (2 std^2) of some pictures, (N, m)."""
        square = (
            x.square().sum(dim=1)[:, None]
            - 2 * alpha[:, None] * (x @ self._x0[part].double().T)
            + alpha[:, None].square() * self._square[part]
        )
        return 0.5 * square / std[:, None].square()

    def _posterior(self, x_t: Tensor, log_snr: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """The posterior mean (N, D), and the log of the sum of weight * exp(-distance) (N,)."""
        alpha, std = _level(log_snr)
        x = x_t.detach().flatten(1).to("cpu", torch.float64)
        mix = context.to("cpu", torch.float64) * (self._of_class.sum(dim=0) > 0)
        mix = mix / mix.sum(dim=1, keepdim=True).clamp_min(1e-300)
        none = (mix == 0).all(dim=1)

        peak = torch.full((len(x),), -torch.inf, dtype=torch.float64)
        total = torch.zeros_like(peak)
        mean = torch.zeros_like(x)
        for first in range(0, len(self._x0), CHUNK):  # as in flash attention: one pass
            part = slice(first, first + CHUNK)
            pictures = self._x0[part].double()
            weight = torch.where(none[:, None], self._weight[part], mix @ self._of_class[part].T)
            logit = weight.log() - self._distance(x, alpha, std, part)
            higher = torch.maximum(peak, logit.amax(dim=1))
            safe = torch.where(torch.isinf(higher), 0.0, higher)  # no picture of the class yet
            share = torch.exp(logit - safe[:, None])
            kept = torch.exp(peak - safe)
            total = kept * total + share.sum(dim=1)
            mean = kept[:, None] * mean + share @ pictures
            peak = higher
        return mean / total[:, None], peak + total.log()


def _level(log_snr: Tensor) -> tuple[Tensor, Tensor]:
    """alpha and noise_std, float64 (N,) on the CPU."""
    value = log_snr.to("cpu", torch.float64)
    return torch.sigmoid(value).sqrt(), torch.sigmoid(-value).sqrt()
