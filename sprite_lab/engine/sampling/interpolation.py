"""Sprites from interpolated noise, each with its own class mix."""

from __future__ import annotations

from dataclasses import replace

import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectories.interpolation import Sheet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.denoise_loop import Row, Start, planned, strengths
from sprite_lab.engine.sampling.reverse import Sprites, record_iter, resolved


def between_iter(
    model: Model, sheet: Sheet, config: SampleConfig, control: RunControl
) -> Run[Trajectory]:
    """Draw all cells of a sheet as one reverse trajectory.

    A corner looks like sprite 0 of its seed and class as ``sample_iter`` draws it without dealing
    prompts. Yields the records of ``sample_iter``.

    ``config``: sampler, steps, guidance and colors; its count, seed and classes are ignored. Raises
    ConfigError for a sampler that adds fresh noise to each sprite, a drawing, or an unknown class.
    """
    settings = resolved([config], model)
    if settings.is_random:
        raise ConfigError(
            "Fresh noise would hide what lies between two noises: choose a sampler that adds none."
        )
    if settings.drawing is not None:
        raise ConfigError("Interpolation between noises cannot start from a drawing.")
    log_snrs = planned(model, settings)
    # Every row has the seed of the first corner, and its x_T is given. No prompts are dealt: if
    # each corner had its own, there would be nothing in between.
    settings = replace(settings, deal_prompts=False)
    rows = [Row(0, sheet.settings(cell, settings), None) for cell in range(len(sheet))]
    mean = model.denoiser.data_mean
    epsilon = torch.from_numpy(sheet.noise(mean.shape)).to(model.device)
    start = Start(q_sample(mean, epsilon, *strengths(log_snrs[0])), None, 0, log_snrs[0])
    found = yield from record_iter(model, Sprites(rows, settings), log_snrs, control, start=start)
    return replace(found, branched_at=0)  # its settings alone do not reproduce it
