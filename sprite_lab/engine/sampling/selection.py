"""The best of many sprites by the critic, so that broken ones are not shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import Run, RunControl
from sprite_lab.engine.measuring.critic import load_critic
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter


def pick_best_iter(
    model: Model, config: SampleConfig, of: int, control: RunControl
) -> Run[SampleConfig]:
    """Draw ``of`` sprites and keep the ``config.count`` that look drawn, an equal share of each
    class.

    Yields Progress and Previews, as sampling does. Stopped, it chooses among those drawn so far.

    Returns
    -------
    ``config`` with the indices of those sprites, rising within each class.

    Raises
    ------
    ConfigError
        If fewer are to be drawn than kept, and as
        :func:`~sprite_lab.engine.sampling.reverse.sample_iter` does.
    """
    if of < config.count:
        raise ConfigError(f"{config.count} sprites cannot be kept of {of}: draw at least as many.")
    many = replace(config, count=of, picked=())
    drawn = yield from sample_iter(model, [many], control, record=False)
    scores = load_critic()(drawn.rgba())
    kinds = np.array(many.indices[: len(scores)]) % max(1, len(config.classes))
    rows = best_rows(scores, kinds, min(config.count, len(scores)))
    indices = tuple(many.indices[row] for row in rows)
    return replace(config, count=len(indices), first_index=0, picked=indices)


def best_rows(scores: NDArray[np.float32], kinds: NDArray[np.int64], keep: int) -> list[int]:
    """The rows with the best scores, as many of each kind as there are places for it.

    Parameters
    ----------
    scores : float32 (N,), the higher, the better.
    kinds : int64 (N,), the class of each, dealt in turn.
    keep : number of rows, at most N. Place i is for the kind ``kinds[i]``.

    Returns
    -------
    ``keep`` rows: that of place i is of kind ``kinds[i]``; of each kind they rise.
    """
    found = np.empty(keep, np.int64)
    for kind in np.unique(kinds[:keep]):
        places = np.flatnonzero(kinds[:keep] == kind)
        rows = np.flatnonzero(kinds == kind)
        best = rows[np.argsort(-scores[rows], kind="stable")[: len(places)]]
        found[places] = np.sort(best)
    return found.tolist()
