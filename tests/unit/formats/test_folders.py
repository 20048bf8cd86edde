"""Untrusted folders lead nowhere else, and new ones appear as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats import folders
from sprite_lab.formats.folders import check_folder, new_folder


def test_plain_files_and_folders_are_fine_and_so_is_nothing(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "samples").mkdir(parents=True)
    (run / "run.json").touch()
    check_folder(run, "samples", "none")
    check_folder(run / "run.json", "samples")
    check_folder(run / "none")


@pytest.mark.parametrize("inner", ["", "samples"])
def test_a_link_in_a_folder_is_refused_but_not_one_to_it(tmp_path: Path, inner: str) -> None:
    run = tmp_path / "run"
    (run / "samples").mkdir(parents=True)
    (tmp_path / "link").symlink_to(run)
    check_folder(tmp_path / "link", "samples")
    (run / inner / "metrics.jsonl").symlink_to(tmp_path / "elsewhere")
    said = "'metrics.jsonl' in 'link' is a link, so the folder may lead"
    for _ in range(2):  # a link to nothing, and a link to a folder
        with pytest.raises(FileError, match=said):
            check_folder(tmp_path / "link", "samples")
        (tmp_path / "elsewhere").mkdir(exist_ok=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_in_a_folder_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    with pytest.raises(FileError, match=r"'log' in '.*' is neither a file nor a folder"):
        check_folder(tmp_path)


def test_a_folder_that_cannot_be_looked_through_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"cannot be listed \(file name too long\)"):
        check_folder(tmp_path / ("a" * 300))


def test_a_new_folder_is_there_once_it_is_whole(tmp_path: Path) -> None:
    with new_folder(tmp_path / "in" / "out") as folder:
        (folder / "a").write_text("1")
        assert not (tmp_path / "in" / "out").exists()
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["out"]
    assert (tmp_path / "in" / "out" / "a").read_text() == "1"
    with (
        pytest.raises(FileError, match="'out' already exists: choose another name"),
        new_folder(tmp_path / "in" / "out"),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "raised", "said"),
    [
        (
            OSError(28, "No space left"),
            FileError,
            r"'out' cannot be written \(no space left.*free some space",
        ),
        (KeyboardInterrupt("now"), KeyboardInterrupt, "now"),
    ],
)
def test_of_a_folder_that_fails_nothing_is_left(
    tmp_path: Path, error: BaseException, raised: type[BaseException], said: str
) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "out") as folder:
            (folder / "a").write_text("half")
            raise error

    with pytest.raises(raised, match=said):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_all_of_a_new_folder_is_on_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, done = tmp_path / "out", []

    def sync(path: Path) -> None:
        done.append((path.name if path.suffix != ".tmp" else "folder", out.exists()))

    monkeypatch.setattr(folders, "sync_file", sync)
    monkeypatch.setattr(folders, "sync_folder", sync)
    with new_folder(out) as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "a").touch()
    assert sorted(done[:-1]) == [("a", False), ("folder", False), ("inner", False)]
    assert done[-1] == (tmp_path.name, True)
