"""Reading files to import, and writing them as a data set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sprite_lab import paths
from sprite_lab.app.data_tasks import save_iter
from sprite_lab.app.task import Task, task
from sprite_lab.core.imports import ImportChoices, ImportPlan
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sprites import SpriteSet

# Pillow is slow to load, and no window needs it.
# ruff: noqa: PLC0415


class ImportReader:
    """Makes plans of the same files again and again, and reads anew only what must be.

    Its runs must be advanced on one worker.
    """

    def __init__(self) -> None:
        self._cache: Any = None  # made by the first run: see above

    def plan(self, files: Sequence[Path], choices: ImportChoices) -> Task[ImportPlan]:
        """What would come of the files, an ImportPlan."""

        def run(control: RunControl) -> Run[ImportPlan]:
            yield Progress(0, 0, "Looking at the files")
            from sprite_lab.formats.importing import ImportCache, plan_import_iter

            if self._cache is None:
                self._cache = ImportCache()
            return (yield from plan_import_iter(files, choices, control, self._cache))

        return Task(run, "files")


@task("files")
def write_set(
    control: RunControl, plan: ImportPlan, path: Path, base: SpriteSet | None = None
) -> Run[Path]:
    """Write what was planned as a set of sprites; gives the path.

    Parameters
    ----------
    path : an ``.npz``, or a store where the name is that of one.
    base : a set that the sprites are added to; it stays as it is, and so does its file.
    """
    yield Progress(0, 0, "Gathering the sprites")
    from sprite_lab.core.joining import joined
    from sprite_lab.data.near_copies import joined_groups_iter

    sprites = plan.sprite_set(path.stem)
    if base is not None:
        sprites = joined(base, sprites)
    # Step by step: every pair is compared, and others wait for this worker.
    groups = yield from joined_groups_iter(sprites)
    sprites = replace(sprites, group=groups)
    yield Progress(0, 0, f"Writing {path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    yield from save_iter(path, sprites)
    return path


@dataclass(frozen=True)
class Place:
    """Where a set goes; ``taken``: whether a file is there that would be replaced."""

    path: Path
    taken: bool


@task("files")
def find_place(
    control: RunControl,
    files: Sequence[Path],
    suffix: str,
    *,
    folder: Path | None = None,
    name: str = "",
    free: bool = False,
    before: str = "",
) -> Run[Place]:
    """Where the set of these files goes, a Place.

    Parameters
    ----------
    folder : None = the app's.
    name : of the file, without suffix; "" = after its files, and no name twice.
    free : whether it gets a number if there is a file of that name.
    before : what comes before the name.
    """
    yield None
    path = default_path(files, suffix)
    path = (folder or path.parent) / f"{before}{name or path.stem}{suffix}"
    if free:
        path = free_path(path)
    return Place(path, path.exists())


def default_path(files: Sequence[Path], suffix: str = ".npz") -> Path:
    """Where the set is written unless told otherwise: named after its files, no name twice."""
    first = files[0] if files else Path("sprites")
    named = first.name if first.is_dir() or len(files) != 1 else first.stem
    if len(files) > 1:
        named = first.parent.name
    return free_path(paths.sets_dir() / f"{file_stem(named) or 'sprites'}{suffix}")


def file_stem(text: str) -> str:
    """A text as a file's name, without what some systems do not allow in one."""
    return re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', " ", text).strip(" .")


def free_path(path: Path) -> Path:
    """The path, or with a number after its name where there is a file of that name."""
    number, free = 2, path
    while free.exists():
        free = path.with_name(f"{path.stem} {number}{path.suffix}")
        number += 1
    return free
