"""A task for a worker: a run that is still to be created."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sprite_lab.core.run import Run, RunControl
from sprite_lab.jobs import WorkerName

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Task(Generic[T_co]):
    """A run still to be created; ``AppContext.do`` has a worker create and advance it."""

    #: creates the run; called on the worker's thread, with the control of the job
    make: Callable[[RunControl], Run[T_co]]
    #: "compute"; "files" for work without torch; "network" for waiting on servers
    worker: WorkerName = "compute"
    long: bool = False  #: a training run, which yields to short jobs
    name: str = ""  #: English name of the job; "" = set by the caller
    what: str = ""  #: name of the function that creates it

    def __call__(self, control: RunControl) -> Run[T_co]:
        return self.make(control)


def task(
    worker: WorkerName = "compute", name: str = "", *, long: bool = False
) -> Callable[[Callable[Concatenate[RunControl, P], Run[T]]], Callable[P, Task[T]]]:
    """Turn a function that returns a run into one that returns a Task.

    The first parameter, a RunControl, is left out: the worker passes it.

    The body runs on the worker, so it imports slow modules there: engine, torch (1 s), Pillow.
    """

    def decorate(make: Callable[Concatenate[RunControl, P], Run[T]]) -> Callable[P, Task[T]]:
        what = make.__qualname__

        @functools.wraps(make)
        def bind(*args: P.args, **kwargs: P.kwargs) -> Task[T]:
            return Task(lambda control: make(control, *args, **kwargs), worker, long, name, what)

        return bind

    return decorate


def call(
    worker: WorkerName = "compute", name: str = ""
) -> Callable[[Callable[P, T]], Callable[P, Task[T]]]:
    """Turn a function into one that returns a Task of calling it; see :func:`task`.

    The call is a single step, so calls are executed in the order in which they were requested.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, Task[T]]:
        @functools.wraps(function)
        def run(_control: RunControl, /, *args: P.args, **kwargs: P.kwargs) -> Run[T]:
            yield from ()
            return function(*args, **kwargs)

        return task(worker, name)(run)

    return decorate
