"""Tasks that measure, search and save a data set."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import call, task
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl, relay
from sprite_lab.core.sets.sprite_figures import (
    ColorCounts,
    SpriteFigures,
    color_counts_iter,
    figures_iter,
    with_color,
)
from sprite_lab.core.sets.sprite_query import Copies, SpriteQuery, find_rows
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet
from sprite_lab.words import marked, tr

# ruff: noqa: PLC0415 (only numpy, but not needed before the window is shown)

T = TypeVar("T")


@task("files", marked("Measuring sprites"))
def measure_figures(control: RunControl, sprites: SpriteSet) -> Run[SpriteFigures]:
    return (yield from _counted(figures_iter(sprites), sprites, tr("Measuring sprites")))


@task("files", marked("Counting colors"))
def count_colors(control: RunControl, sprites: SpriteSet) -> Run[ColorCounts]:
    return (yield from _counted(color_counts_iter(sprites), sprites, tr("Counting colors")))


@task("files", marked("Finding near-copies"))
def find_copies(control: RunControl, sprites: SpriteSet) -> Run[Copies]:
    """Find equal sprites and near-copies."""
    yield Progress(0, 0, tr("Finding near-copies"))
    from sprite_lab.data.copy_kinds import find_copies_iter

    return (yield from find_copies_iter(sprites))


@task("files", marked("Splitting the data set"))
def find_sides(
    control: RunControl, sprites: SpriteSet, fraction: float
) -> Run[NDArray[np.bool_] | None]:
    """The validation sprites of a training run, bool (N,); None = the set cannot be split."""
    yield Progress(0, 0, tr("Finding near-copies"))
    from sprite_lab.core.errors import ConfigError
    from sprite_lab.data import held_out
    from sprite_lab.data.near_copies import near_copies_iter

    group = sprites.group
    if group is None:
        group = yield from near_copies_iter(sprites.images, sprites.alpha)
    try:
        return held_out(group, sprites.labels, fraction)
    except ConfigError:  # the set has only one group
        return None


@call("files", marked("Finding sprites"))
def answer(
    sprites: SpriteSet, query: SpriteQuery, figures: SpriteFigures | None, copies: Copies | None
) -> NDArray[np.intp]:
    """Find the rows that match a query, int (M,), in a set too large to search on the UI thread."""
    return find_rows(sprites, query, figures, copies)


@call("files", marked("Finding a color"))
def having_color(sprites: SpriteSet, color: int) -> NDArray[np.intp]:
    """Find the rows of the sprites that have a color, int (M,)."""
    return np.flatnonzero(with_color(sprites, color))


@task("files")
def save_data(control: RunControl, path: Path, sprites: SpriteSet) -> Run[Path]:
    """Write a set as ``.npz``, or as a store if the path has its suffix; returns the path."""
    yield None
    yield from save_iter(path, sprites)
    return path


def save_iter(path: Path, sprites: SpriteSet) -> Run[None]:
    """Like :func:`save_data`, but as part of another run."""
    from sprite_lab.formats.sets.sprites import save_sprites
    from sprite_lab.formats.sets.store import SUFFIX

    if path.suffix == SUFFIX:
        yield from _save_store(path, sprites)
    else:
        save_sprites(path, sprites)


def _save_store(path: Path, sprites: SpriteSet) -> Run[None]:
    from sprite_lab.formats.sets.store_writer import StoreWriter

    # If this is interrupted, the next call for the same set resumes the store.
    with StoreWriter(path, f"saved {sprites.fingerprint}") as writer:
        for start in range(writer.count, len(sprites), BLOCK):
            yield Progress(start, len(sprites), tr("Saving {name}", name=path.name))
            writer.append(sprites.take(np.arange(start, min(start + BLOCK, len(sprites)))))
        yield from writer.finish_iter()


def _counted(steps: Generator[tuple[int, int], None, T], sprites: SpriteSet, text: str) -> Run[T]:
    result = yield from relay(steps, lambda counts: Progress(*counts, text))
    sprites.release()
    return result
