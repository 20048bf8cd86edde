"""A short part of the fuzzing of all readers, in a process with its own limits."""

import sys

import pytest

from tests.reliability.fuzz import KINDS, fuzz


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc as on Linux")
def test_damaged_files_are_taken_or_refused_in_a_sentence(qapp, tmp_path):
    pytest.importorskip("pyarrow")
    pytest.importorskip("onnx")
    total = fuzz(12 * len(KINDS), 0, 1, tmp_path, list(KINDS))
    assert total["faults"] == []
    assert total["tried"] == 12 * len(KINDS)
    assert 0 < total["taken"] < total["tried"]
    assert all(count == 12 for count in total["by_format"].values())
