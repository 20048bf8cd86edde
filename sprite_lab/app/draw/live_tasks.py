"""Sketches of Live, the search for its student, and the surprise of a drawing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sprite_lab.app.draw.drawing import Drawn, config_for, thanks_to
from sprite_lab.app.draw.drawing_tasks import together
from sprite_lab.app.draw.live import Ghost, Terms
from sprite_lab.app.task import task
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.results.measured import Verdict
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet

if TYPE_CHECKING:
    from sprite_lab.engine.models.model import Model

T = TypeVar("T")

# ruff: noqa: PLC0415 (the layers below are slow to load, see tasks.py)


@dataclass(frozen=True, eq=False)
class Sketched:
    """Ghosts by cell, and the milliseconds they took, not counting other jobs."""

    ghosts: dict[int, Ghost]
    ms: float


@task()
def sketch(
    control: RunControl, wished: Mapping[int, Cell], terms: Terms, *, fine: bool = False
) -> Run[Sketched]:
    """A Ghost for each cell; compatible ones are drawn together.

    It yields to other jobs between such groups only, since each is as short as a training
    step; a fine one yields at every level. If it is stopped, unfinished ghosts are dropped.
    """
    from sprite_lab.engine.runtime import polite_threads
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
        part = sample_iter(terms.model, [configs[i] for i in rows], control, record=False)
        trajectory = None
        while trajectory is None:
            with polite_threads():
                trajectory = _advanced(part)
            if trajectory is None and control.stop_requested:
                part.close()
                return Sketched(ghosts, 1000 * (time.perf_counter() - begun))
            if trajectory is None and fine:
                yield None
        for i, rgba, prompt in zip(rows, trajectory.rgba(), trajectory.prompts, strict=True):
            index, thanks = indices[i], thanks_to(terms.model, prompt)
            drawn = Drawn(rgba, prompt=prompt, thanks=thanks, model=terms.model.title)
            ghosts[index] = Ghost(wished[index], terms, configs[i], drawn, fine)
    return Sketched(ghosts, 1000 * (time.perf_counter() - begun))


def _advanced(part: Run[T]) -> T | None:
    """Advance a run; return its result, or None while it goes on."""
    try:
        next(part)
    except StopIteration as end:
        result: T = end.value
        return result
    return None


@task()
def find_student(
    control: RunControl, model: Model, name: str, runs: Sequence[Path]
) -> Run[Model | None]:
    """The newest student of a model, loaded; None = it has none.

    Parameters
    ----------
    name : what it was opened by; students name their teacher by this or by its title.
    runs : run folders, newest first; shipped models come after them.
    """
    names = {model.title, name}
    from sprite_lab.core.errors import SpriteLabError
    from sprite_lab.engine.models.model import describe, load_model, shipped_models
    from sprite_lab.engine.runtime import memory_format

    found: list[Path] = []
    for path in runs:
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
            form = memory_format(student.device)  # rounding aside, the same sprites, sooner
            student.denoiser.to(memory_format=form)  # type: ignore[call-overload, unused-ignore]
            return student
    return None


def _is_of(student: Model, model: Model) -> bool:
    """Whether it draws the same sprites; other models may have the same title."""
    return (
        student.data_fingerprint == model.data_fingerprint
        and student.vocabulary == model.vocabulary
        and student.image_size == model.image_size
        and student.timesteps == model.timesteps
        and student.draws_alpha == model.draws_alpha
    )


@task()
def surprise(control: RunControl, model: Model, drawing: SpriteSet) -> Run[Verdict]:
    """The model's Verdict on the one sprite of a set."""
    from sprite_lab.engine.measuring.measuring import judge_iter
    from sprite_lab.engine.runtime import polite_threads

    part = judge_iter(model, drawing, control)
    verdict = None
    while verdict is None:
        with polite_threads():
            verdict = _advanced(part)
        if verdict is None:
            yield None
    return verdict
