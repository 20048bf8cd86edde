"""Sprites from noise that lies between other noises, each with a class mix of its own."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sprite_lab.core.between import Sheet
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.race import adds_noise
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.guidance import Guidance, guided
from sprite_lab.diffusion.methods import method
from sprite_lab.diffusion.parameterization import q_sample
from sprite_lab.diffusion.sampler import Point, walk
from sprite_lab.diffusion.schedule import CLEAN_LOG_SNR
from sprite_lab.engine.conditions import constraints_for, finished
from sprite_lab.engine.models import Model
from sprite_lab.engine.runtime import autocast, flushed_denormals, memory_format, use_bf16
from sprite_lab.engine.sampling import resolved, stored
from sprite_lab.engine.walking import level, levels_of


def between_iter(
    model: Model, sheet: Sheet, config: SampleConfig, control: RunControl
) -> Run[Trajectory]:
    """Draw every cell of a sheet, all at once, as one reverse trajectory.

    A corner comes out as :func:`engine.sampling.sample_iter` draws sprite 0 of its seed and
    class. A student adds fresh noise between its evaluations: it is that of sprite 0 of the
    first corner in every cell, so that neighbours differ by no more than noise and classes.

    Parameters
    ----------
    config : sampler, steps, guidance and colours; its count, seed and classes do not count.

    Raises
    ------
    ConfigError
        For a sampler that adds fresh noise to each sprite, a drawing, or an unknown class.
    """
    settings = resolved([config], model)
    if settings.sampler != "student" and adds_noise(settings):
        raise ConfigError(
            "Between two noises nothing is to be seen where fresh noise comes in on the way: "
            "choose a sampler that adds none."
        )
    if settings.drawing is not None:
        raise ConfigError("Between two noises there is no drawing to start from.")
    assert settings.steps is not None
    count, device = sheet.rows * sheet.columns, model.device
    levels = levels_of(model, settings.sampler, settings.steps, None)
    log_snrs = model.schedule.log_snr(levels).tolist()
    shape = tuple(model.denoiser.data_mean.shape)
    guidance = Guidance(
        context=model.context([sheet.mix(cell) for cell in range(count)]),
        scale=torch.full((count,), settings.guidance_scale, device=device),
        negative=model.context([()] * count),
    )
    bf16 = use_bf16(settings.precision, device)

    def denoise(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        with torch.inference_mode(), autocast(device, bf16), flushed_denormals():
            x_t = x_t.contiguous(memory_format=memory_format(device))
            return guided(model.denoiser, x_t, log_snr, guidance)

    rng = np.random.default_rng([sheet.corners[0].seed, 0])
    rng.standard_normal(shape, np.float32)  # x_T

    def noise() -> Tensor:
        drawn = torch.from_numpy(rng.standard_normal(shape, np.float32))
        return drawn.to(device).expand(count, *shape)

    epsilon = torch.from_numpy(sheet.noise(shape)).to(device)
    x_t = q_sample(model.denoiser.data_mean, epsilon, *level(log_snrs[0]))
    constraints = constraints_for(settings, None, device)
    points: list[Point] = []
    for point in walk(denoise, x_t, log_snrs, method(settings), noise, constraints=constraints):
        points.append(point)
        yield Progress(len(points), len(log_snrs), "Drawing the sheet")
        if control.stop_requested:
            break
    x0 = finished(point.x0, point.log_snr, constraints)
    points.append(Point(x0, x0, torch.zeros_like(x0), CLEAN_LOG_SNR))
    log_snr = np.array([point.log_snr for point in points])
    predicted = np.stack([stored(point.x0) for point in points])
    return Trajectory(
        kind="reverse",
        t=model.schedule.t_of(log_snr).astype(np.float32),
        log_snr=log_snr.astype(np.float32),
        x_t=np.stack([stored(point.x_t) for point in points])[..., :3],
        x0=predicted[..., :3],
        alpha=predicted[..., 3] if predicted.shape[4] == 4 else None,
    )
