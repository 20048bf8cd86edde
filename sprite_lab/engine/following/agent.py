"""Report the contents of one run folder, and leave commands in it. Needs only Python 3.7 or newer.

Its source is sent to the other machine and run by ``python3`` there; for a local folder it is
imported. Each request is a line of JSON on stdin. The answer is a line of JSON, followed by as many
bytes as its ``size`` says.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: The only files that are ever read.
NAMES = re.compile(
    r"run\.json|floor\.json|answer\.json|metrics\.jsonl"
    r"|(checkpoints|early)/step-\d{7,12}\.safetensors|samples/step-\d{7,12}\.png"
)

#: Maximum number of bytes of a file in one answer.
PIECE = 1 << 20


def look(folder: str) -> dict[str, object]:
    """Size and modification time (ns) of each file by name, and whether a process is training."""
    files = {}
    for part in ("", "checkpoints", "early", "samples"):
        try:
            entries = os.listdir(os.path.join(folder, part))
        except OSError:
            continue
        for entry in entries:
            name = part + "/" + entry if part else entry
            if NAMES.fullmatch(name):
                try:
                    status = os.stat(os.path.join(folder, name))
                except OSError:
                    continue
                files[name] = [status.st_size, status.st_mtime_ns]
    return {"files": files, "busy": _busy(os.path.join(folder, ".lock"))}


def _busy(lock: str) -> bool | None:
    """Whether the lock is held; None = unknown."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def read(folder: str, name: str, offset: int) -> bytes:
    """Up to PIECE bytes of a file, from an offset."""
    if not NAMES.fullmatch(name):
        raise ValueError(name)
    with open(os.path.join(folder, name), "rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def command(folder: str, text: str) -> None:
    """Leave a command for the training process."""
    path = os.path.join(folder, "command.json")
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)


def answer(folder: str, request: dict[str, Any]) -> tuple[dict[str, object], bytes]:
    """Serve one request: the answer, and the bytes that follow it."""
    try:
        if "read" in request:
            data = read(folder, request["read"], int(request["offset"]))
            return {"size": len(data)}, data
        if "command" in request:
            command(folder, request["command"])
            return {"size": 0}, b""
        return {"size": 0, **look(folder)}, b""
    except (OSError, ValueError) as error:
        return {"size": 0, "error": getattr(error, "strerror", None) or str(error)}, b""


def serve(folder: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    for line in iter(requests.readline, b""):
        head, data = answer(folder, json.loads(line.decode()))
        answers.write(json.dumps(head).encode() + b"\n" + data)
        answers.flush()


if __name__ == "__main__":
    serve(os.path.expanduser(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
