"""The reverse process, every step recorded where asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Preview, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import composite, to_model_space, to_pixels
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.diffusion.denoiser import DenoiserOutput
from sprite_lab.diffusion.guidance import guided
from sprite_lab.diffusion.parameterization import epsilon_from_x0, q_sample
from sprite_lab.diffusion.sampler import hold, renoise, step_function
from sprite_lab.diffusion.schedule import alpha_std
from sprite_lab.engine.models import Model

#: Sprites denoised at once.
BATCH = 128

#: How often each step is taken while inpainting, going back up in between, so that what is
#: new fits what is kept (RePaint, Lugmayr et al. 2022, with jump length 1).
RESAMPLES = 4

DEFAULT_DDIM_STEPS = 50


@dataclass(frozen=True)
class _Row:
    """One sprite to draw."""

    index: int
    seed: int
    class_name: str | None
    guidance_scale: float
    drawing: NDArray[np.float32] | None  # (3, H, W) in [-1, 1]
    known: NDArray[np.bool_] | None  # (H, W)

    @property
    def inpaints(self) -> bool:
        return self.known is not None


class _Drawing(NamedTuple):
    """Drawings to start from (N, C, H, W), their noise, and what of them stays (N, 1, H, W)."""

    x0: Tensor
    epsilon: Tensor
    known: Tensor | None


class _Frame(NamedTuple):
    x_t: Tensor  # (N, C, H, W)
    x0: Tensor


def sample_iter(
    model: Model, configs: Sequence[SampleConfig], control: RunControl, *, record: bool = True
) -> Run[Trajectory]:
    """Draw the sprites of all ``configs``, in order, as one reverse trajectory.

    Each sprite's noise comes from ``numpy.random.default_rng([seed, index])`` as float32
    pictures (C, H, W), in this order: x_T; the noise of the drawing, if there is one; then
    one for each step that adds noise and for each step back. Beyond rounding, neither batch
    nor device changes a sprite.

    Yields Progress, and a Preview of the predicted clean sprites whenever one is wanted.
    Stopped, it gives the frames so far.

    Parameters
    ----------
    record : False keeps only the finished sprites (K = 1).

    Raises
    ------
    ConfigError
        If the configurations differ in sampler, steps, eta or start_t, name an unknown
        class, or hold a drawing of another size than the model's.
    """
    first = _agreed(configs)
    rows = [row for config in configs for row in _rows(config, model)]
    steps = first.steps or (
        model.timesteps if first.sampler == "ddpm" else min(DEFAULT_DDIM_STEPS, model.timesteps)
    )
    if first.start_t is not None and first.start_t > model.timesteps:
        raise ConfigError(f"'start_t' is {first.start_t}, but the model's T is {model.timesteps}.")
    levels = model.schedule.levels(steps, first.start_t)

    # Inpainting draws more noise a step, so such rows are kept apart from the others.
    order = sorted(range(len(rows)), key=lambda i: rows[i].inpaints)
    chunks: list[list[int]] = []
    for i in order:
        fits = chunks and rows[chunks[-1][0]].inpaints == rows[i].inpaints
        if not fits or len(chunks[-1]) == BATCH:
            chunks.append([])
        chunks[-1].append(i)

    total = len(levels) * len(rows)
    done = 0
    finished: list[int] = []
    x_t: list[NDArray[np.float16]] = []
    x0: list[NDArray[np.float16]] = []
    visited = len(levels) + 1
    for chunk in chunks:
        frames: list[tuple[NDArray[np.float16], NDArray[np.float16]]] = []
        steps_run = _denoise(model, [rows[i] for i in chunk], first, levels)
        for k, frame in enumerate(steps_run):
            if record or k == len(levels):
                frames.append((_store(frame.x_t), _store(frame.x0)))
            done += len(chunk) if k < len(levels) else 0
            yield Progress(done, total, "Sampling")
            if control.take_preview_credit():
                yield Preview(k, _pixels(frame.x0))
            if control.stop_requested and k < len(levels):
                frames = frames or [(_store(frame.x0), _store(frame.x0))]
                break
        if control.stop_requested and len(frames) < (visited if record else 1) and finished:
            break  # chunks before this one are whole
        visited = len(frames)
        finished += chunk
        x_t.append(np.stack([frame[0] for frame in frames]))
        x0.append(np.stack([frame[1] for frame in frames]))
        if control.stop_requested:
            break

    back = np.argsort(finished)
    t = np.append(levels, 0.0)
    t = t[-1:] if not record else t[:visited]
    return Trajectory(
        kind="reverse",
        t=t.astype(np.float32),
        log_snr=model.schedule.log_snr(t).astype(np.float32),
        x_t=np.concatenate(x_t, axis=1)[:, back],
        x0=np.concatenate(x0, axis=1)[:, back],
        config=first if len(configs) == 1 else None,
    )


@torch.inference_mode()
def _denoised(
    model: Model, x: Tensor, log_snr: float, context: Tensor, scale: Tensor
) -> DenoiserOutput:
    level = torch.full((len(x),), log_snr, dtype=torch.float32, device=x.device)
    return guided(model.denoiser, x, level, context, scale)


def _denoise(
    model: Model, rows: list[_Row], config: SampleConfig, levels: NDArray[np.float64]
) -> Iterator[_Frame]:
    """Yield a _Frame before each step, then the clean end."""
    device, size, channels = model.device, model.image_size, model.denoiser.config.channels
    rngs = [np.random.default_rng([row.seed, row.index]) for row in rows]

    def noise() -> Tensor:
        drawn = [rng.standard_normal((channels, size, size), np.float32) for rng in rngs]
        return torch.from_numpy(np.stack(drawn)).to(device)

    context = model.context([row.class_name for row in rows])
    scale = torch.tensor([row.guidance_scale for row in rows], device=device)
    log_snr = [float(value) for value in model.schedule.log_snr(np.append(levels, 0.0))]
    step = step_function(config.sampler, config.eta)
    stochastic = config.sampler == "ddpm" or config.eta > 0

    # Where a schedule leaves signal at T, x_T is centred on the mean sprite, not on grey.
    x = q_sample(model.denoiser.data_mean, noise(), *_level(log_snr[0]))
    drawing = _drawing(rows, noise, device)
    if drawing is not None and config.start_t is not None:
        x = q_sample(drawing.x0, drawing.epsilon, *_level(log_snr[0]))

    repeats = RESAMPLES if rows[0].inpaints else 1
    for k, (now, then) in enumerate(pairwise(log_snr)):
        alpha, std = _level(now)
        last = k == len(levels) - 1
        for repeat in range(repeats):
            if drawing is not None and drawing.known is not None:
                pinned = q_sample(drawing.x0, drawing.epsilon, alpha, std)
                x = hold(x, drawing.known, pinned)
                x0 = _denoised(model, x, now, context, scale).x0
                x0 = hold(x0, drawing.known, drawing.x0)
                denoised = DenoiserOutput(x0, epsilon_from_x0(x, x0, alpha, std))
            else:
                denoised = _denoised(model, x, now, context, scale)
            if repeat == 0:
                yield _Frame(x, denoised.x0)
            if last:
                x = denoised.x0
                break
            following = step(x, denoised, now, then, noise() if stochastic else x)
            again = repeat < repeats - 1
            x = renoise(following, then, now, noise()) if again else following
    yield _Frame(x, x)


def _level(log_snr: float) -> tuple[Tensor, Tensor]:
    alpha, std = alpha_std(log_snr)
    return torch.tensor(float(alpha)), torch.tensor(float(std))


def _drawing(
    rows: list[_Row], noise: Callable[[], Tensor], device: torch.device
) -> _Drawing | None:
    drawings = [row.drawing for row in rows if row.drawing is not None]
    if not drawings:
        return None
    known = [row.known for row in rows if row.known is not None]
    return _Drawing(
        torch.from_numpy(np.stack(drawings)).to(device),
        noise(),
        torch.from_numpy(np.stack(known)).to(device)[:, None] if known else None,
    )


def _agreed(configs: Sequence[SampleConfig]) -> SampleConfig:
    if not configs:
        raise ConfigError("There is nothing to sample: give at least one configuration.")
    kinds = {(c.sampler, c.steps, c.eta, c.start_t) for c in configs}
    drawn = {c.drawing is None for c in configs}
    if len(kinds) > 1 or len(drawn) > 1:
        raise ConfigError(
            "Sprites drawn together must agree on sampler, steps, eta and start level, "
            "and all or none must start from a drawing."
        )
    return configs[0]


def _rows(config: SampleConfig, model: Model) -> list[_Row]:
    drawing = known = None
    rgba = config.drawing_rgba()
    if rgba is not None:
        if rgba.shape[0] != model.image_size:
            raise ConfigError(
                f"The drawing is {rgba.shape[1]}x{rgba.shape[0]}, "
                f"but the model draws {model.image_size}x{model.image_size}."
            )
        drawing = np.ascontiguousarray(to_model_space(composite(rgba)).transpose(2, 0, 1))
        known = config.known()
    names = config.classes
    indices = range(config.first_index, config.first_index + config.count)
    return [
        _Row(
            index=i,
            seed=config.seed,
            class_name=names[i % len(names)] if names else None,
            guidance_scale=config.guidance_scale,
            drawing=drawing,
            known=known,
        )
        for i in indices
    ]


def _store(x: Tensor) -> NDArray[np.float16]:
    """(N, C, H, W) on any device to float16 (N, H, W, C)."""
    return x.to("cpu", torch.float16).permute(0, 2, 3, 1).contiguous().numpy()


def _pixels(x: Tensor) -> NDArray[np.uint8]:
    pixels = to_pixels(x.float().cpu().permute(0, 2, 3, 1).numpy())
    pixels.flags.writeable = False
    return pixels
