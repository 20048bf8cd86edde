"""Output of commands: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping

from rich.console import Console

from sprite_lab.core.printable import LONGEST, printable


def print_error(message: str) -> None:
    """Print a message to stderr as one line, even if it has line breaks."""
    with contextlib.suppress(OSError):  # the terminal may have been closed
        message = printable(" ".join(message.split()), longest=LONGEST)
        print(f"sprite-lab: {message}", file=sys.stderr)


def print_line(text: str) -> None:
    """Print a line that may contain untrusted names; line breaks are escaped, too."""
    print(printable(text, keep="\t"))


def print_text(text: str) -> None:
    """Print lines that may contain untrusted names."""
    print(printable(text))


def print_json(value: object) -> None:
    """Print the single JSON value of ``--json``; in ASCII, so that any stdout accepts it.

    Paths in it become strings.
    """
    print(json.dumps(value, allow_nan=False, default=os.fspath))


def print_result(value: Mapping[str, object], sentence: str, as_json: bool) -> None:
    """Print the result of a command: as a JSON object, or as a sentence with the same facts."""
    if as_json:
        print_json(value)
    else:
        print_text(sentence)


def counted(number: int, noun: str) -> str:
    """A number with its noun in the singular or plural.

    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def stderr_console() -> Console:
    """A new console for each call, because tests and pipes change sys.stderr."""
    return Console(file=sys.stderr, highlight=False)
