"""Scores by which the sprites of a batch are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sprite_lab.app.draw.batch import Scores, palette_distance
from sprite_lab.app.files.sources import of_cells
from sprite_lab.app.task import task
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.records import Progress, sample_notice
from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.engine.models.model import Model

# ruff: noqa: PLC0415 (torch takes a second to import)

#: Blocks of t and repeats of the bound: enough to rank sprites.
_BLOCKS, _ROUNDS = 8, 2

#: Sprites looked up between two points at which a run can be canceled.
_TOGETHER = 16


@task()
def criticize(control: RunControl, cells: Sequence[Cell], own: SpriteSet | None) -> Run[Scores]:
    """The Scores that tell which cells are best; blank ones come last.

    Parameters
    ----------
    own : the user's sprites, where the model has learned from them; None = the critic knows better.
    """
    from sprite_lab.engine.measuring.critic import load_critic
    from sprite_lab.engine.measuring.own_style import own_style

    yield Progress(0, 0, tr("Finding the best"))
    drawn = [i for i, cell in enumerate(cells) if not cell.is_blank]
    found = np.full(len(cells), -np.inf)
    if drawn:
        rgba = np.stack([cells[i].rgba for i in drawn])
        found[drawn] = load_critic()(rgba) if own is None else own_style(rgba, own.sample())
    return Scores(critic=found) if own is None else Scores(own_style=found)


@task()
def score(
    control: RunControl,
    model: Model,
    cells: Sequence[Cell],
    palette: Sequence[Color],
    training: SpriteSet | None,
) -> Run[Scores]:
    """The Scores of cells that the model drew, without those that tell which are best.

    Blank ones come last in every order.

    Parameters
    ----------
    training : the training set of the model; None = it is not open.
    """
    count = len(cells)
    drawn = [i for i, cell in enumerate(cells) if not cell.is_blank]
    bits = None if model.is_student else np.full(count, np.inf)
    novelty, fit = np.full(count, -np.inf), np.full(count, np.inf)
    sprites = of_cells({i: cells[i] for i in drawn}, model.class_names)
    if sprites is None:
        return Scores(bits, novelty, training is not None, fit)
    if bits is not None:
        from sprite_lab.engine.measuring.likelihood import bound_iter

        bound = yield from bound_iter(model, sprites, control, blocks=_BLOCKS, rounds=_ROUNDS)
        there = drawn[: len(bound.bits)]
        bits[there] = bound.bits / bound.dims
    known = None if training is None else training.sample()
    if training is not None:
        yield sample_notice(len(training), tr("training sprites"))
    for start in range(0, len(drawn), _TOGETHER):
        yield Progress(start, len(drawn), tr("Comparing"))
        rows = range(start, min(start + _TOGETHER, len(drawn)))
        if known is not None:
            found = nearest_sprites(sprites.images[rows.start : rows.stop], known.images)
            novelty[drawn[rows.start : rows.stop]] = found.distance
        elif len(drawn) > 1:
            for row in rows:
                others = np.delete(sprites.images, row, axis=0)
                near = nearest_sprites(sprites.images[row : row + 1], others)
                novelty[drawn[row]] = near.distance[0]
    wanted = oklab(np.array([c[:3] for c in palette if c[3]], np.uint8).reshape(-1, 3))
    for row, i in enumerate(drawn):
        fit[i] = palette_distance(cells[i].rgba, wanted, oklab(sprites.images[row]))
    return Scores(bits, novelty, training is not None, fit)
