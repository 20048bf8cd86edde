"""Checks whether a step of a lesson was done: only the result counts, not how it was reached."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.lessons import Check, Range, is_number
from sprite_lab.ui.tutorials.ui_driver import Level, WindowDriver
from sprite_lab.words import marked, tr

#: Beginnings of the names of jobs that shipped lessons wait for. In every language, a job's name
#: begins with the translation of one of these.
JOBS = (marked("Generating"), marked("Training"), marked("Measuring"))

#: After this many looks in a row without a change, an attempt is over and can be judged.
_RESTED = 8

#: Share of the drawn pixels that must be kept: with less, a model has nothing to go by.
LEAST_KEPT = 1 / 8


class Checks:
    """Judges a step by what changed since it began."""

    def __init__(self, lab: Lab, window: WindowDriver) -> None:
        self._lab, self._window = lab, window
        self._was: dict[str, object] = {}
        self.begin()

    def begin(self) -> None:
        """Record the state at the beginning of a step."""
        self._trajectory: Trajectory | None = self._lab.trajectory.value
        self._cells: Sequence[Cell] = self._lab.project.cells
        self._edits = self._lab.project.history.steps
        self.jobs: list[str] = []  # names of the jobs completed since then
        self._was.clear()
        self._first: object = None  # the state that an attempt changes, at the first look
        self._last: object = None  # the same, at the last look
        self._rested = 0  # looks since ``_last`` changed
        self._objection = ""

    def all_hold(self, check: Check) -> bool:
        """Whether all conditions of a step hold."""
        self._watch(check)
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
        """Whether a change of a control would be noticed, since its previous value is known."""
        return control in self._was

    @property
    def _has_new(self) -> bool:
        """Whether the shown trajectory is newer than the step."""
        trajectory = self._lab.trajectory.value
        return trajectory is not None and trajectory is not self._trajectory

    def _misses(self, check: Check) -> list[str]:
        """The settings that the shown trajectory should have but lacks."""
        return self._differing(check, partial(_setting, self._lab.trajectory.value))

    def _differing(self, check: Check, found: Callable[[str], object]) -> list[str]:
        """The settings whose values differ from the required ones."""
        wanted = {n: v for n, v in (check.trajectory or {}).items() if n != "other"}
        return [
            *(n for n, value in wanted.items() if not fits(found(n), value)),
            *(n for n in check.other if found(n) == _setting(self._trajectory, n)),
        ]

    def _watch(self, check: Check) -> None:
        """Watch the state that a step is about; an attempt is judged once it rests."""
        window = self._window
        level = window.level() if check.timeline or check.log_snr else None
        now = (
            (window.workspace, window.page),
            level and level.value,
            [window.state(name) for name in check.control],
            check.changed and window.value(check.changed),
            self._tries(check),
        )
        self._first = self._first or now
        self._rested = self._rested + 1 if now == self._last else 0
        self._last = now

    def _tries(self, check: Check) -> int:
        """The number of completed jobs of the kind that a step requires."""
        begins = tr(check.job or "Generating")
        return sum(job.startswith(begins) for job in self.jobs if check.job or check.drawing)

    def objection(self, check: Check, place: tuple[str, str]) -> str:
        """What is wrong with an attempt; "" = nothing, or there was none.

        ``place``: workspace and page of the step; "" = any.
        """
        wrong = self._wrong_settings(check)
        if wrong and self._is_set(check):
            return tr("Now press Generate.")
        if wrong and set(self._misses(check)) <= set(check.other):
            return tr("Same as before. Next, change: {settings}.", settings=", ".join(wrong))
        if wrong:
            return tr("Not quite. Check: {settings}.", settings=", ".join(wrong))
        few = self._too_few_kept() if "kept" in check.drawing else ""
        if few:
            return few
        if self._rested >= _RESTED:  # otherwise what was said stays, or it would come and go
            self._objection = "" if self._last == self._first else self._judged(check, place)
        return self._objection

    def _judged(self, check: Check, place: tuple[str, str]) -> str:
        window = self._window
        here = window.workspace, window.page
        tab = window.label(f"{check.workspace}.tabs.{check.page}") if check.page else ""
        if tab and here[0] == check.workspace and here[1] != check.page:
            return tr("Now choose “{page}” at the top.", page=tab)
        if not all(wanted in ("", now) for wanted, now in zip(place, here, strict=True)):
            return tr("Not quite: this is another page.")
        wrong = [
            window.label(name)
            for name, value in check.control.items()
            if window.label(name) and not fits(window.value(name), value)
        ]
        if wrong:
            return tr("Not quite. Check: {settings}.", settings=", ".join(wrong))
        if "generated" in check.drawing:
            return self._not_completed(check)
        if check.timeline or check.log_snr:
            return self._way(check)
        return tr("Not quite. The magnifying glass above shows where.")

    def _way(self, check: Check) -> str:
        """Where the timeline has to go; "" = it is moving."""
        level = self._window.level()
        if level is None:
            return ""
        wanted = check.timeline
        if isinstance(wanted, str):
            left = wanted == "noise"
        elif wanted is not None and not is_at(level, wanted):
            left = (level.value < wanted[0]) == (level.noise > level.clean)
        else:
            left = check.log_snr is not None and not fits(
                level.log_snr, (-math.inf, check.log_snr[1])
            )
        if left:
            return tr("Not there yet: move the timeline further to the left.")
        return tr("Not there yet: move the timeline further to the right.")

    def _wrong_settings(self, check: Check) -> list[str]:
        """Labels of the sampling settings that do not meet a step's conditions."""
        trajectory = self._lab.trajectory.value
        if check.trajectory is None or trajectory is None or not self._has_new:
            return []
        if trajectory.kind != check.kind:
            return [tr("Process")]
        if check.kind == "forward":
            return [tr("Sprites")] if self._misses(check) else []
        known = settings_of(SampleConfig)
        labels = (known[name].label for name in self._misses(check) if name in known)
        return [tr(label) for label in labels if label]

    def _is_set(self, check: Check) -> bool:
        """Whether all required settings are set, so that only the sprites are missing."""
        if check.kind != "reverse":
            return False
        settings = self._window.settings
        made = self._lab.trajectory.value
        return not self._differing(check, lambda n: _plain(getattr(settings, n, _setting(made, n))))

    def _not_completed(self, check: Check) -> str:
        """Why the model's sprites complete no drawing; "" = it has not drawn any yet."""
        if not self._tries(check):
            return ""
        return self._too_few_kept() or tr(
            "Not quite. Mark with the mask brush what should stay, then generate."
        )

    def _too_few_kept(self) -> str:
        """What is wrong with the kept pixels, if they are too few or all; "" = nothing."""
        cells = [cell for cell in self._chosen if not cell.is_blank and cell.keep.any()]
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
        """Whether ``what``, one of ``lessons.DRAWING_FIELDS``, is true of a selected cell.

        "generated" is true for one look, and of any cell.
        """
        if what != "generated":
            return any(_has(what, cell) for cell in self._chosen)
        cells = self._lab.project.cells
        # Since the last look: what was drawn or kept then is what the model started from.
        before, self._cells = self._cells, cells
        history = self._lab.project.history
        known, self._edits = self._edits, history.steps
        if history.steps[history.index] in known:  # an undo or redo, if anything
            return False
        return any(_was_completed(*pair) for pair in zip(before, cells, strict=False))

    def is_drawn_anywhere(self, what: str) -> bool:
        """Like :meth:`is_drawn`, in any cell; True for "generated", which leaves no trace."""
        return what == "generated" or any(_has(what, cell) for cell in self._lab.project.cells)

    @property
    def _chosen(self) -> list[Cell]:
        cells = self._lab.project.cells
        return [cells[i] for i in self._window.chosen_cells if i < len(cells)]


def _has(what: str, cell: Cell) -> bool:
    """Whether a cell is "filled", or partly "kept"."""
    return not cell.is_blank and (what == "filled" or _keeps_some(cell))


def _setting(trajectory: Trajectory | None, name: str) -> object:
    if trajectory is None:
        return None
    if name == "kind":
        return trajectory.kind
    if name == "count":
        return trajectory.count
    return _plain(getattr(trajectory.config or trajectory.forward, name, None))


def _plain(found: object) -> object:
    """A setting in the form used by lessons."""
    return list(found) if isinstance(found, tuple) else found


def _keeps_some(cell: Cell) -> bool:
    """Whether enough of the drawn pixels are kept, but not all."""
    kept, least = _kept_and_least(cell)
    return kept >= least and not cell.keep.all()


def _kept_and_least(cell: Cell) -> tuple[int, int]:
    """The number of drawn pixels that are kept, and that must be kept."""
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
    """Whether ``found`` is ``wanted``, within its [from, to] or one of its texts.

    The rounding of fields is ignored.
    """
    if is_number(found) and isinstance(wanted, (list, tuple)):
        return len(wanted) == 2 and bool(wanted[0] <= found <= wanted[1])
    if isinstance(found, str) and isinstance(wanted, (list, tuple)):
        return found in wanted
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
