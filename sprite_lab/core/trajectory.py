"""Every step of a forward or reverse process, kept so that scrubbing never recomputes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig


@dataclass(frozen=True, eq=False)
class Trajectory:
    """K frames of N sprites, noisiest first.

    ``x_t = alpha * x0 + noise_std * epsilon`` holds in every frame, with
    ``alpha**2 + noise_std**2 = 1`` (variance-preserving); hence epsilon is not stored.

    Parameters
    ----------
    kind : "forward" (x0 is the sprite itself) or "reverse" (x0 is predicted).
    t : float32 (K,), noise level from T (noise) down to 0 (clean).
    log_snr : float32 (K,), finite.
    x_t : float16 (K, N, H, W, 3), unclipped.
    x0 : float16 (K, N, H, W, 3) in [-1, 1].
    """

    kind: Literal["forward", "reverse"]
    t: NDArray[np.float32]
    log_snr: NDArray[np.float32]
    x_t: NDArray[np.float16]
    x0: NDArray[np.float16]
    config: SampleConfig | None = None

    def __post_init__(self) -> None:
        for array in (self.t, self.log_snr, self.x_t, self.x0):
            array.flags.writeable = False

    def __len__(self) -> int:
        return len(self.t)

    @property
    def count(self) -> int:
        """How many sprites each frame has."""
        return self.x_t.shape[1]

    def alpha(self, k: int) -> float:
        """The share of signal in frame ``k``: sqrt(sigmoid(log_snr))."""
        return float(np.sqrt(1.0 / (1.0 + np.exp(-np.float64(self.log_snr[k])))))

    def noise_std(self, k: int) -> float:
        """The standard deviation of the noise in frame ``k``."""
        return float(np.sqrt(1.0 / (1.0 + np.exp(np.float64(self.log_snr[k])))))

    def epsilon(self, k: int) -> NDArray[np.float32]:
        """The noise in frame ``k``, float32 (N, H, W, 3): (x_t - alpha x0) / noise_std."""
        x_t, x0 = self.x_t[k].astype(np.float32), self.x0[k].astype(np.float32)
        return ((x_t - self.alpha(k) * x0) / self.noise_std(k)).astype(np.float32)

    def final(self) -> NDArray[np.float32]:
        """The last frame's x_t: float32 (N, H, W, 3), the finished sprites."""
        return self.x_t[-1].astype(np.float32)

    @property
    def nbytes(self) -> int:
        return self.x_t.nbytes + self.x0.nbytes
