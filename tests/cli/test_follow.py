"""Progress on stderr, and signals that stop a run."""

from __future__ import annotations

import io
import os
import signal

import pytest

from sprite_lab.cli import follow as follow_module
from sprite_lab.cli.follow import ENDING, Reporter, follow, stopping_on_signals
from sprite_lab.core.records import EvalRecord, Notice, Progress, StepRecord
from sprite_lab.core.run import Run, RunControl, drain


def steps(count: int) -> Run[str]:
    for number in range(1, count + 1):
        yield StepRecord(number, 0.0, 0.5, 1e-3, 123.0, 0.1, 1.0)
        yield Progress(number, count)
    yield EvalRecord(count, 0.25, 0.125)
    return "finished"


def test_lines_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_module, "LINE_EVERY", 0.0)
    with Reporter("Training") as reporter:
        assert drain(steps(3), reporter.show) == "finished"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [f"Training {n}/3 loss 0.5000 123/s" for n in (1, 2, 3)]
    assert reporter.last_step is not None
    assert reporter.last_step.step == 3
    assert reporter.last_eval == EvalRecord(3, 0.25, 0.125)


def test_lines_are_seldom(capsys: pytest.CaptureFixture[str]) -> None:
    assert follow("Training", steps(500)) == "finished"
    assert capsys.readouterr().err == ""


def test_notices_are_shown_unchanged(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter("Training") as reporter:
        reporter.show(Notice("[3] sprites are few"))
    assert capsys.readouterr().err == "[3] sprites are few\n"


def test_a_run_is_closed_when_showing_it_fails() -> None:
    closed = []

    def run() -> Run[None]:
        try:
            yield Progress(0, 1)
        finally:
            closed.append(True)

    class Broken(Reporter):
        def show(self, record: object) -> None:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        drain(run(), Broken("Training").show)
    assert closed == [True]


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", ENDING, ids=lambda n: n.name)
@pytest.mark.usefixtures("signals_heeded")
def test_signals_ask_the_run_to_stop(
    capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    control = RunControl()
    with Reporter("Training") as reporter, stopping_on_signals(control, reporter):
        for _ in range(2):
            signal.raise_signal(number)
    assert control.stop_requested
    assert not control.cancel_requested
    assert signal.getsignal(number) is before
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
@pytest.mark.parametrize("number", ENDING, ids=lambda n: n.name)
def test_a_signal_that_is_ignored_stays_ignored(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        control = RunControl()
        with Reporter("Training") as reporter, stopping_on_signals(control, reporter):
            signal.raise_signal(number)
        assert not control.stop_requested
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_terminal_that_is_gone_keeps_no_run_from_stopping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stderr", Gone())
    control = RunControl()
    with Reporter("Training") as reporter, stopping_on_signals(control, reporter):
        signal.raise_signal(signal.SIGTERM)
    assert control.stop_requested
