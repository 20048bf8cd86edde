"""The constraints on a sample's trajectory, from its settings: drawings, colors, symmetry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import CLEAN_LOG_SNR, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import composite, to_model_space
from sprite_lab.diffusion.constraints import Hold, Mirror, mirrored
from sprite_lab.diffusion.sampler import Constraint
from sprite_lab.diffusion.snapping import SNAP_LOG_SNR, PaletteLock, Snap
from sprite_lab.engine.models.model import Model


def drawing_for(config: SampleConfig, model: Model) -> NDArray[np.float32] | None:
    """The drawing in the form of the model's data, (C, H, W) in [-1, 1]; None if there is none.

    Raises ConfigError if its size is not the model's, or its silhouette should be kept but the
    model draws no alpha.
    """
    rgba = config.drawing_rgba()
    if rgba is None:
        return None
    if rgba.shape[0] != model.image_size:
        raise ConfigError(
            "The drawing is {width}×{height}, but the model draws {image_size}×{image_size}.",
            width=rgba.shape[1],
            height=rgba.shape[0],
            image_size=model.image_size,
        )
    channels = model.denoiser.config.channels
    if config.keep_alpha and channels != 4:
        raise ConfigError(
            "This model draws no alpha, so it cannot keep a silhouette: "
            "choose a model that was trained on transparent sprites, or turn 'keep_alpha' off."
        )
    pixels = np.concatenate([composite(rgba), rgba[..., 3:]], axis=2)[..., :channels]
    return np.ascontiguousarray(to_model_space(pixels).transpose(2, 0, 1))


def hold(
    configs: Sequence[SampleConfig],
    model: Model,
    drawing: Tensor,
    epsilon: Tensor,
    last: float,
) -> Hold:
    """The pixels of each row's drawing that are kept, and the level until which they are kept.

    Strengths between 0 and 1 are spread from ``last``, the log-SNR of the last evaluation, to T:
    the weakest releases a pixel just before ``last``, so that only strength 0 keeps it to the end.
    """
    release = np.full(drawing.shape, -np.inf, np.float32)
    first_t = float(model.schedule.t_of(last))
    for row, config in zip(release, configs, strict=True):
        strength = config.strength()
        if strength is not None:
            t = first_t + strength * (model.timesteps - first_t)
            row[:] = model.schedule.log_snr(t)
            row[:, strength == 0] = np.inf
            row[:, strength == 1] = -np.inf
        if config.keep_alpha:
            row[3] = np.inf
    # A student uses RePaint, whatever its settings say: see resolved().
    posterior = configs[0].inpainting == "posterior" and not model.is_student
    # If nothing is kept to the end, there is nothing to condition on, and the time can be saved.
    known = posterior and bool(np.isposinf(release).any())
    held = Hold(drawing, epsilon, torch.from_numpy(release).to(drawing.device), known)
    return mirrored(held) if configs[0].symmetric else held


def constraints_for(
    config: SampleConfig,
    held: Hold | None,
    device: torch.device,
    last: float,
    *,
    opaque: bool = False,
    palettes: Tensor | None = None,
) -> list[Constraint]:
    """A sample's constraints, in the order in which they are applied.

    With a sampler that adds fresh noise, only the prediction at ``last``, the log-SNR of the last
    evaluation, is snapped: over many steps, colors would be chosen too early, and 60 steps of DDPM
    had a Fréchet distance of 7.3 instead of 6.6.

    ``opaque``: a palette lock leaves no pixel empty. ``palettes``: the palettes of the sprites'
    styles, as in :class:`Snap`.

    Kept pixels are put in before the colors are chosen, so that their colors are considered, and
    again at the end, so that they are preserved byte for byte.
    """
    found: list[Constraint] = [] if held is None else [held]
    if config.symmetric:
        found.append(Mirror())
    palette = config.palette_rgb()
    if palette is not None:
        colors = torch.from_numpy(to_model_space(palette)).to(device)
        found.append(PaletteLock(colors, opaque))
    elif config.colors:
        start = max(SNAP_LOG_SNR, last if config.adds_noise else -np.inf)
        found.append(Snap(config.colors, start, palettes))
    return found if held is None or len(found) == 1 else [*found, held]


def finished(x0: Tensor, log_snr: float, constraints: Sequence[Constraint]) -> Tensor:
    """The finished sprites from the last prediction, made at ``log_snr``; (N, C, H, W).

    Constraints for the clean end are applied now, if the trajectory ended earlier. Empty pixels are
    white.
    """
    if log_snr < SNAP_LOG_SNR:
        for constraint in constraints:
            x0 = constraint.settle(x0, x0, CLEAN_LOG_SNR)
    if x0.shape[1] == 4:
        # As in 8 bits, alpha below half a level is 0.
        x0 = torch.cat([torch.where(x0[:, 3:] < 1 / 255 - 1, 1.0, x0[:, :3]), x0[:, 3:]], dim=1)
    return x0
