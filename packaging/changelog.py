#!/usr/bin/env python3
"""The notes of each release, from CHANGELOG.md: one text for GitHub, AppStream and packages.

python packaging/changelog.py 0.1.0     prints that release's section
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"
# "## [0.2.0] - 2026-11-25", or "## [Unreleased]: 0.1.0" for the first release until it has a date.
HEADING = re.compile(
    r"^## \[(?:(?P<version>\d[^\]]*)\] - (?P<date>\d{4}-\d\d-\d\d)|Unreleased\]: (?P<next>\S+))$",
    re.MULTILINE,
)


class Release(NamedTuple):
    """One section: ``date`` is None before the release, ``text`` is Markdown without heading."""

    version: str
    date: str | None
    text: str


def releases(changelog: str | None = None) -> list[Release]:
    """All sections, newest first."""
    text = CHANGELOG.read_text("utf-8") if changelog is None else changelog
    headings = list(HEADING.finditer(text))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        Release(
            heading["version"] or heading["next"],
            heading["date"],
            text[heading.end() : end].strip(),
        )
        for heading, end in zip(headings, ends, strict=True)
    ]


def section(version: str, changelog: str | None = None) -> str:
    """The changes in ``version``, as Markdown; for a development version, those of the next
    release.

    Raises
    ------
    LookupError
        With the sentence to show, where the changelog does not know the version.
    """
    wanted = version.partition(".dev")[0]
    for release in releases(changelog):
        if release.version == wanted:
            return release.text
    raise LookupError(
        f"CHANGELOG.md says nothing of {wanted}: run towncrier build --version {wanted}."
    )


def items(text: str) -> list[str]:
    """The items of a section, each as one line of plain text."""
    found = re.findall(r"^- (.+(?:\n  .+)*)", text, re.MULTILINE)
    words = (" ".join(item.split()) for item in found)
    return [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", item).replace("`", "") for item in words]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(section(arguments[0]))
    except LookupError as error:
        print(f"changelog: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
