"""Whether a step of a lesson was done, judged by the result, however it was reached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.lessons import Check, Range, is_number
from sprite_lab.words import marked, tr

#: Beginnings of the names of jobs that shipped lessons wait for. In every language, a job's name
#: begins with the translation of one of these.
JOBS = (marked("Generating"), marked("Training"), marked("Measuring"))

#: Share of the drawn pixels that must be kept: with less, a model has nothing to go by.
LEAST_KEPT = 1 / 8


@dataclass(frozen=True)
class Level:
    """The position of a timeline."""

    value: float  #: the noise level t, or the training step
    #: the values of its two ends
    noise: float
    clean: float
    log_snr: float | None = None  #: that of a noise level; None = it is a training step


class UiDriver(Protocol):
    """What a lesson needs from the window. UI thread."""

    @property
    def workspace(self) -> str:
        """Name of the current workspace."""

    @property
    def page(self) -> str:
        """Name of its current page; "" = it has no pages."""

    def level(self) -> Level | None:
        """Position of the visible timeline; None = it is playing, or there is none."""

    def value(self, name: str) -> object:
        """Value of a control, or its chosen sprite; None = there is no such control, or no
        sprite is chosen."""

    def show(self, workspace: str, page: str) -> None:
        """Show a workspace and page; "" = stay."""

    def go_to_level(self, where: str | float) -> None:
        """Move the visible timeline to "noise", "clean" or t."""

    def go_to_log_snr(self, log_snr: float) -> None:
        """Move the visible timeline to the recorded frame nearest to a log-SNR."""

    def set_value(self, name: str, value: object) -> bool:
        """Set a control; False = it does not exist, or cannot have that value."""

    def press(self, name: str) -> bool:
        """Press a button; False = it does not exist, or is not enabled."""

    def choose_another(self, name: str) -> bool:
        """Give a control another value, or choose another of its sprites; False = it cannot."""

    def restore_settings(self, settings: Mapping[str, object]) -> None:
        """Apply sampling settings in See; missing ones get their defaults."""

    def change_settings(self, settings: Mapping[str, object]) -> None:
        """Apply sampling settings in See; missing ones stay."""

    def dissolve(self, sprites: Sequence[int] | None) -> None:
        """Dissolve sprites of the data set, by index, with the settings in See; None = some."""

    def generate(self) -> bool:
        """Generate with the settings in See; False = another run must end first."""

    @property
    def is_empty(self) -> bool:
        """Whether the page shown has nothing to show yet."""

    @property
    def awaits_sprites(self) -> bool:
        """Whether See is generating or dissolving sprites."""


class Checks:
    """Judges a step by what changed since it began."""

    def __init__(self, lab: Lab, window: UiDriver) -> None:
        self._lab, self._window = lab, window
        self._was: dict[str, object] = {}
        self.begin()

    def begin(self) -> None:
        """Record the state at the beginning of a step."""
        self._trajectory: Trajectory | None = self._lab.trajectory.value
        self._cells: Sequence[Cell] = self._lab.project.cells
        self._edits = self._lab.project.history.steps
        self.jobs: list[str] = []  # the names of those completed since
        self._was.clear()

    def all_hold(self, check: Check) -> bool:
        """Whether all conditions of a step hold."""
        window = self._window
        # Checked even if others fail, because they compare with an earlier look.
        changed = not check.changed or self._has_changed(check.changed)
        drawn = all(self.is_drawn(what) for what in check.drawing)
        return (
            changed
            and drawn
            and check.workspace in ("", window.workspace)
            and check.page in ("", window.page)
            and (check.timeline is None or is_at(window.level(), check.timeline))
            and (check.log_snr is None or self._is_at_log_snr(check.log_snr))
            and (check.trajectory is None or (self._has_new and not self._misses(check)))
            and all(fits(window.value(name), value) for name, value in check.control.items())
            and (not check.job or any(job.startswith(tr(check.job)) for job in self.jobs))
        )

    def _is_at_log_snr(self, wanted: Range) -> bool:
        level = self._window.level()
        return level is not None and fits(level.log_snr, wanted)

    def _has_changed(self, control: str) -> bool:
        now = self._window.value(control)
        return now is not None and now != self._was.setdefault(control, now)

    def has_seen(self, control: str) -> bool:
        """Whether a change of a control would be noticed: its value before is known."""
        return control in self._was

    @property
    def _has_new(self) -> bool:
        """Whether the shown trajectory is newer than the step."""
        trajectory = self._lab.trajectory.value
        return trajectory is not None and trajectory is not self._trajectory

    def _misses(self, check: Check) -> list[str]:
        """The settings that the shown trajectory should have and has not."""
        trajectory = self._lab.trajectory.value
        wanted = {n: v for n, v in (check.trajectory or {}).items() if n != "other"}
        return [
            *(n for n, value in wanted.items() if not fits(_setting(trajectory, n), value)),
            *(n for n in check.other if _setting(trajectory, n) == _setting(self._trajectory, n)),
        ]

    def wrong_settings(self, check: Check) -> list[str]:
        """Labels of the settings with which sprites were made that do not fit a step."""
        trajectory = self._lab.trajectory.value
        if check.trajectory is None or trajectory is None or not self._has_new:
            return []
        if trajectory.kind != check.kind:
            return [tr("Process")]
        known = settings_of(SampleConfig)
        labels = (known[name].label for name in self._misses(check) if name in known)
        return [tr(label) for label in labels if label]

    def too_few_kept(self) -> str:
        """What is missing where pixels are kept, but too few or all; "" = nothing."""
        cells = [cell for cell in self._lab.project.cells if not cell.is_blank and cell.keep.any()]
        if not cells or any(map(_keeps_some, cells)):
            return ""
        if any(cell.keep.all() for cell in cells):
            return tr("All is kept. Leave some pixels to be redrawn.")
        kept, least = max(map(_kept_and_least, cells), key=lambda counts: counts[0] / counts[1])
        return tr(
            "Drawn pixels kept: {kept}. Keep at least {least} of one sprite.",
            kept=kept,
            least=least,
        )

    def is_drawn(self, what: str) -> bool:
        """One of ``lessons.DRAWING_FIELDS``; "generated" is so for one look."""
        cells = self._lab.project.cells
        if what == "filled":
            return any(not cell.is_blank for cell in cells)
        if what == "kept":
            return any(not cell.is_blank and _keeps_some(cell) for cell in cells)
        # From the last look on: what is drawn or kept by then is what the model starts from.
        before, self._cells = self._cells, cells
        history = self._lab.project.history
        known, self._edits = self._edits, history.steps
        if history.steps[history.index] in known:  # undone or redone, if anything
            return False
        return any(_was_completed(*pair) for pair in zip(before, cells, strict=False))


def _setting(trajectory: Trajectory | None, name: str) -> object:
    if trajectory is None:
        return None
    if name == "kind":
        return trajectory.kind
    if name == "count":
        return trajectory.count
    found = getattr(trajectory.config or trajectory.forward, name, None)
    return list(found) if isinstance(found, tuple) else found


def _keeps_some(cell: Cell) -> bool:
    """Whether enough of the drawn pixels are kept, but not all."""
    kept, least = _kept_and_least(cell)
    return kept >= least and not cell.keep.all()


def _kept_and_least(cell: Cell) -> tuple[int, int]:
    """How many of the drawn pixels are kept, and how many must be."""
    drawn = cell.rgba[..., 3] > 0
    least = max(1, math.ceil(LEAST_KEPT * np.count_nonzero(drawn)))
    return int(np.count_nonzero(cell.keep & drawn)), least


def _was_completed(before: Cell, after: Cell) -> bool:
    """Whether a model drew around kept pixels and left those unchanged."""
    if after.made_by is None or after.pixels == before.pixels or before.side != after.side:
        return False
    keep = before.keep
    return _keeps_some(before) and bool(np.array_equal(before.rgba[keep], after.rgba[keep]))


def fits(found: object, wanted: object) -> bool:
    """Whether a value is equal, or within [from, to]; ignores the rounding of fields."""
    if is_number(found) and isinstance(wanted, (list, tuple)):
        return len(wanted) == 2 and bool(wanted[0] <= found <= wanted[1])
    if is_number(found) and is_number(wanted):
        return math.isclose(found, wanted, abs_tol=1e-6)
    return bool(found == wanted)


def is_at(level: Level | None, wanted: str | Sequence[float]) -> bool:
    """Whether a timeline is at "noise", at "clean" or within [from, to]."""
    if level is None:
        return False
    if isinstance(wanted, str):
        return level.value == (level.noise if wanted == "noise" else level.clean)
    return bool(wanted[0] <= level.value <= wanted[1])
