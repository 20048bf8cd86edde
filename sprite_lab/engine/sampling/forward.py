"""The forward process: a drawing destroyed step by step. NumPy only, so it is available at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ForwardConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import to_model_space
from sprite_lab.core.trajectories.trajectory import Trajectory, stored_type
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.words import tr


def forward_iter(
    images: NDArray[np.uint8], config: ForwardConfig, control: RunControl
) -> Run[Trajectory]:
    """Dissolve sprites from t = 0 to T, keeping all T + 1 frames, noisiest first.

    If stopped, it returns the frames so far.

    With one noise, frames are drawn from q(x_t | x_0) with the same ε at every level:
    ``x_t = sqrt(ᾱ_t) x_0 + sqrt(1 - ᾱ_t) ε`` (Ho et al. 2020, eq. 4). With fresh noise they walk
    the Markov chain q(x_t | x_{t-1}): ``x_t = sqrt(1 - β_t) x_{t-1} + sqrt(β_t) z_t``
    (Sohl-Dickstein et al. 2015; Ho et al. 2020, eq. 2). Each frame on its own has the same
    distribution either way. All noise of sprite i comes from ``numpy.random.default_rng([seed,
    i])``.

    ``images``: uint8 (N, H, W, 3).
    """
    schedule = NoiseSchedule(config.schedule, config.bend)
    timesteps = schedule.timesteps
    x0 = to_model_space(images)
    rngs = [np.random.default_rng([config.seed, i]) for i in range(len(images))]

    def noise() -> NDArray[np.float32]:
        return np.stack([rng.standard_normal(x0.shape[1:], np.float32) for rng in rngs])

    every = np.arange(timesteps, -1, -1)
    log_snr = schedule.log_snr(every)
    kept = stored_type(log_snr)
    x_t = np.empty((timesteps + 1, *x0.shape), kept)
    epsilon = noise() if config.noise == "one" else None
    x = x0
    x_t[timesteps] = x
    levels = zip(schedule.betas, schedule.alphas_cumprod, strict=True)
    for t, (beta, left) in enumerate(levels, start=1):
        if epsilon is None:
            x = np.float32(np.sqrt(1 - beta)) * x + np.float32(np.sqrt(beta)) * noise()
        else:
            x = np.float32(np.sqrt(left)) * x0 + np.float32(np.sqrt(1 - left)) * epsilon
        x_t[timesteps - t] = x
        if t % 25 == 0:
            yield Progress(t, timesteps, tr("Adding noise"))
            if control.stop_requested:
                break
    reached = slice(timesteps - t, None)  # all of them unless stopped
    clean = np.broadcast_to(x0.astype(kept), x_t.shape)
    return Trajectory(
        kind="forward",
        t=every[reached].astype(np.float32),
        log_snr=log_snr[reached].astype(np.float32),
        x_t=x_t[reached],
        x0=clean[reached],
        forward=config,
    )
