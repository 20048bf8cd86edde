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
    """One line on stderr, whatever line breaks the message has."""
    with contextlib.suppress(OSError):  # the terminal may be gone, and nobody is there to read it
        message = printable(" ".join(message.split()), longest=LONGEST)
        print(f"sprite-lab: {message}", file=sys.stderr)


def print_line(text: str) -> None:
    """A line on stdout that may contain untrusted names; a line break in one is escaped too."""
    print(printable(text, keep="\t"))


def print_text(text: str) -> None:
    """Lines on stdout that may contain untrusted names."""
    print(printable(text))


def print_json(value: object) -> None:
    """Print the single JSON value that ``--json`` promises; ASCII, so that any stdout takes it.

    Paths in it become texts.
    """
    print(json.dumps(value, allow_nan=False, default=os.fspath))


def print_result(value: Mapping[str, object], sentence: str, as_json: bool) -> None:
    """End a command with a JSON object, or with the same facts in a sentence."""
    if as_json:
        print_json(value)
    else:
        print_text(sentence)


def counted(number: int, noun: str) -> str:
    """A number of things in words.

    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def stderr_console() -> Console:
    """A new console for each call, since tests and pipes change sys.stderr."""
    return Console(file=sys.stderr, highlight=False)
