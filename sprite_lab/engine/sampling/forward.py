"""The forward process: a drawing step by step destroyed. numpy only, so it is there at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import ScheduleConfig
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import to_model_space
from sprite_lab.core.trajectories.trajectory import Trajectory, stored_type
from sprite_lab.diffusion.schedule import NoiseSchedule


def forward_iter(
    images: NDArray[np.uint8], schedule: ScheduleConfig, seed: int, control: RunControl
) -> Run[Trajectory]:
    """Walk the Markov chain q(x_t | x_{t-1}) from t = 0 to T, keeping all T + 1 frames.

    ``x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) z_t`` with fresh noise at every step
    (Sohl-Dickstein et al. 2015; Ho et al. 2020, eq. 2), drawn for sprite i from
    ``numpy.random.default_rng([seed, i])``. Stored noisiest first, like every trajectory.

    Parameters
    ----------
    images : uint8 (N, H, W, 3).
    """
    noise_schedule = NoiseSchedule(schedule)
    timesteps = noise_schedule.timesteps
    x0 = to_model_space(images)
    rngs = [np.random.default_rng([seed, i]) for i in range(len(images))]
    levels = np.arange(timesteps, -1, -1)
    log_snr = noise_schedule.log_snr(levels)
    kept = stored_type(log_snr)
    x_t = np.empty((timesteps + 1, *x0.shape), kept)
    x = x0
    x_t[timesteps] = x
    for t, beta in enumerate(noise_schedule.betas, start=1):
        z = np.stack([rng.standard_normal(x0.shape[1:], np.float32) for rng in rngs])
        x = np.float32(np.sqrt(1 - beta)) * x + np.float32(np.sqrt(beta)) * z
        x_t[timesteps - t] = x
        if t % 25 == 0:
            yield Progress(t, timesteps, "Adding noise")
            if control.stop_requested:
                break
    reached = slice(timesteps - t, None)  # all of them unless stopped
    clean = np.broadcast_to(x0.astype(kept), x_t.shape)
    return Trajectory(
        kind="forward",
        t=levels[reached].astype(np.float32),
        log_snr=log_snr[reached].astype(np.float32),
        x_t=x_t[reached],
        x0=clean[reached],
    )
