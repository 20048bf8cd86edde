"""A few power losses in each kind of save; a save without fsync is detected."""

import random
import shutil
import sys

import pytest

from tests.reliability.kills import in_process
from tests.reliability.power_loss import Disk

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="system calls as on Linux"),
    pytest.mark.timeout(900),
]


@pytest.mark.skipif(shutil.which("cc") is None, reason="takes a C compiler")
def test_when_the_power_goes_out_nothing_saved_is_damaged():
    kinds = ["resume", "store", "import", "sample", "project", "settings", "data", "palette"]
    found = in_process(["--states", "6", "--only", *kinds], module="tests.reliability.power_loss")
    assert found["faults"] == []
    assert found["power losses"] == 6 * len(kinds)
    assert all(entries > 4 for entries in found["entries"].values())


def left(tmp_path, *, synced):
    """All possible results of a power loss while a file is replaced."""
    folder = tmp_path / f"synced-{synced}"
    folder.mkdir()
    (folder / "a").write_bytes(b"old")
    disk = Disk(folder)
    disk.data[2] = b""
    disk.log += [((0, ".tmp", 2),), (2, b"n"), (2, b"new"), *([2] if synced else [])]
    disk.log += [((0, ".tmp", None), (0, "a", 2)), *([0] if synced else [])]
    found, rng = set(), random.Random(0)
    for number in range(200):
        into = folder / f"{number}"
        into.mkdir()
        disk.lose_power(rng.randint(0, len(disk.log)), rng, into)
        found.add((into / "a").read_bytes())
    return found


def test_a_file_that_is_synced_before_it_is_renamed_is_the_old_or_the_new(tmp_path):
    assert left(tmp_path, synced=True) == {b"old", b"new"}


def test_one_that_is_not_synced_may_be_torn(tmp_path):
    assert left(tmp_path, synced=False) == {b"old", b"new", b"", b"n", b"\0\0\0"}
