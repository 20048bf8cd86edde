"""The worker protocol, tested without widgets."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from sprite_lab.app.task import call
from sprite_lab.core.errors import FileError
from sprite_lab.core.records import Outcome, Preview, Progress, StepRecord
from sprite_lab.core.run import RunControl
from sprite_lab.jobs import ENDED, TRANSITIONS, JobHandle, JobRunner, worker
from sprite_lab.jobs.worker import Job
from tests.qt import let_train, until


@pytest.fixture
def runner(qapp: QCoreApplication) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    assert runner.shut_down(60)


def step_record(step: int) -> StepRecord:
    return StepRecord(step, 0.0, 1.0 / step, 1e-3, 100.0, 0.0, 0.0)


class Watch:
    """All reports about a job, in order."""

    def __init__(self, handle: JobHandle) -> None:
        self.handle = handle
        self.heard: list[tuple[str, object]] = []
        self.records: list[object] = []
        handle.state_changed.connect(lambda state: self.heard.append(("state", state)))
        handle.progressed.connect(lambda *what: self.heard.append(("progress", what)))
        handle.preview_ready.connect(lambda preview: self.heard.append(("preview", preview)))
        handle.records_ready.connect(self._take)
        handle.ended.connect(lambda outcome: self.heard.append(("ended", outcome)))

    def _take(self, records: tuple[object, ...]) -> None:
        self.records.extend(records)
        self.heard.append(("records", records))

    @property
    def outcome(self) -> Outcome:
        until(lambda: self.handle.outcome is not None)
        endings = [what for kind, what in self.heard if kind == "ended"]
        assert len(endings) == 1, "ended exactly once"
        assert self.heard[-1][0] == "ended", "and last"
        outcome = endings[0]
        assert isinstance(outcome, Outcome)
        return outcome

    @property
    def steps(self) -> list[int]:
        return [r.step for r in self.records if isinstance(r, StepRecord)]

    @property
    def states(self) -> list[object]:
        return [what for kind, what in self.heard if kind == "state"]


def counting(total: int, pause: float = 0.0):  # type: ignore[no-untyped-def]
    """A run of ``total`` steps that returns how many are done, even if stopped."""

    def make(control: RunControl):  # type: ignore[no-untyped-def]
        done = 0
        while done < total and not control.stop_requested:
            done += 1
            yield step_record(done)
            yield Progress(done, total)
            if pause:
                time.sleep(pause)
        return done

    return make


def test_all_records_of_a_run_arrive_and_the_end_comes_last(runner: JobRunner) -> None:
    watch = Watch(runner.start(counting(5000), name="count"))
    assert watch.outcome == Outcome("completed", result=5000)
    assert watch.steps == list(range(1, 5001))
    assert watch.states[-1] == "completed"
    assert runner.handles == ()


def test_the_timer_runs_only_while_jobs_do(runner: JobRunner) -> None:
    assert not runner.ticking
    watch = Watch(runner.start(counting(3), name="count"))
    assert runner.ticking
    assert watch.outcome.kind == "completed"
    until(lambda: not runner.ticking)


def test_pause_holds_step_once_makes_one_step_and_resume_continues(runner: JobRunner) -> None:
    watch = Watch(runner.start(counting(100_000, 0.001), name="train", long=True))
    until(lambda: len(watch.steps) > 3)
    watch.handle.pause()
    until(lambda: watch.handle.state == "paused")
    let_train(runner)  # finish whatever is under way
    held = len(watch.steps)
    let_train(runner)
    assert len(watch.steps) == held
    for more in (1, 2, 3):
        watch.handle.step_once()
        let_train(runner)
        assert len(watch.steps) == held + more
        assert watch.handle.state == "paused"
    watch.handle.resume()
    until(lambda: len(watch.steps) > held + 10)
    watch.handle.stop()
    outcome = watch.outcome
    assert outcome.kind == "completed"
    assert outcome.result == watch.steps[-1]
    assert "stopping" in watch.states


def test_a_pause_while_the_worker_asks_is_no_single_step() -> None:
    class PausedMeanwhile(RunControl):
        def may_proceed(self) -> bool:
            may = super().may_proceed()
            self.pause()
            return may

    job = Job(counting(9), "train", True, control=PausedMeanwhile())
    assert [job.may_proceed(), job.may_proceed()] == [True, False]


def test_stop_ends_a_paused_run_and_keeps_it(runner: JobRunner) -> None:
    watch = Watch(runner.start(counting(100_000, 0.001), name="train", long=True))
    until(lambda: len(watch.steps) > 0)
    watch.handle.pause()
    watch.handle.stop()
    assert watch.outcome.kind == "completed"


def test_cancel_closes_the_run(runner: JobRunner) -> None:
    cleaned = threading.Event()

    def make(control: RunControl):  # type: ignore[no-untyped-def]
        try:
            step = 0
            while True:
                step += 1
                yield step_record(step)
        finally:
            assert control.cancel_requested
            cleaned.set()

    watch = Watch(runner.start(make, name="train", long=True))
    until(lambda: len(watch.steps) > 0)
    watch.handle.cancel()
    assert watch.outcome == Outcome("canceled")
    assert cleaned.is_set()


def test_cancel_before_the_start_never_makes_the_run(runner: JobRunner) -> None:
    made: list[str] = []

    def second(control: RunControl):  # type: ignore[no-untyped-def]
        made.append("second")
        yield None

    first = Watch(runner.start(counting(100_000, 0.001), name="first", long=True))
    watch = Watch(runner.start(second, name="second", long=True))
    watch.handle.cancel()
    assert watch.outcome.kind == "canceled"
    assert made == []
    assert first.handle.active
    first.handle.stop()
    assert first.outcome.kind == "completed"


def test_a_short_job_is_served_during_a_long_one_and_long_ones_queue(runner: JobRunner) -> None:
    long = Watch(runner.start(counting(100_000, 0.001), name="long", long=True))
    until(lambda: len(long.steps) > 0)
    queued = Watch(runner.start(counting(10), name="queued", long=True))
    short = Watch(runner.start(counting(200), name="short"))
    assert short.outcome.result == 200
    assert long.handle.active
    assert queued.steps == []
    # The long job makes progress, too, while a short one is busy.
    before = len(long.steps)
    slow = Watch(runner.start(counting(60, 0.005), name="slow"))
    assert slow.outcome.kind == "completed"
    assert len(long.steps) > before
    # A paused long job does not delay short ones either.
    long.handle.pause()
    assert Watch(runner.start(counting(5), name="short")).outcome.result == 5
    long.handle.stop()
    assert long.outcome.kind == "completed"
    assert queued.outcome.result == 10


def test_a_long_job_has_its_turn_after_few_short_steps_that_take_long(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprite_lab.jobs.worker.SHORT_SECONDS_PER_LONG", 0.02)
    made = 0
    started: list[int] = []

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        nonlocal made
        while not control.stop_requested:
            made += 1
            yield step_record(made)

    def slow(control: RunControl):  # type: ignore[no-untyped-def]
        for done in range(6):  # fewer than SHORT_STEPS_PER_LONG
            yield Progress(done, 6)
            started.append(made)
            time.sleep(0.03)

    long = Watch(runner.start(training, name="long", long=True))
    until(lambda: made > 0)
    assert Watch(runner.start(slow, name="slow")).outcome.kind == "completed"
    assert started == sorted(set(started)), "the long one stood still"
    long.handle.stop()
    assert long.outcome.kind == "completed"


def test_a_job_in_the_background_holds_up_no_training(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, trained, ready = 1000.0, 0.0, False
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: now))
    meanwhile: list[float] = []  # seconds of training since the other's first step

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        nonlocal now, trained
        while not control.stop_requested:
            now += 0.002
            trained += 0.002
            yield None

    def measuring(control: RunControl):  # type: ignore[no-untyped-def]
        nonlocal now
        while not ready:
            yield None
        first = trained
        for done in range(100):
            now += 0.02
            meanwhile.append(trained - first)
            yield step_record(done + 1)
        return 100

    long = Watch(runner.start(training, name="long", long=True))
    until(lambda: trained > 0)
    handle = runner.start(measuring, name="background")
    handle.set_background(True)
    measured, ready = Watch(handle), True
    until(lambda: len(meanwhile) > 5)
    assert meanwhile[5] > 4 * 5 * 0.02
    long.handle.pause()  # nobody waits now
    assert measured.outcome.result == 100
    long.handle.stop()
    assert long.outcome.kind == "completed"


def test_a_sleep_of_hours_within_a_step_holds_up_no_job_in_the_background(
    runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows the clock runs on during sleep."""
    now, done, ready = 1000.0, 0, False
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: now))

    def measuring(control: RunControl):  # type: ignore[no-untyped-def]
        nonlocal now
        while not ready:
            yield None
        now += 8 * 3600.0
        asleep = done
        yield None
        return done - asleep

    def training(control: RunControl):  # type: ignore[no-untyped-def]
        nonlocal now, done
        while not control.stop_requested:
            now += 1.0
            done += 1
            yield None

    long = Watch(runner.start(training, name="long", long=True))
    until(lambda: done > 0)
    handle = runner.start(measuring, name="background")
    handle.set_background(True)
    measured, ready = Watch(handle), True
    assert 500 < measured.outcome.result < 600, "for nine minutes it was the training's turn"
    long.handle.stop()
    assert long.outcome.kind == "completed"


def test_files_have_a_worker_of_their_own(runner: JobRunner) -> None:
    names: list[str] = []
    written = threading.Event()

    def busy(control: RunControl):  # type: ignore[no-untyped-def]
        yield None
        assert written.wait(60)
        names.append("compute")

    def file(control: RunControl):  # type: ignore[no-untyped-def]
        names.append("file")
        yield None

    compute = Watch(runner.start(busy, name="busy"))
    files = Watch(runner.start(file, name="file", worker="files"))
    assert files.outcome.kind == "completed"
    assert not compute.handle.takes_turns_with(files.handle)
    written.set()
    assert compute.outcome.kind == "completed"
    assert names == ["file", "compute"]


def holding(begun: threading.Event, go_on: threading.Event):  # type: ignore[no-untyped-def]
    """A run that waits within a step until it may continue, and then takes another step."""

    def make(control: RunControl):  # type: ignore[no-untyped-def]
        begun.set()
        assert go_on.wait(60)
        yield None

    return make


def test_calls_follow_each_other_in_order_and_before_what_has_begun(runner: JobRunner) -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()
    export = Watch(runner.start(holding(begun, go_on), name="export", worker="files"))
    export.handle.ended.connect(lambda _: order.append("export"))
    until(begun.is_set)
    watches = [
        Watch(runner.start(call("files")(order.append)(name), name=name, worker="files"))
        for name in ("first", "second", "third")
    ]
    go_on.set()
    for watch in watches:
        assert watch.outcome.kind == "completed"
    assert export.outcome.kind == "completed"
    assert order == ["first", "second", "third", "export"]


def test_what_is_queued_for_files_is_done_while_the_app_closes(
    qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = JobRunner()
    begun, go_on, written = threading.Event(), threading.Event(), list[str]()
    control = RunControl()
    monkeypatch.setattr(control, "leave", go_on.set)
    runner.start(holding(begun, go_on), name="reading", worker="files", control=control)
    until(begun.is_set)
    runner.start(call("files")(written.append)("renamed"), name="renaming", worker="files")
    assert runner.shut_down(60)
    assert written == ["renamed"]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileError("'x.npz' is empty; choose another."), "'x.npz' is empty; choose another."),
        (KeyError("weights"), "Something went wrong: KeyError: 'weights'"),
        (SystemExit(3), "Something went wrong: SystemExit: 3"),
        (
            MemoryError(),
            "bad: the memory of this machine does not suffice. Ask for less at once.",
        ),
    ],
)
def test_a_failing_run_fails_with_a_sentence(
    runner: JobRunner, error: BaseException, sentence: str
) -> None:
    def make(control: RunControl):  # type: ignore[no-untyped-def]
        yield step_record(1)
        raise error

    watch = Watch(runner.start(make, name="bad"))
    outcome = watch.outcome
    assert (outcome.kind, outcome.error) == ("failed", sentence)
    # A user's own mistake needs no traceback.
    assert ("raise error" in outcome.details) != isinstance(error, FileError)
    assert watch.steps == [1]
    # Its worker continues to work.
    assert Watch(runner.start(counting(3), name="good")).outcome.result == 3


def test_a_factory_or_a_clean_up_that_fails_fails_the_job(runner: JobRunner) -> None:
    def bad(control: RunControl):  # type: ignore[no-untyped-def]
        raise ValueError("no")

    assert Watch(runner.start(bad, name="bad")).outcome.kind == "failed"

    def stubborn(control: RunControl):  # type: ignore[no-untyped-def]
        while True:
            try:
                yield step_record(1)
            except GeneratorExit:
                yield step_record(2)

    watch = Watch(runner.start(stubborn, name="stubborn", long=True))
    until(lambda: len(watch.steps) > 0)
    watch.handle.cancel()
    assert watch.outcome.kind == "failed"


def test_a_preview_is_made_only_once_the_last_one_was_shown(runner: JobRunner) -> None:
    made: list[int] = []
    go_on = threading.Event()

    def make(control: RunControl):  # type: ignore[no-untyped-def]
        for step in range(1, 3000):
            if control.take_preview_credit():
                made.append(step)
                yield Preview(step, np.zeros((1, 2, 2, 3), np.uint8))
            yield step_record(step)
        go_on.set()

    watch = Watch(runner.start(make, name="train", long=True))
    # Nobody reads the records: the run ends nevertheless, and has built one preview.
    assert go_on.wait(60)
    assert made == [1]
    assert watch.outcome.kind == "completed"
    assert len(watch.steps) == 2999
    assert sum(kind == "preview" for kind, _ in watch.heard) == 1


def test_nothing_outlives_a_run(runner: JobRunner) -> None:
    import gc
    import weakref

    class Heavy:
        pass

    alive: list[weakref.ref[Heavy]] = []

    def make(control: RunControl):  # type: ignore[no-untyped-def]
        heavy = Heavy()
        alive.append(weakref.ref(heavy))
        yield step_record(1)
        raise ValueError("the frame of this error refers to what is heavy")

    assert Watch(runner.start(make, name="heavy")).outcome.kind == "failed"
    until(lambda: gc.collect() >= 0 and alive[0]() is None)


def test_shut_down_stops_what_runs_and_ends_the_threads(qapp: QCoreApplication) -> None:
    runner = JobRunner()
    long = Watch(runner.start(counting(10**9, 0.001), name="long", long=True))
    paused = Watch(runner.start(counting(10**9, 0.001), name="short"))
    until(lambda: len(paused.steps) > 0)
    paused.handle.pause()
    assert runner.shut_down(60)
    assert long.outcome.kind in ("completed", "canceled")
    assert paused.outcome.kind == "completed"
    late = runner.start(counting(1), name="late")
    assert (late.state, late.outcome) == ("canceled", Outcome("canceled"))
    assert runner.handles == ()


def test_shut_down_calls_off_a_short_job_that_takes_too_long(
    qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_away: list[bool] = []

    def deaf(control: RunControl):  # type: ignore[no-untyped-def]
        try:
            while True:  # ignores requests to stop
                time.sleep(0.002)
                yield None
        finally:
            put_away.append(True)

    runner = JobRunner()
    handle = runner.start(deaf, name="export", worker="files")
    until(lambda: handle.state == "running")
    # Half of the time passes at once.
    clock = itertools.chain([0.0], itertools.repeat(30.0))
    monkeypatch.setattr("sprite_lab.jobs.runner.time", SimpleNamespace(monotonic=clock.__next__))
    assert runner.shut_down(60)
    assert put_away == [True]
    assert handle.state == "canceled"


def test_shut_down_gives_a_training_all_of_the_time_and_never_discards_it(
    qapp: QCoreApplication,
) -> None:
    saved = threading.Event()

    def saving(control: RunControl):  # type: ignore[no-untyped-def]
        yield step_record(1)
        while not control.stop_requested:
            yield None
        assert saved.wait(60)
        return control.cancel_requested

    runner = JobRunner()
    handle = runner.start(saving, name="train", long=True)
    until(lambda: handle.state == "running")
    assert not runner.shut_down(0.2)
    assert handle.state == "stopping"
    saved.set()
    assert runner.shut_down(60)
    assert handle.outcome == Outcome("completed", result=False)


def test_what_is_done_is_reported_as_a_share(runner: JobRunner) -> None:
    def make(control: RunControl):  # type: ignore[no-untyped-def]
        yield Progress(3, 0, "looking")
        yield Progress(5, 4, "reading")

    watch = Watch(runner.start(make, name="read"))
    assert watch.handle.name == "read"
    assert watch.handle.share_done is None
    assert watch.outcome.kind == "completed"
    assert watch.handle.progress == Progress(5, 4, "reading")
    assert watch.handle.share_done == 1.0
    job = Job(make, "look", long=False)
    job.mailbox.post(Progress(3, 0, "looking"))
    looking = JobHandle(job, None)
    looking.pull()
    assert looking.share_done is None
    looking.set_background(True)
    assert looking.background
    looking.stop()
    assert looking.state == "stopping"


def test_a_job_that_has_ended_takes_no_orders_and_never_runs_again(runner: JobRunner) -> None:
    watch = Watch(runner.start(counting(3), name="count"))
    assert watch.outcome.kind == "completed"
    for order in (watch.handle.pause, watch.handle.resume, watch.handle.cancel):
        order()
    assert not watch.handle.pull()
    assert watch.handle.state == "completed"
    with pytest.raises(RuntimeError, match="cannot go from completed to running"):
        watch.handle._enter("running")


def test_the_table_of_transitions_is_sound() -> None:
    states = set(TRANSITIONS)
    assert all(after <= states for after in TRANSITIONS.values())
    assert all(not TRANSITIONS[end] for end in ENDED)
    assert all(TRANSITIONS[state] >= ENDED for state in states - ENDED)
    handle_states = states - ENDED
    assert handle_states == {"queued", "starting", "running", "paused", "stopping"}


def test_an_illegal_transition_raises(runner: JobRunner) -> None:
    watch = Watch(runner.start(counting(1), name="count"))
    assert watch.outcome.kind == "completed"
    with pytest.raises(RuntimeError, match="cannot go from completed to running"):
        watch.handle._enter("running")
