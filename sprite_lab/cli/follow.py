"""Advance a run to its end, showing its progress and reacting to signals."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Self, TypeVar

from rich import progress as bars

from sprite_lab.cli.console import stderr_console
from sprite_lab.core.printable import LONGEST, printable
from sprite_lab.core.records import (
    CopiesRecord,
    EvalRecord,
    Notice,
    Progress,
    Record,
    StepRecord,
)
from sprite_lab.core.run import Run, RunControl, drain

T = TypeVar("T")

#: Signals that ask a command to end: Ctrl+C, a plain kill, and closing the terminal.
ENDING = tuple(
    signal.Signals[name]
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if name in signal.Signals.__members__  # Windows lacks the last
)

#: Exit code of a command that was stopped for now and should be started again: EX_TEMPFAIL.
REQUEUE = 75

#: Exit code of a command that was interrupted.
INTERRUPTED = 130

#: The message when a training run is asked to stop.
SAVING = "stopping: a checkpoint is being saved"

#: The message when a measurement is asked to stop.
WRITING = "stopping: what is measured so far is being written"

#: Seconds between lines of progress without a terminal.
LINE_EVERY = 10.0


class Reporter:
    """Shows records on stderr: as a bar on a terminal, elsewhere as lines at intervals."""

    def __init__(self, title: str) -> None:
        self.last_step: StepRecord | None = None
        self.last_eval: EvalRecord | None = None
        self._title = title
        self._console = stderr_console()
        self._next_line = time.monotonic() + LINE_EVERY
        self._bar: bars.Progress | None = None
        if self._console.is_terminal:
            self._bar = bars.Progress(
                bars.TextColumn("{task.description}", markup=False),
                bars.BarColumn(bar_width=16),
                bars.MofNCompleteColumn(),
                bars.TextColumn("{task.fields[facts]}"),
                bars.TimeRemainingColumn(),
                console=self._console,
                refresh_per_second=4,
            )
            self._task = self._bar.add_task(title, total=None, facts="")

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            with contextlib.suppress(OSError):
                self._bar.stop()

    def show(self, record: Record) -> None:
        match record:
            case StepRecord():
                self.last_step = record
            case EvalRecord():
                self.last_eval = record
            case CopiesRecord(step, share):
                self.say(f"step {step}: {share:.0%} of the samples are copies")
            case Notice(text):
                self.say(text)
            case Progress():
                self._progress(record)
            case _:
                pass

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a closed terminal must not end a run
            self._console.print(printable(text, longest=LONGEST), markup=False, soft_wrap=True)

    def _facts(self) -> str:
        parts = []
        if self.last_step:
            parts.append(f"loss {self.last_step.loss:.4f}")
        if self.last_eval:
            parts.append(f"validation {self.last_eval.val_loss:.4f}")
        if self.last_step:
            parts.append(f"{self.last_step.sprites_per_second:.0f}/s")
        return " ".join(parts)

    def _progress(self, record: Progress) -> None:
        title, facts = printable(record.text or self._title, keep=""), self._facts()
        if self._bar:
            self._bar.update(
                self._task,
                description=title,
                completed=record.done,
                total=record.total or None,
                facts=facts,
            )
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY
            self.say(f"{title} {record.done}/{record.total} {facts}".rstrip())


@dataclass
class Stopped:
    """Why a command was stopped. ``requeue``: Slurm stopped it, and can start it again."""

    requeue: bool = False


@contextlib.contextmanager
def stopping_on_signals(
    control: RunControl,
    reporter: Reporter,
    notice: str | None = SAVING,
) -> Iterator[Stopped]:
    """Let Ctrl+C, SIGTERM and SIGHUP stop the run, keeping its results.

    Repeated signals change nothing: a half-written end would be worse than a short wait. A signal
    that the parent process made us ignore (as ``nohup`` does) stays ignored. On request, Slurm
    sends SIGUSR1 before a job's time limit; it sends SIGTERM to make room for another job.
    """
    stopped = Stopped()

    def stop(number: int, frame: FrameType | None) -> None:
        first = not control.stop_requested
        stopped.requeue |= number not in ENDING or (
            number == signal.SIGTERM and "SLURM_JOB_ID" in os.environ
        )
        control.stop()
        if first and notice:
            reporter.say(notice)

    ahead = [signal.SIGUSR1] if hasattr(signal, "SIGUSR1") else []
    heeded = [n for n in (*ENDING, *ahead) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def follow(
    title: str, run: Run[T], control: RunControl | None = None, notice: str | None = SAVING
) -> T:
    """Advance a run to its end, showing each record under a title; returns its result.

    ``control``: the run's control, through which signals stop it (see :func:`stopping_on_signals`);
    None = signals interrupt the command. ``notice``: shown when the run is asked to stop.
    """
    with Reporter(title) as reporter:
        stoppable = control and stopping_on_signals(control, reporter, notice)
        with stoppable or contextlib.nullcontext():
            return drain(run, reporter.show)
