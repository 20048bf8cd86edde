"""The archives that entries are read from."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sprite_lab.formats.importing.sources import Archives


def test_a_damaged_archive_leaves_the_one_before_it_open(tmp_path: Path) -> None:
    good, damaged = tmp_path / "good.zip", tmp_path / "damaged.zip"
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("a.png", b"pixels")
    damaged.write_bytes(b"PK\x03\x04 and no more")
    with Archives() as archives:
        before = archives.get(good)
        with pytest.raises(zipfile.BadZipFile):
            archives.get(damaged)
        assert archives.get(good) is before
        assert before.read("a.png") == b"pixels"
    assert before.fp is None, "it is closed at the end"
