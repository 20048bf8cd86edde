"""Generates cells whose configurations differ in settings that a batch must share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.drawing import Drawn, thanks_to
from sprite_lab.app.task import task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.characters import MODEL, Sheet
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.core.records import Preview, Progress, Record
from sprite_lab.core.run import Run, RunControl, relay
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.sprites import alpha_from_background
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.engine.models.model import Model

# ruff: noqa: PLC0415 (the layers below are slow to load, see tasks.py)


@dataclass(frozen=True, slots=True, eq=False)
class CellsPreview(Preview):
    """Pictures of some of the sprites being generated.

    ``rows`` : which; finished ones are included, those not yet started are not.
    """

    rows: tuple[int, ...] = ()

    def pictures(self) -> dict[int, NDArray[np.uint8]]:
        """uint8 (H, W, 4) of each sprite, by row."""
        assert self.alpha is not None
        rgba = np.concatenate([self.images, self.alpha[..., None]], axis=3)
        return dict(zip(self.rows, rgba, strict=True))


@task()
def draw_cells(
    control: RunControl, model: Model, configs: Sequence[SampleConfig]
) -> Run[tuple[Drawn | None, ...]]:
    """Draw one sprite for each configuration, whatever their differences: a tuple of Drawn or None.

    Those that can be drawn together are, group by group. If it is stopped, the current group is
    returned as predicted so far, and later ones as None.
    """
    assert all(config.count == 1 for config in configs)
    from sprite_lab.engine.sampling.reverse import BATCH, resolved, sample_iter

    batches = together(configs, BATCH)
    # Report a problem with any of them before spending time on the others.
    work = []
    for rows in batches:
        settings = resolved([configs[i] for i in rows], model)
        assert settings.steps is not None
        visits = 1
        # The posterior's derivatives take as long as 4 evaluations
        if settings.strength() is not None:
            visits = settings.visits if settings.inpainting == "repaint" else 4
        work.append(len(rows) * settings.steps * visits)
    drawn: list[Drawn | None] = [None] * len(configs)
    for k, rows in enumerate(batches):
        progress = _BatchProgress(rows, drawn, sum(work[:k]), work[k], sum(work))
        chosen = [configs[i] for i in rows]
        with closing(sample_iter(model, chosen, control, record=False)) as part:
            trajectory = yield from relay(part, progress.of_all)
        for i, rgba, prompt in zip(rows, trajectory.rgba(), trajectory.prompts, strict=True):
            thanks = thanks_to(model, prompt)
            drawn[i] = Drawn(rgba, progress.whole, prompt, thanks, model.title)
        if control.stop_requested:
            break
    return tuple(drawn)


@task()
def draw_tiles(
    control: RunControl, model: Model, configs: Sequence[SampleConfig]
) -> Run[tuple[Drawn | None, ...]]:
    """Draw the sixteen tiles of a terrain: a Drawn for each, which no configuration reproduces.

    Parameters
    ----------
    configs : of all tiles; those of the whole ones count.
    """
    from sprite_lab.engine.sampling.terrain import terrain_iter

    first, second = (configs[i] for i in WHOLE)

    def in_cells(record: Record | None) -> Record | None:
        if not isinstance(record, Preview):
            return record
        return CellsPreview(record.step, record.images, record.alpha, tuple(range(len(CODES))))

    terrain = yield from relay(terrain_iter(model, (first, second), control), in_cells)
    thanks = "\n".join(dict.fromkeys(thanks_to(model, prompt) for prompt in terrain.prompts))
    by = model.title
    return tuple(Drawn(rgba, whole=False, thanks=thanks, model=by) for rgba in terrain.tiles)


@task()
def draw_sheet(control: RunControl, sheet: Sheet) -> Run[tuple[Drawn, ...]]:
    """Draw the wanted parts of a sheet with the model of characters, in order."""
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    def without_preview(record: Record | None) -> Record | None:
        return None if isinstance(record, Preview) else record

    model = load_model(MODEL)
    asked = sheet.asked(model.vocabulary)
    trajectory = yield from relay(
        sample_iter(model, [asked], control, record=False), without_preview
    )
    thanks = thanks_to(model, trajectory.prompts[0])
    parts = sheet.cut(trajectory.rgba()[0])
    return tuple(
        Drawn(parts[part], whole=False, thanks=thanks, model=model.title) for part in sheet.wanted
    )


@task()
def draw_turned(
    control: RunControl,
    views: Mapping[str, NDArray[np.uint8]],
    parts: Sequence[str],
    seed: int,
    again: bool,
) -> Run[tuple[Drawn, ...]]:
    """Draw parts of a character from others, ``views``, as ``Turner.draw`` does.

    First as is likeliest; by chance, if that is there already or ``again`` is set.
    """
    from sprite_lab.engine.sampling.turning import load_turner

    yield Progress(0, 0, tr("Generating"))
    turner = load_turner()
    thanks = attribution(turner.credits)
    drawn: dict[str, NDArray[np.uint8]] = {}
    for one in [seed] if again else [None, seed]:
        for done, part in enumerate(parts):
            yield Progress(done, len(parts), tr("Generating"))
            drawn |= turner.draw(views, [part], one)
        if any(not np.array_equal(drawn[part], views[part]) for part in parts):
            break
    return tuple(
        Drawn(drawn[part], whole=False, thanks=thanks, model=turner.title) for part in parts
    )


def together(configs: Sequence[SampleConfig], most: int) -> list[list[int]]:
    """Indices of configurations in groups that can be drawn together, at most ``most`` each."""
    groups: dict[object, list[int]] = {}
    for i, config in enumerate(configs):
        # Inpainting takes each step several times, so it is drawn separately.
        groups.setdefault((config.manner, config.strength() is None), []).append(i)
    return [
        rows[start : start + most]
        for rows in groups.values()
        for start in range(0, len(rows), most)
    ]


class _BatchProgress:
    """Turns the records of one batch into records of all batches: shares of the whole, sprite
    indices.

    Parameters
    ----------
    drawn : the finished sprites, of all.
    before, ours, total : work of earlier batches, of this one and of all.
    """

    def __init__(
        self, rows: list[int], drawn: list[Drawn | None], before: int, ours: int, total: int
    ) -> None:
        self._rows, self._drawn = rows, drawn
        self._before, self._ours, self._total = before, ours, total
        self.whole = False

    def of_all(self, record: Record | None) -> Record | None:
        if isinstance(record, Preview):
            return self._preview(record)
        if not isinstance(record, Progress):
            return record
        self.whole = record.done == record.total
        done = self._before + self._ours * record.done // max(1, record.total)
        return Progress(done, self._total, tr("Generating"))

    def _preview(self, preview: Preview) -> CellsPreview:
        alpha = preview.alpha
        if alpha is None:
            # As it will be when finished: without the background that the model draws on.
            alpha = alpha_from_background(preview.images)
        rgba: NDArray[np.uint8] = np.concatenate([preview.images, alpha[..., None]], axis=3)
        pictures = {i: d.rgba for i, d in enumerate(self._drawn) if d is not None}
        pictures |= dict(zip(self._rows, rgba, strict=True))
        both = np.stack(list(pictures.values()))
        both.flags.writeable = False
        return CellsPreview(preview.step, both[..., :3], both[..., 3], tuple(pictures))
