"""A short part of the fuzzing of the importers, in a process with limits of its own."""

import sys

import pytest

from tests.reliability.fuzz_importers import fuzz
from tests.reliability.import_seeds import SEEDS


@pytest.mark.skipif(sys.platform != "linux", reason="limits and /proc as on Linux")
def test_damaged_files_are_taken_or_refused_in_a_sentence(tmp_path):
    pytest.importorskip("pyarrow")
    total = fuzz(320, 0, 1, tmp_path, list(SEEDS))
    assert total["faults"] == []
    assert total["tried"] == 320
    assert 0 < total["taken"] < 320
