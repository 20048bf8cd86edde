"""One lane of a race: sampling with its evaluations counted and timed."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import Run, RunControl, timed
from sprite_lab.core.trajectories.race import REFERENCE_STEPS, Lane
from sprite_lab.diffusion.denoiser import Denoiser, DenoiserOutput
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter


class CountedDenoiser:
    """A denoiser that counts the noisy sprites given to it (``shown``).

    It wraps the model's denoiser and leaves that unchanged, as others may use it between two steps
    of this run.
    """

    def __init__(self, denoiser: Denoiser) -> None:
        self._denoiser = denoiser
        self.config, self.data_mean = denoiser.config, denoiser.data_mean
        self.shown = 0

    def __call__(self, x_t: torch.Tensor, *rest: object, **named: object) -> DenoiserOutput:
        self.shown += len(x_t)
        return cast(DenoiserOutput, self._denoiser(x_t, *rest, **named))


def lane_iter(
    model: Model, config: SampleConfig, control: RunControl, most_recorded: int | None = None
) -> Run[Lane]:
    """Draw the sprites of ``config`` like ``sample_iter``, counting evaluations and measuring time.

    Sprite i of every lane with the same seed starts from the same noise, that of
    ``numpy.random.default_rng([seed, i])``, so two lanes of one model start from the same x_T.
    """
    yield from _warm_up(model, config)
    counted = CountedDenoiser(model.denoiser)
    weak = None if model.weak is None else CountedDenoiser(model.weak)  # for autoguidance
    run = sample_iter(
        replace(model, denoiser=cast(Denoiser, counted), weak=cast(Denoiser | None, weak)),
        [config],
        control,
        most_recorded=most_recorded,
    )
    trajectory, seconds = yield from timed(run)
    return Lane(
        trajectory=trajectory,
        evaluations=(counted.shown + (0 if weak is None else weak.shown)) / config.count,
        seconds=seconds,
        levels=model.schedule.log_snr(np.arange(model.timesteps + 1)),
    )


def reference_config(config: SampleConfig, timesteps: int) -> SampleConfig:
    """The reference for lanes with the settings of ``config``.

    It has the same noise, classes and guidance, and uses DDIM without fresh noise, in
    REFERENCE_STEPS steps of the usual spacing, or as many as the model has levels if these are
    fewer.
    """
    steps = min(REFERENCE_STEPS, timesteps)
    return replace(config, sampler="ddim", steps=steps, spacing="shape", eta=0.0, churn=0.0)


def _warm_up(model: Model, config: SampleConfig) -> Run[None]:
    """Take one step with the lane's settings, so that torch chooses its kernels before the clock
    starts."""
    for _ in sample_iter(model, [replace(config, steps=1)], RunControl(), record=False):
        yield None
