"""The location of a followed run, and a connection to it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sprite_lab.core import strict_json
from sprite_lab.core.errors import RunError
from sprite_lab.engine.following import agent
from sprite_lab.words import tr

#: Longest line of an answer, in bytes: the names of about a hundred thousand files.
LONGEST_ANSWER = 10_000_000

#: The environment variable that names a program to use instead of ``ssh``, like git's GIT_SSH.
SSH = "SPRITE_LAB_SSH"

#: Maximum number of bytes read from the messages of ssh.
LARGEST_MESSAGE = 65_536

_HOST = re.compile(r"(?:[\w.-]+@)?(?:[A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:]+\])")


class LostError(Exception):
    """The connection was lost; the text says why, if known."""


@dataclass(frozen=True)
class Place:
    """A folder on this machine (``host`` is ""), or on one that ``ssh`` knows as ``host``."""

    folder: str
    host: str = ""
    port: int | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.folder}" if self.host else self.folder

    @property
    def name(self) -> str:
        return Path(self.folder.rstrip("/\\")).name or "run"

    def connect(self) -> Connection:
        """A connection, not yet known to work."""
        return OverSsh(self) if self.host else Here(self)


def parse_place(text: str) -> Place:
    """Parse user input: a folder, ``[user@]host:folder`` or ``ssh://[user@]host[:port]/folder``.

    Raises
    ------
    RunError
        If it is none of them.

    >>> parse_place("ada@gpu1:runs/first")
    Place(folder='runs/first', host='ada@gpu1', port=None)
    >>> parse_place("ssh://gpu1:2222/runs/first").port
    2222
    """
    text = text.strip()
    if text.lower().startswith("ssh://"):
        host, slash, folder = text[len("ssh://") :].partition("/")
        name, colon, port = host.rpartition(":")
        if colon and port.isdecimal():
            host = name
        place = Place(slash + folder, host, int(port) if colon and port.isdecimal() else None)
    else:
        host, colon, folder = text.partition(":")
        drive = len(host) == 1 and os.name == "nt"
        remote = bool(colon) and not drive and not re.search(r"[/\\]", host)
        place = Place(folder, host) if remote else Place(os.path.expanduser(text))
    if not place.folder or (place.host and not _HOST.fullmatch(place.host)):
        raise RunError(
            "That is not a run folder: name one on this machine, or on another as HOST:FOLDER."
        )
    return place


class Connection(Protocol):
    """A connection that reads one run folder."""

    place: Place

    def ask(self, request: dict[str, object]) -> tuple[dict[str, Any], bytes]:
        """Return the answer of :func:`agent.answer`; raises LostError if there is none."""

    def close(self) -> None:
        """Close the connection, from any thread; a pending :meth:`ask` raises LostError."""


class Here:
    """A connection to a folder on this machine."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def ask(self, request: dict[str, object]) -> tuple[dict[str, Any], bytes]:
        if not os.path.isdir(self.place.folder):
            raise LostError(tr("there is no folder '{folder}'", folder=self.place.folder))
        return agent.answer(self.place.folder, request)

    def close(self) -> None:
        pass


def open_ssh(place: Place, command: str) -> subprocess.Popen[bytes]:
    """Start a shell command on the other machine, with pipes to it.

    Raises RunError if there is no SSH client on this machine.
    """
    words = [os.environ.get(SSH, "ssh"), "-T", "-oBatchMode=yes", "-oConnectTimeout=10"]
    words += ["-oServerAliveInterval=5", "-oServerAliveCountMax=3"]
    words += ["-p", str(place.port)] if place.port else []
    try:
        return subprocess.Popen(
            [*words, "--", place.host.replace("[", "").replace("]", ""), command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise RunError(
            "There is no 'ssh' on this machine ({error}): install OpenSSH's client.",
            error=error.strerror,
        ) from error


class OverSsh:
    """A connection to a folder on another machine, through the system's own client with its keys,
    agent and host names. It cannot ask for a password."""

    def __init__(self, place: Place) -> None:
        self.place = place
        source = Path(agent.__file__).read_text("utf-8")
        self._process = open_ssh(
            place, f"exec {shlex.join(['python3', '-c', source, place.folder])}"
        )

    def ask(self, request: dict[str, object]) -> tuple[dict[str, Any], bytes]:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        try:
            requests.write(strict_json.dumps(request).encode() + b"\n")
            requests.flush()
            head = strict_json.loads(answers.readline(LONGEST_ANSWER))
            size = head["size"]
            data = answers.read(size) if 0 <= size <= agent.PIECE else b""
        except (OSError, ValueError, KeyError, TypeError):
            raise LostError(self._why()) from None
        if len(data) != size:
            raise LostError(self._why())
        return head, data

    def _why(self) -> str:
        """Close the connection; returns the reason that ssh gives, or else "it was closed"."""
        self.close()
        assert self._process.stderr is not None
        output = self._process.stderr.read(LARGEST_MESSAGE).decode(errors="replace")
        lines = (line.strip() for line in reversed(output.split("\n")))
        return next(filter(None, lines), tr("it was closed"))

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
