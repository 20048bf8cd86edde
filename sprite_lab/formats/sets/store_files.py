"""The array files of a store that is being written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.sprites import BLOCK
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.sets.store import DTYPES

#: Bytes of every array's header: numpy leaves room for the number of rows to grow.
_HEADER = 128


class StoreFiles:
    """The ``.npy`` files in a folder, to which rows are appended.

    Raises
    ------
    OSError
        If anything cannot be written; from any method but :meth:`close`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self.rows = dict.fromkeys(DTYPES, 0)  #: number of rows of each

    def begin(self) -> None:
        """Create empty files."""
        for name in DTYPES:
            self._files[name] = (self._folder / f"{name}.npy").open("w+b")
            self._files[name].write(bytes(_HEADER))

    def reopen(self, rows: Mapping[str, int], size: tuple[int, int]) -> None:
        """Open the files and truncate them to this many rows.

        Raises
        ------
        FileError
            If one has fewer.
        """
        for name in DTYPES:
            file = self._files[name] = (self._folder / f"{name}.npy").open("r+b")
            if file.seek(0, os.SEEK_END) < _length(name, rows[name], size):
                raise FileError(
                    "'{name}' is damaged ('{name2}.npy' is cut short); delete it and import again.",
                    name=self._folder.name,
                    name2=name,
                )
            self.cut(name, rows[name], size)

    def append(self, name: str, rows: AnyArray) -> None:
        """Append rows, converted to this array's type."""
        for start in range(0, len(rows), BLOCK):
            part = np.ascontiguousarray(rows[start : start + BLOCK], DTYPES[name])
            self._files[name].write(part.data)
        self.rows[name] += len(rows)

    def cut(self, name: str, rows: int, size: tuple[int, int]) -> None:
        """Keep only the first rows."""
        self._files[name].truncate(_length(name, rows, size))
        self._files[name].seek(0, os.SEEK_END)
        self.rows[name] = rows

    def replace(self, name: str, rows: AnyArray) -> None:
        """Replace a whole array; whatever happens, it is either the old or the new one."""
        path = self._folder / f"{name}.npy"
        self._files.pop(name).close()
        with atomic_write(path) as file:
            file.write(bytes(_HEADER))
            file.write(np.ascontiguousarray(rows, DTYPES[name]).data)
        self._files[name] = path.open("r+b")
        self._files[name].seek(0, os.SEEK_END)
        self.rows[name] = len(rows)

    def read(self, name: str) -> AnyArray:
        """An array of plain numbers."""
        file = self._files[name]
        file.seek(_HEADER)
        return np.frombuffer(file.read(), DTYPES[name])  # which leaves the position at its end

    def write_headers(self, size: tuple[int, int]) -> None:
        """Write the number of rows into each header: now anyone can open the arrays."""
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
            # On a full disk the rest of the buffer is lost, but the file is closed anyway.
            with contextlib.suppress(OSError):
                self._files.popitem()[1].close()


def _row_shape(name: str, size: tuple[int, int]) -> tuple[int, ...]:
    height, width = size
    return {"images": (height, width, 3), "alpha": (height, width)}.get(name, ())


def _length(name: str, rows: int, size: tuple[int, int]) -> int:
    per_row = int(np.prod(_row_shape(name, size), dtype=np.int64)) * DTYPES[name].itemsize
    return _HEADER + rows * per_row
