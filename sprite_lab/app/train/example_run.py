"""The recorded training that ships with Sprite Lab, for users who have none of their own yet."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.paths import example_run
from sprite_lab.words import marked

EXAMPLE_TITLE = marked("Example: 50 sprites, learned by heart")


def is_example(run: Path | None) -> bool:
    """Whether a run is the example, which is read-only and has no weights."""
    return run == example_run()
