"""Imports files into a store part by part: they need not fit into memory, and an import that was
stopped can be resumed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.imports import ImportChoices, Refusal
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet
from sprite_lab.core.shares import group_of, value_of_first
from sprite_lab.formats.importing.plan import PlanPart, plan_parts_iter
from sprite_lab.formats.sets.parts import read_parts, ready_count
from sprite_lab.formats.sets.store import is_store, open_unfinished, part_of
from sprite_lab.formats.sets.store_writer import FindGroups, StoreWriter
from sprite_lab.words import tr

#: Maximum number of refused files that are listed; others are only counted.
MOST_NAMED = 1000


@dataclass
class StoreImport:
    """The result of an import."""

    count: int = 0  #: sprites in the store so far
    #: the finished store; None = stopped (and resumable), or nothing was imported
    sprites: SpriteSet | None = None
    refused: list[Refusal] = field(default_factory=list)
    refused_count: int = 0  #: number of files refused in this session
    duplicates: int = 0
    as_it_is: bool = False  #: whether the input, a single set or store, was taken as it is


def import_store_iter(
    paths: Sequence[Path],
    choices: ImportChoices,
    out: Path,
    control: RunControl,
    find_groups: FindGroups,
) -> Run[StoreImport]:
    """Import files into a new store, or continue the same import where it stopped.

    A single store, or a single file that already is a set of over MOST_STUDIED sprites, is taken as
    it is, with its groups. When stopped, what was read is kept beside ``out``; when canceled, it is
    deleted.

    Several processes share the reading and the search for near-copies. The first one writes the
    store, just as a single process would, and returns the result; the others must have access to
    ``out``.

    Raises FileError like :class:`~sprite_lab.formats.sets.store_writer.StoreWriter`, and RunError
    if another process fails.
    """
    group = group_of(control)
    if group is not None and group.rank:
        yield from _assist(paths, choices, out, control, find_groups)
        return StoreImport()
    result, grouped, searched = StoreImport(), False, False
    ready = ready_count(paths[0]) if len(paths) == 1 else 0
    result.as_it_is = ready > MOST_STUDIED or (ready > 0 and is_store(paths[0]))

    def find(sprites: SpriteSet) -> Run[NDArray[np.int64]]:
        nonlocal searched
        searched = True
        value_of_first(control, "search")
        return (yield from find_groups(sprites))

    with StoreWriter(out, _origin(paths, choices)) as writer:
        value_of_first(control, (result.as_it_is, writer.at))
        if result.as_it_is:
            for part in read_parts(paths[0], writer.count):
                value_of_first(control, "wait")
                if control.stop_requested:
                    break
                writer.append(part)
                grouped = part.group is not None
                yield Progress(writer.count, ready, tr("Writing the store"))
        else:
            for item in plan_parts_iter(paths, choices, control, writer.at):
                if isinstance(item, PlanPart):
                    _take(item, writer, result)
                    yield None
                else:
                    yield item
        result.count = writer.count
        if control.cancel_requested:
            writer.discard()
        elif writer.count and not control.stop_requested:
            result.sprites = yield from writer.finish_iter(None if grouped else find)
        if not searched:
            value_of_first(control, "end")
    return result


def _assist(
    paths: Sequence[Path],
    choices: ImportChoices,
    out: Path,
    control: RunControl,
    find_groups: FindGroups,
) -> Run[None]:
    """Do the share of work of a process other than the first."""
    as_it_is, after = value_of_first(control, (False, None))
    if not as_it_is:
        for item in plan_parts_iter(paths, choices, control, after):
            if isinstance(item, Progress):
                yield item
    while (word := value_of_first(control, "wait")) == "wait":
        yield None
    if word == "search":
        yield from find_groups(open_unfinished(part_of(out)))


def _take(item: PlanPart, writer: StoreWriter, result: StoreImport) -> None:
    plan = item.plan
    if len(plan):
        sprites = plan.sprite_set(writer.path.stem)
        assert sprites.group is not None
        # Groups and poses are numbered within a part, and must be distinct between parts.
        poses = np.where(sprites.pose_of < 0, -1, sprites.pose_of + writer.count)
        moved = replace(sprites, group=sprites.group + writer.count, pose_of=poses)
        writer.append(moved, at=item.last)
    result.refused_count += len(plan.refused)
    result.refused += plan.refused[: MOST_NAMED - len(result.refused)]
    result.duplicates += plan.duplicates


def _origin(paths: Sequence[Path], choices: ImportChoices) -> str:
    """Digest that identifies an import by its input files and choices."""
    named = [str(path.resolve()) for path in paths]
    return hashlib.sha256(repr((named, choices)).encode()).hexdigest()[:16]
