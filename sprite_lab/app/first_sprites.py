"""What a newcomer sees: the noise that a model will begin with, and sprites coming out of it."""

from __future__ import annotations

import numpy as np

from sprite_lab.core.config import SampleConfig, ScheduleConfig
from sprite_lab.core.trajectory import Trajectory

#: Sprites that are shown for a start.
COUNT = 16

SIZE = 16


def first_config(class_names: tuple[str, ...]) -> SampleConfig:
    """What is generated unasked: classes dealt out, by the model's own sampler in its own steps."""
    return SampleConfig(count=COUNT, classes=class_names)


def first_noise() -> Trajectory:
    """The first frame of what :func:`first_config` gives, before there is a model.

    The noise is drawn as the sampler draws it, so nothing moves when the rest arrives; of the
    clean sprites nothing is known yet, so they are blank.
    """
    # Imported here, for only a first launch needs it before its window is shown.
    from sprite_lab.diffusion.schedule import NoiseSchedule  # noqa: PLC0415

    schedule = NoiseSchedule(ScheduleConfig())
    t = np.array([schedule.timesteps], np.float32)
    config = first_config(())
    rngs = [np.random.default_rng([config.seed, index]) for index in range(COUNT)]
    noise = np.stack([rng.standard_normal((3, SIZE, SIZE), np.float32) for rng in rngs])
    x_t = np.moveaxis(noise, 1, 3)[None].astype(np.float16)
    return Trajectory(
        kind="reverse",
        t=t,
        log_snr=schedule.log_snr(t).astype(np.float32),
        x_t=x_t,
        x0=np.ones_like(x_t),
    )
