"""Whether a step of a lesson was done, judged by the result, however it came about."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import marked, tr

#: Beginnings of the names of jobs that shipped lessons wait for. In every language, a job's name
#: begins with the translation of one of them.
JOBS = (marked("Generating"), marked("Training"), marked("Measuring"))


@dataclass(frozen=True)
class Level:
    """Where a timeline stands."""

    value: float  #: the noise level t, or the training step
    #: the values of its two ends
    noise: float
    clean: float
    log_snr: float | None = None  #: of a noise level; None = it is a training step


class Looking(Protocol):
    """The parts of the window that checks read. UI thread."""

    @property
    def workspace(self) -> str:
        """Name of the current workspace."""

    @property
    def page(self) -> str:
        """Name of its current page; "" = it has no pages."""

    def level(self) -> Level | None:
        """Where the visible timeline stands; None = it is playing, or there is none."""

    def value(self, name: str) -> object:
        """Value of a control, or its chosen sprite; None = there is no such control, or no
        sprite is chosen."""


class Checks:
    """Judges a step by what changed since it began."""

    def __init__(self, lab: Lab, window: Looking) -> None:
        self._lab, self._window = lab, window
        self._was: dict[str, object] = {}
        self.begin()

    def begin(self) -> None:
        """Note the present state as that at the beginning of a step."""
        self._trajectory: Trajectory | None = self._lab.trajectory.value
        self._cells: Sequence[Cell] = self._lab.project.cells
        self.jobs: list[str] = []  # the names of those that completed since
        self._was.clear()

    def all_hold(self, wanted: Mapping[str, Any]) -> bool:
        """Whether all conditions of a step hold, by the names in ``lessons._CHECKS``."""
        # Each is looked at, for some compare with what they saw first.
        return all(self._holds(name, value) for name, value in wanted.items())

    def _holds(self, name: str, wanted: Any) -> bool:
        window = self._window
        if name == "workspace":
            return window.workspace == wanted
        if name == "page":
            return window.page == wanted
        if name == "timeline":
            return is_at(window.level(), wanted)
        if name == "log_snr":
            level = window.level()
            return level is not None and fits(level.log_snr, wanted)
        if name == "trajectory":
            return self._is_wanted_trajectory(wanted)
        if name == "control":
            return all(fits(window.value(control), value) for control, value in wanted.items())
        if name == "changed":
            now = window.value(wanted)
            return now is not None and now != self._was.setdefault(wanted, now)
        if name == "drawing":
            return all(self._is_drawn(what) for what in wanted)
        return any(job.startswith(tr(wanted)) for job in self.jobs)  # "job", one of JOBS

    def _is_wanted_trajectory(self, wanted: Mapping[str, Any]) -> bool:
        """Whether the shown trajectory is newer than the step and has these settings."""
        trajectory = self._lab.trajectory.value
        if trajectory is None or trajectory is self._trajectory:
            return False
        for name, value in wanted.items():
            if name == "other":
                if not all(
                    _setting(trajectory, setting) != _setting(self._trajectory, setting)
                    for setting in value
                ):
                    return False
            elif not fits(_setting(trajectory, name), value):
                return False
        return True

    def _is_drawn(self, what: str) -> bool:
        """One of ``lessons.DRAWING_FIELDS``."""
        cells = self._lab.project.cells
        if what == "filled":
            return any(not cell.is_blank for cell in cells)
        if what == "kept":
            return any(not cell.is_blank and _keeps_some(cell) for cell in cells)
        return any(
            _was_completed(before, after) for before, after in zip(self._cells, cells, strict=False)
        )


def _setting(trajectory: Trajectory | None, name: str) -> Any:
    if trajectory is None:
        return None
    if name == "kind":
        return trajectory.kind
    config: Any = trajectory.config or trajectory.forward
    found = getattr(config, name, None)
    return list(found) if isinstance(found, tuple) else found


def _keeps_some(cell: Cell) -> bool:
    """Whether some pixels, but not all, are kept, and something is drawn on them."""
    keep = cell.keep
    return bool(keep.any() and not keep.all() and cell.rgba[keep][:, 3].any())


def _was_completed(before: Cell, after: Cell) -> bool:
    """Whether a model drew around kept pixels, and left them as they were."""
    if after.made_by is None or after.pixels == before.pixels or before.side != after.side:
        return False
    keep = before.keep
    return _keeps_some(before) and bool(np.array_equal(before.rgba[keep], after.rgba[keep]))


def fits(found: Any, wanted: Any) -> bool:
    """Whether a value is equal, or within [from, to]; ignores the rounding of fields."""
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    if isinstance(wanted, (list, tuple)) and is_number:
        return bool(len(wanted) == 2 and wanted[0] <= found <= wanted[1])
    if is_number and isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        return math.isclose(found, wanted, abs_tol=1e-6)
    return bool(found == wanted)


def is_at(level: Level | None, wanted: str | Sequence[float]) -> bool:
    """Whether a timeline stands at "noise", at "clean" or within [from, to]."""
    if level is None:
        return False
    if isinstance(wanted, str):
        return level.value == (level.noise if wanted == "noise" else level.clean)
    return bool(wanted[0] <= level.value <= wanted[1])


def middle(wanted: Any) -> Any:
    """A value that fits: the middle of [from, to], or the value itself."""
    if isinstance(wanted, list) and len(wanted) == 2:
        center = (wanted[0] + wanted[1]) / 2
        return int(center) if all(isinstance(end, int) for end in wanted) else center
    return wanted
