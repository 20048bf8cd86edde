"""The arguments of ``sprite-lab``: options and files of the app, or a command.

Imports only the standard library, for a fast start and for ``packaging/bootstrap.py``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

#: Commands of the command line. They take precedence over files of the same name: ``./train`` means
#: the file.
COMMANDS = (
    "train",
    "sample",
    "trajectory",
    "character",
    "terrain",
    "distill",
    "evaluate",
    "report",
    "export",
    "export-model",
    "export-web",
    "export-events",
    "sweep",
    "push",
    "pull",
    "import",
    "compress",
    "decompress",
    "serve",
    "info",
    "selftest",
)


class AppOptions(NamedTuple):
    """What the app should open: a data set, a model, and files, as if dropped on the window."""

    data: str | None = None
    model: str | None = None
    paths: tuple[Path, ...] = ()


def app_options(arguments: Sequence[str]) -> AppOptions | None:
    """The options of the app; None if the arguments are a command or unknown to the app.

    >>> app_options(["--data", "sprites.npz"])
    AppOptions(data='sprites.npz', model=None, paths=())
    >>> app_options(["--version"]) is None
    True
    """
    named: dict[str, str] = {}
    files: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            files += rest
            break
        if argument.startswith("-"):
            name, equals, value = argument.partition("=")
            if name not in ("--data", "--model") or (not equals and not rest):
                return None
            named[name.lstrip("-")] = value if equals else rest.pop(0)
        elif files or _is_path(argument):
            files.append(argument)
        else:
            return None
    return AppOptions(**named, paths=tuple(local_path(file) for file in files))


def _is_path(argument: str) -> bool:
    """Whether an argument is a path rather than a command or a mistyped one."""
    if argument in COMMANDS:
        return False
    return any(mark in argument for mark in "./\\:") or os.path.exists(argument)


def local_path(argument: str) -> Path:
    """The path of an argument; desktops may pass a ``file:`` address.

    >>> local_path("file:///home/ada/my%20sprites.npz").as_posix()
    '/home/ada/my sprites.npz'
    """
    if not argument.lower().startswith("file:"):
        return Path(argument)
    from urllib.parse import unquote_to_bytes  # noqa: PLC0415 (the usual start does without)

    path = os.fsdecode(unquote_to_bytes(argument[len("file:") :]))
    host = ""
    if path.startswith("//"):
        host, slash, rest = path[2:].partition("/")
        path = slash + rest
    if os.name == "nt":
        # /C:/sprites.npz, or a share on another computer.
        return Path(path.lstrip("/") if host in ("", "localhost") else f"//{host}{path}")
    return Path(path)


def why_not_opened(paths: Sequence[Path]) -> str:
    """Why these files cannot be opened, in one sentence; "" = no known reason."""
    for path in paths:
        if not os.path.exists(path):  # not the method of Path, which may raise
            return f"There is no file or folder '{path}'; check its name."
    if paths:
        # Loads only modules that the app loads anyway.
        from sprite_lab.app.files.opening import what_opens  # noqa: PLC0415

        opening = what_opens(*paths)
        if opening.kind == "unknown":
            return f"{opening.sentence}."
    return ""
