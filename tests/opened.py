"""Watches which files of a folder are opened, by any code, including Qt's."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

import pytest

#: For inotify: a file was opened; header of an event.
_OPEN, _EVENT = 0x20, struct.Struct("iIII")


class Opened:
    """Names of the files of a folder that are opened. Close it at the end."""

    def __init__(self, folder: Path) -> None:
        if not sys.platform.startswith("linux"):
            pytest.skip("only Linux tells which files are opened")
        libc = ctypes.CDLL(None, use_errno=True)
        self._watch = libc.inotify_init1(os.O_NONBLOCK)
        assert libc.inotify_add_watch(self._watch, bytes(folder), _OPEN) >= 0, "no inotify"

    def names(self) -> list[str]:
        """The names since the last call."""
        try:
            events = os.read(self._watch, 1_000_000)
        except BlockingIOError:
            return []
        found, place = [], 0
        while place < len(events):
            length = _EVENT.unpack_from(events, place)[-1]
            place += _EVENT.size
            found.append(events[place : place + length].rstrip(b"\0").decode())
            place += length
        return found

    def close(self) -> None:
        os.close(self._watch)
