"""What opening a dropped or chosen path would do."""

from __future__ import annotations

from dataclasses import dataclass
from os.path import isfile
from pathlib import Path
from typing import Literal

from sprite_lab.app.files.picture_tasks import ASEPRITE_SUFFIXES, PALETTE_SUFFIXES, PICTURE_SUFFIXES
from sprite_lab.formats.results import SUFFIX as RESULTS_SUFFIX
from sprite_lab.formats.sets.store import is_store, is_unfinished

#: Suffixes of files that sprites can be imported from.
IMPORT_SUFFIXES = (*PICTURE_SUFFIXES, ".apng", ".zip", ".npz", ".npy", ".parquet", ".json")

#: Suffixes of files that may carry settings; see formats/metadata.py.
SETTINGS_SUFFIXES = (".png", ".apng", ".gif", ".webp", ".mp4", ".webm")


@dataclass(frozen=True)
class Opening:
    """A kind of file, and a sentence on what opening it does."""

    kind: Literal[
        "data", "model", "project", "picture", "import", "drawing", "lesson", "results", "unknown"
    ]
    sentence: str


def what_opens(path: Path, *others: Path) -> Opening:
    """Decide by the names alone: nothing is read, since the pointer may only be hovering."""
    if others:
        return _what_opens_together((path, *others))
    name = path.name
    suffix = path.suffix.lower()
    if path.is_dir():
        if is_store(path):
            return Opening("data", f"Open the sprite store “{name}” as the data set")
        if is_unfinished(path):
            return Opening(
                "unknown",
                f"“{name}” is a sprite store that was not finished: import the same files again, "
                "and it goes on where it ended",
            )
        if isfile(path / "run.json"):
            return Opening("model", f"Open the training run “{name}” as the model")
        return Opening("import", f"Import the sprites in the folder “{name}”")
    if suffix in (".npz", ".npy"):
        return Opening("data", f"Open “{name}” as the data set")
    if suffix in (".safetensors", ".pth"):  # the latter as the course writes them
        return Opening("model", f"Open “{name}” as the model")
    if suffix == ".spritelab":
        return Opening("project", f"Open the project “{name}”")
    if suffix in PALETTE_SUFFIXES:
        return Opening("drawing", f"Draw with the palette “{name}”")
    if suffix in ASEPRITE_SUFFIXES:
        return Opening("drawing", f"Draw on the frames of “{name}”")
    if suffix in SETTINGS_SUFFIXES:
        restore = f"Restore the settings that “{name}” was made with"
        may_import = suffix in IMPORT_SUFFIXES
        return Opening("picture", f"{restore}, or import its sprites" if may_import else restore)
    if name.endswith(RESULTS_SUFFIX):
        return Opening("results", f"Show the results “{name}” of lessons")
    if suffix == ".json":
        return Opening("lesson", f"Take the lesson “{name}”")
    if suffix in IMPORT_SUFFIXES:
        return Opening("import", f"Import the sprites in “{name}”")
    return Opening(
        "unknown",
        f"“{name}” cannot be opened: choose sprites (pictures, sheets, a folder, .zip, .npz, .npy, "
        ".parquet), a project (.spritelab), an Aseprite file, a palette (.gpl, .pal, .hex, .act), "
        "weights (.safetensors), a run folder, a lesson (.json), or a video that was exported here",
    )


def is_data_set(path: Path) -> bool:
    """Whether a path is a file or a store that may be a data set."""
    return isfile(path) or is_store(path)


def _what_opens_together(paths: tuple[Path, ...]) -> Opening:
    """Several paths are the results of a class, or else imported, whatever each would do alone."""
    if all(path.name.endswith(RESULTS_SUFFIX) for path in paths):
        return Opening("results", f"Show the results of these {len(paths):,} students")
    holds = [path for path in paths if path.is_dir() or path.suffix.lower() in IMPORT_SUFFIXES]
    others = len(paths) - len(holds)
    hold_none = "one other holds none" if others == 1 else f"{others:,} others hold none"
    if not holds:
        return Opening(
            "unknown", f"None of these {len(paths):,} files holds sprites: open them one by one"
        )
    what = f"Import the sprites in these {len(holds):,} files and folders"
    if len(holds) == 1:
        what = f"Import the sprites in “{holds[0].name}”"
    return Opening("import", what + ("; " + hold_none if others else ""))


def drops_in_draw(path: Path, cell: int) -> Opening:
    """What dropping a picture or palette over a cell in Draw does."""
    name, suffix = path.name, path.suffix.lower()
    if suffix in PALETTE_SUFFIXES:
        return Opening("drawing", f"Draw with the palette “{name}”")
    what = f"Put “{name}” into cell {cell + 1}"
    if suffix in (*ASEPRITE_SUFFIXES, ".gif"):
        return Opening("drawing", f"{what}, and its other frames into the cells after it")
    return Opening("drawing", f"{what}, or cut it into cells if it is larger")
