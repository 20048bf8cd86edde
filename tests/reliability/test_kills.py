"""A short part of the trials of ``kills.py``, at calls spread over all commands."""

import shutil
import sys

import pytest

from sprite_lab import arguments
from tests.reliability.kills import LEFT_OUT, in_process

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="system calls as on Linux"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="takes a C compiler"),
    pytest.mark.timeout(900),
]


def test_kills_failing_calls_and_signals_damage_nothing_and_all_is_continued():
    found = in_process(["--short"])
    assert found["faults"] == []
    assert [found[kind]["trials"] for kind in ("kills", "errors", "signals")] == [50, 30, 12]
    # The library notices the calls: a training run alone makes many.
    calls = found["kills"]["calls"]
    assert calls["train"] > 100
    assert all(number > 3 for number in calls.values())
    assert {*found["commands"], *LEFT_OUT} == set(arguments.COMMANDS), "no command is forgotten"
