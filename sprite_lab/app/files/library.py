"""The library: models that ship with the app, and the runs trained here.

The library is not part of a project, and changes to it cannot be undone.
"""

from __future__ import annotations

import datetime
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile

from sprite_lab import paths
from sprite_lab.app.shell.text_format import (
    DOT,
    date_words,
    preset_title,
    run_words,
    set_title,
    size_text,
)
from sprite_lab.app.task import call, task
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels import characters
from sprite_lab.core.presets import FEW_STEPS
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import BUILTIN, BUILTIN_TITLE
from sprite_lab.paths import resource
from sprite_lab.words import marked, tr, trc, trn

#: Models for a first launch; the first that exists is opened. Raters would use the sprites of
#: "builtin" most (tests/benchmarks/README.md), and its training set ships with the app.
OPENING = ("builtin", "real")


@dataclass(frozen=True)
class ShippedModel:
    """A model that ships with the app. ``teacher``: title of the model that a student was distilled
    from; None = not a student.
    """

    name: str
    title: str
    data_title: str
    teacher: str | None
    bytes: int

    @property
    def facts(self) -> str:
        """A few lines about the model."""
        student = tr("\nA student: needs few steps") if self.teacher else ""
        if self.name == characters.MODEL:
            student = "\n" + tr(
                "Character, in the Run menu, uses it by itself for cells of {side}×{side}, "
                "whichever model is open",
                side=characters.MODEL_CELL,
            )
        return tr(
            "{title}\nTrained on {data_title}, {size_text}{student}",
            title=self.title,
            data_title=set_title(self.data_title),
            size_text=size_text(self.bytes),
            student=student,
        )

    @property
    def card(self) -> Path:
        """The model card, in Markdown."""
        return resource("models", self.name, "card.md")


def is_shipped(ref: str | Path) -> bool:
    """Whether a reference names a model that ships with the app."""
    name = str(ref)
    weights = resource("models", name, "weights.safetensors")
    return bool(re.fullmatch(r"[\w-]+", name)) and weights.is_file()


def opening_model() -> str | None:
    """The model that a first launch opens; None = a checkout without models."""
    return next(filter(is_shipped, OPENING), None)


@call(name=marked("Reading the library"))
def scan_shipped() -> tuple[ShippedModel, ...]:
    """Every model that ships with the app. Loads torch."""
    from sprite_lab.engine.models.model import shipped_models  # noqa: PLC0415 (imports torch)

    return tuple(
        ShippedModel(
            name=found.name,
            title=trc("model", found.title),
            data_title=BUILTIN_TITLE if found.data == BUILTIN else found.data,
            teacher=found.student,
            bytes=found.path.stat().st_size,
        )
        for found in shipped_models()
    )


@dataclass(frozen=True)
class RunEntry:
    """A run folder. ``step`` None = no checkpoint; ``modified``: Unix time, in seconds.

    ``name``: given by the user; "" = none. ``preset``, ``data_fingerprint``: those of its settings
    and of its training set; "" = unknown. ``complete``: whether it trained as long as it could
    without copying its sprites. ``copies``: share of copies among its last samples; None = not
    measured.
    """

    path: Path
    title: str
    step: int | None
    checkpoints: int
    data_title: str
    bytes: int
    modified: float
    name: str = ""
    preset: str = ""
    data_fingerprint: str = ""
    complete: bool = False
    copies: float | None = None

    @property
    def has_learned(self) -> bool:
        """Whether it has trained for long enough, or as long as it could (``complete``)."""
        return self.complete or (self.step or 0) >= FEW_STEPS

    @property
    def words(self) -> tuple[str, str]:
        """Its name, and its preset and date as one text; together, they identify it."""
        name, when = run_words(self.path.name)
        return self.name or name, DOT.join(filter(None, (preset_title(self.preset), when)))

    @property
    def facts(self) -> str:
        """One line about it."""
        steps = tr("no checkpoint")
        if self.step is not None:
            steps = trn("{n:,} step", "{n:,} steps", self.step)
        facts = [steps, size_text(self.bytes)]
        with suppress(OverflowError, ValueError, OSError):  # no date that a calendar has
            then = datetime.datetime.fromtimestamp(self.modified)
            facts.append(date_words(then.month, then.day, then.strftime("%H:%M")))
        return ", ".join(facts)


@task("files", marked("Reading the library"))
def scan_runs(control: RunControl, folder: Path) -> Run[tuple[RunEntry, ...]]:
    """List every run in a folder, newest first."""
    entries = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        with suppress(OSError):  # such as a folder of another user; still list the others
            if (path / "run.json").is_file():
                yield None
                entries.append(_entry(path))
    return tuple(sorted(entries, key=lambda entry: -entry.modified))


def _entry(path: Path) -> RunEntry:
    # Imported here because this module is loaded before the window is shown.
    from sprite_lab.engine.training.run_folder import RunFolder  # noqa: PLC0415

    # A damaged run is still listed, so that it can be deleted.
    data_title, fingerprint, name, preset, steps = tr("unknown sprites"), "", "", "", []
    complete, copies = False, None
    with suppress(FileError):
        folder = RunFolder(path)
        steps, name = folder.steps(), folder.read_name()
        data = folder.read_data(prompts=False)
        data_title, fingerprint = data.title, data.fingerprint
        config, complete = folder.read_config(), folder.read_is_complete()
        preset = config.preset
        if config.max_copies:
            copies = folder.newest("copies")["copies"]
    stats = []
    for file in path.rglob("*"):
        with suppress(FileNotFoundError):  # a running training replaces its files
            status = file.lstat()
            if stat.S_ISREG(status.st_mode):
                stats.append(status)
    return RunEntry(
        path=path,
        title=name or ", ".join(filter(None, run_words(path.name))),
        step=steps[-1] if steps else None,
        checkpoints=len(steps),
        data_title=data_title,
        bytes=sum(status.st_size for status in stats),
        modified=max((status.st_mtime for status in stats), default=0.0),
        name=name,
        preset=preset,
        data_fingerprint=fingerprint,
        complete=complete,
        copies=copies,
    )


@call("files")
def rename_run(path: Path, name: str) -> None:
    """Name a run; "" = its original name. Its folder stays in place."""
    from sprite_lab.engine.training.run_folder import RunFolder  # noqa: PLC0415 (as in _entry)

    RunFolder(path).write_name(name)


@call("files")
def move_to_trash(path: Path) -> Path:
    """Move a file or folder to the system's trash, unless it is gone; returns the path.

    Raises FileError if a process trains in it or the system refuses.
    """
    if in_training(path):
        raise FileError(
            "“{name}” is being trained, by another window or program: stop that first.",
            name=path.name,
        )
    moved = QFile.moveToTrash(str(path))
    if not (moved[0] if isinstance(moved, tuple) else moved) and path.exists():
        raise FileError(
            "“{name}” cannot be moved to the trash; show it in its folder and delete it there.",
            name=path.name,
        )
    return path


@call("files", marked("Reading the library"))
def find_interrupted(run: Path) -> Path | None:
    """Return the run if no process trains it anymore, even if its folder is gone, else None."""
    return None if in_training(run) else run


def in_training(run: Path) -> bool:
    from filelock import Timeout  # noqa: PLC0415 (as in _entry)

    from sprite_lab.engine.training.run_folder import RunFolder  # noqa: PLC0415

    if not (run / ".lock").is_file():
        return False
    try:
        with RunFolder(run).lock():
            return False
    except Timeout:
        return True
    except (FileError, OSError):  # damaged folders can be removed, too
        return False


def new_run_folder(title: str) -> Path:
    """A free path for a run, made of date, time and title of the data set.

    No other run of the same minute has the same name, since titles of runs leave out the seconds.
    """
    now = datetime.datetime.now()
    minute = now.strftime("%Y%m%d-%H%M")
    name = base = re.sub(r"[^\w.-]+", "-", title.lower()).strip("-.")[:40] or "sprites"
    folder, number = paths.runs_dir(), 2
    while any(folder.glob(f"{minute}[0-5][0-9]-{name}")):
        name = f"{base}-{number}"
        number += 1
    return folder / f"{minute}{now.second:02}-{name}"
