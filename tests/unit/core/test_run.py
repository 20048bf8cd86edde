"""Requests to a run in one direction, records in the other."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import numpy as np
import pytest

from sprite_lab.core import run as run_module
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import (
    EvalRecord,
    Notice,
    Outcome,
    Paused,
    Preview,
    Progress,
    Record,
    StepRecord,
)
from sprite_lab.core.run import Mailbox, Run, RunControl, drain, relay, relay_as, timed


def step(number: int, loss: float = 0.0) -> StepRecord:
    return StepRecord(number, 0.0, loss, 1e-3, 100.0, 0.1, 1.0)


class TestControl:
    def test_a_new_one_lets_the_run_continue(self) -> None:
        control = RunControl()
        assert control.may_proceed()
        assert not control.paused
        assert not control.stop_requested
        assert not control.cancel_requested

    def test_pause_and_resume(self) -> None:
        control = RunControl()
        control.pause()
        assert control.paused
        assert not control.may_proceed()
        control.resume()
        assert control.may_proceed()

    def test_one_step_and_no_more(self) -> None:
        control = RunControl()
        control.step_once()
        assert [control.take_single_step() for _ in range(3)] == [True, False, False]
        control.step_once()
        control.step_once()
        assert [control.take_single_step() for _ in range(3)] == [True, True, False]
        assert not control.may_proceed(), "a single step leaves it paused"

    def test_a_step_that_was_overtaken_by_resume_is_not_owed(self) -> None:
        control = RunControl()
        control.step_once()
        control.resume()
        control.pause()
        assert not control.take_single_step()
        assert not control.may_proceed()

    @pytest.mark.parametrize("end", ["stop", "cancel"])
    def test_ending_releases_a_paused_run(self, end: str) -> None:
        control = RunControl()
        control.pause()
        assert not control.may_proceed()
        getattr(control, end)()
        assert control.may_proceed()
        assert control.stop_requested
        assert control.cancel_requested == (end == "cancel")
        assert not control.paused

    def test_a_signal_may_stop_a_run_in_the_middle_of_a_question(self) -> None:
        control = RunControl()
        with control._lock:  # just as take_single_step does
            control.stop()
        assert control.stop_requested

    def test_one_credit_for_a_preview(self) -> None:
        control = RunControl()
        assert [control.take_preview_credit(), control.take_preview_credit()] == [True, False]
        control.want_preview()
        control.want_preview()
        assert [control.take_preview_credit(), control.take_preview_credit()] == [True, False]


class TestMailbox:
    def test_records_come_once_in_order_and_of_the_rest_the_newest(self) -> None:
        box = Mailbox()
        image = np.zeros((1, 16, 16, 3), np.uint8)
        for record in (
            step(1),
            Progress(1, 9),
            Preview(1, image),
            None,
            step(2),
            Notice("few sprites"),
            Progress(2, 9),
            Preview(2, image),
        ):
            box.post(record)
        mail = box.take()
        assert mail.records == (step(1), step(2), Notice("few sprites"))
        assert mail.progress == Progress(2, 9)
        assert mail.preview is not None
        assert mail.preview.step == 2
        assert mail.outcome is None
        again = box.take()
        assert (again.records, again.progress, again.preview) == ((), None, None)

    def test_the_outcome_comes_with_the_last_records(self) -> None:
        box = Mailbox()
        box.post(step(1))
        box.end(Outcome("completed", result=7))
        mail = box.take()
        assert mail.records == (step(1),)
        assert mail.outcome == Outcome("completed", result=7)

    def test_nothing_is_lost_or_doubled_between_threads(self) -> None:
        box = Mailbox()
        count = 20_000

        def work() -> None:
            for number in range(count):
                box.post(step(number))
            box.end(Outcome("completed"))

        thread = threading.Thread(target=work)
        thread.start()
        seen: list[int] = []
        while True:
            mail = box.take()
            seen += [record.step for record in steps(mail.records)]
            if mail.outcome:
                break
        thread.join()
        assert seen == list(range(count))
        assert box.averaged == 0


def steps(records: Iterable[object]) -> list[StepRecord]:
    return [record for record in records if isinstance(record, StepRecord)]


class TestThinning:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run_module, "MAX_WAITING", 8)

    def test_below_the_limit_nothing_is_merged(self) -> None:
        box = Mailbox()
        for number in range(8):
            box.post(step(number))
        assert len(box.take().records) == 8
        assert box.averaged == 0

    def test_beyond_it_neighbors_become_one_with_their_mean_loss(self) -> None:
        box = Mailbox()
        for number in range(9):
            box.post(step(number, loss=float(number)))
        records = steps(box.take().records)
        # Pairs (0,1) (2,3) (4,5) (6,7), and 8 alone; the later step gives the number.
        assert [record.step for record in records] == [1, 3, 5, 7, 8]
        assert [record.loss for record in records] == [0.5, 2.5, 4.5, 6.5, 8.0]
        assert box.averaged == 4

    def test_pairs_never_reach_across_another_record(self) -> None:
        box = Mailbox()
        evaluation = EvalRecord(3, 0.1, 0.2)
        for record in (step(1), step(2), step(3), evaluation, step(4), Notice("x"), step(5)):
            box.post(record)
        box.post(step(6))
        box.post(step(7))
        records = box.take().records
        assert [type(record) for record in records] == [
            StepRecord,
            StepRecord,
            EvalRecord,
            StepRecord,
            Notice,
            StepRecord,
            StepRecord,
        ]
        assert [record.step for record in steps(records)] == [2, 3, 4, 6, 7]
        assert box.averaged == 2

    def test_nothing_is_forgotten_however_long_nobody_looks(self) -> None:
        box = Mailbox()
        for number in range(1, 1001):
            box.post(step(number, loss=1.0))
        records = steps(box.take().records)
        assert len(records) <= 9
        assert len(records) + box.averaged == 1000
        assert records[-1].step == 1000
        assert all(record.loss == 1.0 for record in records)
        assert [r.step for r in records] == sorted(r.step for r in records)


def test_drain_gives_what_the_run_returned() -> None:
    def count() -> Run[int]:
        yield Progress(1, 2)
        yield None
        return 42

    assert drain(count()) == 42


def test_drain_lets_errors_through() -> None:
    def fail() -> Run[int]:
        yield None
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        drain(fail())


def test_a_relayed_run_yields_other_records_and_is_closed() -> None:
    closed = []

    def count() -> Run[int]:
        try:
            yield Progress(1, 2)
            yield Progress(2, 2)
            return 42
        finally:
            closed.append(True)

    def doubled(record: Record | None) -> Progress:
        assert isinstance(record, Progress)
        return Progress(2 * record.done, 4)

    shown: list[Record] = []
    assert drain(relay(count(), doubled), shown.append) == 42
    assert shown == [Progress(2, 4), Progress(4, 4)]
    assert closed == [True]
    broken_off = relay(count(), doubled)
    next(broken_off)
    broken_off.close()
    assert closed == [True, True]


def test_a_run_that_pauses_itself_ends_with_its_reason() -> None:
    def astray() -> Run[int]:
        yield None
        yield Paused("The loss is no number.")
        return 42

    with pytest.raises(RunError, match="The loss is no number"):
        drain(astray())
    assert drain(relay_as(astray(), None)) == 42, "by whoever takes its records"


def test_closing_the_app_stops_a_run() -> None:
    control = RunControl()
    control.leave()
    assert control.stop_requested
    assert not control.cancel_requested


def test_the_time_of_a_measurement_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other jobs run between its steps, and torch initializes itself during the first one."""
    clock = 0.0
    monkeypatch.setattr("sprite_lab.core.run.time.perf_counter", lambda: clock)

    def run() -> Run[str]:
        nonlocal clock
        for seconds in (5.0, 1.0, 1.0):
            clock += seconds
            yield None
        clock += 0.5
        return "found"

    steps = timed(run())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
        clock += 60.0
    assert found == ("found", pytest.approx(3.5))
