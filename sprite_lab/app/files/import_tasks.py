"""Tasks that read files to import, and write them as a data set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab import paths
from sprite_lab.app.data.data_tasks import save_iter
from sprite_lab.app.shell.text_format import set_title
from sprite_lab.app.task import Task, call, task
from sprite_lab.core.file_names import DEVICES
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.drawings import set_of_cells
from sprite_lab.core.sets.imports import ImportChoices, ImportPlan
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.words import marked, tr

if TYPE_CHECKING:
    from sprite_lab.formats.importing import ImportCache

# Pillow is slow to load, and the window does not need it.
# ruff: noqa: PLC0415


class ImportReader:
    """Plans imports of the same files repeatedly; rereads a file only if needed.

    All its tasks must run on one worker.
    """

    def __init__(self) -> None:
        self._cache: ImportCache = {}

    def plan(self, files: Sequence[Path], choices: ImportChoices) -> Task[ImportPlan]:
        def run(control: RunControl) -> Run[ImportPlan]:
            yield Progress(0, 0, tr("Scanning files"))
            from sprite_lab.formats.importing import plan_import_iter

            return (yield from plan_import_iter(files, choices, control, self._cache))

        return Task(run, "files")


@task("files")
def write_set(
    control: RunControl, plan: ImportPlan, path: Path, base: SpriteSet | None = None
) -> Run[Path]:
    """Write a planned import to an ``.npz`` file, or to a store if ``path`` has its suffix.

    Returns the path. ``base``: a set to add the sprites to, which stays as it is.
    """
    yield Progress(0, 0, tr("Collecting the sprites"))
    return (yield from _written(plan.sprite_set(path.stem), path, base))


@task("files", marked("Writing the set"))
def write_drawings(
    control: RunControl,
    cells: Sequence[Cell],
    name: str,
    base: SpriteSet | None,
    known: Sequence[str] = (),
) -> Run[Path]:
    """Write drawings as a data set in the app's folder, with classes, words and credits.

    Returns its path. ``name``: the file's name without suffix, made unique. ``base``: a set to add
    the drawings to, which stays as it is. ``known``: classes that come first, in this order.
    """
    yield Progress(0, 0, tr("Collecting the sprites"))
    path = free_path(paths.sets_dir() / f"{file_stem(name) or 'sprites'}.npz")
    taken = () if base is None else base.names
    return (yield from _written(set_of_cells(cells, path.stem, known, taken), path, base))


def _written(sprites: SpriteSet, path: Path, base: SpriteSet | None) -> Run[Path]:
    from sprite_lab.core.sets.joining import joined
    from sprite_lab.data.near_copies import joined_groups_iter

    if base is not None:
        sprites = joined(base, sprites)
    # In steps, since comparing all pairs takes long and other jobs are waiting.
    groups = yield from joined_groups_iter(sprites)
    sprites = replace(sprites, group=groups)
    yield Progress(0, 0, tr("Writing {name}", name=path.name))
    path.parent.mkdir(parents=True, exist_ok=True)
    yield from save_iter(path, sprites)
    return path


@dataclass(frozen=True)
class Place:
    """Target of an import; ``taken``: whether a file exists there."""

    path: Path
    taken: bool


@call("files", marked("Finding where to save the set"))
def find_place(
    files: Sequence[Path],
    suffix: str,
    *,
    folder: Path | None = None,
    name: str = "",
    free: bool = False,
    before: str = "",
) -> Place:
    """Choose the target path of an import.

    ``folder``: None = the app's own. ``name``: without suffix; "" = named after the imported files
    and made unique. ``free``: add a number if the file exists. ``before``: prefix of the name.
    """
    path = default_path(files, suffix)
    path = (folder or path.parent) / f"{before}{name or path.stem}{suffix}"
    if free:
        path = free_path(path)
    return Place(path, path.exists())


def default_path(files: Sequence[Path], suffix: str = ".npz") -> Path:
    """The default target, named after the imported files and made unique."""
    first = files[0] if files else Path("sprites")
    named = first.name if first.is_dir() or len(files) != 1 else first.stem
    if len(files) > 1:
        named = first.parent.name
    return free_path(paths.sets_dir() / f"{file_stem(named) or 'sprites'}{suffix}")


#: Maximum length of a file name, without number and suffix, in bytes.
_MOST_BYTES = 200


def file_stem(text: str) -> str:
    """Turn a text into a file name, without suffix, that is valid on every system; may be ""."""
    plain = re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', " ", text)
    # Cut off between characters, with room for a number and a suffix.
    stem = plain.encode("utf-8", "ignore")[:_MOST_BYTES].decode("utf-8", "ignore").strip(" .")
    return f"_{stem}" if DEVICES.match(stem) else stem


def rescued_path(folder: Path, title: str) -> Path:
    """The path for unsaved changes to a set when the user cannot be asked."""
    stem = file_stem(set_title(title)) or "sprites"
    return free_path(folder / f"{tr('{stem}-unsaved', stem=stem)}.npz")


def free_path(path: Path) -> Path:
    """The path, with the next free number if the file exists."""
    numbered = re.fullmatch(r"(.+) (\d{1,6})", path.stem)
    stem, number = (numbered[1], int(numbered[2])) if numbered else (path.stem, 1)
    free = path
    while free.exists():
        number += 1
        free = path.with_name(f"{stem} {number}{path.suffix}")
    return free
