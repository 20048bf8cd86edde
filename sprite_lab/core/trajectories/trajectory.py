"""Trajectories: every step of a forward or reverse process, so that scrubbing computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ForwardConfig, SampleConfig
from sprite_lab.core.sets.sprites import to_pixels, with_alpha
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.levels import alpha_std_at

#: The element types in which frames are stored.
Stored = np.float16 | np.float32

#: The pictures of a :class:`Trajectory` by name; all but the first two may be None.
PICTURES = ("x0", "x_t", "alpha", "noisy_alpha", "x0_uncond", "x0_free")

#: Above this log-SNR the noise is so faint that rounding to float16 changes it by more than 1%.
FINE_LOG_SNR = 8.0


def stored_type(log_snr: NDArray[np.floating]) -> type[np.float16] | type[np.float32]:
    """The dtype in which the frames at these levels, and the clean one after them, are stored."""
    return np.float32 if (log_snr[:-1] > FINE_LOG_SNR).any() else np.float16


@dataclass(frozen=True, eq=False)
class Walk:
    """The noise levels that a reverse process planned to visit.

    They cannot be inferred from a trajectory's own levels: it may hold only some of them, and churn
    visits noisier ones.
    """

    levels: NDArray[np.float64]  #: float64 (S,), log-SNR, ascending; the clean end follows
    #: int64 (K,), ascending: the index into ``levels`` of each frame; S = the clean end
    at: NDArray[np.int64]

    def __post_init__(self) -> None:
        self.levels.flags.writeable = False
        self.at.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Trajectory:
    """K frames of N sprites, noisiest first.

    ``x_t = signal * x0 + noise_std * epsilon`` holds in every frame, with
    ``signal**2 + noise_std**2 = 1`` (variance-preserving); hence epsilon is not stored.

    Parameters
    ----------
    kind : "forward" (x0 is the sprite itself) or "reverse" (x0 is predicted).
    t : float32 (K,), noise level from T (noise) down to 0 (clean).
    log_snr : float32 (K,), finite.
    x_t : (K, N, H, W, 3), unclipped; float16, or float32 where :func:`stored_type` says so, as are
        ``x0``, ``alpha`` and ``noisy_alpha``.
    x0 : (K, N, H, W, 3) in [-1, 1].
    alpha : (K, N, H, W) in [-1, 1], transparent to opaque: the alpha of x0, as predicted by
        a model that draws it; None for others.
    x0_uncond : float16 (K, N, H, W, 3) in [-1, 1], the prediction that guidance steers away from:
        for no class, or for the negative one. None without guidance.
    x0_free : float16 (K, N, H, W, 3) in [-1, 1], what the network itself predicts, before kept
        pixels and other constraints change it to ``x0``. None without a drawing, or if unknown.
    noisy_alpha : (K, N, H, W), unclipped: the alpha of x_t; None if ``alpha`` is.
    branched_at : the first frame of its own; earlier ones belong to the trajectory that it left,
        and ``config`` describes the rest. None = ``config`` reproduces all of it.
    model : key of the model that drew it, "" = none or unknown.
    walk : the planned levels, if these frames are only some of them; None = they are all.
    prompts : the N prompts of the sprites; () = unknown.
    forward : settings of a forward process; None = unknown, or a reverse one.
    """

    kind: Literal["forward", "reverse"]
    t: NDArray[np.float32]
    log_snr: NDArray[np.float32]
    x_t: NDArray[Stored]
    x0: NDArray[Stored]
    config: SampleConfig | None = None
    alpha: NDArray[Stored] | None = None
    x0_uncond: NDArray[np.float16] | None = None
    x0_free: NDArray[np.float16] | None = None
    noisy_alpha: NDArray[Stored] | None = None
    branched_at: int | None = None
    model: str = ""
    walk: Walk | None = None
    prompts: tuple[Prompt, ...] = ()
    forward: ForwardConfig | None = None

    def __post_init__(self) -> None:
        for array in (self.t, self.log_snr, *self.pictures.values()):
            array.flags.writeable = False

    @property
    def pictures(self) -> dict[str, NDArray[Stored]]:
        """The :data:`PICTURES` that it has, by name."""
        found = {name: getattr(self, name) for name in PICTURES}
        return {name: array for name, array in found.items() if array is not None}

    def __len__(self) -> int:
        return len(self.t)

    @property
    def count(self) -> int:
        """How many sprites each frame has."""
        return self.x_t.shape[1]

    def planned(self, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The planned log-SNRs up to and including frame ``k``, and those after it."""
        levels, at = self.log_snr[:-1].astype(np.float64), k
        if self.walk is not None:
            levels, at = self.walk.levels, int(self.walk.at[k])
        return levels[: at + 1], levels[at + 1 :]

    def steps_left(self, k: int) -> int:
        """Number of steps from frame ``k`` on, including the frame's own."""
        return 0 if k == len(self) - 1 else 1 + len(self.planned(k)[1])

    def signal(self, k: int) -> float:
        """The scale of the clean sprite in frame ``k``: sqrt(sigmoid(log_snr))."""
        return alpha_std_at(self.log_snr[k])[0]

    def noise_std(self, k: int) -> float:
        """The standard deviation of the noise in frame ``k``."""
        return alpha_std_at(self.log_snr[k])[1]

    def epsilon(self, k: int, which: slice = slice(None)) -> NDArray[np.float32]:
        """The noise in frame ``k``, float32 (N, H, W, 3): (x_t - signal x0) / noise_std.

        ``which`` : of these sprites alone.
        """
        k = self.noise_frame(k)
        x_t, x0 = (a[k, which].astype(np.float32) for a in (self.x_t, self.x0))
        return ((x_t - self.signal(k) * x0) / self.noise_std(k)).astype(np.float32)

    def noise_frame(self, k: int) -> int:
        """The frame whose noise best approximates that of frame ``k``: the noisiest one if all have
        the same noise, since rounding to float16 blurs faint noise.
        """
        return 0 if self.forward is not None and self.forward.noise == "one" else k

    def final(self) -> NDArray[np.float32]:
        """The last frame's x_t: float32 (N, H, W, 3), the finished sprites."""
        return self.x_t[-1].astype(np.float32)

    def rgba(self, k: int = -1) -> NDArray[np.uint8]:
        """The clean sprites of frame ``k``, by default the finished ones, uint8 (N, H, W, 4).

        Colors are as composited on white. If the model draws no alpha, white connected to the
        border is transparent.
        """
        alpha = None if self.alpha is None else to_pixels(self.alpha[k])
        return with_alpha(to_pixels(self.x0[k]), alpha)

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.pictures.values())

    @property
    def drawn_by(self) -> str:
        """Title of the model that drew it; "" = none or unknown."""
        return self.model.rpartition(", step ")[0] or self.model

    @property
    def made_by(self) -> SampleConfig | None:
        """The settings that reproduce it; None if they are unknown or insufficient."""
        return self.config if self.branched_at is None else None

    def take(self, sprites: Sequence[int], config: SampleConfig | None = None) -> Trajectory:
        """The trajectory of some of its sprites, in that order; ``config``: theirs."""
        return self._of(np.asarray(sprites), config)

    def one(self, sprite: int) -> Trajectory:
        """The trajectory of one sprite, with the settings that reproduce it alone."""
        config = self.config
        if config is not None:
            # A sheet has more sprites than the count in its settings.
            index = config.picked[sprite] if config.picked else config.first_index + sprite
            config = replace(config, count=1, first_index=index, picked=())
        return self._of(slice(sprite, sprite + 1), config)

    def _of(self, which: slice | NDArray[np.intp], config: SampleConfig | None) -> Trajectory:
        asked = np.arange(self.count)[which] if self.prompts else ()
        pictures: Any = {name: array[:, which] for name, array in self.pictures.items()}
        prompts = tuple(self.prompts[i] for i in asked)
        return replace(self, config=config, prompts=prompts, **pictures)
