"""Tags of animations: names for consecutive frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["forward", "reverse", "ping-pong", "ping-pong reverse"]


@dataclass(frozen=True)
class Tag:
    """A named range of frames, both ends included."""

    name: str
    first: int
    last: int
    direction: Direction = "forward"


def tag_runs(tags: Sequence[Sequence[str]]) -> tuple[Tag, ...]:
    """A Tag for each run of consecutive frames with the same tag name, ordered by first frame.

    ``tags``: the tag names of each frame.
    """
    found: list[Tag] = []
    for frame, names in enumerate(tags):
        before = tags[frame - 1] if frame else ()
        for name in dict.fromkeys(names):
            if name not in before:
                after = (i for i in range(frame, len(tags)) if name not in tags[i])
                found.append(Tag(name, frame, next(after, len(tags)) - 1))
    return tuple(found)
