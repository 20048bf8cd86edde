"""Decides what opening a dropped or chosen path would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path
from typing import Literal

from sprite_lab.app.files.picture_tasks import ASEPRITE_SUFFIXES, PALETTE_SUFFIXES, PICTURE_SUFFIXES
from sprite_lab.app.task import task
from sprite_lab.core.config.animation import ANIMATION_SUFFIXES
from sprite_lab.core.run import Run, RunControl
from sprite_lab.formats.results import SUFFIX as RESULTS_SUFFIX
from sprite_lab.formats.sets.store import is_store, is_unfinished
from sprite_lab.words import marked, tr, trn

WEIGHT_SUFFIXES = (".safetensors", ".pth")
#: Suffixes of files that sprites can be imported from.
IMPORT_SUFFIXES = (*PICTURE_SUFFIXES, ".apng", ".zip", ".npz", ".npy", ".parquet", ".json")


@dataclass(frozen=True)
class Opening:
    """A kind of file, and a sentence about what opening it does."""

    kind: Literal[
        "data", "model", "both", "project", "picture", "import", "drawing", "lesson", "results",
        "unknown",
    ]  # fmt: skip
    sentence: str


def what_opens(path: Path, *others: Path) -> Opening:
    """Decide by names, and for a folder by which files it has; no file is read, since the pointer
    may only be hovering.
    """
    if others:
        return _what_opens_together((path, *others))
    name = path.name
    suffix = path.suffix.lower()
    if path.is_dir():
        if is_store(path):
            return Opening("data", tr("Open the sprite store “{name}” as the data set", name=name))
        if is_unfinished(path):
            return Opening(
                "unknown",
                tr(
                    "“{name}” is an unfinished sprite store: import the same files again to "
                    "continue it",
                    name=name,
                ),
            )
        if isfile(path / "run.json"):
            return Opening("model", tr("Open the training run “{name}” as the model", name=name))
        return Opening("import", tr("Import the sprites in the folder “{name}”", name=name))
    if suffix in (".npz", ".npy"):  # .npy: one of the pair of files that the course writes
        return Opening("data", tr("Open “{name}” as the data set", name=name))
    if suffix in WEIGHT_SUFFIXES:
        return Opening("model", tr("Open “{name}” as the model", name=name))
    if suffix == ".spritelab":
        return Opening("project", tr("Open the project “{name}”", name=name))
    if suffix in PALETTE_SUFFIXES:
        return Opening("drawing", tr("Draw with the palette “{name}”", name=name))
    if suffix in ASEPRITE_SUFFIXES:
        return Opening("drawing", tr("Draw on the frames of “{name}”", name=name))
    if suffix in ANIMATION_SUFFIXES:
        restore = tr("Restore the settings used for “{name}”", name=name)
        may_import = suffix in IMPORT_SUFFIXES
        return Opening(
            "picture",
            tr("{restore}, or import its sprites", restore=restore) if may_import else restore,
        )
    if name.endswith(RESULTS_SUFFIX):
        return Opening("results", tr("Show the lesson results in “{name}”", name=name))
    if suffix == ".json":
        return Opening("lesson", tr("Start the lesson “{name}”", name=name))
    if suffix in IMPORT_SUFFIXES:
        return Opening("import", tr("Import the sprites in “{name}”", name=name))
    return Opening(
        "unknown",
        tr(
            "“{name}” cannot be opened: open sprites (pictures, sheets, a folder, .zip, .npz, "
            ".npy, .parquet), a project (.spritelab), an Aseprite file, a palette (.gpl, .pal, "
            ".hex, .act), weights (.safetensors), a run folder, a lesson (.json), or a video "
            "exported by Sprite Lab",
            name=name,
        ),
    )


def is_data_set(path: Path) -> bool:
    """Whether a path is a file or a store that may be a data set."""
    return isfile(path) or is_store(path)


@task("network", marked("Reading the library"))
def find_gone(_control: RunControl, paths: Sequence[str]) -> Run[frozenset[str]]:
    """Those of the paths that are no file, sprite store or training run anymore.

    Not on the worker of files, which should not wait for a network drive that is gone: it may take
    a minute to answer.
    """
    gone = set()
    for path in paths:
        yield None
        if not (is_data_set(Path(path)) or isfile(Path(path) / "run.json")):
            gone.add(path)
    return frozenset(gone)


def _what_opens_together(paths: tuple[Path, ...]) -> Opening:
    """Decide for several paths: results of a class, a model with a data set, or else an import,
    regardless of what each path would do alone.
    """
    if all(path.name.endswith(RESULTS_SUFFIX) for path in paths):
        return Opening(
            "results", tr("Show the results of these {count:,} students", count=len(paths))
        )
    alone = {what_opens(path).kind: path.name for path in paths} if len(paths) == 2 else {}
    if {*alone} == {"data", "model"}:
        sentence = tr("Open “{model}” as the model and “{data}” as the data set", **alone)
        return Opening("both", sentence)
    holds = [path for path in paths if path.is_dir() or path.suffix.lower() in IMPORT_SUFFIXES]
    others = len(paths) - len(holds)
    hold_none = trn("one other has none", "{n:,} others have none", others)
    if not holds:
        return Opening(
            "unknown",
            tr(
                "None of these {count:,} files contains sprites: open them one by one",
                count=len(paths),
            ),
        )
    what = tr("Import the sprites in these {count:,} files and folders", count=len(holds))
    if len(holds) == 1:
        what = tr("Import the sprites in “{name}”", name=holds[0].name)
    return Opening("import", what + ("; " + hold_none if others else ""))


def drops_in_draw(path: Path, cell: int) -> Opening:
    """What dropping a picture or palette on a cell in Draw does."""
    name, suffix = path.name, path.suffix.lower()
    if suffix in PALETTE_SUFFIXES:
        return Opening("drawing", tr("Draw with the palette “{name}”", name=name))
    what = tr("Put “{name}” into cell {cell}", name=name, cell=cell + 1)
    if suffix in (*ASEPRITE_SUFFIXES, ".gif"):
        return Opening(
            "drawing", tr("{what}, and its other frames into the cells after it", what=what)
        )
    return Opening("drawing", tr("{what}, or cut it into cells if it is larger", what=what))
