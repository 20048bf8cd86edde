"""Edits of the open data set, with undo: labels, dropped sprites, groups, credits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from sprite_lab import paths
from sprite_lab.app.context import AppContext
from sprite_lab.app.data import data_tasks
from sprite_lab.app.files.import_tasks import rescued_path
from sprite_lab.app.shell.text_format import class_words, source_words
from sprite_lab.core.errors import ConfigError, SpriteLabError
from sprite_lab.core.history import History
from sprite_lab.core.sets.credits import Credit, merge_credits
from sprite_lab.core.sets.editions import Edition
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

#: The largest set whose sprites can be dropped or given other words, since either copies the set.
MOST_TO_DROP_FROM = 250_000

#: Maximum number of undo steps, and of bytes they may hold. A step that changes labels throughout a
#: set holds 8 bytes per sprite.
UNDO_LIMIT, UNDO_BUDGET = 200, 256_000_000

#: The maximum length of a class name.
MOST_CHARACTERS = 60

#: The kind of job that saves the set.
_SAVING = "save data"


class DataEdits(QObject):
    """Edits ``context.data``; each edit replaces the immutable SpriteSet. UI thread.

    Rows are those of the current set.
    """

    clean_changed = Signal(bool)  #: False = there are unsaved changes
    history_changed = Signal()  #: the steps, the current one or the saved one changed

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._context = context
        self.base: SpriteSet | None = None  #: the set as it was opened; None = no set is open
        self._current: SpriteSet | None = None
        self._shown, self._was_clean = Edition.of(None), True
        self._opened = self._shown  # the set as it was opened
        #: versions of the set; opening a set starts over
        self.history = History(
            self._shown, self._on_history, parts=Edition.parts, budget=UNDO_BUDGET, limit=UNDO_LIMIT
        )
        context.data.changed.connect(self._on_data)

    # -- state -----------------------------------------------------------------------------

    @property
    def edition(self) -> Edition:
        """The changes to ``base``."""
        return self.history.value

    @property
    def is_clean(self) -> bool:
        """Whether there are no unsaved changes."""
        return self.history.is_clean

    @property
    def rows(self) -> NDArray[np.intp]:
        """Rows of ``base`` that are still in the open set: int (M,), ascending."""
        return self.edition.rows

    @property
    def may_drop(self) -> bool:
        """Whether the set is small enough to drop sprites from."""
        return self.base is not None and len(self.base) <= MOST_TO_DROP_FROM

    def _on_data(self, sprites: SpriteSet | None, _old: object) -> None:
        """Reset the history if another set was opened."""
        if sprites is not self._current:
            self.base = self._current = sprites
            self._shown = self._opened = Edition.of(sprites)
            self.history.reset(self._shown)

    def _on_history(self) -> None:
        before, now = self._shown, self.edition
        self._shown = now
        if now is not before and self.base is not None and self._current is not None:
            if now.kept.all():
                sprites = self.base
            elif now.kept is not before.kept:
                sprites = self.base.take(now.kept)
            else:  # the same pixels, without copying them
                sprites = replace(self._current, words=self.base.words[now.kept])
            self._current = now.apply(sprites)
            self._context.data.set(self._current)
        self.history_changed.emit()
        if self.is_clean != self._was_clean:
            self._was_clean = self.is_clean
            self.clean_changed.emit(self.is_clean)

    # -- edits -----------------------------------------------------------------------------

    def relabel(self, rows: NDArray[np.intp], label: int) -> None:
        """Assign a class to sprites; -1 = none."""
        names = self._open().class_names
        if not -1 <= label < len(names):
            raise ConfigError(
                "There is no class {label}: the set has {count}.", label=label + 1, count=len(names)
            )
        name = class_words(names[label]) if label >= 0 else tr("no class")
        self._relabel(
            rows, label, names, tr("Label {sprites} {name}", sprites=_sprites(len(rows)), name=name)
        )

    def new_class(self, name: str, rows: NDArray[np.intp]) -> None:
        """Add a class and assign it to sprites; raises ConfigError if its name is blank, too long
        or taken.
        """
        names = self._open().class_names
        name = self._check_name(name, None)
        self._relabel(rows, len(names), (*names, name), tr("New class {name}", name=name))

    def rename_class(self, label: int, name: str) -> None:
        """Rename a class; raises ConfigError like :meth:`new_class`."""
        names = list(self._open().class_names)
        before, names[label] = names[label], self._check_name(name, label)
        text = tr("Rename {before} to {names}", before=before, names=names[label])
        self.history.push(self.edition.relabeled(self.edition.labels, tuple(names)), text)

    def remove_class(self, label: int) -> None:
        """Remove a class; its sprites then have none."""
        name = class_words(self._open().class_names[label])
        self.history.push(self.edition.without_class(label), tr("Remove {name}", name=name))

    def _relabel(
        self, rows: NDArray[np.intp], label: int, names: tuple[str, ...], text: str
    ) -> None:
        labels = self.edition.labels
        labels[self.rows[rows]] = label
        self.history.push(self.edition.relabeled(labels, names), text)

    def add_words(self, rows: NDArray[np.intp], words: Sequence[str]) -> None:
        """Add words to sprites, after those they have; raises SpriteLabError for large sets."""
        after = {}
        for row, text in self._words_of(rows):
            before = text.split()
            if not set(words).issubset(before):
                after[row] = " ".join(dict.fromkeys((*before, *words)))
        what = tr(
            "Assign {words} to {sprites}", sprites=_sprites(len(after)), words=" ".join(words)
        )
        self.history.push(self.edition.worded(after), what)

    def remove_word(self, rows: NDArray[np.intp], word: str) -> None:
        """Remove a word from sprites; raises SpriteLabError for large sets."""
        after = {}
        for row, text in self._words_of(rows):
            if word in text.split():
                after[row] = " ".join(other for other in text.split() if other != word)
        self.history.push(
            self.edition.worded(after),
            tr("Remove {word} from {sprites}", word=word, sprites=_sprites(len(after))),
        )

    def _words_of(self, rows: NDArray[np.intp]) -> list[tuple[int, str]]:
        """The row in the original set, and the words, of each sprite."""
        sprites = self._open()
        if not self.may_drop:
            raise SpriteLabError(
                "Words can only be assigned in sets of up to {most_to_drop_from:,} sprites; "
                "import a part of this one.",
                most_to_drop_from=MOST_TO_DROP_FROM,
            )
        texts = [str(text) for text in sprites.words[rows]]
        return list(zip(self.rows[rows].tolist(), texts, strict=True))

    def drop(self, rows: NDArray[np.intp], text: str = "") -> None:
        """Drop sprites; raises SpriteLabError if none would remain or the set is too large."""
        sprites = self._open()
        rows = np.unique(rows)
        if not self.may_drop:
            raise SpriteLabError(
                "Sprites can only be removed from sets of up to {most_to_drop_from:,}; import a "
                "part of this one.",
                most_to_drop_from=MOST_TO_DROP_FROM,
            )
        if len(rows) >= len(sprites):
            raise SpriteLabError("A data set needs at least one sprite; select fewer.")
        text = text or tr("Remove {sprites}", sprites=_sprites(len(rows)))
        self.history.push(self.edition.without(self.rows[rows]), text)

    def keep_together(self, near: NDArray[np.int64]) -> None:
        """Join the set's groups with ``near``, groups of near-copies: int64 (M,)."""
        from sprite_lab.data.near_copies import join_groups  # noqa: PLC0415 (seldom needed)

        own = self._open().group
        group = near if own is None else join_groups(own, near)
        # Each dropped sprite becomes a group of its own.
        whole = np.arange(len(self.edition.kept), dtype=np.int64) + int(group.max()) + 1
        whole[self.rows] = group
        self.history.push(self.edition.grouped(whole), tr("Group near-copies"))

    def set_credit(self, credit: Credit) -> None:
        """Set the credit for the sprites of one source; a blank one removes it."""
        merged = merge_credits(self.edition.credits, [credit])
        after = tuple(c for c in merged if not c.is_blank)
        source = source_words(credit.source) or tr("sprites without a source")
        self.history.push(self.edition.credited(after), tr("Credit {source}", source=source))

    def _open(self) -> SpriteSet:
        if self._current is None:
            raise SpriteLabError("There is no data set to change: open one.")
        return self._current

    def _check_name(self, name: str, label: int | None) -> str:
        name = name.strip()
        others = [n for i, n in enumerate(self._open().class_names) if i != label]
        if not name or not name.isprintable() or len(name) > MOST_CHARACTERS:
            raise ConfigError(
                "A class needs a name of up to {most_characters} characters.",
                most_characters=MOST_CHARACTERS,
            )
        if name in others:
            raise ConfigError("There is already a class “{name}”; choose another name.", name=name)
        return name

    # -- files -----------------------------------------------------------------------------

    def save(self, path: Path | str, then: Callable[[], object] | None = None) -> JobHandle:
        """Save the open set as ``.npz``, or as a store if ``path`` has its suffix.

        ``path`` becomes the open file, unless another set is opened meanwhile.
        """
        file, sprites, edition, opened = Path(path), self._open(), self.edition, self._opened
        context = self._context

        def saved(_: object) -> None:
            context.notice.emit(tr("Saved {name}.", name=file.name))
            context.settings.remember("recent_data", str(file.absolute()))
            if self._opened is opened:
                context.data_path = file
                context.settings.replace(data=str(file.absolute()))
                self.history.mark_clean(edition)
                # Imported here because it is not needed when the window starts.
                from sprite_lab.formats.sets.sprites import title_of  # noqa: PLC0415

                self._retitle(title_of(file))
            if then is not None:
                then()

        def write() -> JobHandle:
            # Wait for an earlier save: of two jobs that have begun, a worker continues the newer
            # first, so the file would end up with the older content.
            if job := context.after(_SAVING, write):
                return job
            task = data_tasks.save_data(file, sprites)
            name = tr("Saving {name}", name=file.name)
            return context.do(task, self, name=name, then=saved, newest=_SAVING)

        return write()

    def _retitle(self, title: str) -> None:
        """Name the open set after its file, for runs and reports."""
        data = self._context.data
        if self._open().title == title:
            data.changed.emit(data.value, data.value)  # only the file changed, not the title
            return
        assert self.base is not None, "a set is open"
        self.base, self._current = self.base.called(title), self._open().called(title)
        data.set(self._current)

    def rescue(self) -> Path | None:
        """Save unsaved changes as a new set in the user's folder, when the user cannot be asked.

        Returns the path, or None if there is nothing to save.
        """
        if self.is_clean or self._current is None:
            return None
        path = rescued_path(paths.sets_dir(), self._current.title)
        self._context.settings.remember("recent_data", str(path.absolute()))
        text = tr(
            "The changes to {data_title} were saved as {name} in your sets.",
            data_title=self._context.data_title,
            name=path.name,
        )
        notice = self._context.notice
        self._context.do(
            data_tasks.save_data(path, self._current),
            self,
            name=tr("Saving {name}", name=path.name),
            then=lambda _: notice.emit(text),
        )
        return path


def _sprites(count: int) -> str:
    return trn("{n:,} sprite", "{n:,} sprites", count)
