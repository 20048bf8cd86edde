"""Inpainting in every way from the same noise, with every step recorded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress, Record
from sprite_lab.core.run import Run, RunControl, relay
from sprite_lab.core.trajectories.inpainting import WAYS, Inpainted, Way
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.constraints import drawing_for
from sprite_lab.engine.sampling.reverse import MOST_RECORDED, sample_iter
from sprite_lab.words import tr


def inpaint_iter(
    model: Model, config: SampleConfig, control: RunControl, most_recorded: int | None = None
) -> Run[Inpainted | None]:
    """Complete a drawing in each way that the model supports; None if stopped.

    All ways start from the same noise and visit the same levels. The way that ``config`` names is
    drawn with its settings, so its last frame is what :func:`sample_iter` draws.

    Raises ConfigError if nothing or everything is kept, and the errors of :func:`sample_iter`.

    ``config``: settings of one sprite. ``most_recorded``: maximum bytes of all ways together; None
    = MOST_RECORDED.
    """
    drawing, known = config.drawing_rgba(), config.known()
    if drawing is None or known is None or known.all() or not known.any():
        raise ConfigError("Keep some pixels of the drawing, but not all: nothing is inpainted.")
    possible = [way for way in WAYS if way != "posterior" or not model.is_student]
    share = (MOST_RECORDED if most_recorded is None else most_recorded) // len(possible)
    ways: dict[Way, Trajectory] = {}
    for number, way in enumerate(possible):

        def of_all(record: Record | None, number: int = number) -> Record | None:
            if not isinstance(record, Progress):
                return record
            done, total = record.done + number * record.total, len(possible) * record.total
            return Progress(done, total, tr("Inpainting"))

        run = sample_iter(model, [_asked(config, way)], control, most_recorded=share)
        trajectory = yield from relay(run, of_all)
        if control.stop_requested:
            return None
        if way == "end":
            picture = drawing_for(config, model)
            assert picture is not None
            trajectory = _pasted(trajectory, picture.transpose(1, 2, 0), known)
        ways[way] = trajectory
    return Inpainted(drawing, known, ways)


def _asked(config: SampleConfig, way: Way) -> SampleConfig:
    """The configuration of one way; it keeps the drawing, so that the noise is the same."""
    if way == "end":
        return replace(config, known_mask=None, redraw_strength=None, keep_alpha=False)
    return config if way == config.inpainting else replace(config, inpainting=way)


def _pasted(
    trajectory: Trajectory, drawing: NDArray[np.float32], known: NDArray[np.bool_]
) -> Trajectory:
    """The trajectory with the known pixels of a drawing, (H, W, C) in [-1, 1], in its last frame.

    No settings reproduce it.
    """
    x_t, x0 = trajectory.x_t.copy(), trajectory.x0.copy()
    x_t[-1, :, known] = x0[-1, :, known] = drawing[known, None, :3]
    alpha, noisy_alpha = trajectory.alpha, trajectory.noisy_alpha
    if alpha is not None and noisy_alpha is not None:
        alpha, noisy_alpha = alpha.copy(), noisy_alpha.copy()
        alpha[-1, :, known] = noisy_alpha[-1, :, known] = drawing[known, None, 3]
    return replace(trajectory, x_t=x_t, x0=x0, alpha=alpha, noisy_alpha=noisy_alpha, config=None)
