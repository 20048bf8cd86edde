"""What the machine offers, and the messages if something is missing."""

import pytest
import torch

from sprite_lab.core.errors import RunError
from sprite_lab.engine import runtime
from sprite_lab.engine.runtime import (
    choose_device,
    choose_threads,
    cpu_count,
    fastest,
    use_bf16,
)


def test_devices():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cuda", "xpu", "mps", "cpu")
    missing = [
        name
        for name, there in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
        )
        if not there
    ]
    for name in missing:
        with pytest.raises(RunError, match=f"no device '{name}'.*cpu"):
            choose_device(name)


def test_threads_are_chosen_by_trial(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    calls = []
    try:
        threads = choose_threads(lambda: calls.append(torch.get_num_threads()))
        assert threads == torch.get_num_threads()
        assert 1 <= threads <= cpu_count()
        if cpu_count() > 1:
            assert set(calls) == {cpu_count(), cpu_count() - 1}
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("said", "tried"), [("1", []), (" 3,1 ", [3, 2] * 3), ("99", [4, 3] * 3), ("many", [4, 3] * 3)]
)
def test_no_more_threads_are_tried_than_the_environment_allows(monkeypatch, said, tried):
    """Each worker of a sweep once took all processors, whatever its share of them was."""
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    monkeypatch.setattr(runtime, "cpu_count", lambda: 4)
    monkeypatch.setattr(runtime, "HOPELESS", float("inf"))
    used, calls = [], []
    monkeypatch.setattr(torch, "set_num_threads", used.append)
    assert choose_threads(lambda: calls.append(used[-1])) == used[-1]
    assert calls == tried
    assert used[-1] in (tried or [1])


def test_the_fastest_way_is_found_and_in_use(monkeypatch):
    now, used = [0.0], []
    monkeypatch.setattr(runtime.time, "perf_counter", lambda: now[0])

    def tried(gain, *costs):
        used.clear()

        def work():
            now[0] += costs[used[-1]]

        return fastest(range(len(costs)), used.append, work, gain), list(used)

    assert tried(1.0, 3.0, 2.5, 4.0) == (1, [0, 1, 2] * 2 + [0, 1] + [1]), "4 s are hopeless"
    assert tried(1.3, 3.0, 2.5)[0] == 0, "it is not so much faster"
    assert tried(1.1, 3.0, 2.5)[0] == 1
    assert tried(1.1, 3.0) == (0, [0])
    first = iter([9.0])
    costs = {0: lambda: next(first, 1.0), 1: lambda: 2.0}

    def work():
        now[0] += costs[used[-1]]()

    assert fastest([0, 1], used.append, work) == 0, "only its warm-up was slow"


def test_precision():
    cpu = torch.device("cpu")
    assert use_bf16("bf16", cpu)
    assert not use_bf16("fp32", cpu)
    assert use_bf16("auto", cpu) in (True, False)


def test_convolutions_on_cuda_keep_all_bits_of_float32(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert choose_device("auto") == torch.device("cuda")
    assert not torch.backends.cudnn.allow_tf32
