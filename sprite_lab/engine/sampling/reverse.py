"""The reverse process, optionally with every step recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config import (
    CLEAN_LOG_SNR,
    DEFAULT_SAMPLER,
    SAMPLERS,
    SHARED_SETTINGS,
    SampleConfig,
)
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Notice, Preview, Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.shares import merged, share_of
from sprite_lab.core.trajectories.trajectory import Stored, Trajectory, Walk, stored_type
from sprite_lab.diffusion.guidance import TAUGHT_GUIDANCE
from sprite_lab.diffusion.sampler import Point
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.denoise_loop import (
    Row,
    Start,
    guides,
    planned,
    rows_of,
    walk_rows,
)
from sprite_lab.words import tr, trn

#: Number of sprites denoised at once.
BATCH = 128

#: The default limit of a recorded trajectory, in bytes: 64 sprites in 1,000 steps, guided and with
#: alpha, take 361 MB.
MOST_RECORDED = 400_000_000


class _Extras(NamedTuple):
    """Whether more than x_t and x0 is recorded, because a sprite is guided or has a drawing."""

    guided: bool = False
    drawn: bool = False

    @classmethod
    def of(cls, model: Model, rows: list[Row]) -> _Extras:
        return cls(guides(model, rows), any(row.drawing is not None for row in rows))


class _Frame(NamedTuple):
    """The recorded state at a level: (N, H, W, C) each."""

    k: int
    x_t: NDArray[Stored]
    x0: NDArray[Stored]
    x0_uncond: NDArray[np.float16] | None
    x0_free: NDArray[np.float16] | None

    @classmethod
    def of(cls, k: int, point: Point, extras: _Extras, kind: type[np.floating]) -> _Frame:
        unguided = point.x0 if point.x0_uncond is None else point.x0_uncond
        free = point.x0 if point.x0_free is None else point.x0_free
        return cls(
            k,
            stored(point.x_t).astype(kind),
            stored(point.x0).astype(kind),
            stored(unguided).astype(np.float16) if extras.guided else None,
            stored(free).astype(np.float16) if extras.drawn else None,
        )


class Sprites(NamedTuple):
    """Rows to draw, and their shared settings as :func:`resolved` returns them."""

    rows: list[Row]
    settings: SampleConfig


def sample_iter(
    model: Model,
    configs: Sequence[SampleConfig],
    control: RunControl,
    *,
    record: bool = True,
    most_recorded: int | None = None,
) -> Run[Trajectory]:
    """Draw the sprites of all ``configs``, in order, as one reverse trajectory.

    Each sprite's noise comes from ``numpy.random.default_rng([seed, index])`` as float32 pictures
    (C, H, W), in this order: x_T; the noise of the drawing, if there is one; then one for each step
    that adds noise and for each step back. With variations, each of these pictures is rotated
    toward the corresponding one of the variation's seed. Apart from rounding, neither batch nor
    device changes a sprite, because by default the network computes in float32: bfloat16 is so
    coarse that pixels may change color. With a single configuration, the trajectory's config
    records the precision and reproduces the sprites; with several, it is None.

    Yields Progress, and a Preview of the predicted clean sprites whenever one is wanted. When
    stopped, it returns the frames so far. If all frames would take more than ``most_recorded``, as
    many as fit are kept, evenly spaced, and a Notice says so.

    Raises ConfigError if the configurations differ in shared settings, name an unknown class or a
    level that the model lacks, or hold a drawing of the wrong size, and NotFiniteError if the
    model's output is not finite.

    Parameters
    ----------
    control : with a SharedControl, each process draws a part of the sprites and all return the same
        trajectory; recording is not possible then.
    record : False keeps only the finished sprites (K = 1).
    most_recorded : maximum size of the trajectory, in bytes; None = MOST_RECORDED.
    """
    settings = resolved(configs, model)
    rows = [row for config in configs for row in rows_of(config, model)]
    yield from _in_vain(configs, settings, model, rows)
    most = MOST_RECORDED if most_recorded is None else most_recorded
    trajectory = yield from record_iter(
        model,
        Sprites(rows, settings),
        planned(model, settings),
        control,
        most=most if record else None,
    )
    return trajectory if len(configs) == 1 else replace(trajectory, config=None)


def record_iter(
    model: Model,
    sprites: Sprites,
    log_snrs: Sequence[float],
    control: RunControl,
    *,
    most: int | None = MOST_RECORDED,
    start: Start | None = None,
) -> Run[Trajectory]:
    """Denoise all sprites along the given levels, and record their trajectory; see
    :func:`sample_iter`.

    Parameters
    ----------
    log_snrs : rising; the clean end follows.
    most : maximum size of the recorded frames, in bytes; None = keep only the finished sprites.
    start : the initial state of all rows; None = pure noise.
    """
    rows, settings = sprites
    log_snr = np.array([*log_snrs, CLEAN_LOG_SNR])
    last = len(log_snrs)
    extras = _Extras() if most is None else _Extras.of(model, rows)
    kind, keep = _kept(model, rows, extras, log_snr, most)
    if most is not None and len(keep) <= last:
        whole = _frame_bytes(model, rows, extras) * (last + 1)
        yield Notice(
            tr(
                "All {steps:,} steps of {sprites:,} sprites would take {whole:,.0f} MB, and "
                "recorded steps may take {most:,.0f} MB: {kept:,} of them, evenly spread, are "
                "kept, and {dropped:,} were dropped.",
                steps=last + 1,
                sprites=len(rows),
                whole=whole / 1e6,
                most=most / 1e6,
                kept=len(keep),
                dropped=last + 1 - len(keep),
            )
        )
    chunks = _chunks(rows)
    chunks = [chunks[i] for i in share_of(control, range(len(chunks)))]
    done, total = 0, last * sum(map(len, chunks))
    drawn: list[NDArray[np.int64]] = []
    recorded: dict[str, list[AnyArray]] = {name: [] for name in _Frame._fields if name != "k"}
    visited = list(keep)
    for chunk in chunks:
        frames: list[_Frame] = []
        begin = None if start is None else start.of(chunk)
        points = walk_rows(model, [rows[i] for i in chunk], settings, log_snrs, begin)
        for k, point in enumerate(points):
            log_snr[k] = point.log_snr  # churn raises the noise above the planned levels
            if k in keep:
                frames.append(_Frame.of(k, point, extras, kind))
            if k < last:
                done += len(chunk)
                yield Progress(done, total, tr("Sampling"))
                if control.take_preview_credit():
                    yield _preview(k, point.x0, model)
            if control.stop_requested and k < last - 1:
                break
        # Without even a single frame, the last prediction is all there is.
        frames = frames or [_Frame.of(last, point._replace(x_t=point.x0), _Extras(), kind)]
        if k < last and drawn:
            break  # this chunk is incomplete: keep only those before it
        visited = [frame.k for frame in frames]
        drawn.append(np.array(chunk, np.int64))
        for name, parts in recorded.items():
            if getattr(frames[0], name) is not None:
                parts.append(np.stack([getattr(frame, name) for frame in frames]))
        if control.stop_requested:
            break

    order = merged(control, drawn)
    back = np.argsort(order)
    t = model.schedule.t_of(log_snr)
    noisy, clean = (merged(control, recorded[name], axis=1)[:, back] for name in ("x_t", "x0"))
    x0_uncond, x0_free = (
        np.concatenate(recorded[name], axis=1)[:, back, ..., :3] if recorded[name] else None
        for name in ("x0_uncond", "x0_free")
    )
    model.check_numbers(clean[-1])
    with_alpha = clean.shape[4] == 4
    return Trajectory(
        kind="reverse",
        t=t[visited].astype(np.float32),
        log_snr=log_snr[visited].astype(np.float32),
        x_t=noisy[..., :3],
        x0=clean[..., :3],
        config=settings,
        alpha=clean[..., 3] if with_alpha else None,
        x0_uncond=x0_uncond,
        x0_free=x0_free,
        noisy_alpha=noisy[..., 3] if with_alpha else None,
        model=model.key,
        prompts=tuple(rows[i].prompt(model) for i in order[back]),
        walk=Walk(np.array(log_snrs, np.float64), np.array(visited, np.int64)),
    )


def _frame_bytes(
    model: Model, rows: list[Row], extras: _Extras, kind: type[np.floating] = np.float16
) -> int:
    """The size of a frame of all sprites, in bytes."""
    values = 2 * model.denoiser.config.channels * np.dtype(kind).itemsize
    values += 2 * 3 * sum(extras)
    return values * model.image_size**2 * len(rows)


def _kept(
    model: Model,
    rows: list[Row],
    extras: _Extras,
    log_snr: NDArray[np.float64],
    most_bytes: int | None,
) -> tuple[type[np.floating], Sequence[int]]:
    """The dtype of recorded frames, and their indices: all, or as many as fit, including both
    ends."""
    frames, kind = len(log_snr), stored_type(log_snr)
    if most_bytes is None:
        return np.float16, range(frames - 1, frames)
    if _frame_bytes(model, rows, extras, kind) * frames <= most_bytes:
        # float32 if there is room: float16 would round faint noise.
        return kind, range(frames)
    most = most_bytes // _frame_bytes(model, rows, extras)
    if most < min(frames, 2):
        raise ConfigError(
            "Even two steps of {count:,} sprites would take more than the "
            "{value:,.0f} MB that recorded steps may take: draw fewer "
            "sprites at once, or give them more memory.",
            count=len(rows),
            value=max(0, most_bytes) / 1e6,
        )
    if frames <= most:
        return np.float16, range(frames)
    return np.float16, [int(k) for k in np.linspace(0, frames - 1, most).round()]


def resolved(configs: Sequence[SampleConfig], model: Model) -> SampleConfig:
    """The settings that all configurations share, completed with the model's defaults.

    Raises the ConfigErrors of :func:`sample_iter`.
    """
    if not configs:
        raise ConfigError("There is nothing to sample: give at least one configuration.")
    if len({config.manner for config in configs}) > 1:
        raise ConfigError(
            "Sprites drawn together must agree on {shared_settings}, "
            "and all or none must start from a drawing.",
            shared_settings=", ".join(SHARED_SETTINGS),
        )
    first = configs[0]
    if first.sampler == "student" and not model.is_student:
        raise ConfigError(
            "The sampler 'student' needs a student: make one with 'sprite-lab distill', or choose "
            "another sampler."
        )
    if model.is_student and any(config.negative_class for config in configs):
        raise ConfigError(
            "A student was not taught to steer away from a class: leave 'negative_class' out, or "
            "use its teacher."
        )
    for t in (first.start_t, *(first.guidance_interval or ())):
        if t is not None and t > model.timesteps:
            raise ConfigError(
                "There is no noise level {t:g}: the model's T is {timesteps}.",
                t=t,
                timesteps=model.timesteps,
            )
    sampler = first.sampler or ("student" if model.is_student else DEFAULT_SAMPLER)
    known = SAMPLERS[sampler]
    steps = first.steps or known.usual_steps(model.timesteps)
    # A setting without effect is not recorded.
    autoguidance = 0.0 if model.weak is None or model.is_student else first.autoguidance
    scale = first.guidance_scale
    if model.is_student:
        scale = min(max(scale, TAUGHT_GUIDANCE[0]), TAUGHT_GUIDANCE[1])
    return replace(
        first,
        sampler=sampler,
        steps=min(steps, known.most_steps(model.timesteps)),
        spacing="shape" if sampler == "student" else first.spacing,
        precision="bf16" if first.precision == "bf16" else "fp32",
        autoguidance=autoguidance,
        guidance_scale=scale,
        # A student's prediction is not a mean over possible sprites.
        inpainting="repaint" if model.is_student else first.inpainting,
    )


def _in_vain(
    configs: Sequence[SampleConfig], settings: SampleConfig, model: Model, rows: list[Row]
) -> Iterator[Notice]:
    """Notices about explicit settings that this model limits or that have no effect with it.

    ``settings``: from :func:`resolved`.
    """
    assert settings.sampler is not None
    assert settings.steps is not None
    if (steps := configs[0].steps or 0) > settings.steps:
        yield Notice(
            trn(
                "With the sampler {sampler}, this model takes at most {n:,} step; {steps:,} is "
                "drawn as that.",
                "With the sampler {sampler}, this model takes at most {n:,} steps; {steps:,} is "
                "drawn as that.",
                settings.steps,
                sampler=tr(SAMPLERS[settings.sampler].label),
                steps=steps,
            )
        )
    usual, scales = SampleConfig(), [config.guidance_scale for config in configs]
    most, least = max(scales), min(scales)
    asked = any(row.prompt(model) != Prompt() or row.config.negative_class for row in rows)
    if not asked and most not in (1.0, usual.guidance_scale):
        yield Notice(
            tr(
                "Guidance {most:g} does nothing here: no class, word or style is asked for that it "
                "could steer toward.",
                most=most,
            )
        )
    elif model.is_student and most > TAUGHT_GUIDANCE[1]:
        yield Notice(
            tr(
                "This student was taught guidance up to {taught:g}; {most:g} is drawn as that. Its "
                "teacher can be guided further.",
                taught=TAUGHT_GUIDANCE[1],
                most=most,
            )
        )
    elif model.is_student and least < TAUGHT_GUIDANCE[0]:
        yield Notice(
            tr(
                "This student was taught guidance from {taught:g} on; {least:g} is drawn as that. "
                "Its teacher can be guided less.",
                taught=TAUGHT_GUIDANCE[0],
                least=least,
            )
        )
    weak = model.weak is not None and not model.is_student
    if configs[0].autoguidance not in (0.0, usual.autoguidance) and not weak:
        yield Notice(
            tr("Autoguidance does nothing here: no weak version of this model lies beside it.")
        )


def _chunks(rows: list[Row]) -> list[list[int]]:
    """The rows of each batch. Inpainting uses more noise per step, so it gets its own batches."""
    return [
        same[start : start + BATCH]
        for inpaints in (False, True)
        if (same := [i for i, row in enumerate(rows) if row.inpaints == inpaints])
        for start in range(0, len(same), BATCH)
    ]


def stored(x: Tensor) -> NDArray[np.float32]:
    """(N, C, H, W) on any device to float32 (N, H, W, C)."""
    return x.to("cpu", torch.float32).permute(0, 2, 3, 1).contiguous().numpy()


def _preview(k: int, x0: Tensor, model: Model) -> Preview:
    sprites = x0.float().cpu().permute(0, 2, 3, 1).numpy()
    model.check_numbers(sprites)
    pixels = to_pixels(sprites)
    pixels.flags.writeable = False
    return Preview(k, pixels[..., :3], pixels[..., 3] if pixels.shape[3] == 4 else None)
