"""Opens, saves and creates projects, and puts sprites into them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from sprite_lab import paths
from sprite_lab.app.context import AppContext
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.project import Project
from sprite_lab.app.task import call
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.pixels.cell_sets import with_room
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

#: Delay from the first sign of a change to reading the file, in milliseconds, since a save gives
#: several signs.
SETTLE_MS = 250

#: The kind of job that saves a project.
_SAVING = "save project"

#: Time, size and inode of a file; changes whenever the file does.
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Held:
    """A project's file in the state in which this window last read or wrote it."""

    path: Path
    #: held while the project is open; None = another window has it, and this one is read-only
    lock: IO[bytes] | None
    stamp: Stamp | None = None  #: the file's stamp when last read or written; None = unknown

    @property
    def is_own(self) -> bool:
        """Whether this window may write it."""
        return self.lock is not None

    def release(self, kept: Held | None = None) -> None:
        """Release the lock, unless ``kept`` has the same one."""
        if self.lock is not None and (kept is None or kept.lock is not self.lock):
            self.lock.close()


def hold(path: Path, known: Held | None = None) -> Held:
    """Lock the file of a project for this window; without a ``lock`` if another window has it.

    ``known``: what this window holds already, which is returned if it is the same file.
    """
    if known is not None and known.is_own and known.path == path:
        return known  # without asking the drive, on the UI thread
    whole = Path(os.path.realpath(path))
    if known is not None and known.is_own and known.path == whole:
        return known
    name = hashlib.sha256(os.path.normcase(os.fsencode(whole))).hexdigest()[:32]
    try:
        folder = paths.data_dir() / "locks"
        folder.mkdir(exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    if not writable:  # as on file systems without locks
        return Held(whole, open(os.devnull, "rb"))
    return Held(whole, lock(folder / name))


def _stamp_of(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


@call("files")
def read_project(path: Path) -> tuple[CellSheet, Stamp | None]:
    """Read a project, and the stamp of its file."""
    from sprite_lab.formats.project import load_project  # noqa: PLC0415 (Pillow takes a while)

    stamp = _stamp_of(path)
    return load_project(path), stamp


@call("files")
def write_project(path: Path, sheet: CellSheet, held: Held) -> tuple[CellSheet, Stamp | None]:
    """Write a project; returns the same as :func:`read_project`.

    Raises FileError if another window has the file, another program has changed it since
    ``held.stamp``, or it cannot be written.
    """
    from sprite_lab.formats.project import save_project  # noqa: PLC0415 (as above)

    if not held.is_own:
        raise FileError(
            "“{name}” is open in another window of Sprite Lab; save under another name.",
            name=path.name,
        )
    if held.stamp is not None and _stamp_of(path) not in (held.stamp, None):
        raise FileError(
            "Another program changed “{name}” after you opened it here; use Save as… to "
            "overwrite it or keep both.",
            name=path.name,
        )
    save_project(path, sheet)
    return sheet, _stamp_of(path)


class FileWatch(QObject):
    """Signals when another program changes a file. UI thread."""

    changed = Signal()  #: the file has changed

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher: QFileSystemWatcher | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.changed)

    def watch(self, path: Path | None) -> None:
        """Watch a file instead of the previous one; None = no file."""
        if self._watcher is not None:
            self._watcher.deleteLater()
            self._watcher = None
        self._settle.stop()
        if path is not None:
            # Watch the folder, too: only it reports when a save replaces the file.
            self._watcher = QFileSystemWatcher([str(path), str(path.parent)], self)
            self._watcher.fileChanged.connect(lambda *_: self._settle.start())
            self._watcher.directoryChanged.connect(lambda *_: self._settle.start())


class ProjectIO:
    """Reads and writes the project's file. UI thread.

    A project that is open in another window is read-only here and follows what is saved there; once
    that window closes it, it can be edited here. Actions requested during a save are carried out
    after it.
    """

    def __init__(
        self, context: AppContext, project: Project, bring_back: Callable[[CellSheet], object]
    ) -> None:
        """``bring_back`` opens the model and the data set that a project was saved with."""
        self._context, self._project, self._bring_back = context, project, bring_back
        self._held: Held | None = None
        self._watch = FileWatch(context)
        self._watch.changed.connect(self._follow)
        self._told = False
        project.refused.connect(self._on_refused)

    def take(self, rgba: NDArray[np.uint8], prompt: Prompt | None = None, thanks: str = "") -> None:
        """Like :meth:`take_several`, for one sprite, uint8 (H, W, 4)."""
        self.take_several(rgba[None], [prompt or Prompt()], [thanks])

    def take_several(
        self, rgba: NDArray[np.uint8], prompts: Sequence[Prompt], thanks: Sequence[str]
    ) -> None:
        """Put sprites, uint8 (N, H, W, 4), into the first blank cells, and show these in Draw.

        Rows are added if needed; sprites for which there is still no room are left out. The cells
        ask for ``prompts``; ``thanks``: for each sprite, the credits of its model or set, one per
        line. Raises SpriteLabError if sprites and cells differ in size, or there is no room at all.
        """
        side = self._project.side
        if rgba.shape[1:] != (side, side, 4):
            raise SpriteLabError(
                "The cells of the project are {side}×{side} pixels, but this sprite is "
                "{width}×{height}: change the cell size in Draw, or start a new project.",
                side=side,
                width=rgba.shape[2],
                height=rgba.shape[1],
            )
        sheet, places = with_room(self._project.snapshot(), 0, len(rgba))
        if not places:
            raise SpriteLabError(
                "The project already has {most} cells, the maximum, and none is blank: clear some "
                "in Draw.",
                most=MOST_CELLS,
            )
        after = {
            place: Cell(
                one.tobytes(), sheet.cells[place].conditions.for_another(asked), thanks=owed
            )
            for place, one, asked, owed in zip(places, rgba, prompts, thanks, strict=False)
        }
        text = trn("Take sprite", "Take {n} sprites", len(after))
        self._project.push(sheet.with_cells(after), text)
        said = tr("The sprite is in cell {index} of the project.", index=places[0] + 1)
        if len(rgba) > 1:
            said = trn(
                "{n} sprite is in the project, in cell {index}: no other was blank.",
                "{n} sprites are in the project, from cell {index} on.",
                len(after),
                index=places[0] + 1,
            )
        self._context.notice.emit(said)
        self._context.workspace_wanted.emit("draw", "")
        self._context.cells_wanted.emit(tuple(places))

    def new(self, sheet: CellSheet | None = None) -> None:
        """Replace the project with a new one and go to Draw.

        ``sheet``: its content, which counts as unsaved; None = blank cells and the current palette,
        to which they are locked if most of the current cells are.
        """
        if self._context.after(_SAVING, lambda: self.new(sheet)):
            return
        self._hold(None)
        cells = self._project.cells
        new = CellSheet(palette=self._project.palette)
        if 2 * sum(cell.conditions.lock_palette for cell in cells) > len(cells):
            new = new.with_cells({i: c.asking(lock_palette=True) for i, c in enumerate(new.cells)})
        self._project.load(sheet or new)
        if sheet is not None:
            self._project.history.mark_dirty()
        self._context.settings.replace(project="")
        self._context.workspace_wanted.emit("draw", "")

    def open(self, path: Path | str, *, at_start: bool = False) -> JobHandle:
        """Open a project in place of the current one. A bad file changes nothing.

        ``at_start``: the last session is being restored. Then anything drawn meanwhile takes
        precedence, and the workspace stays as it is.
        """
        file = Path(path)
        if job := self._context.after(_SAVING, lambda: self.open(file, at_start=at_start)):
            return job

        def take(read: tuple[CellSheet, Stamp | None]) -> None:
            # Otherwise the file of a save begun meanwhile would become that of this project.
            if self._context.after(_SAVING, lambda: take(read)):
                return
            if at_start and not self._project.is_clean:
                return
            held = hold(file, self._held)
            self._take(read, file, held)
            self._remember(file)
            if not held.is_own:
                self._context.notice.emit(
                    tr(
                        "{name} is open in another window: you can view it here, and it follows "
                        "what is saved there. Save as… makes a copy to draw on.",
                        name=file.name,
                    )
                )
            if not at_start:
                self._bring_back(read[0])
                self._context.workspace_wanted.emit("draw", "")

        return self._context.do(
            read_project(file),
            self._context,
            name=tr("Opening {name}", name=file.name),
            then=take,
            newest="project",
            quiet=at_start,
        )

    def _take(self, read: tuple[CellSheet, Stamp | None], file: Path, held: Held) -> None:
        sheet, stamp = read
        self._hold(replace(held, stamp=stamp))
        self._project.load(sheet, file, read_only=not held.is_own)
        self._project.set_title(file.stem)

    def _hold(self, held: Held | None) -> None:
        """Hold a file for this window, or else follow it, and release the previous one."""
        if self._held is not None:
            self._held.release(held)
        self._held = held
        self._told = False
        self._context.mend("write_project")  # what could not be saved is no longer open
        self._watch.watch(held.path if held is not None and not held.is_own else None)

    def own(self, path: Path) -> bool:
        """Hold the file of a project that was loaded elsewhere; returns whether it was free."""
        held = hold(path, self._held)
        self._hold(replace(held, stamp=_stamp_of(path)) if held.is_own else None)
        return held.is_own

    def _follow(self) -> None:
        """Show what another window saved, and take over the file once it is free."""
        before, path = self._held, self._project.path
        if before is None or path is None or before.is_own:
            return

        def take(read: tuple[CellSheet, Stamp | None]) -> None:
            if self._held is not before:
                return
            held = hold(path)
            if held.is_own or read[1] != before.stamp:
                self._take(read, path, held)
            if held.is_own:
                self._context.notice.emit(tr("You can draw on {name} here now.", name=path.name))

        # Ignore errors: the file may be half-written or missing, and the next change will be read.
        self._context.do(
            read_project(path),
            self._context,
            name=tr("Following {name}", name=path.name),
            then=take,
            newest="follow",
            quiet=True,
        )

    def _on_refused(self) -> None:
        if not self._told and self._project.path is not None:
            self._told = True
            self._context.notice.emit(
                tr(
                    "{name} is open in another window, so you cannot change it here: close it "
                    "there, or use Save as….",
                    name=self._project.path.name,
                )
            )
        self._follow()

    def _remember(self, file: Path) -> None:
        """Make the next launch open the file again."""
        self._context.settings.remember("recent_projects", str(file.absolute()))
        self._context.settings.replace(project=str(file.absolute()))

    def save(
        self, path: Path | str, then: Callable[[], object] | None = None, *, over: bool = False
    ) -> JobHandle:
        """Save the project; ``then`` is called once it is on disk.

        ``over`` : whether to replace what another program has written there meanwhile.
        """
        file = Path(path)
        if job := self._context.after(_SAVING, lambda: self.save(file, then, over=over)):
            return job
        held = hold(file, self._held)
        if over:
            held = replace(held, stamp=None)

        def saved(written: tuple[CellSheet, Stamp | None]) -> None:
            sheet, stamp = written
            self._hold(replace(held, stamp=stamp))
            self._project.accept_edits()
            self._project.set_title(file.stem)
            self._project.mark_clean(sheet, file)
            self._remember(file)
            self._context.notice.emit(tr("Saved {name}.", name=file.name))
            if then is not None:
                then()

        def ended(outcome: Outcome) -> None:
            if outcome.kind != "completed":
                held.release(self._held)

        settings = self._context.settings.value
        sheet = replace(
            self._project.snapshot(),
            model=settings.model or None,
            data=None if self._context.data.value is None else settings.data,
        )
        job = self._context.do(
            write_project(file, sheet, held),
            self._context,
            name=tr("Saving {name}", name=file.name),
            then=saved,
            newest=_SAVING,
        )
        job.ended.connect(ended)
        return job
