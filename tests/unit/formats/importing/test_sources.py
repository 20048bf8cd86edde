"""Contents of files, folders and archives, and the limits of each."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.importing import sources
from sprite_lab.formats.importing.sources import Archives, Entry, walk
from sprite_lab.formats.sets.store import MANIFEST


def whys(*paths: Path) -> list[str]:
    """The reasons why some of the contents are not imported."""
    with Archives() as archives:
        return [item.why for item in walk(paths, archives) if not isinstance(item, Entry)]


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
        other = archives.get(packed(tmp_path / "other.zip", a=b"1"))
        assert before.fp is None, "one is open at a time"
    assert other.fp is None, "it is closed at the end"


def packed(path: Path, *, claimed: int = 0, **members: bytes) -> Path:
    """An archive whose directory claims a larger unpacked size than it has."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        for member in archive.filelist:
            member.file_size += claimed
    return path


def test_limits_of_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(**given: object) -> str:
        (found,) = whys(packed(tmp_path / "a.zip", **given))  # type: ignore[arg-type]
        return found

    data = bytes(400_000)
    assert "unpacks to 1.0 GB, but at most 1 GB are taken" in why(a=b"1", claimed=1_000_000_000)
    assert "is a zip bomb: 'a' in it unpacks to 1,000,001 times" in why(a=b"1", claimed=1_000_000)
    assert "'a' unpacks to 64 MB, but at most 64 MB are taken" in why(a=data, claimed=63_600_001)
    assert why(a=b"") == "'a' is empty; choose another file."
    assert whys(packed(tmp_path / "b.zip", a=data, claimed=63_600_000)) == []
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    assert whys(packed(tmp_path / "b.zip", a=b"1", b=b"2")) == []
    assert "holds 3 files, but at most 2 are taken; divide it" in why(a=b"1", b=b"2", c=b"3")


def test_a_folder_of_too_many_files_is_taken_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"1")
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    with Archives() as archives:
        *taken, refused = walk([tmp_path], archives)
    assert [Path(item.path).name for item in taken] == ["a", "b"]
    assert "holds over 2 files; the others were left out" in refused.why  # type: ignore[union-attr]


def test_a_store_in_a_folder_is_no_folder_of_arrays(tmp_path: Path) -> None:
    store = tmp_path / "own.sprites"
    (store / "inner").mkdir(parents=True)
    for name in (MANIFEST, "a.npy", "inner/b.npy"):
        (store / name).write_bytes(b"1")
    with Archives() as archives:
        (found,) = walk([tmp_path], archives)
    assert not isinstance(found, Entry)
    assert found.why.startswith("'own.sprites' is a store of sprites already")


def test_folders_of_one_name_are_numbered(tmp_path: Path) -> None:
    for place in "abc":
        (tmp_path / place / "pack").mkdir(parents=True)
        (tmp_path / place / "pack" / "x").write_bytes(b"1")
    with Archives() as archives:
        found = [item.path for item in walk([tmp_path / p / "pack" for p in "abc"], archives)]
    assert found == ["pack/x", "pack (2)/x", "pack (3)/x"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert whys(tmp_path) == ["'pipe.png' is not a plain file; choose another one."]


def test_a_text_is_read_up_to_its_own_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"12345")
    with Archives() as archives:
        (entry,) = walk([path], archives)
        assert isinstance(entry, Entry)
        assert entry.read(5) == b"12345"
        with pytest.raises(FileError, match=r"'a.json' is 5 bytes, but at most 4 can be opened"):
            entry.read(4)
