"""Work counted rather than timed, so that it says the same on a busy machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import sprite_lab

OURS = str(Path(sprite_lab.__file__).parent)


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of our package ``work`` runs, counting repetitions."""
    count, before = 0, sys.gettrace()

    def line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def call(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename.startswith(OURS) else None

    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
