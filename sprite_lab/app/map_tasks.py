"""The map of sprites, as factories of runs; see :mod:`sprite_lab.app.tasks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import task
from sprite_lab.core.metrics import Neighbours, neighbours
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprite_map import MapPaths, Pull, Space, SpriteMap
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.core.trajectory import Trajectory

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model

# ruff: noqa: PLC0415 (torch takes a second to import)


@task()
def make_map(control: RunControl, sprites: SpriteSet, space: Space) -> Run[SpriteMap]:
    """Lay a plane through a set: a SpriteMap."""
    from sprite_lab.engine.sprite_map import map_iter

    return map_iter(sprites, space, control)


@task()
def find_paths(control: RunControl, sprite_map: SpriteMap, trajectory: Trajectory) -> Run[MapPaths]:
    """The ways of a trajectory's sprites through the map: MapPaths."""
    from sprite_lab.engine.sprite_map import paths_iter

    return paths_iter(sprite_map, trajectory, control)


@task()
def find_pull(
    control: RunControl,
    sprite_map: SpriteMap,
    log_snr: float,
    kind: str | None,
    model: Model | None,
) -> Run[Pull]:
    """Where sprites of a class are pulled at a level, by a model or (None) by the set: a Pull."""
    from sprite_lab.engine.sprite_map import model_pull_iter, optimal_pull_iter

    if model is None:
        return optimal_pull_iter(sprite_map, log_snr, kind, control)
    return model_pull_iter(model, sprite_map, log_snr, kind, control)


@task()
def find_nearest(
    control: RunControl, image: NDArray[np.uint8], sprites: SpriteSet, count: int
) -> Run[Neighbours]:
    """The nearest sprites of a set to uint8 (H, W, 3): Neighbours."""
    yield None
    return neighbours(image, sprites.images, count)
