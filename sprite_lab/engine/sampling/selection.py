"""The best of many sprites by the critic's score."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.measuring.features import load_critic
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter


class Picked(NamedTuple):
    """The settings that reproduce the best sprites, and those sprites (one frame)."""

    config: SampleConfig
    drawn: Trajectory


def pick_best_iter(model: Model, config: SampleConfig, of: int, control: RunControl) -> Run[Picked]:
    """Draw ``of`` sprites and keep the ``config.count`` best, an equal share of each class.

    Yields Progress and Previews, as sampling does. When stopped, it chooses among the sprites drawn
    so far.

    Raises ConfigError if ``of`` is less than ``config.count``, and the errors of
    :func:`~sprite_lab.engine.sampling.reverse.sample_iter`.

    Returns ``config`` with the indices of the best sprites, and the sprites.
    """
    if of < config.count:
        raise ConfigError(
            "{count} of {of} sprites cannot be kept: draw more.",
            count=config.count,
            of=of,
        )
    many = replace(config, count=of, picked=())
    drawn = yield from sample_iter(model, [many], control, record=False)
    scores = load_critic()(drawn.rgba())
    kinds = np.array(many.indices[: len(scores)]) % max(1, len(config.classes))
    rows = best_rows(scores, kinds, min(config.count, len(scores)))
    indices = tuple(many.indices[row] for row in rows)
    best = replace(config, count=len(indices), first_index=0, picked=indices)
    settled = (
        best
        if drawn.config is None
        else replace(drawn.config, count=len(indices), first_index=0, picked=indices)
    )
    return Picked(best, drawn.take(rows, settled))


def best_rows(scores: NDArray[np.float32], kinds: NDArray[np.int64], keep: int) -> list[int]:
    """The rows with the best scores, with an equal share of each kind.

    Parameters
    ----------
    scores : float32 (N,); higher is better.
    kinds : int64 (N,), the class of each, dealt in turn.
    keep : number of rows, at most N.

    Returns
    -------
    ``keep`` rows, which take turns by kind as far as possible; those of one kind are ascending.
    """
    names = np.unique(kinds).tolist()
    share = -(-keep // len(names))
    chosen: dict[int, list[int]] = {name: [] for name in names}
    left = keep
    for row in np.argsort(-scores, kind="stable").tolist():
        of_kind = chosen[int(kinds[row])]
        if left and len(of_kind) < share:
            of_kind.append(row)
            left -= 1
    turns = zip_longest(*(sorted(rows) for rows in chosen.values()))
    return [row for turn in turns for row in turn if row is not None]
