#!/usr/bin/env python3
"""The last steps of a release, run by .github/workflows/release.yml after all checks.

python packaging/release.py tag v0.1.0     is it a version, and in the changelog?
python packaging/release.py sums dist      is everything there? writes dist/SHA256SUMS
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

import changelog

#: The files of a release: patterns, and the number of files for each.
FILES = {
    "*.whl": 1,
    "*.tar.gz": 1,
    "*.deb": 2,
    "*.rpm": 2,
    "*.AppImage": 2,
    "*.exe": 1,
    "*.msi": 1,
    "*.dmg": 1,
    "*.cdx.json": 4,
    "*.html": 4,  # a page of each model
}
SUMS = "SHA256SUMS"


class ReleaseError(Exception):
    """One sentence on what is wrong and what to do."""


def main(arguments: list[str]) -> int:
    commands = {"tag": lambda: check_tag(arguments[1]), "sums": lambda: sums(Path(arguments[1]))}
    if len(arguments) != 2 or arguments[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(commands[arguments[0]]())
    except (ReleaseError, LookupError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def check_tag(tag: str, text: str | None = None) -> str:
    """The version of a tag whose release is in the changelog, with its date."""
    if not re.fullmatch(r"v\d+\.\d+\.\d+", tag):
        raise ReleaseError(f"{tag} is no release: tags look like v0.1.0.")
    version = tag.removeprefix("v")
    changelog.section(version, text)
    if any(one.version == version and not one.date for one in changelog.releases(text)):
        raise ReleaseError(
            f"CHANGELOG.md tells of {version} as of something to come: make that heading "
            f"## [{version}] with the date, and move the tag."
        )
    return version


def sums(folder: Path) -> Path:
    """Write the checksums of a complete release, in the form that sha256sum --check reads."""
    problems = [
        f"{len(found)} files {pattern} instead of {count}"
        for pattern, count in FILES.items()
        if len(found := list(folder.glob(pattern))) != count
    ]
    if problems:
        raise ReleaseError(f"{folder} holds {', '.join(problems)}.")
    files = sorted(path for path in folder.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    out = folder / SUMS
    out.write_text("".join(lines), "utf-8", newline="\n")
    return out


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
