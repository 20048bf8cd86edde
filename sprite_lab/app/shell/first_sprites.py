"""The sprites of a first launch: noise, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from sprite_lab.core.config import ForwardConfig, SampleConfig, ScheduleConfig
from sprite_lab.core.config.base import Config
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.trajectories.trajectory import Trajectory

#: Number of the first sprites.
COUNT = 16

SIZE = 16

#: Key in ``Preferences.pages`` of the panel chosen last in See: "forward", "reverse" or "branch".
PROCESS = "see.process"

#: Key in ``Preferences.forms`` of the indices, in the set, of the sprites that dissolved last.
DISSOLVED = "see.dissolved"

#: Key in ``Preferences.forms`` of the settings with which they dissolved, a :class:`Dissolving`.
DISSOLVING = "see.dissolving"

#: Key in ``Preferences.pages`` of the kind of trajectory shown last: "forward" or "reverse".
SHOWN = "see.shown"


@dataclass(frozen=True)
class Dissolving(Config):
    """Settings of the forward process in See."""

    config: ForwardConfig = field(default_factory=ForwardConfig)
    of_model: bool = True  #: whether to use the schedule of whichever model is open


def last_dissolving(forms: Mapping[str, object]) -> Dissolving:
    """The settings of the last session, or the defaults."""
    with suppress(ConfigError):  # written by another version
        return Dissolving.from_json(forms.get(DISSOLVING, {}))
    return Dissolving()


def first_config(class_names: tuple[str, ...]) -> SampleConfig:
    """Settings of the first sprites: classes in turn, the model's default sampler."""
    return SampleConfig(count=COUNT, classes=class_names)


def first_noise() -> Trajectory:
    """The first frame of the sprites of :func:`first_config`, before the model is loaded.

    It has the sampler's noise, so nothing moves when the other frames arrive; predictions are
    blank.
    """
    # Imported here because only a first launch needs it before the window is shown.
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
