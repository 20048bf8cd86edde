"""Control and records shared by a run and its observers, built on ``threading`` alone."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from sprite_lab.core.errors import RunError
from sprite_lab.core.records import Outcome, Paused, Preview, Progress, Record, StepRecord

R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

#: A run: yields records, returns its result. It can pause or end at each yield.
Run = Generator[Record | None, None, T]

#: Above this many waiting records, adjacent pairs of step records are averaged.
MAX_WAITING = 65_536

#: Maximum time that counts for a step, in seconds; on Windows the clock keeps running while the
#: machine sleeps.
LONGEST_STEP = 60.0


def step_seconds(start: float, end: float) -> float:
    """The duration of a step in seconds, without time that the machine slept."""
    return min(end - start, LONGEST_STEP)


class RunControl:
    """Asks one run to pause, stop (keep the results so far) or cancel (discard them). Any thread.

    Each run has its own, so that no flag of an earlier run remains. ``step_once`` lets a paused run
    take a single step.
    """

    def __init__(self) -> None:
        # Reentrant: a signal's handler may ask for something while its thread holds the lock.
        self._lock = threading.RLock()
        self._paused = False
        self._stop = False
        self._cancel = False
        self._single_steps = 0
        self._preview_wanted = True

    @property
    def paused(self) -> bool:
        return self._paused and not self._stop and not self._cancel

    @property
    def stop_requested(self) -> bool:
        """True once the run should end soon, by stop or by cancel."""
        return self._stop or self._cancel

    @property
    def cancel_requested(self) -> bool:
        return self._cancel

    def _set(self, **flags: bool | int) -> None:
        with self._lock:
            for name, value in flags.items():
                setattr(self, f"_{name}", value)

    def pause(self) -> None:
        self._set(paused=True)

    def resume(self) -> None:
        # Resuming uses up a single step that was not taken, so it is not pending after the next
        # pause.
        self._set(paused=False, single_steps=0)

    def stop(self) -> None:
        self._set(stop=True)

    def cancel(self) -> None:
        self._set(cancel=True)

    def leave(self) -> None:
        """End soon, because the app is closing."""
        self.stop()

    def step_once(self) -> None:
        """Take one more step, then pause."""
        with self._lock:
            self._paused = True
            self._single_steps += 1

    def may_proceed(self) -> bool:
        """Whether the run is free to advance. Run's thread."""
        return not self.paused

    def take_single_step(self) -> bool:
        """Use up a requested single step; return whether there was one. Run's thread."""
        with self._lock:
            owed = self.paused and self._single_steps > 0
            self._single_steps -= owed
            return owed

    def want_preview(self) -> None:
        """Let the run build one more preview, since the last one was shown."""
        self._set(preview_wanted=True)

    def take_preview_credit(self) -> bool:
        """Whether a preview is worth building; takes the credit. Run's thread."""
        with self._lock:
            wanted, self._preview_wanted = self._preview_wanted, False
            return wanted


@dataclass(frozen=True)
class Mail:
    """Everything that arrived since the last :meth:`Mailbox.take`."""

    records: tuple[Record, ...] = ()
    progress: Progress | None = None
    preview: Preview | None = None
    outcome: Outcome | None = None


@dataclass
class Mailbox:
    """Records from a run's thread to an observer that pulls them.

    Up to :data:`MAX_WAITING` records are kept without loss, but of progress and previews only
    the newest, so a slow observer costs the run nothing. ``averaged`` counts the
    step records that were merged because nobody took them.
    """

    averaged: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _records: list[Record] = field(default_factory=list, repr=False)
    _progress: Progress | None = None
    _preview: Preview | None = None
    _outcome: Outcome | None = None
    _pairs_open: bool = False

    def post(self, record: Record | None) -> None:
        """Post a record. Run's thread."""
        with self._lock:
            if isinstance(record, Progress):
                self._progress = record
            elif isinstance(record, Preview):
                self._preview = record
            elif record is not None:
                self._records.append(record)
                if len(self._records) > MAX_WAITING:
                    self._thin()

    def end(self, outcome: Outcome) -> None:
        """Post the outcome, which comes last. Run's thread."""
        with self._lock:
            self._outcome = outcome

    def take(self) -> Mail:
        """Take everything waiting, in order; the outcome comes with the last records."""
        with self._lock:
            mail = Mail(tuple(self._records), self._progress, self._preview, self._outcome)
            self._records, self._progress, self._preview = [], None, None
            return mail

    def _thin(self) -> None:
        thinned: list[Record] = []
        for record in self._records:
            last = thinned[-1] if thinned else None
            if isinstance(record, StepRecord) and isinstance(last, StepRecord) and self._pairs_open:
                thinned[-1] = replace(record, loss=(last.loss + record.loss) / 2)
                self.averaged += 1
                self._pairs_open = False
            else:
                thinned.append(record)
                self._pairs_open = isinstance(record, StepRecord)
        self._records = thinned


def relay(run: Generator[S, None, T], told: Callable[[S], R]) -> Generator[R, None, T]:
    """The run with each record replaced by the result of ``told``."""
    steps = Steps(run)
    for record in steps:
        yield told(record)
    return steps.result


def relay_as(run: Generator[object, None, T], record: R) -> Generator[R, None, T]:
    """The run with each record replaced by the same one."""
    return relay(run, lambda _: record)


def timed(run: Run[T]) -> Run[tuple[T, float]]:
    """Carry out a run, and return its result with the time it took, in seconds.

    The time that other jobs take between its steps does not count. The first step, in which torch
    warms up, counts as no longer than a typical one.
    """
    seconds: list[float] = []
    with contextlib.closing(run):
        while True:
            start = time.perf_counter()
            try:
                record = next(run)
            except StopIteration as end:
                seconds.append(time.perf_counter() - start)
                if len(seconds) > 2:
                    seconds[0] = min(seconds[0], statistics.median(seconds[1:-1]))
                return end.value, sum(seconds)
            seconds.append(time.perf_counter() - start)
            yield record


def drain(run: Run[T], show: Callable[[Record], None] | None = None) -> T:
    """Advance a run to its end and return its result; for commands, scripts and tests.

    Each record is passed to ``show``. The run is closed if it is interrupted or fails. Raises
    RunError, with the reason, if it pauses itself.
    """
    steps = Steps(run)
    try:
        for record in steps:
            if isinstance(record, Paused):  # nobody is there to resume it
                raise RunError(record.text)
            if show is not None and record is not None:
                show(record)
    finally:
        run.close()
    return steps.result


class Steps(Generic[S, T]):
    """Iterates over a generator; afterward ``result`` is its return value."""

    result: T

    def __init__(self, run: Generator[S, None, T]) -> None:
        self._run = run

    def __iter__(self) -> Iterator[S]:
        self.result = yield from self._run
