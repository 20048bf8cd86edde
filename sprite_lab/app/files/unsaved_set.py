"""Recovery of unsaved changes to the data set: a copy is kept, and saved as a set after a crash."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject

from sprite_lab import paths
from sprite_lab.app.data.data_tasks import save_iter
from sprite_lab.app.files.file_lock import lock
from sprite_lab.app.files.import_tasks import free_path, rescued_path
from sprite_lab.app.files.unsaved_copy import UnsavedCopy
from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task, call, task
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.formats.atomic import write_whole
from sprite_lab.words import marked, tr

#: Delay from the first change since the last copy to the next copy, and the additional delay for
#: each sprite, in milliseconds: a worker writes some 40 sprites in a millisecond.
DELAY_MS, MORE_MS = 2000, 0.2

#: The largest set that is copied; changes to larger ones are saved only at a regular exit.
MOST_SPRITES = 100_000


class UnsavedSet(UnsavedCopy):
    """Copies the open set while it has unsaved changes, except during a lesson. UI thread."""

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(lab, lab.edits, parent)

    @property
    def path(self) -> Path | None:
        """Path of the copy; None = there is none."""
        return self._path

    def take_over(self) -> None:
        """Move the copies that crashed sessions left behind to the user's sets, and report it."""

        def told(moved: tuple[Path, ...]) -> None:
            for path in moved:
                self._lab.settings.remember("recent_data", str(path.absolute()))
                text = tr(
                    "Unsaved changes of the last session were saved as {name} in your sets.",
                    name=path.name,
                )
                self._lab.notice.emit(text)

        self._lab.do(_taken_over(), self, then=told, quiet=True)

    def forget(self) -> None:
        super().forget()
        # While a copy is being written, new changes use the same path.
        if self._lab.newest(self._writing) is None:
            self.release()  # the next set may have another title

    def release(self) -> None:
        path = self._path
        super().release()
        if path is not None:
            with suppress(OSError):
                _lock_of(path).unlink(missing_ok=True)

    def _delay(self) -> int | None:
        if self._lab.in_lesson or len(self._set()) > MOST_SPRITES:
            return None
        return round(DELAY_MS + MORE_MS * len(self._set()))

    def _saving(self) -> Task[object]:
        return _saving(self._claim(self._set()), self._set())

    def _set(self) -> SpriteSet:
        """The open set; with unsaved changes, there is one."""
        assert self._lab.data.value is not None
        return self._lab.data.value

    def _claim(self, sprites: SpriteSet) -> Path:
        """The path of the copy, locked against other windows until released."""
        if self._path is None:
            with suppress(OSError):  # writing will report it
                _folder().mkdir(exist_ok=True)
            self._path = rescued_path(_folder(), sprites.title)
            while (held := lock(_lock_of(self._path))) is None and _lock_of(self._path).exists():
                # It belongs to another window.
                self._path = free_path(self._path.with_stem(f"{self._path.stem}-2"))
            self._lock = held
        return self._path


def _folder() -> Path:
    return paths.data_dir() / "unsaved"


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


@task("files", marked("Keeping a copy of the changes"))
def _saving(_control: RunControl, path: Path, sprites: SpriteSet) -> Run[None]:
    yield from save_iter(path, sprites)


@call("files", marked("Saving unsaved changes"))
def _taken_over() -> tuple[Path, ...]:
    """Move the copies to the user's sets; returns their new paths."""
    found = []
    for path in sorted(_folder().glob("*.npz")):
        held = lock(_lock_of(path))
        if held is None:
            continue  # it belongs to another window
        with held:
            moved = free_path(paths.sets_dir() / path.name)
            write_whole(moved, path.read_bytes())  # a link may lead to another disk
            path.unlink()
            found.append(moved)
        _lock_of(path).unlink(missing_ok=True)
    return tuple(found)
