"""The open data set as a person changes it: labels, dropped sprites, groups, credits; undoable."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from sprite_lab import paths
from sprite_lab.app import data_tasks
from sprite_lab.app.context import AppContext
from sprite_lab.app.data_commands import DataCommand, Drop, Edition, Regroup, Relabel, SetCredits
from sprite_lab.core.credits import Credit, merge_credits
from sprite_lab.core.errors import ConfigError, SpriteLabError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sprites import SpriteSet

if TYPE_CHECKING:
    from sprite_lab.jobs import JobHandle

_log = logging.getLogger(__name__)

#: Dropping copies what stays, which takes too long and too much memory beyond this.
MOST_TO_DROP_FROM = 250_000

#: Steps of undo: a step holds up to 24 bytes for each sprite that it changes.
UNDO_LIMIT = 200

#: The longest name of a class.
MOST_CHARACTERS = 60


class DataEdits(QObject):
    """Edits of ``lab.data``. Every edit makes another immutable SpriteSet the open one.

    Sprites are named by rows of the set that is open now. UI thread.

    Attributes
    ----------
    stack : the history; a set that is opened has none.
    base : the set as it was opened, None = none is open.
    edition : what is changed of it.

    Signals
    -------
    clean_changed : bool; False = there is something to save.
    """

    clean_changed = Signal(bool)

    edition: Edition

    def __init__(self, lab: AppContext) -> None:
        super().__init__(lab)
        self._lab = lab
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(UNDO_LIMIT)
        self.base: SpriteSet | None = None
        self._current: SpriteSet | None = None
        self._saving: Edition | None = None
        lab.data.changed.connect(self._on_data)
        self.stack.cleanChanged.connect(self.clean_changed)

    # -- what there is ---------------------------------------------------------------------

    @property
    def is_clean(self) -> bool:
        """Whether everything is saved, or nothing was changed."""
        return self.stack.isClean()

    @property
    def rows(self) -> NDArray[np.intp]:
        """Where the open set's sprites are in ``base``: int (M,), rising."""
        return np.flatnonzero(self.edition.kept)

    @property
    def may_drop(self) -> bool:
        """Whether the set is small enough for sprites to be dropped from it."""
        return self.base is not None and len(self.base) <= MOST_TO_DROP_FROM

    def _on_data(self, sprites: SpriteSet | None, _old: object) -> None:
        """Another set was opened: what it is now is what is saved."""
        if sprites is self._current:
            return
        self.base = self._current = sprites
        self._saving = None
        if sprites is not None:
            self.edition = Edition(
                np.ones(len(sprites), np.bool_),
                sprites.labels,
                sprites.class_names,
                sprites.group,
                sprites.credits,
            )
        self.stack.clear()
        self.stack.setClean()

    # -- edits -----------------------------------------------------------------------------

    def relabel(self, rows: NDArray[np.intp], label: int) -> None:
        """Give sprites a class, -1 = none."""
        names = self._open().class_names
        if not -1 <= label < len(names):
            raise ConfigError(f"There is no class {label + 1}: the set has {len(names)}.")
        name = names[label] if label >= 0 else "no class"
        self._relabel(rows, label, names, f"Label {_sprites(len(rows))} {name}")

    def new_class(self, name: str, rows: NDArray[np.intp]) -> None:
        """Add a class and give it to sprites.

        Raises
        ------
        ConfigError
            If the name is blank, too long or taken.
        """
        names = self._open().class_names
        name = self._check_name(name, None)
        self._relabel(rows, len(names), (*names, name), f"New class {name}")

    def rename_class(self, label: int, name: str) -> None:
        """Call a class otherwise; ConfigError as of :meth:`new_class`."""
        names = list(self._open().class_names)
        before, names[label] = names[label], self._check_name(name, label)
        self._relabel(np.zeros(0, np.intp), -1, tuple(names), f"Rename {before} to {names[label]}")

    def remove_class(self, label: int) -> None:
        """Take a class away; its sprites then have none."""
        base, now = self._base(), self.edition
        names = now.class_names
        moved = now.labels >= label  # of dropped sprites too, which undo may bring back
        rows = np.flatnonzero(moved)
        before = now.labels[rows]
        after = np.where(before == label, -1, before - 1)
        left = names[:label] + names[label + 1 :]
        assert len(now.labels) == len(base)
        self._push(Relabel(self, rows, before, after, (names, left), f"Remove {names[label]}"))

    def _relabel(
        self, rows: NDArray[np.intp], label: int, names: tuple[str, ...], text: str
    ) -> None:
        at = self.rows[rows]
        before = self.edition.labels[at]
        after = np.full(len(at), label, np.int64)
        self._push(Relabel(self, at, before, after, (self.edition.class_names, names), text))

    def drop(self, rows: NDArray[np.intp], text: str = "") -> None:
        """Leave sprites out.

        Raises
        ------
        SpriteLabError
            If none would be left, or the set is too large for it.
        """
        sprites = self._open()
        rows = np.unique(rows)
        if not self.may_drop:
            raise SpriteLabError(
                f"Sprites can be dropped from sets of up to {MOST_TO_DROP_FROM:,}; take a part of "
                "this one by importing it."
            )
        if len(rows) >= len(sprites):
            raise SpriteLabError("A data set keeps at least one sprite; choose fewer.")
        self._push(Drop(self, self.rows[rows], text or f"Drop {_sprites(len(rows))}"))

    def keep_together(self, near: NDArray[np.int64]) -> None:
        """Join the set's groups with those of near-copies, int64 (M,)."""
        from sprite_lab.data.near_copies import join_groups  # noqa: PLC0415 (seldom needed)

        own = self._open().group
        group = near if own is None else join_groups(own, near)
        whole = np.arange(len(self._base())) + int(group.max()) + 1  # dropped ones stay alone
        whole[self.rows] = group
        self._push(Regroup(self, self.edition.group, whole.astype(np.int64)))

    def set_credit(self, credit: Credit) -> None:
        """Whom to thank for the sprites of one source; a blank credit takes it away."""
        before = self.edition.credits
        after = merge_credits(before, [credit])
        after = tuple(c for c in after if not c.is_blank)
        source = credit.source or "sprites without a source"
        self._push(SetCredits(self, before, after, f"Credit {source}"))

    def put(self, **changes: Any) -> None:
        """Exchange fields of the edition without history; for commands."""
        base = self._base()
        before, self.edition = self.edition, replace(self.edition, **changes)
        now, kept = self.edition, self.edition.kept
        same = base if kept.all() else self._current
        if now.kept is not before.kept:
            same = base if kept.all() else base.take(kept)
        assert same is not None
        self._current = replace(
            same,
            labels=now.labels if kept.all() else now.labels[kept],
            class_names=now.class_names,
            group=now.group if now.group is None or kept.all() else now.group[kept],
            credits=now.credits,
        )
        self._lab.data.set(self._current)

    def _push(self, command: DataCommand) -> None:
        # Qt would drop it as well, but with it everything that could be redone.
        if not command.isObsolete():
            self.stack.push(command)

    def _base(self) -> SpriteSet:
        if self.base is None:
            raise SpriteLabError("There is no data set to change: open one.")
        return self.base

    def _open(self) -> SpriteSet:
        self._base()
        assert self._current is not None
        return self._current

    def _check_name(self, name: str, label: int | None) -> str:
        name = name.strip()
        others = [n for i, n in enumerate(self._open().class_names) if i != label]
        if not name or not name.isprintable() or len(name) > MOST_CHARACTERS:
            raise ConfigError(f"A class needs a name of up to {MOST_CHARACTERS} characters.")
        if name in others:
            raise ConfigError(f"There is a class '{name}' already; choose another name.")
        return name

    # -- files -----------------------------------------------------------------------------

    def save(self, path: Path | str, then: Callable[[], object] | None = None) -> JobHandle:
        """Write the open set to an ``.npz``, which is then the open file.

        What is changed while it is written stays unsaved.
        """
        file, sprites, edition = Path(path), self._open(), self.edition
        lab = self._lab

        def saved(_: object) -> None:
            lab.notice.emit(f"Saved {file.name}.")
            lab.settings.remember("recent_data", str(file.resolve()))
            if self.edition is edition:
                lab.data_path = file
                lab.settings.replace(data=str(file.resolve()))
                self.stack.setClean()
                # Imported here because the window's start does not need it.
                from sprite_lab.formats.sprites import title_of  # noqa: PLC0415

                self._call(title_of(file))
            if then is not None:
                then()

        return lab.do(
            data_tasks.save_data(file, sprites), self, name=f"Saving {file.name}", then=saved
        )

    def _call(self, title: str) -> None:
        """Give the open set the name of its file, by which runs and reports call it."""
        data = self._lab.data
        if self._open().title == title:
            data.changed.emit(data.value, data.value)  # its file is another all the same
            return
        self.base, self._current = self._base().called(title), self._open().called(title)
        data.set(self._current)

    def discard(self) -> None:
        """Nothing is to be saved, whatever was changed."""
        self.stack.setClean()

    def rescue(self, *, now: bool = False) -> Path | None:
        """Keep a copy of changes among the user's sets where nobody can be asked; its path.

        ``now``: at once, on this thread, for the app ends.
        """
        if self.is_clean or self._current is None:
            return None
        name = re.sub(r"[^\w .-]+", "-", self._current.title)[:60] or "sprites"
        path, number = paths.sets_dir() / f"{name}-unsaved.npz", 2
        while path.exists():
            path = path.with_name(f"{name}-unsaved-{number}.npz")
            number += 1
        task = data_tasks.save_data(path, self._current)
        self._lab.settings.remember("recent_data", str(path.resolve()))
        if now:
            try:
                drain(task(RunControl()))
            except SpriteLabError as error:
                _log.error("unsaved changes of the data set are lost: %s", error)
            return path
        told = f"The changes of {self._lab.data_title} are kept as {path.name} among your sets."
        notice = self._lab.notice
        self._lab.do(task, self, name=f"Saving {path.name}", then=lambda _: notice.emit(told))
        return path


def _sprites(count: int) -> str:
    return f"{count:,} sprite{'s' if count != 1 else ''}"
