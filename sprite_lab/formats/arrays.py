"""Untrusted numpy files: no pickles, and headers are checked before memory is allocated."""

from __future__ import annotations

import copy
import math
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.reading import check_file

#: Size limit of a file, and of everything it unpacks to: 4 GB.
LARGEST = 4_000_000_000

#: Maximum number of arrays in a file; ours have fewer.
MOST_MEMBERS = 256

#: Size limit of all texts of a file in memory, where each takes as much as the longest one.
MOST_TEXT = 500_000_000

#: Number of bytes, or characters, that are read or checked at once.
_PIECE = 1 << 22

#: Size limit of a header; numpy would read up to 4 GB before checking it.
_LONGEST_HEADER = 1_000_000


@dataclass(frozen=True)
class ArrayHeader:
    """The contents of an ``.npy`` header; nothing beyond it has been read."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype
    length: int

    @property
    def nbytes(self) -> int:
        """Bytes of the array itself."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes], name: str) -> ArrayHeader:
    """Read the header of an ``.npy`` stream from its start.

    Raises FileError if it holds Python objects, an impossible shape or an unknown version.
    """
    version = npy.read_magic(file)
    start = file.tell()
    if int.from_bytes(file.read(2 if version == (1, 0) else 4), "little") > _LONGEST_HEADER:
        raise FileError("'{name}' is damaged; save it again.", name=name)
    file.seek(start)
    if version == (1, 0):
        shape, fortran_order, dtype = npy.read_array_header_1_0(file)
    elif version == (2, 0):
        shape, fortran_order, dtype = npy.read_array_header_2_0(file)
    else:
        raise FileError(
            "'{name}' is in .npy version {version}; save it again as a plain array.",
            name=name,
            version=version,
        )
    if dtype.hasobject:
        raise FileError(
            "'{name}' holds pickled Python objects, which are not safe to open; "
            "save it again as an array of numbers.",
            name=name,
        )
    if any(n < 0 for n in shape):
        raise FileError(
            "'{name}' has an impossible shape, {shape}; save it again.", name=name, shape=shape
        )
    return ArrayHeader(shape, fortran_order, dtype, file.tell())


def peek_npy(path: Path, largest: int | None = None) -> ArrayHeader:
    """The header of an ``.npy`` file, checked against the size of the file.

    ``largest``: size limit in bytes; None = LARGEST.
    """
    check_file(path, LARGEST if largest is None else largest)
    with path.open("rb") as file:
        header = read_header(file, path.name)
    check_length(path.name, header, path.stat().st_size)
    return header


def read_npy(path: Path) -> AnyArray:
    """Read the array of an ``.npy`` file, after checking its header."""
    header = peek_npy(path)
    with path.open("rb") as file:
        file.seek(header.length)
        return read_array(file, header, path.name)


class ArrayArchive:
    """An ``.npz`` file: headers are read at once, arrays on demand."""

    def __init__(self, archive: zipfile.ZipFile, name: str, largest: int | None = None) -> None:
        largest = LARGEST if largest is None else largest
        self._archive = archive
        self._name = name
        self._folder = ""
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise FileError(
                "'{name}' holds {count} files, which is too many for a set of arrays.",
                name=name,
                count=len(members),
            )
        if sum(member.file_size for member in members) > largest:
            raise FileError(
                "'{name}' unpacks to more than {largest:.0f} GB; use a smaller file.",
                name=name,
                largest=largest / 1e9,
            )
        self.headers: dict[str, ArrayHeader] = {}
        for member in members:
            if not member.filename.endswith(".npy"):
                continue
            inner = f"{name}: {member.filename}"
            with archive.open(member) as stream:
                header = read_header(stream, inner)
            check_length(inner, header, member.file_size)
            self.headers[member.filename.removesuffix(".npy")] = header

        texts = (header.nbytes for header in self.headers.values() if header.dtype.kind in "US")
        if sum(texts) > MOST_TEXT:
            raise FileError(
                "The texts in '{name}' take more than {most:.0f} MB; shorten the longest.",
                name=name,
                most=MOST_TEXT / 1e6,
            )

    def __contains__(self, key: str) -> bool:
        return key in self.headers

    def under(self, folder: str) -> ArrayArchive:
        """The arrays whose names start with ``folder``, named without that prefix."""
        part = copy.copy(self)
        part._folder += folder
        part.headers = {
            key.removeprefix(folder): header
            for key, header in self.headers.items()
            if key.startswith(folder)
        }
        return part

    def read(self, key: str) -> AnyArray:
        """The array named ``key``; raises FileError if there is none."""
        if key not in self.headers:
            raise FileError("'{name}' has no array named '{key}'.", name=self._name, key=key)
        with self._archive.open(f"{self._folder}{key}.npy") as stream:
            header = read_header(stream, self._name)
            array = read_array(stream, header, self._name)
            self._check_end(stream)
            return array

    def _check_end(self, stream: IO[bytes]) -> None:
        """Read to the end, so that zipfile verifies the checksum."""
        if stream.read(1):
            raise FileError("'{name}' is damaged; save it again.", name=self._name)

    def blocks(self, key: str, rows: int, start: int = 0) -> Iterator[AnyArray]:
        """The rows of an array from ``start`` on, ``rows`` at a time.

        Raises FileError if the array is damaged or stored in column order.
        """
        header = self.headers[key]
        if header.fortran_order:
            raise FileError(
                "'{key}' in '{name}' is stored in columns; save it in rows.",
                key=key,
                name=self._name,
            )
        row_bytes = header.nbytes // max(1, header.shape[0])
        with self._archive.open(f"{self._folder}{key}.npy") as stream:
            stream.seek(read_header(stream, self._name).length + start * row_bytes)
            for first in range(start, header.shape[0], rows):
                count = min(rows, header.shape[0] - first)
                data = stream.read(count * row_bytes)
                if len(data) != count * row_bytes:
                    raise FileError(
                        "'{name}' is cut short; copy or save it again.", name=self._name
                    )
                flat = _from_bytes(data, header.dtype, self._name)
                yield flat.reshape(count, *header.shape[1:])
            self._check_end(stream)

    def text(self, key: str) -> tuple[str, ...]:
        """A one-dimensional array of strings, or a single string, as a tuple."""
        header = self.headers.get(key)
        if header is None or header.dtype.kind != "U" or len(header.shape) > 1:
            raise FileError(
                "'{key}' in '{name}' must be a list of names.", key=key, name=self._name
            )
        return tuple(str(item) for item in self.read(key).reshape(-1))


@contextmanager
def open_npz(path: Path, largest: int | None = None) -> Iterator[ArrayArchive]:
    """Open an ``.npz`` file and check everything that can be checked without unpacking it.

    ``largest``: size limit in bytes, packed and unpacked; None = LARGEST.
    """
    check_file(path, LARGEST if largest is None else largest)
    with zipfile.ZipFile(path) as archive:
        yield ArrayArchive(archive, path.name, largest)


def write_npz(
    path: str | Path, arrays: Mapping[str, object] | Iterable[tuple[str, object]]
) -> None:
    """Write compressed arrays atomically, one by one; an iterable may make each on demand."""
    pairs = arrays.items() if isinstance(arrays, Mapping) else arrays
    with (
        atomic_write(path) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive,
    ):
        for name, value in pairs:
            # A fixed date, so that equal arrays make equal files.
            member = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(member, "w", force_zip64=True) as stream:
                npy.write_array(stream, np.asanyarray(value), allow_pickle=False)


def check_length(name: str, header: ArrayHeader, size: int) -> None:
    """Raise FileError if a file of ``size`` bytes is too short for its header and array."""
    expected = header.length + header.nbytes
    if expected > size:
        raise FileError(
            "'{name}' is cut short: its header declares {expected:,} bytes, but there are "
            "{size:,}; copy or save it again.",
            name=name,
            expected=expected,
            size=size,
        )


def read_array(file: IO[bytes], header: ArrayHeader, name: str) -> AnyArray:
    """Read the array of an ``.npy`` stream from which only the header has been read."""
    data = bytearray(header.nbytes)  # takes no memory until it is filled
    for start in range(0, header.nbytes, _PIECE):
        piece = file.read(min(_PIECE, header.nbytes - start))
        data[start : start + len(piece)] = piece
        if start + len(piece) != min(start + _PIECE, header.nbytes):
            raise FileError("'{name}' is cut short; copy or save it again.", name=name)
    flat = _from_bytes(data, header.dtype, name)
    if header.fortran_order:
        return flat.reshape(header.shape[::-1]).T
    return flat.reshape(header.shape)


def _from_bytes(data: bytes | bytearray, dtype: np.dtype, name: str) -> AnyArray:
    """An array (N,) from bytes; raises FileError if a text has invalid characters."""
    if dtype.kind == "U":
        letters = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        for start in range(0, len(letters), _PIECE):
            some = letters[start : start + _PIECE]
            halves = (some >= 0xD800) & (some <= 0xDFFF)  # UTF-16 surrogates
            if halves.any() or some.max() > sys.maxunicode:
                raise FileError(
                    "'{name}' is damaged: it contains invalid text; save it again.", name=name
                )
    return np.frombuffer(memoryview(data).toreadonly(), dtype)
