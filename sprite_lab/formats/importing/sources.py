"""The contents of named files, folders and zip archives, one by one."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.imports import Refusal
from sprite_lab.formats.reading import check_file, reading, too_large
from sprite_lab.formats.sets.store import is_store, is_unfinished
from sprite_lab.words import tr

#: Maximum number of files in a folder, and of entries in an archive.
MOST_FILES = 200_000

#: Size limits of an unpacked archive and of one entry, in bytes.
MOST_UNPACKED, MOST_ENTRY = 1_000_000_000, 64_000_000

#: Maximum compression ratio of an entry of over a megabyte.
MOST_RATIO = 200

#: The signatures of a ZIP archive, and of an empty one.
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")

#: Files that operating systems leave in folders and archives; skipped like hidden files.
_UNMEANT = ("__MACOSX", "Thumbs.db", "desktop.ini")


class Archives:
    """Keeps the archive being read open, as its table of contents may take long to read.

    A context manager, to be used by one thread.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Archives:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()
        self._path = self._archive = None

    def get(self, path: Path) -> zipfile.ZipFile:
        """The archive at a path; a damaged one may raise any exception."""
        if self._archive is None or self._path != path:
            # Before closing the open one, which stays if this one is damaged.
            archive = zipfile.ZipFile(path)
            self.__exit__()
            self._path, self._archive = path, archive
        return self._archive


@dataclass(frozen=True)
class Entry:
    """One file, on disk or in an archive."""

    #: for display, with slashes: name of the given folder or archive, and the path within it
    path: str
    folder: str  #: the part of ``path`` between root and file name; "" = none
    root: str  #: the name of the given folder or archive, "" for a file given on its own
    file: Path  #: on disk: the file itself, or its archive
    member: str | None  #: its name in the archive; None = not in one
    size: int  #: in bytes, unpacked
    stamp: tuple[int, ...]  #: changes whenever the file does
    archives: Archives = field(repr=False, compare=False)  #: the archives through which it is read

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix.lower()

    @property
    def place(self) -> str:
        """The path of its container, which is the same for neighbors."""
        return str(PurePosixPath(self.path).parent)

    @property
    def nearest_folders(self) -> str:
        """The names of its three nearest folders; on disk, including those above what was given."""
        above = self.file.absolute().parts[:-1] if self.member is None else ()
        inside = PurePosixPath(self.path).parts[:-1]
        return "/".join((above or inside)[-3:])

    def beside(self, file: Path) -> Entry:
        """Entry of another file on disk, in the same folder."""
        path, status = PurePosixPath(self.path).with_name(file.name), file.stat()
        stamp = status.st_size, status.st_mtime_ns
        return replace(self, path=str(path), file=file, size=status.st_size, stamp=stamp)

    def head(self) -> bytes:
        """Its first 16 bytes."""
        with self.open() as file:
            return file.read(16)

    def read(self, largest: int = MOST_ENTRY) -> bytes:
        """All of its bytes; raises FileError if there are over ``largest``, or it is damaged."""
        if self.size > largest:
            raise too_large(self.name, self.size, largest)
        with self.open() as file:
            return file.read(largest + 1)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Open it as a seekable file; errors inside the block become a FileError."""
        with reading(
            self.file, tr("a zip archive") if self.member else tr("a file that can be read")
        ):
            if self.member is None:
                check_file(self.file, 1 << 62)
                with self.file.open("rb") as file:
                    yield file
            else:
                with self.archives.get(self.file).open(self.member) as packed:
                    data = packed.read(MOST_ENTRY + 1)
                yield io.BytesIO(data)


def walk(paths: Iterable[str | Path], archives: Archives) -> Iterator[Entry | Refusal]:
    """All entries of files, folders and archives, sorted by name within each; a Refusal in place of
    what cannot be used.

    Archives are not unpacked to disk. Hidden files are skipped.

    ``archives``: must stay open as long as entries are read.
    """
    roots: dict[str, Path] = {}
    seen: set[tuple[Path, str | None]] = set()
    for given in paths:
        path = Path(given)
        try:
            with reading(path, tr("a file or folder")):
                shown = _unlike(path, roots)
                if path.is_dir():
                    found = _of_folder(path, shown, archives)
                else:
                    found = _of_file(path, shown, "", "", archives)
                empty = True
                for item in found:
                    empty = False
                    if isinstance(item, Entry):
                        if (key := (item.file.resolve(), item.member)) in seen:
                            continue  # named twice, or in a named folder
                        seen.add(key)
                    yield item
                if empty:
                    raise FileError("'{name}' holds no files; choose another one.", name=path.name)
        except FileError as error:
            yield Refusal(path.name or str(path), str(error))


def _unlike(path: Path, roots: dict[str, Path]) -> str:
    """The name of a given file or folder, with a number if the name is taken."""
    whole = path.resolve()
    name = shown = path.name or whole.name or str(whole)
    number = 2
    while roots.setdefault(shown, whole) != whole:
        stem, dot, suffix = name.rpartition(".") if path.is_file() else (name, "", "")
        shown = f"{stem or name} ({number}){dot if stem else ''}{suffix if stem else ''}"
        number += 1
    return shown


def _of_folder(root: Path, name: str, archives: Archives) -> Iterator[Entry | Refusal]:
    count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if _meant(f))
        inner = Path(folder).relative_to(root).as_posix()
        inner = "" if inner == "." else inner
        if is_store(Path(folder)) or is_unfinished(Path(folder)):
            folders.clear()  # a store's arrays are not files to import
            where = "/".join(filter(None, (name, inner)))
            yield Refusal(
                where,
                tr(
                    "'{name}' is a store of sprites already: open it as it is, or import "
                    "it by itself into another store (.sprites).",
                    name=Path(folder).name,
                ),
            )
            continue
        for file in sorted(f for f in files if _meant(f)):
            count += 1
            if count > MOST_FILES:
                yield Refusal(
                    name,
                    tr(
                        "'{name}' holds over {most_files:,} files; the others were left out: "
                        "import "
                        "its folders one by one.",
                        name=name,
                        most_files=MOST_FILES,
                    ),
                )
                return
            yield from _of_file(
                Path(folder, file),
                "/".join(filter(None, (name, inner, file))),
                inner,
                name,
                archives,
            )


def _of_file(
    path: Path, shown: str, folder: str, root: str, archives: Archives
) -> Iterator[Entry | Refusal]:
    """The entry of a file, or those of an archive."""
    try:
        with reading(path, tr("a file that can be read")):
            check_file(path, 1 << 62)
            status = path.stat()
            stamp = (status.st_size, status.st_mtime_ns)
            with path.open("rb") as file:
                is_zip = file.read(4) in _ZIPS and path.suffix.lower() != ".npz"
    except FileError as error:
        yield Refusal(shown, str(error))
        return
    if not is_zip:
        yield Entry(shown, folder, root, path, None, status.st_size, stamp, archives)
        return
    try:
        with reading(path, tr("a zip archive")):
            yield from _of_archive(path, shown, stamp, archives)
    except FileError as error:
        yield Refusal(shown, str(error))


def _of_archive(
    path: Path, shown: str, stamp: tuple[int, ...], archives: Archives
) -> Iterator[Entry | Refusal]:
    members = [member for member in archives.get(path).infolist() if not member.is_dir()]
    check_archive(members, path.name)
    inners = [PurePosixPath(member.filename.replace("\\", "/")) for member in members]
    meant = [
        (inner, member)
        for inner, member in zip(inners, members, strict=True)
        if inner.parts and all(_meant(part) for part in inner.parts if part != "..")
    ]
    if not meant:
        raise FileError("'{name}' holds no files; choose another one.", name=path.name)
    for inner, member in sorted(meant, key=lambda pair: pair[1].filename):
        where = f"{shown}/{str(inner).lstrip('/')}"
        why = _why_not(member, inner)
        if why:
            yield Refusal(where, why)
            continue
        folder = str(inner.parent)
        yield Entry(
            where,
            "" if folder == "." else folder,
            path.stem,
            path,
            member.filename,
            member.file_size,
            (*stamp, member.CRC, member.header_offset),
            archives,
        )


def check_archive(members: list[zipfile.ZipInfo], name: str) -> None:
    """Raise FileError for an archive that is too large, encrypted, or a zip bomb."""
    if len(members) > MOST_FILES:
        raise FileError(
            "'{name}' holds {count:,} files, but at most {most_files:,} are taken; divide it.",
            name=name,
            count=len(members),
            most_files=MOST_FILES,
        )
    if any(member.flag_bits & 1 for member in members):
        raise FileError("'{name}' is encrypted; unpack it with its password first.", name=name)
    total = sum(member.file_size for member in members)
    if total > MOST_UNPACKED:
        raise FileError(
            "'{name}' unpacks to {total:,.1f} GB, but at most "
            "{most_unpacked:.0f} GB are taken; divide it.",
            name=name,
            total=total / 1e9,
            most_unpacked=MOST_UNPACKED / 1e9,
        )
    for member in members:
        packed = max(member.compress_size, 1)
        if member.file_size > 1_000_000 and member.file_size / packed > MOST_RATIO:
            raise FileError(
                "'{name}' is a zip bomb: '{member}' in it unpacks "
                "to {times:,} times its size; do not open it.",
                name=name,
                member=PurePosixPath(member.filename).name,
                times=member.file_size // packed,
            )


def _why_not(member: zipfile.ZipInfo, inner: PurePosixPath) -> str:
    """A sentence on why an entry is refused; "" = it is accepted."""
    name = inner.name
    if inner.is_absolute() or ".." in inner.parts or ":" in inner.parts[0]:
        return tr(
            "'{name}' has a path that leads out of its archive; do not trust the archive.",
            name=name,
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        return tr("'{name}' is a link to another file; pack the file itself.", name=name)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return tr("'{name}' is packed in an unusual way; pack it again as a plain zip.", name=name)
    if name.lower().endswith(".zip"):
        return tr("'{name}' is an archive in an archive; unpack the outer one first.", name=name)
    if member.file_size == 0:
        return tr("'{name}' is empty; choose another file.", name=name)
    if member.file_size > MOST_ENTRY:
        return tr(
            "'{name}' unpacks to {file_size:,.0f} MB, but at most "
            "{most_entry:,.0f} MB are taken; use a smaller file.",
            name=name,
            file_size=member.file_size / 1e6,
            most_entry=MOST_ENTRY / 1e6,
        )
    return ""


def _meant(name: str) -> bool:
    return not name.startswith(".") and name not in _UNMEANT
