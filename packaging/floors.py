#!/usr/bin/env python3
"""Prints the oldest version of each requirement in pyproject.toml, for a vulnerability scan.

python packaging/floors.py > floors.txt
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Extras that users install.
EXTRAS = ("parquet", "video", "onnx", "hub", "sweep", "tensorboard")
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?>=([\w.]+)")


def lower_bounds() -> dict[str, str]:
    """The lowest bound of each requirement, by its name in lower case.

    Raises
    ------
    ValueError
        If one has none.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"]]
    for extra in EXTRAS:
        wanted += project["optional-dependencies"][extra]
    found: dict[str, str] = {}
    for requirement in wanted:
        match = _REQUIREMENT.match(requirement)
        if match is None:
            raise ValueError(f"'{requirement}' has no lower bound")
        found.setdefault(match[1].lower(), match[2])
    return found


if __name__ == "__main__":
    for name, version in lower_bounds().items():
        print(f"{name}=={version}")
