"""Writes a store part by part; it may be interrupted at any moment and resumed.

While it is being written, its arrays are in ``NAME.sprites.part`` beside it, with a journal of how
much of each is safely on disk; the rest is cut off on resuming. Once complete, the folder is
renamed, so a folder ``NAME.sprites`` is always complete.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout
from numpy.lib import format as npy
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.core.plain import to_plain
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, relay
from sprite_lab.core.sets.credits import Credit, merge_credits
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet
from sprite_lab.core.sets.texts import Texts
from sprite_lab.formats.arrays import ArrayHeader
from sprite_lab.formats.atomic import atomic_write, sync_folder, unwritable
from sprite_lab.formats.folders import check_folder
from sprite_lab.formats.json_files import write_json
from sprite_lab.formats.reading import reading
from sprite_lab.formats.sets.sprite_checks import check_class_names, check_images_header
from sprite_lab.formats.sets.store import (
    DTYPES,
    JOURNAL,
    MANIFEST,
    SCHEMA_VERSION,
    SUFFIX,
    StoreFacts,
    StoreJournal,
    open_arrays,
    part_of,
    read_journal,
)
from sprite_lab.words import tr

#: Size of every array's header in bytes; numpy leaves room in it for the number of rows to grow.
_HEADER = 128


class StoreFiles:
    """The ``.npy`` files in a folder, to which rows are appended.

    All methods but :meth:`close` raise OSError if anything cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self.rows = dict.fromkeys(DTYPES, 0)  #: number of rows of each array

    def begin(self) -> None:
        """Create empty files."""
        for name in DTYPES:
            self._files[name] = (self._folder / f"{name}.npy").open("w+b")
            self._files[name].write(bytes(_HEADER))

    def reopen(self, rows: Mapping[str, int], size: tuple[int, int]) -> None:
        """Open the files and truncate them to this many rows.

        Raises FileError if one has fewer.
        """
        for name in DTYPES:
            file = self._files[name] = (self._folder / f"{name}.npy").open("r+b")
            if file.seek(0, os.SEEK_END) < _length(name, rows[name], size):
                raise FileError(
                    "'{name}' is damaged ('{array}.npy' is cut short); delete it and import again.",
                    name=self._folder.name,
                    array=name,
                )
            self.cut(name, rows[name], size)

    def append(self, name: str, rows: AnyArray) -> None:
        """Append rows, converted to this array's type."""
        for start in range(0, len(rows), BLOCK):
            part = np.ascontiguousarray(rows[start : start + BLOCK], DTYPES[name])
            self._files[name].write(part.data)
        self.rows[name] += len(rows)

    def cut(self, name: str, rows: int, size: tuple[int, int]) -> None:
        """Keep only the first rows of an array."""
        self._files[name].truncate(_length(name, rows, size))
        self._files[name].seek(0, os.SEEK_END)
        self.rows[name] = rows

    def replace(self, name: str, rows: AnyArray) -> None:
        """Replace a whole array atomically."""
        path = self._folder / f"{name}.npy"
        self._files.pop(name).close()
        with atomic_write(path) as file:
            file.write(bytes(_HEADER))
            file.write(np.ascontiguousarray(rows, DTYPES[name]).data)
        self._files[name] = path.open("r+b")
        self._files[name].seek(0, os.SEEK_END)
        self.rows[name] = len(rows)

    def read(self, name: str) -> AnyArray:
        """Read a whole array that has one axis."""
        file = self._files[name]
        file.seek(_HEADER)
        return np.frombuffer(file.read(), DTYPES[name])  # leaves the position at the end

    def write_headers(self, size: tuple[int, int]) -> None:
        """Write the number of rows into each header, so that anyone can open the arrays."""
        for name, file in self._files.items():
            file.seek(0)
            header = {
                "descr": npy.dtype_to_descr(DTYPES[name]),
                "fortran_order": False,
                "shape": (self.rows[name], *_row_shape(name, size)),
            }
            npy.write_array_header_1_0(file, header)
            assert file.tell() == _HEADER
            file.seek(0, os.SEEK_END)

    def make_safe(self) -> None:
        """Flush all files to disk."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        """Close the files; rows appended since :meth:`make_safe` may be lost."""
        while self._files:
            # On a full disk, the rest of the buffer is lost, but the file is closed anyway.
            with contextlib.suppress(OSError):
                self._files.popitem()[1].close()


def _row_shape(name: str, size: tuple[int, int]) -> tuple[int, ...]:
    height, width = size
    return {"images": (height, width, 3), "alpha": (height, width)}.get(name, ())


def _length(name: str, rows: int, size: tuple[int, int]) -> int:
    per_row = int(np.prod(_row_shape(name, size), dtype=np.int64)) * DTYPES[name].itemsize
    return _HEADER + rows * per_row


#: Number of sprites after which data is flushed to disk: 35 MB at 16x16.
SAFE_EVERY = 32_768

_LOCK = ".lock"

#: Finds the groups of a set, int64 (N,); it may merge the set's own groups.
FindGroups = Callable[[SpriteSet], Run[NDArray[np.int64]]]


class StoreWriter(AbstractContextManager["StoreWriter"]):
    """Writes a store, or resumes one from the same origin.

    A context manager. If the block ends before :meth:`finish_iter` is done, what was appended is
    kept for resuming; :meth:`discard` deletes it.

    Raises FileError if ``path`` exists or cannot be written, another process is writing it, or the
    unfinished store is damaged, has links in it or is from another origin.

    ``path``: the future store, ``NAME.sprites``. ``origin``: identifies where the sprites come
    from; a store begun from another origin is refused.
    """

    def __init__(self, path: str | Path, origin: str = "") -> None:
        self.path = Path(path)
        if self.path.suffix != SUFFIX:
            raise FileError(
                "'{name}' must be a name that ends in {suffix}.", name=self.path.name, suffix=SUFFIX
            )
        if os.path.lexists(self.path):
            raise FileError("'{name}' already exists; choose another name.", name=self.path.name)
        self.part = part_of(self.path)
        self.count = 0  #: number of sprites so far, including those before a resume
        #: last ``at`` passed to :meth:`append`: where the caller continues in its input; None = at
        #: the start
        self.at: str | None = None
        self._origin = origin
        self._size: tuple[int, int] | None = None
        self._classes: tuple[str, ...] = ()
        self._credits: tuple[Credit, ...] = ()
        self._grouped = True
        self._numbered: dict[str, dict[str, int]] = {"source": {}, "direction": {}}
        self._safe = 0
        self._torn = False  # whether some arrays have more rows than others
        self._files = StoreFiles(self.part)
        self._lock = FileLock(self.part / _LOCK, timeout=0, thread_local=False)
        self._open()

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- starting and resuming --------------------------------------------------------------------

    def _open(self) -> None:
        try:
            if self.part.is_symlink():
                raise FileError(
                    "'{name}' is a link; delete it, or choose another name.", name=self.part.name
                )
            self.part.mkdir(exist_ok=True)
            check_folder(self.part)
            self._lock.acquire()
        except Timeout:
            raise FileError(
                "Another process is writing '{name}'; wait for it, or end it.", name=self.path.name
            ) from None
        except OSError as error:
            raise unwritable(self.path, error) from error
        try:
            (self.part / MANIFEST).unlink(missing_ok=True)  # left if the last step was interrupted
            for unfinished in self.part.glob(".*.tmp"):  # left by killed processes
                unfinished.unlink()
            journal = self.part / JOURNAL
            if journal.exists():
                with reading(journal, "the journal of a store"):
                    self._go_on(read_journal(self.part))
            else:
                self._files.begin()
        except OSError as error:
            self._release()
            raise unwritable(self.path, error) from error
        except BaseException:
            self._release()
            raise

    def _go_on(self, journal: StoreJournal) -> None:
        if journal.origin != self._origin:
            raise FileError(
                "'{name}' was started from other files or settings; delete it, or choose another "
                "name.",
                name=self.part.name,
            )
        self.at, self._size, self._grouped = journal.at, journal.size, journal.grouped
        # Groups of only some parts are useless, and may already be truncated.
        rows = journal.rows | ({} if self._grouped else {"group": 0})
        self._files.reopen(rows, self._size)
        self.count = self._safe = rows["images"]
        self._classes, self._credits = journal.class_names, journal.credits
        for name, known in self._numbered.items():
            texts = Texts(self._files.read(f"{name}s"), self._files.read(f"{name}_ends"))
            known |= {text: i for i, text in enumerate(texts)}

    # -- sprites ---------------------------------------------------------------------------

    def append(self, part: SpriteSet, at: str | None = None) -> None:
        """Add sprites; classes are matched by name.

        Raises FileError if they differ in size from those before, or cannot be written.

        ``part``: groups and poses, if any, must be numbered for the whole store; if one part has no
        groups, those of the others are dropped. ``at``: see the attribute :attr:`at`.
        """
        if self._size is None:
            header = ArrayHeader(part.images.shape, False, DTYPES["images"], 0)
            check_images_header(header, part.title, most=None)
            self._size = part.size
        if part.size != self._size:
            (height, width), (h, w) = self._size, part.size
            raise FileError(
                "'{title}' contains sprites of {w}×{h} pixels, but the previous ones are "
                "{width}×{height}; make them the same size.",
                title=part.title,
                w=w,
                h=h,
                width=width,
                height=height,
            )
        classes = tuple(dict.fromkeys([*self._classes, *part.class_names]))
        if len(classes) > len(self._classes):
            check_class_names(classes, part.title)
        self._classes = classes
        at_name = {name: i for i, name in enumerate(classes)}
        numbers = np.array([*(at_name[name] for name in part.class_names), -1], np.int64)
        self._credits = merge_credits(self._credits, part.credits)
        self._grouped = self._grouped and part.group is not None
        self._torn = True
        try:
            self._files.append("images", part.images)
            self._files.append("alpha", part.alpha)
            self._files.append("labels", numbers[part.labels])
            if part.group is not None and self._grouped:
                self._files.append("group", part.group)
            self._append_texts("names", "name_ends", part.names.tolist())
            self._files.append("source", self._numbers("source", part.source.tolist()))
            self._append_texts("words", "word_ends", part.words.tolist())
            self._files.append("pose_of", part.pose_of)
            self._files.append("direction", self._numbers("direction", part.direction.tolist()))
            self._files.append("frame", part.frame)
            self.count += len(part)
            self.at = at
            self._torn = False
            if self.count - self._safe >= SAFE_EVERY:
                self.make_safe()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _append_texts(self, name: str, ends_name: str, texts: Sequence[str]) -> None:
        coded = [text.encode("utf-8", "replace") for text in texts]
        ends = self._files.rows[name] + np.cumsum([len(code) for code in coded], dtype=np.int64)
        self._files.append(name, np.frombuffer(b"".join(coded), np.uint8))
        self._files.append(ends_name, ends)

    def _numbers(self, name: str, texts: list[str]) -> NDArray[np.int32]:
        known = self._numbered[name]
        new = [text for text in dict.fromkeys(texts) if text not in known]
        first = len(known)
        known |= {text: first + i for i, text in enumerate(new)}
        self._append_texts(f"{name}s", f"{name}_ends", new)
        return np.array([known[text] for text in texts], np.int32)

    def make_safe(self) -> None:
        """Flush all that was appended to disk, and record it in the journal."""
        self._files.make_safe()
        journal = StoreJournal(
            **vars(self._facts()), origin=self._origin, at=self.at, rows=self._files.rows
        )
        write_json(self.part / JOURNAL, to_plain(journal), SCHEMA_VERSION)
        self._safe = self.count

    def _facts(self) -> StoreFacts:
        """The contents of the manifest, except the fingerprint."""
        assert self._size is not None
        return StoreFacts(
            count=self.count,
            size=self._size,
            class_names=self._classes,
            sources=len(self._numbered["source"]),
            grouped=self._grouped,
            credits=self._credits,
            directions=len(self._numbered["direction"]),
        )

    # -- finishing --------------------------------------------------------------------------------

    def finish_iter(self, find_groups: FindGroups | None = None) -> Run[SpriteSet]:
        """Turn what was appended into a store, and open it. Yields Progress.

        ``find_groups``: finds the groups; None = keep those of the parts, if any. Raises FileError
        if nothing was appended, or the store cannot be written.
        """
        if self._size is None:
            raise FileError(
                "There are no sprites for '{name}'; nothing was written.", name=self.path.name
            )
        try:
            self.make_safe()
            if not self._grouped:
                self._files.cut("group", 0, self._size)
            if find_groups is not None:
                yield from self._group(find_groups, self._size)
            self._files.write_headers(self._size)
            self._files.make_safe()
            fingerprint = yield from self._fingerprint()
            facts = replace(self._facts(), fingerprint=fingerprint)
            write_json(self.part / MANIFEST, to_plain(facts), SCHEMA_VERSION)
            self._release()
            self.part.rename(self.path)
            sync_folder(self.path.parent)
            for left in (JOURNAL, _LOCK):
                (self.path / left).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.path, error) from error
        return open_arrays(self.path, facts).with_fingerprint(fingerprint)

    def _group(self, find_groups: FindGroups, size: tuple[int, int]) -> Run[None]:
        self._files.write_headers(size)
        self._files.make_safe()
        groups = yield from find_groups(open_arrays(self.part, self._facts()))
        # Atomically, as the parts' groups are needed again if this is interrupted.
        self._files.replace("group", groups)
        self._grouped = True

    def _fingerprint(self) -> Run[str]:
        text = tr("Computing the fingerprint")
        return relay(
            open_arrays(self.part, self._facts()).fingerprint_steps(),
            lambda share: Progress(round(share * self.count), self.count, text),
        )

    def close(self) -> None:
        """Stop for now, and keep what was appended for resuming."""
        if not self._lock.is_locked:  # already closed
            return
        try:
            if self.count > self._safe and not self._torn:
                self.make_safe()
        except OSError as error:
            raise unwritable(self.path, error) from error
        finally:
            self._release()
            if not self._safe:
                self.discard()

    def discard(self) -> None:
        """Stop, and delete all that was appended, including before a resume."""
        self._release()
        shutil.rmtree(self.part, ignore_errors=True)

    def _release(self) -> None:
        self._files.close()
        self._lock.release()
