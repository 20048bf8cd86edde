"""Tasks: what runs where, and when."""

from __future__ import annotations

import pytest

from sprite_lab.app.task import Task, call, task
from sprite_lab.core.run import Run, RunControl, drain


@task("files")
def doubled(control: RunControl, number: int, *, times: int = 2) -> Run[int]:
    """A number times a factor."""
    seen.append(control)
    yield None
    return times * number


@task(long=True)
def trained(control: RunControl) -> Run[None]:
    yield None


@call("files", "Halving")
def half(number: int) -> float:
    """Half a number."""
    return number / 2


seen: list[RunControl] = []


def test_a_task_is_run_when_a_worker_calls_it_and_not_before() -> None:
    seen.clear()
    asked, control = doubled(4, times=3), RunControl()
    assert isinstance(asked, Task)
    assert seen == []
    assert drain(asked(control)) == 12
    assert drain(asked(RunControl())) == 12  # each call starts its own run
    assert seen[0] is control
    assert len(seen) == 2


def test_a_task_says_which_worker_it_is_for() -> None:
    assert (doubled(1).worker, doubled(1).long) == ("files", False)
    assert (trained().worker, trained().long) == ("compute", True)


def test_a_task_keeps_the_words_of_its_function() -> None:
    assert doubled.__name__ == "doubled"
    assert doubled.__doc__ == "A number times a factor."


def test_a_call_is_a_task_with_one_step() -> None:
    asked = half(3)
    assert (asked.worker, asked.name, asked.long) == ("files", "Halving", False)
    with pytest.raises(StopIteration) as end:
        next(asked(RunControl()))
    assert end.value.value == 1.5
    assert half.__doc__ == "Half a number."
