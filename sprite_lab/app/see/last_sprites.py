"""Keeps the last sprites of the reverse process and their branches in a file."""

from __future__ import annotations

import weakref
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from sprite_lab import paths
from sprite_lab.app.context import AppContext
from sprite_lab.app.see.branches import Branches
from sprite_lab.app.task import call
from sprite_lab.core.trajectories.branches import BranchTree
from sprite_lab.jobs import JobHandle
from sprite_lab.words import marked

#: Maximum number of bytes kept, since writing more would take over a second, and of branches, since
#: a file of arrays holds no more.
MOST_BYTES, MOST_BRANCHES = 20_000_000, 16


def path() -> Path:
    return paths.data_dir() / "sprites.npz"


@call("files", marked("Saving the sprites"))
def _write(tree: BranchTree, shown: int) -> None:
    from sprite_lab.formats.sets.trajectories import save_tree  # noqa: PLC0415 (as in ``tasks``)

    save_tree(path(), tree, shown)


@call("files", marked("Reading the last sprites"))
def _read() -> tuple[BranchTree, int]:
    from sprite_lab.formats.sets.trajectories import load_tree  # noqa: PLC0415 (as in ``tasks``)

    return load_tree(path())


@call("files", marked("Removing the last sprites"))
def _remove() -> None:
    path().unlink(missing_ok=True)


class LastSprites(QObject):
    """Keeps the tree that See shows, or last showed before a forward process. UI thread.

    Sprites drawn in lessons are not kept.
    """

    def __init__(self, context: AppContext, branches: Branches, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._branches = context, branches
        #: the tree in the file, by weak reference, and the number of the branch shown
        self._kept: tuple[weakref.ref[BranchTree], int] | None = None
        branches.changed.connect(self._keep)

    def bring_back(self) -> JobHandle | None:
        """Show the tree in the file; None = there is none."""
        if not path().is_file():
            return None
        return self._context.do(_read(), self, then=self._take, newest="last sprites", quiet=True)

    def _take(self, read: tuple[BranchTree, int]) -> None:
        tree, shown = read
        if self._context.trajectory.value is None:
            self._kept = weakref.ref(tree), shown
            self._branches.bring_back(tree, shown)

    @Slot()
    def _keep(self) -> None:
        tree, shown = self._branches.tree, self._branches.shown
        if tree is None or shown is None or self._context.in_lesson:
            return
        now = weakref.ref(tree), shown.number
        if len(shown.trajectory) == 1 or now == self._kept:
            return  # noise that waits for a model, or nothing has changed
        self._kept = now
        size = sum(branch.trajectory.nbytes for branch in tree.branches)
        small = size <= MOST_BYTES and len(tree) <= MOST_BRANCHES
        # If there are too many to keep, remove the file, so that the next launch draws the sprites
        # again rather than showing earlier ones.
        keep = _write(tree, shown.number) if small else _remove()
        self._context.do(keep, self, newest="last sprites", quiet=True)
