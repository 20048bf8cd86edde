"""Jobs started, paused, stepped, resumed, stopped, canceled and closed in any order: each ends
exactly once, as requested, and nothing waits forever.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QCoreApplication

from sprite_lab.core.errors import FileError
from sprite_lab.core.records import Outcome, Progress, StepRecord
from sprite_lab.core.run import Run, RunControl
from sprite_lab.jobs import ENDED, JobHandle, JobRunner, QuickJob
from tests.qt import until, wait


class Asked:
    """A job, the requests to it, and its reports."""

    def __init__(self, handle: JobHandle, ends: str) -> None:
        self.handle, self.ends = handle, ends
        self.stopped = self.canceled = False
        self.outcomes: list[Outcome] = []
        self.late: list[str] = []
        if handle.outcome is not None:  # the runner is already closed
            self.outcomes.append(handle.outcome)
            self.canceled = True
        handle.ended.connect(self.outcomes.append)
        for signal in (handle.records_ready, handle.progressed, handle.state_changed):
            signal.connect(lambda *what: self.late.append(str(what)) if self.outcomes else None)


class Jobs(RuleBasedStateMachine):
    """A runner with two workers, and anything that a user may do to its jobs."""

    asked = Bundle("asked")

    def __init__(self) -> None:
        super().__init__()
        self.runner = JobRunner()
        self.jobs: list[Asked] = []
        self.begun = self.left = 0
        self.closed = False
        self.quick = QuickJob(self.runner, "quick")
        self.quick_asked = self.quick_ended = 0
        self.quick.ended.connect(self._on_quick)

    def _on_quick(self, outcome: Outcome) -> None:
        self.quick_ended += 1

    def _make(self, ends: str, steps: int):  # type: ignore[no-untyped-def]
        def run(control: RunControl) -> Run[int]:
            self.begun += 1
            done = 0
            try:
                while not control.stop_requested and (ends == "never" or done < steps):
                    done += 1
                    yield StepRecord(done, 0.0, 1.0, 1e-3, 1.0, 0.0, 0.0)
                    yield Progress(done, steps)
                    if ends == "fails" and done == steps:
                        raise FileError("It failed.")
                    if ends == "breaks" and done == steps:
                        raise KeyError("broken")
                return done
            finally:
                self.left += 1

        return run

    @rule(
        target=asked,
        ends=st.sampled_from(["completes", "never", "fails", "breaks"]),
        steps=st.integers(1, 30),
        long=st.booleans(),
        worker=st.sampled_from(["compute", "files"]),
    )
    def start(self, ends: str, steps: int, long: bool, worker: str) -> Asked:
        handle = self.runner.start(self._make(ends, steps), name="job", long=long, worker=worker)
        self.jobs.append(Asked(handle, ends))
        return self.jobs[-1]

    @rule()
    def start_quick(self) -> None:
        if not self.quick.busy and not self.closed:
            self.quick.start(self._make("completes", 2))
            self.quick_asked += 1

    @rule()
    def drop_quick(self) -> None:
        if self.quick.busy:
            self.quick.drop()
            self.quick_asked -= 1

    @rule(job=asked)
    def pause(self, job: Asked) -> None:
        job.handle.pause()

    @rule(job=asked)
    def resume(self, job: Asked) -> None:
        job.handle.resume()

    @rule(job=asked)
    def step_once(self, job: Asked) -> None:
        job.handle.step_once()

    @rule(job=asked)
    def stop(self, job: Asked) -> None:
        job.stopped |= job.handle.active
        job.handle.stop()

    @rule(job=asked)
    def cancel(self, job: Asked) -> None:
        job.canceled |= job.handle.active
        job.handle.cancel()

    @rule(milliseconds=st.integers(0, 40))
    def let_time_pass(self, milliseconds: int) -> None:
        wait(milliseconds)

    @rule()
    def close(self) -> None:
        """Close the app; later jobs are canceled at once."""
        for job in self.jobs:
            job.stopped |= job.handle.active
        assert self.runner.shut_down(60)
        self.closed = True
        assert all(len(job.outcomes) == 1 for job in self.jobs)

    @invariant()
    def none_ends_twice_or_speaks_after_its_end(self) -> None:
        for job in self.jobs:
            assert len(job.outcomes) <= 1
            assert job.late == []
            assert (job.handle.state in ENDED) is (job.handle.outcome is not None)

    def teardown(self) -> None:
        # Like a user, resume paused jobs and stop those that would never end.
        if not self.closed:
            for job in self.jobs:
                job.handle.resume()
                if job.ends == "never":
                    job.stopped |= job.handle.active
                    job.handle.stop()
            until(lambda: all(job.outcomes for job in self.jobs))
            until(lambda: self.quick_ended == self.quick_asked)
            until(lambda: not self.runner.ticking)
        assert self.runner.shut_down(60)
        assert self.runner.handles == ()
        assert self.begun == self.left, "a run was not closed"
        for job in self.jobs:
            (outcome,) = job.outcomes
            allowed = {"fails": "failed", "breaks": "failed"}.get(job.ends, "completed")
            assert outcome.kind in {
                allowed,
                *(["completed", "canceled"] if job.stopped else []),
                *(["canceled"] if job.canceled else []),
            }, (outcome, job.ends, job.stopped, job.canceled)
        self.none_ends_twice_or_speaks_after_its_end()
        self.runner.deleteLater()


@pytest.mark.timeout(240)
def test_jobs_in_any_order_end_exactly_once(qapp: QCoreApplication) -> None:
    run_state_machine_as_test(
        Jobs,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
