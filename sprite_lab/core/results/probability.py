"""Results of likelihood runs, as plain arrays.

Everything is in bits per sprite; ``bits_per_dim`` divides by the number of RGB values, 3 H W. The
bits for alpha, if a model draws it, are divided by the same 3 H W, so that its figure is comparable
with that of a model, or a file, that stores RGB alone.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.plain import to_plain
from sprite_lab.core.results.calibration import (
    BAYES,
    Calibration,
    Reliability,
    class_probabilities,
    cross_fitted,
    softmax,
)

#: T of the bound. More levels cost nothing, since blocks of them are estimated together, and give a
#: lower bound: by 1% from 1,000 to 8,000, and hardly any lower beyond.
BOUND_LEVELS = 10_000


@dataclass(frozen=True, eq=False)
class _Bits:
    """Bits of N sprites."""

    bits: NDArray[np.float64]  #: float64 (N,), of each sprite
    #: float64 (N,), the standard error of each estimate, given the sprite
    bits_stderr: NDArray[np.float64]
    #: float32 (N, H, W), the bits of each pixel; they add up to ``bits``
    pixels: NDArray[np.float32]
    group: NDArray[np.int64]  #: int64 (N,), equal for near-copies
    levels: int  #: number of values of a channel of the data, 256 for 8 bits

    @property
    def dims(self) -> int:
        """Number of RGB values of a sprite, which its bits are divided by."""
        return 3 * self.pixels.shape[1] * self.pixels.shape[2]

    @property
    def uniform_bits(self) -> float:
        """Bits of any sprite if all RGB values were equally probable."""
        return self.dims * math.log2(self.levels)

    @property
    def bits_per_dim(self) -> float:
        """Mean over the sprites."""
        return float(self.bits.mean() / self.dims)

    @property
    def bits_per_dim_stderr(self) -> float:
        """Standard error of that mean; nan for one group. See :meth:`stderr_of_mean`."""
        return float(self.stderr_of_mean(self.bits) / self.dims)

    def stderr_of_mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard error of the mean of (N, ...) values, with groups as random draws: (...).

        Near-copies are about equally probable, so a group counts as one draw (the cluster-robust
        variance). It includes the variance of the sprites and of the estimates; nan for one group.
        """
        apart = np.zeros((int(self.group.max()) + 1, *values.shape[1:]))
        np.add.at(apart, self.group, values - values.mean(axis=0))
        groups = len(np.unique(self.group))
        if groups < 2:
            return np.full(values.shape[1:], np.nan)
        variance = (apart**2).sum(axis=0) * groups / (groups - 1)
        return np.asarray(np.sqrt(variance) / len(values))

    def to_json(self) -> dict[str, object]:
        """The figures of the set, with how they were computed."""
        stderr = self.bits_per_dim_stderr
        return {
            "bits_per_dim": self.bits_per_dim,
            "bits_per_dim_stderr": None if np.isnan(stderr) else stderr,
            "sprites": len(self.bits),
            "groups": len(np.unique(self.group)),
            "bits_per_dim_by_sprite": (self.bits / self.dims).round(4).tolist(),
            "dims": self.dims,
            "data_levels": self.levels,
            "guidance_scale": 1.0,
        }


@dataclass(frozen=True, eq=False)
class Bound(_Bits):
    """The variational bound: ``bits`` = L_T + the sum of all L_{t-1} + L_0, each at least 0.

    It is that of the discrete model with T levels (Ho et al. 2020, eq. 5), an upper bound on
    -log2 p(sprite) for any T; L_{t-1} is estimated in blocks of neighboring t.
    """

    log_snr: NDArray[np.float64]  #: float64 (T,), descending: the levels of t = 1, ..., T
    #: int64 (S + 1,), ascending from 2 to T + 1; block s holds t = block_t[s] up to but not
    #: including block_t[s + 1]. With S = T - 1, every t is a block of its own.
    block_t: NDArray[np.int64]
    #: float64 (N,), L_T and L_0 in bits
    prior: NDArray[np.float64]
    decoder: NDArray[np.float64]
    diffusion: NDArray[np.float64]  #: float64 (N, S), the sum of L_{t-1} over each block, in bits
    #: their standard errors; L_T has none, it is exact
    decoder_stderr: NDArray[np.float64]
    diffusion_stderr: NDArray[np.float64]

    @property
    def block_log_snr(self) -> NDArray[np.float64]:
        """float64 (S + 1,), descending: the edges of the blocks.

        L_{t-1} leads from the level of t to that of t - 1, so block s lies between the levels of
        block_t[s] - 1 and block_t[s + 1] - 1.
        """
        return self.log_snr[self.block_t - 2]

    def parts(self, which: int | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """L_0, the blocks of L_{t-1}, and L_T in bits/dim, and their standard errors.

        ``which``: the sprite, with the errors of its estimate; None = the means over all sprites,
        with the errors of the means. Both are float64 (S + 2,); the parts add up to the bits/dim.
        """
        terms = np.column_stack([self.decoder, self.diffusion, self.prior])
        if which is None:
            return terms.mean(axis=0) / self.dims, self.stderr_of_mean(terms) / self.dims
        stderr = [self.decoder_stderr[which], *self.diffusion_stderr[which], 0.0]
        return terms[which] / self.dims, np.array(stderr) / self.dims

    def bits_of_colors(self, which: int) -> float:
        """Bits of a sprite that only determine its exact colors: L_0, and the blocks whose noise is
        below one level of a channel, which is 2 / (levels - 1).
        """
        fine = 2 * math.log((self.levels - 1) / 2)
        edges = self.block_log_snr
        late = (edges[:-1] + edges[1:]) / 2 > fine
        return float(self.decoder[which] + self.diffusion[which, late].sum())

    def to_json(self) -> dict[str, object]:
        """The figures of the set; ``terms`` in bits/dim, those of L_{t-1} by block."""
        return super().to_json() | {
            "method": "bound",
            "dequantization": "none: discretized Gaussian decoder",
            "timesteps": len(self.log_snr),
            "log_snr_range": [float(self.log_snr[-1]), float(self.log_snr[0])],
            "terms": {
                "L_T": float(self.prior.mean() / self.dims),
                "L_t-1": float(self.diffusion.sum(axis=1).mean() / self.dims),
                "L_0": float(self.decoder.mean() / self.dims),
            },
            "blocks": {
                "first_t": self.block_t[:-1].tolist(),
                "log_snr": self.log_snr[self.block_t[:-1] - 1].tolist(),
                "bits_per_dim": (self.diffusion.mean(axis=0) / self.dims).tolist(),
            },
        }


@dataclass(frozen=True, eq=False)
class FlowLikelihood(_Bits):
    """Upper bounds on -log2 p by the probability-flow ODE, comparable with :class:`Bound`.

    Both start from the noise of the same first level and share its decoder; in between, this one
    has the flow's density, the other the terms L_{t-1}. ``bits_stderr`` comes from independent
    estimates, so it includes the effects of random noise and of Hutchinson's random signs.
    """

    #: float64 (K + 1,), descending: the levels that the ODE was solved over
    log_snr: NDArray[np.float64]
    exact: bool  #: whether the divergence was computed entry by entry

    def to_json(self) -> dict[str, object]:
        """The figures of the set."""
        return super().to_json() | {
            "method": "ode",
            "dequantization": "variational: the noise of the first level, and the decoder",
            "divergence": "exact" if self.exact else "Hutchinson's estimate",
            "estimate_stderr": float(
                np.sqrt((self.bits_stderr**2).sum()) / len(self.bits) / self.dims
            ),
            "steps": len(self.log_snr) - 1,
            "log_snr_range": [float(self.log_snr[-1]), float(self.log_snr[0])],
        }


@dataclass(frozen=True, eq=False)
class ClassProbabilities:
    """Probability of each class given the sprite, with a uniform prior."""

    class_names: tuple[str, ...]  #: K names
    #: float64 (N, K), and the jackknife standard error of each
    probability: NDArray[np.float64]
    stderr: NDArray[np.float64]
    bits: NDArray[np.float64]  #: float64 (N, K), the bound of each sprite under each class
    #: float64 (N, K, S + 1), L_0 and the blocks of L_{t-1}, in nats; with the part they leave out,
    #: which is the same for all classes, they add up to ``bits``
    terms: NDArray[np.float64]
    log_snr: NDArray[np.float64]  #: float64 (S + 1,), the level of each
    calibration: Calibration  #: the calibration that made the probabilities

    def by_level(self) -> NDArray[np.float64]:
        """p(class | x_t) at each level of ``log_snr``, float64 (N, S + 1, K).

        L_T and the terms of the levels noisier than t bound -log p(x_t | class) on average over the
        noise, so these terms alone determine the class of a sprite at that noise level. In the
        middle of a block, half of its term counts; the clean end equals ``probability``.
        """
        weighted = self.terms * self.calibration.weights(self.log_snr)
        noisier = weighted[..., ::-1].cumsum(axis=-1)[..., ::-1]
        noisier[..., 1:] -= 0.5 * weighted[..., 1:]
        return softmax(-noisier.swapaxes(1, 2))

    def decided(self) -> NDArray[np.float64]:
        """The lowest log-SNR, float64 (N,), from which on the final class of a sprite is more
        probable than all others together; NaN if none. Between levels, probabilities are linear.
        """
        by_level, rows = self.by_level(), np.arange(len(self.probability))
        last = by_level[:, 0].argmax(axis=1)
        share = by_level[rows, :, last]  # (N, S + 1), the clean end first
        count = (share > 0.5).cumprod(axis=1).sum(axis=1)
        above, below = np.maximum(count, 1) - 1, np.minimum(count, share.shape[1] - 1)
        over, under = share[rows, above] - 0.5, share[rows, below] - 0.5
        part = np.where(under < over, over / np.where(under < over, over - under, 1), 0)
        here, next_one = self.log_snr[above], self.log_snr[below]
        return np.where(count > 0, here + part * (next_one - here), np.nan)

    def calibrated(self, labels: NDArray[np.int64], group: NDArray[np.int64]) -> ClassProbabilities:
        """Probabilities calibrated on these sprites themselves, see :func:`cross_fitted`.

        Sprites without a class of the model (-1) are calibrated by the fit to all others. Unless
        sprites of at least two groups have a class, only the reliability is dropped.
        """
        labels, group = labels[: len(self.terms)], group[: len(self.terms)]
        known = labels >= 0
        if len(np.unique(group[known])) < 2:
            # The model's own calibration was not measured with these sprites.
            own = dataclasses.replace(self.calibration, reliability=None)
            return dataclasses.replace(self, calibration=own)
        found, fitted = cross_fitted(self.terms[known], self.log_snr, labels[known], group[known])
        probability = class_probabilities(self.terms, self.log_snr, found)
        probability[known] = fitted
        return dataclasses.replace(self, probability=probability, calibration=found)

    def to_json(self, labels: NDArray[np.int64]) -> dict[str, object]:
        """The results, given ``labels`` (at least N,): the true classes, -1 = none."""
        labels = labels[: len(self.probability)]
        known = labels >= 0
        reliability = as_it_stands = None
        if known.any():
            reliability = Reliability.of(self.probability[known], labels[known])
            plain = class_probabilities(self.terms[known], self.log_snr, BAYES)
            as_it_stands = Reliability.of(plain, labels[known])
        return {
            "class_names": list(self.class_names),
            "accuracy": reliability.accuracy if reliability else None,
            "expected_calibration_error": reliability.expected_error if reliability else None,
            "log_loss": reliability.log_loss if reliability else None,
            "log_loss_of_guessing": float(np.log(len(self.class_names))),
            "uncalibrated": {
                "expected_calibration_error": as_it_stands.expected_error,
                "log_loss": as_it_stands.log_loss,
            }
            if as_it_stands
            else None,
            "calibration": to_plain(self.calibration),
            "labels": labels.tolist(),
            "probability_by_sprite": self.probability.round(4).tolist(),
        }


@dataclass(frozen=True, eq=False)
class Thermodynamics:
    """Entropies of the forward process of a finite training set, in bits/dim.

    They include alpha if the model draws it, and are divided by 3 H W, like a :class:`Bound`
    (Sohl-Dickstein et al. 2015, section 2.6 and appendix A).
    """

    log_snr: NDArray[np.float64]  #: float64 (T,), descending: the levels of t = 1, ..., T
    entropy: NDArray[np.float64]  #: float64 (T,), H(X_t), of the set as a whole
    #: the standard errors of ``entropy``
    entropy_stderr: NDArray[np.float64]
    noise_entropy: NDArray[np.float64]  #: float64 (T,), H(X_t | X_0), of the noise alone
    #: float64 (T - 1,), H(X_{t-1} | X_t) for t = 2, ..., T
    conditional_entropy: NDArray[np.float64]
    conditional_entropy_stderr: NDArray[np.float64]
    #: float64 (T - 1,), the bounds on ``conditional_entropy`` in eq. 24 of the paper
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    #: float64 (T - 1,), the mean over x_t of KL(q(x_{t-1} | x_t) || p(x_{t-1} | x_t)): how much
    #: less probable the model's reverse path is than the forward path at each t, within each class
    #: if the model knows them
    gap: NDArray[np.float64]
    gap_stderr: NDArray[np.float64]
    #: float64 (T,), mean squared error of the predicted noise: that of the optimal denoiser on the
    #: training set, and that of the model
    optimal_error: NDArray[np.float64]
    model_error: NDArray[np.float64]
    #: float64 (T + 1,), the bound on -log2 p(x_0) summed from noise down to t = 0, 1, ..., T: L_T
    #: at T, with all L_{t-1} at 1, with L_0 at 0
    bound: NDArray[np.float64]
    bound_stderr: NDArray[np.float64]  #: float64 (T + 1,)

    @property
    def least_bound(self) -> NDArray[np.float64]:
        """``bound`` less the gaps so far, float64 (T + 1,): that of a reverse path without gaps."""
        gap = np.concatenate([[0.0], self.gap])  # from t to t - 1, for t = 1, ..., T
        lost = np.append(np.cumsum(gap[::-1])[::-1], 0.0)
        return self.bound - lost

    def to_json(self) -> dict[str, object]:
        """Every series by name, as lists of numbers."""
        return {
            field.name: getattr(self, field.name).tolist() for field in dataclasses.fields(self)
        }
