"""Sprites to measure, from the data set, the project or a trajectory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import MeasureConfig
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import tr


def of_data(sprites: SpriteSet, choice: MeasureConfig) -> SpriteSet:
    """The chosen sprites of a set; their names begin with their numbers in it.

    A random choice from all classes is the same as that of ``sprite-lab evaluate --split all`` with
    this seed and this count as its limit.
    """
    every = np.arange(len(sprites))
    names = sprites.class_names
    label = names.index(choice.class_name) if choice.class_name in names else None
    found = every if label is None else every[sprites.labels == label]
    if choice.take == "random":
        found = found[np.random.default_rng(choice.seed).permutation(len(found))]
        found = found[: choice.count]
    else:
        found = found[choice.first - 1 : choice.first - 1 + choice.count]
    chosen = sprites.take(found)
    titles = [
        tr("sprite {index:,}", index=index + 1) + (f", {name}" if name else "")
        for index, name in zip(found.tolist(), chosen.names.tolist(), strict=True)
    ]
    return replace(chosen, names=np.array(titles, dtype=np.str_))


def of_cells(cells: dict[int, Cell], class_names: tuple[str, ...]) -> SpriteSet | None:
    """The cells that are not blank, with their classes; None = all are blank."""
    drawn = {index: cell for index, cell in cells.items() if not cell.is_blank}
    if not drawn:
        return None
    classes = [cell.class_name for cell in drawn.values()]
    return _made(
        np.stack([cell.rgba for cell in drawn.values()]),
        classes,
        class_names,
        [tr("cell {index}", index=index + 1) for index in drawn],
        tr("drawings"),
    )


def of_trajectory(trajectory: Trajectory, class_names: tuple[str, ...]) -> SpriteSet:
    """The finished sprites of a trajectory, each with its requested class."""
    rgba = trajectory.rgba(int(np.argmin(trajectory.t)))
    config, count = trajectory.config, len(rgba)
    classes: list[str | None] = [None] * count
    if config is not None and config.classes:
        classes = [config.class_of(i) for i in config.indices[:count]]
    names = [tr("sample {i}", i=i + 1) for i in range(count)]
    return _made(rgba, classes, class_names, names, tr("samples"))


def _made(
    rgba: NDArray[np.uint8],
    classes: list[str | None],
    class_names: tuple[str, ...],
    names: list[str],
    title: str,
) -> SpriteSet:
    """Sprites, uint8 (N, H, W, 4), as a set; unknown classes become none."""
    return SpriteSet(
        images=composite(rgba).astype(np.uint8),
        alpha=rgba[..., 3],
        labels=np.array([class_names.index(c) if c in class_names else -1 for c in classes]),
        class_names=class_names,
        group=np.arange(len(rgba)),  # none is a copy of another
        names=np.array(names, dtype=np.str_),
        title=title,
    )
