"""A file is replaced as a whole, or not at all."""

import os
import stat

import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.atomic import atomic_write, unwritable, write_whole
from sprite_lab.formats.folders import new_folder
from sprite_lab.words import use_language


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "a.bin"
    for data in (b"first, and longer", b"second"):
        with atomic_write(path) as file:
            file.write(data)
        assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("data", [b"\xff\x00", "é\n"])
def test_all_is_written_at_once_text_as_it_is_elsewhere(tmp_path, data):
    write_whole(tmp_path / "a", data)
    assert (tmp_path / "a").read_bytes() == (data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize("name", ["漢" * 85, "😀" * 63, "a" * 255])
def test_a_name_as_long_as_the_system_allows(tmp_path, name):
    path = tmp_path / name
    with atomic_write(path) as file:
        file.write(b"a")
    assert os.listdir(tmp_path) == [name]
    with new_folder(tmp_path / name[1:]) as folder:
        (folder / "a").touch()
    assert (tmp_path / name[1:] / "a").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_who_may_read_a_file_stays(tmp_path):
    path = tmp_path / "a.bin"
    path.touch()
    path.chmod(0o600)
    with atomic_write(path) as file:
        file.write(b"a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, GeneratorExit])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail():
        with atomic_write(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_all_is_on_disk_before_the_old_file_goes_and_the_folder_after_that(tmp_path, monkeypatch):
    done = []
    sync, replace, close = os.fsync, os.replace, os.close

    def fsync(file):
        kind = "folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file"
        done.append((kind, os.fstat(file).st_size if kind == "file" else 0))
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *two: (done.append("replaced"), replace(*two)))
    monkeypatch.setattr(os, "close", lambda file: (done.append("closed"), close(file)))
    with atomic_write(tmp_path / "a") as file:
        file.write(b"12345")
    assert done == ["closed", ("file", 5), "replaced", ("folder", 0), "closed"]


def test_a_signal_while_the_file_is_made_leaves_nothing(tmp_path, monkeypatch):
    opened = os.open

    def interrupted(path, flags, *mode):
        file = opened(path, flags, *mode)
        if flags & os.O_EXCL:
            os.close(file)
            raise KeyboardInterrupt
        return file

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt), atomic_write(tmp_path / "a"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_missing_folder_is_one_sentence(tmp_path):
    with (
        pytest.raises(FileError, match=r"folder .* does not exist"),
        atomic_write(tmp_path / "no" / "a.bin"),
    ):
        pass


def test_a_new_file_that_another_process_removes_is_one_sentence(tmp_path):
    with (
        pytest.raises(FileError, match=r"'a.bin' cannot be written \(no such file"),
        atomic_write(tmp_path / "a.bin"),
    ):
        next(tmp_path.iterdir()).unlink()
    assert os.listdir(tmp_path) == []


def test_a_folder_is_not_written_over(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(FileError, match="is a folder"), atomic_write(tmp_path / "sub"):
        pass


def test_a_full_disk_is_one_sentence(tmp_path):
    with (
        pytest.raises(FileError, match="no space left on device"),
        atomic_write(tmp_path / "a.bin"),
    ):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_free_space_is_no_remedy_for_a_lack_of_rights(tmp_path):
    full = unwritable(tmp_path / "a.bin", OSError(28, "No space left on device"))
    refused = unwritable(tmp_path / "a.bin", PermissionError(13, "Permission denied"))
    assert str(full).endswith("choose another place or free some space.")
    assert str(refused).endswith("(permission denied); choose another place.")


def test_a_full_disk_is_reported_in_the_language_of_the_user(tmp_path):
    use_language("de")
    try:
        said = str(unwritable(tmp_path / "a.bin", OSError(28, "No space left on device")))
    finally:
        use_language("")
    assert said.startswith("„a.bin“ lässt sich nicht schreiben")


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
@pytest.mark.parametrize(("umask", "mode"), [(0o027, 0o640), (0, 0o666)])
def test_mode_follows_umask_and_links_are_followed(tmp_path, umask, mode):
    old = os.umask(umask)
    try:
        with atomic_write(tmp_path / "real") as file:
            file.write(b"1")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == mode
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with atomic_write(tmp_path / "link") as file:
        file.write(b"2")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"2"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="not a plain file"), atomic_write(tmp_path / "pipe"):
        pass
    assert os.listdir(tmp_path) == ["pipe"]
    assert (tmp_path / "pipe").is_fifo()


def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path):
    old = tmp_path / ".a.bin.0123456789ab.tmp"
    young = tmp_path / ".a.bin.ba9876543210.tmp"
    others = [tmp_path / name for name in (".b.bin.0123456789ab.tmp", ".a.bin.tmp", "a.bin.tmp")]
    for path in (old, young, *others):
        path.write_bytes(b"half")
    for path in (old, *others):
        os.utime(path, (1_000_000, 1_000_000))
    with atomic_write(tmp_path / "a.bin") as file:
        file.write(b"whole")
    assert not old.exists()
    assert young.exists()
    assert all(path.exists() for path in others)


@pytest.mark.parametrize("length", [1, 80, 200])
def test_what_a_write_would_leave_is_what_the_next_one_removes(tmp_path, length):
    path = tmp_path / ("a" * length)
    with atomic_write(path) as file:
        (left,) = tmp_path.iterdir()
        file.write(b"whole")
    left.write_bytes(b"half")
    os.utime(left, (1_000_000, 1_000_000))
    with atomic_write(path) as file:
        file.write(b"again")
    assert list(tmp_path.iterdir()) == [path]
