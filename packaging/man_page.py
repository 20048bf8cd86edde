#!/usr/bin/env python3
"""The man page, generated from ``sprite-lab --help``: ``man_page.py > sprite-lab.1``."""

from __future__ import annotations

import datetime
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import typer  # noqa: E402 (the checkout stands before what is installed)

from sprite_lab import __version__  # noqa: E402
from sprite_lab.cli.main import app  # noqa: E402

_BEFORE = r"""
.SH NAME
sprite\-lab \- see, train and use a small diffusion model of pixel\-art sprites
.SH SYNOPSIS
.B sprite\-lab
.RI [ FILE ...]
.RB [ \-\-data
.IR SET ]
.RB [ \-\-model
.IR MODEL ]
.br
.B sprite\-lab
.I COMMAND
.RI [ OPTION ...]
"""

_AFTER = r"""
.SH EXIT STATUS
.TP
.B 0
All went well.
.TP
.B 1
Something that a person can mend; one line on standard error says what.
.TP
.B 2
Wrong usage, or a file that cannot be opened.
.TP
.B 130
Interrupted. What was being trained is saved.
.SH ENVIRONMENT
.TP
.B SPRITE_LAB_HOME
The folder that holds settings, runs and logs, instead of the usual ones of the user.
.SH SEE ALSO
The guide in the app (F1), and
.I https://github.com/sprite\-lab/sprite\-lab
"""


def man_page(version: str = __version__, date: datetime.date | None = None) -> str:
    """The page for section 1, in man macros, with all commands."""
    root: Any = typer.main.get_command(app)
    day = (date or datetime.date.today()).isoformat()
    lines = [f'.TH SPRITE\\-LAB 1 {day} "Sprite Lab {version}" "User Commands"', _BEFORE.strip()]
    context = root.context_class(root, info_name="sprite-lab", **root.context_settings)
    lines += [".SH DESCRIPTION", *_paragraphs(root.help), ".SH OPTIONS", *_options(root, context)]
    lines.append(".SH COMMANDS")
    for name, command in root.commands.items():
        inner = root.context_class(command, info_name=name, parent=context)
        usage = " ".join(command.collect_usage_pieces(inner))
        lines += [f'.SS "sprite\\-lab {_escaped(name)} {_escaped(usage)}"']
        lines += [*_paragraphs(command.help), *_options(command, inner)]
    lines.append(_AFTER.strip())
    return "\n".join(lines) + "\n"


def _options(command: Any, context: Any) -> Iterator[str]:
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        # Every command has --help; it is documented once.
        if record is None or (parameter.name == "help" and context.parent is not None):
            continue
        names, text = record
        yield ".TP"
        yield f".B {_escaped(names)}"
        # A tag without text would take the next one's.
        yield _line(text) or r"\&"


def _paragraphs(text: str | None) -> Iterator[str]:
    for number, paragraph in enumerate(re.split(r"\n\s*\n", (text or "").strip())):
        if number:
            yield ".PP"
        # \b marks paragraphs that click does not wrap, such as lists.
        if paragraph.startswith("\b"):
            yield ".nf"
            yield from (_line(line) for line in paragraph.splitlines()[1:])
            yield ".fi"
        else:
            yield _line(" ".join(paragraph.split()))


def _line(text: str) -> str:
    """Text on its own line, escaped if it starts with a dot or quote."""
    escaped = _escaped(" ".join(text.split()))
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    print(man_page(), end="")
