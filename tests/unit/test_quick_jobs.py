"""Work requested repeatedly: reported at once, never queued, hardly delayed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication

from sprite_lab.core.records import Outcome, Progress
from sprite_lab.core.run import RunControl
from sprite_lab.jobs import JobRunner, QuickJob
from tests.qt import until
from tests.unit.test_jobs import counting


@pytest.fixture
def runner(qapp: QGuiApplication) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    assert runner.shut_down(60)


class Ends:
    """Reports of a QuickJob, in order."""

    def __init__(self, job: QuickJob) -> None:
        self.outcomes: list[Outcome] = []
        job.ended.connect(self.outcomes.append)


def test_the_end_is_reported_without_a_timer_and_nobody_sees_a_job(runner: JobRunner) -> None:
    job = QuickJob(runner, "sketch")
    ends, seen = Ends(job), []
    runner.jobs_changed.connect(lambda: seen.append(1))
    until(lambda: True)
    reported = QEventLoop()
    job.ended.connect(reported.quit)
    for _ in range(8):
        job.start(counting(3))
        assert job.busy
        assert not [timer for timer in runner.findChildren(QTimer) if timer.isActive()]
        reported.exec()  # only by the worker's message
    assert [outcome.result for outcome in ends.outcomes] == [3] * 8
    assert not job.busy
    assert not seen
    assert not runner.handles


def test_only_one_run_is_under_way(runner: JobRunner) -> None:
    job = QuickJob(runner, "sketch")
    job.start(counting(50, 0.001))
    with pytest.raises(RuntimeError):
        job.start(counting(1))


def test_what_is_dropped_is_not_told_and_gives_way_at_once(runner: JobRunner) -> None:
    job = QuickJob(runner, "sketch")
    ends = Ends(job)
    job.start(counting(100_000, 0.001))
    job.drop()
    assert not job.busy
    job.start(counting(2))
    until(lambda: bool(ends.outcomes))
    assert [outcome.result for outcome in ends.outcomes] == [2]


def test_a_fault_is_reported_as_text(runner: JobRunner) -> None:
    job = QuickJob(runner, "sketch")
    ends = Ends(job)

    def broken(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        raise ValueError("no such color")

    job.start(broken)
    until(lambda: bool(ends.outcomes))
    assert ends.outcomes[0].kind == "failed"
    assert "no such color" in ends.outcomes[0].error


def test_a_training_waits_while_one_urgent_run_follows_another(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine, there is some time between two runs.
    monkeypatch.setattr("sprite_lab.jobs.worker.ROOM_SECONDS", 600.0)
    monkeypatch.setattr("sprite_lab.jobs.worker.MOST_ROOM_SECONDS", 600.0)
    steps: list[float] = []

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        while not control.stop_requested:
            time.sleep(0.03)
            steps.append(time.monotonic())
            yield Progress(0, 0)

    long = runner.start(training, name="training", long=True)
    until(lambda: bool(steps))
    job = QuickJob(runner, "sketch")
    ends = Ends(job)
    for n in range(12):
        job.start(counting(2))
        until(lambda n=n: len(ends.outcomes) == n + 1)
        if n == 0:
            first = time.monotonic()  # a step that had begun has ended by then
    last = time.monotonic()
    assert not [step for step in steps if first < step < last]
    with monkeypatch.context() as later:
        later.setattr("sprite_lab.jobs.worker.ROOM_SECONDS", 0.0)
        until(lambda: steps[-1] > last)  # it continues once nobody draws
    job.start(counting(2))
    until(lambda: len(ends.outcomes) == 13)
    long.stop()  # at once, even while somebody draws
    until(lambda: not long.active)


@pytest.mark.parametrize("queued", [False, True])
def test_a_stopped_training_ends_soon_though_urgent_runs_go_on(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch, queued: bool
) -> None:
    monkeypatch.setattr("sprite_lab.jobs.worker.ROOM_SECONDS", 600.0)
    monkeypatch.setattr("sprite_lab.jobs.worker.MOST_ROOM_SECONDS", 600.0)
    drawn: list[int] = []

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        while not control.stop_requested:
            yield Progress(0, 0)
        for _ in range(3):  # as when the last state is saved
            yield Progress(0, 0)

    def sketch(control: RunControl):  # type: ignore[no-untyped-def]
        while not control.stop_requested:
            time.sleep(0.001)
            drawn.append(len(drawn))
            yield None

    first = runner.start(training, name="training", long=True)
    long = runner.start(training, name="another", long=True) if queued else first
    until(lambda: first.state == "running")
    job = QuickJob(runner, "sketch")
    job.start(sketch)
    until(lambda: len(drawn) > 20)
    stopped = len(drawn)
    long.stop()
    until(lambda: not long.active)
    assert job.busy
    assert len(drawn) > stopped  # neither starves the other
    first.stop()
    until(lambda: not first.active)
    job.drop()


def test_an_urgent_run_waits_for_one_training_step_at_most(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprite_lab.jobs.worker.MOST_ROOM_SECONDS", 0.02)
    order: list[str] = []
    asking = threading.Lock()  # so that no step ends while this thread is delayed

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        while not control.stop_requested:
            time.sleep(0.03)  # a step that cannot be interrupted
            with asking:
                order.append("step")
            yield Progress(0, 0)

    def sketch(control: RunControl):  # type: ignore[no-untyped-def]
        order.append("sketch")
        yield None

    long = runner.start(training, name="training", long=True)
    until(lambda: "step" in order)
    # Another endless short run, requested later, does not delay it either.
    job = QuickJob(runner, "sketch")
    ends = Ends(job)
    for n in range(20):
        slow = runner.start(counting(100_000, 0.005), name="slow") if n == 10 else None
        with asking:
            asked = len(order)
            job.start(sketch)
        until(lambda n=n: len(ends.outcomes) == n + 1)
        before = order[asked : len(order) - order[::-1].index("sketch") - 1]
        # One step may be in progress, and another one may be due.
        assert len(before) <= 2, order
        if slow is not None:
            until(lambda slow=slow: slow.state == "running")
    assert order.count("step") >= 3  # the training does not starve either
    for handle in runner.handles:
        handle.cancel()
    until(lambda: not long.active)


def test_closing_does_not_wait_for_the_end_of_a_run(qapp: QGuiApplication) -> None:
    runner = JobRunner()
    job = QuickJob(runner, "sketch", urgent=False)
    begun, steps = threading.Event(), []

    def work(control: RunControl):  # type: ignore[no-untyped-def]
        while True:  # until it is closed
            begun.set()
            steps.append(control.cancel_requested)
            yield Progress(0, 0)

    job.start(work)
    assert begun.wait(60)
    assert runner.shut_down(60)
    assert sum(steps) <= 1, "at most the step during which it was asked to close"
    job.drop()
    job.start(counting(1))  # no worker runs it, and nothing breaks
    assert not job.busy
    job.drop()  # nothing is left to drop
    assert not job.busy
