"""Following a training that another process does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sprite_lab.app.task import task
from sprite_lab.core.follow_control import FollowControl
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.engine.following.follow_run import Followed

# ruff: noqa: PLC0415 (as in ``tasks``)


@task("network")
def find_run(control: RunControl, text: str, runs: Path) -> Run[Followed]:
    """Connect to the run that a person named; one from elsewhere gets a folder below ``runs``."""
    yield Progress(0, 0, tr("Connecting"))
    from sprite_lab.engine.following.connection import parse_place
    from sprite_lab.engine.following.follow_run import find_run as find

    return find(parse_place(text), runs)


@task("network", long=True)
def follow(control: RunControl, run: Followed) -> Run[Path]:
    """Yield what its training does, until it ends or is left. ``control``: a FollowControl."""
    from sprite_lab.engine.following.follow_run import follow_iter

    assert isinstance(control, FollowControl)
    return follow_iter(run, control)
