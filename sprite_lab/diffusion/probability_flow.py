"""Log-likelihood from the probability-flow ODE (Song et al. 2021, section 4.3).

Along ``dx/dlog_snr = -alpha std v / 2``, with v the predicted velocity, x_t follows the
marginals of the forward process, and log p falls at the rate of the right-hand side's divergence.
Solved by Heun's method (order 2) over given noise levels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from sprite_lab.diffusion.likelihood import Denoise
from sprite_lab.diffusion.parameterization import level


class Flow(NamedTuple):
    """The state of the ODE.

    ``log_det`` (N, C, H, W): the integral of the divergence, value by value.
    """

    x: Tensor
    log_det: Tensor


def flow_iter(
    denoise: Denoise,
    x: Tensor,
    context: Tensor,
    log_snr: list[float],
    generators: Sequence[torch.Generator] | None,
    probes: int = 2,
) -> Iterator[Flow]:
    """Move pictures along the ODE from the first level to the last; yields after each step.

    ``log p(x at the first level) = log p(x at the last) + log_det.sum()``.

    Parameters
    ----------
    x : float32 (N, C, H, W), variance-preserving, at the first level.
    log_snr : falling.
    generators : one for each picture, on the CPU, for Hutchinson's estimate of the divergence with
        ``probes`` sign vectors, which are drawn again for each step so that their errors average
        out; None = the exact divergence, with one product for each value of a picture.
    """
    flow = Flow(x, torch.zeros_like(x))
    for now, then in pairwise(log_snr):
        signs = None
        if generators is not None:
            shape = (probes, *x.shape[1:])
            drawn = [torch.randint(0, 2, shape, generator=each) for each in generators]
            signs = (2 * torch.stack(drawn, dim=1) - 1).to(x)
        step = then - now
        slope, diagonal = _slope(denoise, flow.x, now, context, signs)
        ahead, diagonal_ahead = _slope(denoise, flow.x + step * slope, then, context, signs)
        flow = Flow(
            flow.x + 0.5 * step * (slope + ahead),
            flow.log_det + 0.5 * step * (diagonal + diagonal_ahead),
        )
        yield flow


def prior_log_density(x: Tensor, data_mean: Tensor, log_snr: float) -> Tensor:
    """log p(x_T), (N, C, H, W), with the same prior as in the variational bound."""
    alpha, std = level(torch.tensor([log_snr]))
    mean = alpha.to(x) * data_mean
    return -0.5 * ((x - mean) / std.to(x)).square() - std.log().to(x) - 0.5 * math.log(2 * math.pi)


def _slope(
    denoise: Denoise, x: Tensor, log_snr: float, context: Tensor, signs: Tensor | None
) -> tuple[Tensor, Tensor]:
    """dx/dlog_snr and its Jacobian's diagonal (estimated if there are signs), both (N, C, H, W)."""
    levels = x.new_full((len(x),), log_snr)
    alpha, std = (value.to(x) for value in level(levels))
    with torch.enable_grad():
        point = x.detach().requires_grad_()
        denoised = denoise(point, levels, context)
        slope = -0.5 * alpha * std * (alpha * denoised.epsilon - std * denoised.x0)

        def product(probe: Tensor) -> Tensor:
            """probe * (Jacobian^T probe)."""
            # Given the probe by itself, torch would import sympy.
            (gradient,) = torch.autograd.grad((slope * probe).sum(), point, retain_graph=True)
            return probe * gradient

        if signs is not None:
            diagonal = torch.stack([product(probe) for probe in signs]).mean(dim=0)
        else:
            diagonal = torch.zeros_like(x)
            for index in range(x[0].numel()):
                probe = torch.zeros_like(x)
                probe.flatten(1)[:, index] = 1.0
                diagonal += product(probe)
    return slope.detach(), diagonal
