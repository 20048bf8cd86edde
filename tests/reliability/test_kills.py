"""A short part of the trials of ``kills.py``, at calls spread over all commands."""

import shutil
import sys

import pytest

from tests.reliability.kills import in_process

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="system calls as on Linux"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="takes a C compiler"),
    pytest.mark.timeout(900),
]


def test_fifty_kills_damage_nothing_and_all_is_gone_on_with():
    found = in_process(["--count", "50"])
    assert found["faults"] == []
    assert found["trials"] == 50
    # The library sees the calls: a training alone makes many.
    assert found["calls"]["train"] > 100
    assert all(calls > 3 for calls in found["calls"].values())


def test_calls_that_fail_are_one_sentence_and_leave_nothing():
    found = in_process(["--count", "30", "--errors"])
    assert found["faults"] == []
    assert found["trials"] == 30


def test_a_signal_at_any_call_is_one_sentence_and_leaves_nothing():
    found = in_process(["--count", "12", "--signals", "--only", "import", "pictures", "sheet"])
    assert found["faults"] == []
    assert found["trials"] == 12
