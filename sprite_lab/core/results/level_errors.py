"""Prediction errors by noise level: binned, summed and written as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sprite_lab.core.config import PredictionType

#: Number of log-SNR bins over the range that a network is trained on.
BINS = 40

#: Significant digits of a sum in files: far more than the noise of training warrants.
_DIGITS = 6


@dataclass(frozen=True, eq=False)
class LevelBins:
    """Bins of noise levels, equally wide in log-SNR, noisiest first."""

    log_snr: NDArray[np.float64]  #: float64 (B + 1,), ascending: the edges
    t: NDArray[np.float64]  #: float64 (B + 1,), descending: the noise levels at the edges
    prediction_type: PredictionType  #: what the network predicts

    def __len__(self) -> int:
        return len(self.log_snr) - 1

    @property
    def centers(self) -> NDArray[np.float64]:
        """log-SNR in the middle of each bin, float64 (B,)."""
        return 0.5 * (self.log_snr[1:] + self.log_snr[:-1])

    def index(self, log_snr: ArrayLike) -> NDArray[np.int64]:
        """The bin of each level; levels beyond the ends go to the first and the last bin."""
        low, high = self.log_snr[0], self.log_snr[-1]
        place = (np.asarray(log_snr, np.float64) - low) / (high - low) * len(self)
        return np.clip(np.floor(place), 0, len(self) - 1).astype(np.int64)

    def t_at(self, log_snr: float) -> float:
        """The noise level t at a log-SNR, interpolated between the edges."""
        return float(np.interp(log_snr, self.log_snr, self.t))

    def log_snr_at(self, t: float) -> float:
        """The inverse of :meth:`t_at`."""
        return float(np.interp(t, self.t[::-1], self.log_snr[::-1]))


@dataclass(frozen=True, eq=False)
class LevelErrors:
    """Unweighted squared errors, summed by noise level."""

    bins: LevelBins
    sums: NDArray[np.float64]  #: float64 (B,), sums of the mean squared errors of sprites
    counts: NDArray[np.int64]  #: int64 (B,), numbers of those sprites

    @classmethod
    def of(cls, bins: LevelBins, log_snr: ArrayLike, errors: ArrayLike) -> LevelErrors:
        """Bin the errors (N,) of sprites at the levels (N,)."""
        index, weights = bins.index(log_snr), np.asarray(errors, np.float64)
        sums = np.bincount(index, weights, minlength=len(bins)).astype(np.float64)
        return cls(bins, sums, np.bincount(index, minlength=len(bins)).astype(np.int64))

    @property
    def mean(self) -> NDArray[np.float64]:
        """Mean squared error by bin, float64 (B,); NaN for empty bins."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.sums / self.counts)

    def to_json(self) -> list[list[float]]:
        """Two lists, sums and counts."""
        return [[float(f"{s:.{_DIGITS}g}") for s in self.sums], self.counts.tolist()]

    @classmethod
    def from_json(cls, bins: LevelBins, data: object) -> LevelErrors | None:
        """The inverse of :meth:`to_json`; None for anything else."""
        if not (isinstance(data, Sequence) and len(data) == 2):
            return None
        try:
            sums, counts = np.asarray(data[0], np.float64), np.asarray(data[1], np.int64)
        except (TypeError, ValueError, OverflowError):
            return None
        if sums.shape != (len(bins),) or counts.shape != (len(bins),):
            return None
        return cls(bins, sums, counts)


@dataclass(frozen=True, eq=False)
class Floor:
    """Loss of the optimal denoiser of a training set by noise level: a lower bound."""

    log_snr: NDArray[np.float64]  #: float64 (K,), ascending
    error: NDArray[np.float64]  #: float64 (K,), the mean squared error of the optimal denoiser
    #: float64 (K,), the standard error of ``error``
    stderr: NDArray[np.float64] = field(repr=False)
    sprites: int = 0  #: number of sprites known to this denoiser
    #: its mean over the levels, with the frequency and weight of each in training: the minimum of
    #: the training loss
    loss: float = 0.0
    #: the same for all training sprites of the set, if a run only learned from some of them
    whole: Floor | None = None

    def to_json(self) -> dict[str, object]:
        """Lists of numbers, the two figures and, if known, ``whole``."""
        arrays = {name: getattr(self, name).tolist() for name in ("log_snr", "error", "stderr")}
        whole = {} if self.whole is None else {"whole": self.whole.to_json()}
        return arrays | {"sprites": self.sprites, "loss": self.loss} | whole

    @classmethod
    def from_json(cls, data: object) -> Floor | None:
        """The inverse of :meth:`to_json`; None for anything else."""
        try:
            parts = [np.asarray(data[n], np.float64) for n in ("log_snr", "error", "stderr")]  # type: ignore[index]
            sprites, loss = int(data["sprites"]), float(data["loss"])  # type: ignore[index]
        except (TypeError, ValueError, KeyError):
            return None
        fits = parts[0].ndim == 1 and all(part.shape == parts[0].shape for part in parts)
        if not fits or not isinstance(data, dict):
            return None
        log_snr, error, stderr = parts
        return cls(log_snr, error, stderr, sprites, loss, cls.from_json(data.get("whole")))
