"""Branches: continuing a recorded trajectory from one of its frames, with a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectories.branches import Change
from sprite_lab.core.trajectories.levels import alpha_std_at
from sprite_lab.core.trajectories.trajectory import Trajectory, Walk
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.denoise_loop import Start, levels_of, rows_of, used_until
from sprite_lab.engine.sampling.reverse import MOST_RECORDED, Sprites, record_iter, resolved


def continue_iter(
    model: Model,
    trajectory: Trajectory,
    frame: int,
    change: Change,
    control: RunControl,
    most_recorded: int | None = None,
) -> Run[Trajectory]:
    """Continue from one frame of a reverse trajectory of this model.

    There, ``x_t = signal x0 + noise_std epsilon``; x0 may be edited, epsilon may be redrawn in some
    pixels, and x_t follows from both. An edited x0 serves as the prediction for the next step;
    without one, the model predicts again. A multistep sampler starts without history. With the same
    sampler and steps, the levels are those of the trajectory; otherwise new levels are chosen from
    there down.

    Earlier frames are those of ``trajectory``. Yields the records of
    :func:`~sprite_lab.engine.sampling.reverse.sample_iter`. Raises ConfigError if there is nothing
    to continue from, or the model cannot do what is requested.
    """
    before = _settings(model, trajectory, frame)
    after = resolved([change.settings(before)], model)
    visited, planned = (levels.tolist() for levels in trajectory.planned(frame))
    here, left = float(trajectory.log_snr[frame]), 1 + len(planned)
    steps = change.steps or left
    if steps != left or after.sampler != before.sampler:
        t = max(1.0, float(trajectory.t[frame]))
        levels = levels_of(model, after.sampler, steps, t, after.spacing)[1:]
        planned = model.schedule.log_snr(levels).tolist()
    log_snrs = [here, *(level for level in planned if level > here)]
    # Added noise continues where the original trajectory's left off, so that with the same seed
    # every difference comes from the change and from a multistep sampler's lost history.
    used = used_until(after, [*visited, *log_snrs[1:]], len(visited) - 1)
    x_t, x0 = _changed(trajectory, frame, change, before.indices)
    evaluated = used.evaluations - (x0 is None)  # without x0, this level is evaluated again
    start = Start(x_t, x0, used.noise, noisiest=visited[0], evaluated=evaluated)
    # Churn is spread over all steps, of which these are only some.
    done = len(visited) - 1
    churn = after.churn * len(log_snrs) / (done + len(log_snrs))
    most = MOST_RECORDED if most_recorded is None else most_recorded
    most -= trajectory.nbytes * frame // len(trajectory)  # the earlier frames
    sprites = Sprites(rows_of(after, model), replace(after, churn=churn))
    rest = yield from record_iter(model, sprites, log_snrs, control, most=most, start=start)
    config = replace(after, steps=done + len(log_snrs))
    return _joined(trajectory, frame, rest, config, visited)


def _settings(model: Model, trajectory: Trajectory, frame: int) -> SampleConfig:
    """The settings that drew the trajectory, if it can be continued from this frame."""
    config = trajectory.config
    if trajectory.kind != "reverse":
        raise ConfigError("Only a reverse process can be continued from a frame.")
    if config is None:
        raise ConfigError("The settings that drew these sprites are not known: generate some.")
    if not 0 <= frame < len(trajectory) - 1:
        raise ConfigError("At the clean end nothing is left to draw: choose a noisier frame.")
    height, width = trajectory.x_t.shape[2:4]
    drawn = (height, width, 3 if trajectory.noisy_alpha is None else 4)
    ours = (model.image_size, model.image_size, model.denoiser.config.channels)
    if drawn != ours or trajectory.model not in ("", model.key):
        raise ConfigError("Another model drew these sprites: open that one, or generate new ones.")
    return replace(config, count=trajectory.count, picked=config.picked[: trajectory.count])


def _changed(
    trajectory: Trajectory, frame: int, change: Change, indices: Sequence[int]
) -> tuple[Tensor, Tensor | None]:
    """x_t of all sprites after a change, and x0 where it was edited: float32 (N, C, H, W)."""
    noisy, alpha = trajectory.noisy_alpha, trajectory.alpha
    x_t = _channels_first(trajectory.x_t[frame], None if noisy is None else noisy[frame])
    x0 = _channels_first(trajectory.x0[frame], None if alpha is None else alpha[frame])
    if change.x0 is None and change.redraw is None:
        return x_t, None
    signal, std = alpha_std_at(float(trajectory.log_snr[frame]))
    epsilon = (x_t - signal * x0) / std
    if change.redraw is not None:
        # The noise depends only on the seed and the index of a sprite.
        rngs = (np.random.default_rng([change.redraw_seed, index]) for index in indices)
        fresh = np.stack([rng.standard_normal(x_t.shape[1:], np.float32) for rng in rngs])
        mask = torch.from_numpy(np.ascontiguousarray(change.redraw))
        epsilon = torch.where(mask, torch.from_numpy(fresh), epsilon)
    if change.x0 is None:
        return signal * x0 + std * epsilon, None
    edited = _channels_first(change.x0, change.alpha)
    edited = torch.cat([edited, x0[:, edited.shape[1] :]], dim=1)  # its alpha, where not edited
    return signal * edited + std * epsilon, edited


def _channels_first(rgb: NDArray[np.floating], alpha: NDArray[np.floating] | None) -> Tensor:
    """(N, H, W, 3) and (N, H, W) to float32 (N, C, H, W)."""
    values = rgb if alpha is None else np.concatenate([rgb, alpha[..., None]], axis=3)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2), np.float32))


def _joined(
    trajectory: Trajectory,
    frame: int,
    rest: Trajectory,
    config: SampleConfig,
    visited: list[float],
) -> Trajectory:
    """The earlier frames of one trajectory, followed by another.

    ``visited``: the planned levels up to and including the frame's.
    """

    def both(first: AnyArray, second: AnyArray) -> AnyArray:
        return np.concatenate([first[:frame], second])

    def maybe(first: AnyArray | None, second: AnyArray | None) -> AnyArray | None:
        return None if first is None or second is None else both(first, second)

    uncond = None
    if trajectory.x0_uncond is not None or rest.x0_uncond is not None:
        # Without guidance, the prediction was not shifted.
        led = [t.x0 if t.x0_uncond is None else t.x0_uncond for t in (trajectory, rest)]
        uncond = both(led[0], led[1])
    assert rest.walk is not None
    at = np.arange(frame) if trajectory.walk is None else trajectory.walk.at
    walk = Walk(
        # The frame may be noisier than planned.
        np.array([*visited, *rest.walk.levels[1:]]),
        both(at, len(visited) - 1 + rest.walk.at),
    )
    return Trajectory(
        kind="reverse",
        t=both(trajectory.t, rest.t),
        log_snr=both(trajectory.log_snr, rest.log_snr),
        x_t=both(trajectory.x_t, rest.x_t),
        x0=both(trajectory.x0, rest.x0),
        config=config,
        alpha=maybe(trajectory.alpha, rest.alpha),
        x0_uncond=uncond,
        noisy_alpha=maybe(trajectory.noisy_alpha, rest.noisy_alpha),
        branched_at=frame,
        model=rest.model,
        walk=walk,
        prompts=rest.prompts,
    )
