"""Device, precision, memory layout and threads for this machine."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import torch

from sprite_lab.core.config import DeviceName, Precision
from sprite_lab.core.errors import RunError
from sprite_lab.core.run import Run

T = TypeVar("T")

#: A way whose first run after the warm-up is slower than the best by this factor has no second.
HOPELESS = 1.5

#: Number of runs before a graph is captured.
_WARM_UP = 3


def devices() -> list[str]:
    """The names of this machine's devices, as in settings, fastest first."""
    there = {
        "cuda": torch.cuda.is_available(),
        "xpu": torch.xpu.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    return [name for name, is_there in there.items() if is_there]


def choose_device(name: DeviceName | str) -> torch.device:
    """The device for a name; "auto" takes the fastest available.

    Raises RunError if the machine has no such device.
    """
    available = devices()
    if name == "auto":
        name = available[0]
    if name not in available:
        raise RunError(
            "This machine has no device '{name}' for PyTorch; it has: {there}.",
            name=name,
            there=", ".join(available),
        )
    if name == "cuda":
        # cuDNN's default keeps 10 bits of float32: over many steps, that leads to a different
        # sprite than on a CPU.
        torch.backends.cudnn.allow_tf32 = False
    return torch.device(name)


def use_bf16(precision: Precision, device: torch.device) -> bool:
    """Whether to compute in bfloat16: with "auto", only on hardware where it is faster."""
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        return bool(torch.cpu._is_avx512_bf16_supported())
    return False


def memory_format(device: torch.device) -> torch.memory_format:
    """The memory format in which convolutions are fastest."""
    # Batch norm's gradient fails with channels_last on Apple's GPUs (pytorch pull 188371).
    return torch.contiguous_format if device.type == "mps" else torch.channels_last


def autocast(device: torch.device, bf16: bool) -> contextlib.AbstractContextManager[object]:
    if not bf16:
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


@contextlib.contextmanager
def flushed_denormals() -> Iterator[None]:
    """Treat numbers below 1e-38 as 0 on this thread: color attention produces many, and they can
    slow down a CPU tenfold.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def recorded(work: Callable[[], T]) -> tuple[torch.cuda.CUDAGraph, T]:
    """Capture ``work`` as a CUDA graph; returns it and the outputs, which every replay overwrites.

    ``work`` first runs a few times, so that cuDNN has chosen its algorithms.
    """
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # Other threads continue with their own work.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        found = work()
    return graph, found


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that a device ran out of memory; each kind has its own error."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text
    )


def free_memory(device: torch.device) -> None:
    """Release cached memory that is not in use."""
    if device.type != "cpu":
        torch.accelerator.empty_cache()


def cpu_count() -> int:
    """The number of processors that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Use this number of threads for computations started from this Python thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def polite_threads() -> contextlib.AbstractContextManager[None]:
    """Use all processors but one, at most four, on this thread: for work done while somebody draws.

    With every processor busy, strokes lag; and beside other busy programs, threads that wait for
    one another can take a hundred times as long.
    """
    return threads(min(torch.get_num_threads(), max(1, min(4, cpu_count() - 1))))


def politely(run: Run[T]) -> Run[T]:
    """A run that takes each step with :func:`polite_threads`; it yields None between steps."""
    with contextlib.closing(run):
        while True:
            with polite_threads():
                try:
                    next(run)
                except StopIteration as end:
                    return end.value
            yield None


def choose_threads(work: Callable[[], object]) -> int:
    """Set and return the number of CPU threads with which ``work`` is fastest.

    All processors and all but one are tried, as two threads on two busy cores can be slower than
    one. OMP_NUM_THREADS limits the number, as in other programs: the workers of a sweep use it to
    share the processors.
    """
    said = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    count = min(cpu_count(), max(1, int(said))) if said.isdecimal() else cpu_count()
    candidates = sorted({count, max(1, count - 1)}, reverse=True)
    return fastest(candidates, torch.set_num_threads, work)


def fastest(
    ways: Sequence[T], use: Callable[[T], object], work: Callable[[], object], gain: float = 1.0
) -> T:
    """Find the way in which ``work`` is fastest, and call ``use`` with it.

    All ways are tried in turn. After a warm-up run, the faster of two runs counts; a way whose
    first is slower than the best by HOPELESS has no second. The first way is kept unless another is
    ``gain`` times as fast. A single way is used without a trial.
    """
    seconds = [math.inf] * len(ways)
    for again in range(3 if len(ways) > 1 else 0):
        least = min(seconds)
        for i, way in enumerate(ways):
            if again > 1 and seconds[i] > HOPELESS * least:
                continue
            use(way)
            start = time.perf_counter()
            work()
            took = time.perf_counter() - start
            seconds[i] = min(seconds[i], took) if again > 1 else took
    best = min(range(len(ways)), key=lambda i: seconds[i] * (gain if i else 1.0))
    use(ways[best])
    return ways[best]
