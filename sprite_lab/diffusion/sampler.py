"""The loop over the noise levels, the same for every sampling method (see ``methods.py``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from torch import Tensor

from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.parameterization import epsilon_from_x0


class Point(NamedTuple):
    """A point of a trajectory: ``x_t = alpha x0 + std epsilon`` at this log-SNR.

    ``x0_uncond``, ``x0_free``: see :class:`DenoiserOutput`; before any constraint.
    """

    x_t: Tensor  # (N, C, H, W), like the pictures below
    x0: Tensor
    epsilon: Tensor
    log_snr: float
    x0_uncond: Tensor | None = None
    x0_free: Tensor | None = None


#: (x_t, log_snr) -> the model's prediction, guidance included.
Denoise = Callable[[Tensor, float], DenoiserOutput]
#: The same, with all constraints applied; the Point's x_t may differ from the argument.
Evaluate = Callable[[Tensor, float], Point]
#: Draws fresh standard normal noise of the shape of x_t.
Noise = Callable[[], Tensor]


class Constraint(Protocol):
    """A requirement on a sample besides its prompt, applied at every evaluation."""

    def enter(self, x_t: Tensor, log_snr: float) -> Tensor:
        """Change x_t before it is denoised at this level, for example by inserting known pixels."""

    def settle(self, x0: Tensor, x_t: Tensor, log_snr: float) -> Tensor:
        """Return the constrained prediction; epsilon is adjusted afterward."""


@dataclass(frozen=True)
class Step:
    """Everything a method may use to get from one level to the next, less noisy one."""

    here: Point  #: the newest evaluation
    then: float  #: log-SNR of the level to go to, finite
    #: up to two earlier evaluations, newest last; empty if steps are repeated (``Churn.visits``)
    past: Sequence[Point]
    evaluate: Evaluate  #: for methods that also evaluate between levels or at the next one
    noise: Noise  #: called only by methods that add noise


#: Returns x at the level ``step.then``.
Method = Callable[[Step], Tensor]


@dataclass(frozen=True)
class Churn:
    """Noise added again during sampling."""

    #: S_churn of Karras et al. 2022, algorithm 2: added before each evaluation, spread over all
    #: steps; 0 = none.
    amount: float = 0.0
    #: S_tmin and S_tmax, noise-to-signal ratios between which it is added
    sigma_min: float = 0.0
    sigma_max: float = float("inf")
    noise_scale: float = 1.0  #: S_noise
    #: how often each step is taken, with noise added again in between, so that new pixels fit the
    #: kept ones (RePaint, Lugmayr et al. 2022, with jump length 1)
    visits: int = 1
    #: the log-SNR of the strongest noise that ``amount`` may reach; None = that of the first level
    noisiest: float | None = None

    def raised(self, log_snr: float, steps: int) -> float:
        """The noisier log-SNR to return to, sigma_hat = sigma (1 + gamma); unchanged if ``log_snr``
        is not between ``sigma_min`` and ``sigma_max``.
        """
        if not self.sigma_min <= np.exp(-log_snr / 2) <= self.sigma_max:
            return log_snr
        return log_snr - 2 * float(np.log1p(min(self.amount / steps, 2**0.5 - 1)))


_NO_CHURN = Churn()


def walk(
    denoise: Denoise,
    start: Tensor | Point,
    log_snrs: Sequence[float],
    method: Method,
    noise: Noise,
    *,
    constraints: Sequence[Constraint] = (),
    churn: Churn = _NO_CHURN,
) -> Iterator[Point]:
    """Visit the given noise levels; the last Point's x0 is the sample.

    Parameters
    ----------
    start : x_t, (N, C, H, W) at ``log_snrs[0]``, variance-preserving; or a Point at this level,
        which replaces the first evaluation.
    log_snrs : rising; a method steps from each to the next but never beyond the last, whose
        prediction is the result.
    constraints : applied in this order.

    Yields
    ------
    A Point for each level, the one from its last visit.
    """
    evaluate = evaluator(denoise, constraints)
    known = start if isinstance(start, Point) else None
    x_t = start.x_t if isinstance(start, Point) else start
    least = log_snrs[0] if churn.noisiest is None else churn.noisiest
    past: list[Point] = []
    for now, then in zip(log_snrs, [*log_snrs[1:], None], strict=True):
        level = now if known else max(churn.raised(now, len(log_snrs)), least)
        if level < now:
            x_t = renoise(x_t, now, level, churn.noise_scale * noise())
        here = known or evaluate(x_t, level)
        if then is not None and known is None:
            for _ in range(churn.visits - 1):
                x_t = method(Step(here, then, (), evaluate, noise))
                here = evaluate(renoise(x_t, then, level, noise()), level)
        yield here
        known = None
        if then is not None:
            x_t = method(Step(here, then, past, evaluate, noise))
            past = [*past[-1:], here] if churn.visits == 1 else []


def evaluator(denoise: Denoise, constraints: Sequence[Constraint]) -> Evaluate:
    """The model's prediction with all constraints applied in order."""

    def evaluate(x_t: Tensor, log_snr: float) -> Point:
        for constraint in constraints:
            x_t = constraint.enter(x_t, log_snr)
        found = denoise(x_t, log_snr)
        x0, epsilon = found.x0, found.epsilon
        x0_free = x0 if found.x0_free is None else found.x0_free
        if constraints:
            for constraint in constraints:
                x0 = constraint.settle(x0, x_t, log_snr)
            alpha, std = map(x0.new_tensor, alpha_std_at(log_snr))
            epsilon = epsilon_from_x0(x_t, x0, alpha, std)
        return Point(x_t, x0, epsilon, log_snr, found.x0_uncond, x0_free)

    return evaluate


def renoise(x_s: Tensor, log_snr_s: float, log_snr: float, noise: Tensor) -> Tensor:
    """A forward step, x_t ~ q(x_t | x_s), from a level to a noisier one."""
    alpha, std = alpha_std_at(log_snr)
    alpha_s, std_s = alpha_std_at(log_snr_s)
    ratio = alpha / alpha_s
    return ratio * x_s + max(std**2 - ratio**2 * std_s**2, 0.0) ** 0.5 * noise
