"""Tasks for Draw: generating cells, suggestions of Live, the judge, and scores of batches."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.draw.drawing import Drawn, config_for, finished_cell, thanks_to
from sprite_lab.app.draw.generate.batch import Scores, palette_distance
from sprite_lab.app.draw.live.live import Ghost, Terms
from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.sources import of_cells
from sprite_lab.app.task import task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.cells import Cell, Color
from sprite_lab.core.pixels.characters import (
    LEADER,
    MODEL,
    PARTS,
    STEPS,
    Sheet,
    direction_of,
    mirror_of,
)
from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.plainness import plainness
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.core.records import Preview, Progress, Record, sample_notice
from sprite_lab.core.results.measured import Verdict
from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.run import Run, RunControl, Steps, relay
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.words import tr

# ruff: noqa: PLC0415 (the layers below are slow to load, see tasks.py)


@dataclass(frozen=True, slots=True, eq=False)
class CellsPreview(Preview):
    """Pictures of some of the sprites being generated.

    ``rows`` : their indices; includes finished sprites, but none that were not started.
    """

    rows: tuple[int, ...] = ()

    def pictures(self) -> dict[int, NDArray[np.uint8]]:
        """uint8 (H, W, 4) of each sprite, by row."""
        return dict(zip(self.rows, self.rgba, strict=True))


@task()
def draw_cells(
    control: RunControl, model: Model, configs: Sequence[SampleConfig]
) -> Run[tuple[Drawn | None, ...]]:
    """Draw a sprite for each configuration; those with compatible settings are drawn together.

    If stopped, the sprites under way are returned as predicted so far, and those that were not
    started are None.
    """
    assert all(config.count == 1 for config in configs)
    from sprite_lab.engine.sampling.reverse import BATCH, resolved, sample_iter

    batches = together(configs, BATCH)
    # Report a problem with any configuration before spending time on the others.
    work = []
    for rows in batches:
        settings = resolved([configs[i] for i in rows], model)
        assert settings.steps is not None
        visits = 1
        # The derivatives of the posterior take as long as 4 evaluations.
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
    """Draw the sixteen tiles of a terrain: a Drawn each, which no configuration reproduces.

    ``configs``: one for each tile; only those of whole tiles are used.
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
    asked = sheet.asked(model.vocabulary, model.prompts)
    trajectory = yield from relay(
        sample_iter(model, [asked], control, record=False), without_preview
    )
    thanks = thanks_to(model, trajectory.prompts[0])
    parts = sheet.cut(trajectory.rgba()[0])
    return tuple(
        Drawn(parts[part], whole=False, thanks=thanks, model=model.title) for part in sheet.wanted
    )


#: Number of tries to choose from for each direction or walk.
TRIES = 6


@task()
def draw_turned(
    control: RunControl,
    views: Mapping[str, NDArray[np.uint8]],
    parts: Sequence[str],
    seed: int,
    again: bool,
) -> Run[tuple[Drawn, ...]]:
    """Draw several tries at parts of a character from its ``views``, with ``Turner.draw``.

    Unless ``again`` is set, one try is the likeliest; the others are random. If there are rules for
    a part, they give one more try, placed first or second. Each Drawn has the best try of its
    direction, and the others in order. Tries at the steps of one direction belong together.
    """
    from sprite_lab.engine.sampling.turning import load_turner

    yield Progress(0, 0, tr("Generating"))
    turner = load_turner()
    thanks = attribution(turner.credits)
    ruled = set(parts) <= {*STEPS, *map(mirror_of, STEPS)}
    tries: list[dict[str, NDArray[np.uint8]]] = []
    first: list[int | None] = [] if again else [None]
    directions = [[*some] for _, some in groupby(parts, direction_of)]
    for one in [*first, *range(seed, seed + TRIES - len(first) - ruled)]:
        drawn: dict[str, NDArray[np.uint8]] = {}
        for together in directions:
            done = len(tries) * len(parts) + len(drawn)
            yield Progress(done, TRIES * len(parts), tr("Generating"))
            drawn |= turner.draw(views, together, one)
        tries.append(drawn)
        if control.stop_requested:
            break
    best: dict[str, list[NDArray[np.uint8]]] = {}
    for together in directions:
        found = turner.best_first(views, [{p: drawn[p] for p in together} for drawn in tries])
        found = turner.with_ruled(views, found)
        best |= {part: [one[part] for one in found] for part in together}
    return tuple(
        Drawn(
            best[part][0], whole=False, thanks=thanks, model=turner.title,
            others=tuple(best[part][1:]),
        )
        for part in parts
    )  # fmt: skip


@task()
def draw_hero(
    control: RunControl, model: Model, front: SampleConfig, parts: Sequence[str]
) -> Run[tuple[Drawn | None, ...]]:
    """Draw a character from the front with a model, then its other ``parts`` with the turner."""
    (hero,) = yield from draw_cells(model, (front,))(control)
    if hero is None or control.stop_requested:
        return (hero, *(None for _ in parts))
    views = {part: np.zeros_like(hero.rgba) for part in PARTS} | {LEADER: hero.rgba}
    turned = yield from draw_turned(views, parts, front.seed, again=False)(control)
    thanks = [line for drawn in (hero, *turned) for line in drawn.thanks.splitlines()]
    both = "\n".join(dict.fromkeys(thanks))  # the other parts reuse its pixels
    return (hero, *(replace(one, thanks=both) for one in turned))


def together(configs: Sequence[SampleConfig], most: int) -> list[list[int]]:
    """Groups of indices of configurations that can be drawn together, at most ``most`` in each."""
    groups: dict[object, list[int]] = {}
    for i, config in enumerate(configs):
        # Inpainting repeats each step, so it is drawn separately.
        groups.setdefault((config.manner, config.strength() is None), []).append(i)
    return [
        rows[start : start + most]
        for rows in groups.values()
        for start in range(0, len(rows), most)
    ]


class _BatchProgress:
    """Turns records of one batch into records of all batches: progress and indices cover all
    sprites.

    ``before``, ``ours``, ``total``: work of earlier batches, of this batch and of all batches.
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
        pictures = {i: d.rgba for i, d in enumerate(self._drawn) if d is not None}
        pictures |= dict(zip(self._rows, preview.rgba, strict=True))
        both = np.stack(list(pictures.values()))
        both.flags.writeable = False
        return CellsPreview(preview.step, both[..., :3], both[..., 3], tuple(pictures))


@dataclass(frozen=True, eq=False)
class Sketched:
    """Ghosts by cell, and the milliseconds they took, without other jobs between groups of them."""

    ghosts: dict[int, Ghost]
    ms: float


@task()
def sketch(
    control: RunControl, wished: Mapping[int, Cell], terms: Terms, *, fine: bool = False
) -> Run[Sketched]:
    """Draw a Ghost for each cell of ``wished``, in groups of cells with compatible settings.

    Other jobs get a turn only between groups, since a group is as short as a training step; with
    ``fine``, also after each level. If stopped, unfinished ghosts are dropped.
    """
    from sprite_lab.engine.runtime import politely
    from sprite_lab.engine.sampling.reverse import BATCH, sample_iter

    begun = time.perf_counter()
    indices = tuple(wished)
    configs = [
        config_for(wished[i], terms.settings, terms.model, terms.palette, terms.selection)
        for i in indices
    ]
    ghosts: dict[int, Ghost] = {}
    for number, rows in enumerate(together(configs, BATCH)):
        if number:
            before = time.perf_counter()
            yield None
            begun += time.perf_counter() - before
        chosen = [configs[i] for i in rows]
        part = Steps(politely(sample_iter(terms.model, chosen, control, record=False)))
        for _ in part:
            if control.stop_requested:
                return Sketched(ghosts, 1000 * (time.perf_counter() - begun))
            if fine:
                yield None
        trajectory = part.result
        for i, rgba, prompt in zip(rows, trajectory.rgba(), trajectory.prompts, strict=True):
            index, thanks = indices[i], thanks_to(terms.model, prompt)
            drawn = Drawn(rgba, prompt=prompt, thanks=thanks, model=terms.model.title)
            ghosts[index] = Ghost(wished[index], terms, configs[i], drawn, fine)
    return Sketched(ghosts, 1000 * (time.perf_counter() - begun))


@task()
def find_student(control: RunControl, model: Model, name: str, folder: Path) -> Run[Model | None]:
    """The newest student of a model, loaded; None = it has none that can be loaded.

    ``name``: what the model was opened by; students name their teacher by this or by its title.
    ``folder``: the folder of the runs, which are searched before shipped models.
    """
    names = {model.title, name}
    from sprite_lab.core.errors import SpriteLabError
    from sprite_lab.engine.models.model import describe, load_model, shipped_models
    from sprite_lab.engine.runtime import memory_format

    found: list[Path] = []
    runs = [path.parent for path in folder.glob("*/run.json")]
    for path in sorted(runs, key=lambda run: -run.stat().st_mtime):
        yield None
        try:
            facts = describe(path)
        except SpriteLabError:
            continue  # a run without weights, or damaged ones
        if facts.data.student_of in names:
            found.append(path)
    found += [shipped.path for shipped in shipped_models() if shipped.student in names]
    for path in found:
        yield None
        try:
            student = load_model(path, model.device.type)
        except SpriteLabError:
            continue
        if student.is_student and _is_of(student, model):
            form = memory_format(student.device)  # faster; the same sprites, except for rounding
            student.denoiser.to(memory_format=form)  # type: ignore[call-overload, unused-ignore]
            return student
    return None


def _is_of(student: Model, model: Model) -> bool:
    """Whether the student was distilled from the model; another model may have the same title."""
    return (
        student.data_fingerprint == model.data_fingerprint
        and student.vocabulary == model.vocabulary
        and student.image_size == model.image_size
        and student.timesteps == model.timesteps
        and student.draws_alpha == model.draws_alpha
    )


@task()
def surprise(control: RunControl, model: Model, drawing: SpriteSet) -> Run[Verdict]:
    """The model's Verdict on the only sprite of a set."""
    from sprite_lab.engine.measuring.measuring import judge_iter
    from sprite_lab.engine.runtime import politely

    return (yield from politely(judge_iter(model, drawing, control)))


@task()
def draw_better(
    control: RunControl, model: Model, configs: Sequence[SampleConfig], cell: Cell
) -> Run[tuple[Drawn | None, ...]]:
    """Draw tries at a cell: a Drawn for the one that surprises the model least, None for the
    others. All are None if the present drawing surprises the model no more than the best try.
    """
    drawn = yield from draw_cells(model, configs)(control)
    best: Drawn | None = None
    least = yield from _bits_per_dim(control, model, cell)
    for config, each in zip(configs, drawn, strict=True):
        if each is not None:
            bits = yield from _bits_per_dim(control, model, finished_cell(cell, config, each))
            if bits < least:
                least, best = bits, each
    return tuple(each if each is best else None for each in drawn)


def _bits_per_dim(control: RunControl, model: Model, cell: Cell) -> Run[float]:
    """How much the drawing of a cell surprises the model: bits/dim, as measured by the judge."""
    drawing = of_cells({0: cell}, model.class_names)
    if drawing is None:
        return np.inf  # it is blank
    return (yield from surprise(model, drawing)(control)).bits_per_dim


#: Blocks of t and repetitions of the bound; enough to rank sprites.
_BLOCKS, _ROUNDS = 8, 2

#: Number of sprites compared at a time; a run can be canceled in between.
_TOGETHER = 16

#: Maximum number of the user's sprites to compare with; thousands would take seconds.
_OWN = 1000


@task()
def criticize(control: RunControl, cells: Sequence[Cell], own: SpriteSet | None) -> Run[Scores]:
    """Compute the Scores that find the best cells; blank ones come last.

    ``own``: at least two of the user's sprites, of the cells' size; None = none. Copies of these
    come after all other drawings, and drawings plainer than those of the same class move back.
    """
    from sprite_lab.engine.measuring.features import load_critic
    from sprite_lab.engine.training.copies import TuningCheck

    yield Progress(0, 0, tr("Finding the best"))
    drawn = [i for i, cell in enumerate(cells) if not cell.is_blank]
    found, copies = np.full(len(cells), -np.inf), np.zeros(len(cells), np.bool_)
    if drawn:
        rgba = np.stack([cells[i].rgba for i in drawn])
        found[drawn] = load_critic()(rgba)
        if own is not None:
            copies[drawn] = TuningCheck(own.sample(_OWN)).copies(composite(rgba))
    if own is None:
        return Scores(critic=found)
    own, plain = own.sample(_OWN), np.zeros(len(cells))
    for name in {cells[i].class_name for i in drawn}:
        rows = [i for i in drawn if cells[i].class_name == name]
        alike = np.array([name in (None, other) for other in own.classes])
        known = own.rgba[alike] if alike.any() else own.rgba
        plain[rows] = plainness(np.stack([cells[i].rgba for i in rows]), known)
    return Scores(critic=found, copies=copies, plain=plain)


@task()
def score(
    control: RunControl,
    model: Model,
    cells: Sequence[Cell],
    palette: Sequence[Color],
    training: SpriteSet | None,
) -> Run[Scores]:
    """Compute the Scores that :func:`criticize` leaves out; blank cells come last.

    ``training``: the training set of the model; None = it is not open.
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
