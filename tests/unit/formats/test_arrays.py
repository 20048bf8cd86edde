"""Untrusted arrays: what numpy accepts but Python does not."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.arrays import open_npz, peek_npy, read_npy, write_npz


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("letter", [0x110000, 0xFFFFFFFF, 0xD800, 0xDFFF])
def test_texts_of_what_is_no_character_are_refused(tmp_path: Path, order: str, letter: int) -> None:
    texts = np.array(["ab", "cd"], f"{order}U2")
    texts.view(f"{order}u4")[3] = letter
    np.savez(tmp_path / "a.npz", names=texts)
    with open_npz(tmp_path / "a.npz") as archive:
        with pytest.raises(FileError, match="contains invalid text"):
            archive.text("names")
        with pytest.raises(FileError, match="contains invalid text"):
            list(archive.blocks("names", 5))


def test_all_characters_are_taken(tmp_path: Path) -> None:
    texts = ["a\U0010ffff", "\ud7ff\ue000", ""]
    np.savez(tmp_path / "a.npz", names=np.array(texts, ">U2"), none=np.array([], "U3"))
    with open_npz(tmp_path / "a.npz") as archive:
        assert archive.text("names") == tuple(texts)
        assert archive.text("none") == ()
        assert [each.tolist() for each in archive.blocks("names", 2)] == [texts[:2], texts[2:]]


def test_what_an_archive_lacks_or_has_differently_is_reported(tmp_path: Path) -> None:
    columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.savez(tmp_path / "a.npz", columns=columns, names=np.array([["a"]]), number=np.array(3))
    with open_npz(tmp_path / "a.npz") as archive:
        with pytest.raises(FileError, match="has no array named 'none'"):
            archive.read("none")
        for key in ("names", "number", "none"):
            with pytest.raises(FileError, match=f"'{key}' in 'a.npz' must be a list of names"):
                archive.text(key)
        with pytest.raises(FileError, match="is stored in columns; save it in rows"):
            next(archive.blocks("columns", 1))
        assert archive.read("columns").tolist() == columns.tolist()


def test_a_newer_kind_of_array_file_is_refused(tmp_path: Path) -> None:
    from numpy.lib import format as npy

    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        npy.write_array(file, np.arange(3), version=(3, 0))
    with pytest.raises(FileError, match=r"is in .npy version \(3, 0\); save it again"):
        read_npy(path)


def test_a_file_over_its_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(100, np.uint8))
    assert peek_npy(tmp_path / "a.npy", 228).shape == (100,)
    with pytest.raises(FileError, match="use a smaller file"):
        peek_npy(tmp_path / "a.npy", 227)


@pytest.mark.parametrize("missing", [0, 1])
def test_what_a_header_declares_must_be_there_before_memory_is_taken(
    tmp_path: Path, missing: int
) -> None:
    whole = io.BytesIO()
    np.save(whole, np.arange(100, dtype=np.uint8))
    data = whole.getvalue()[: 228 - missing]
    (tmp_path / "a.npy").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", data)
    if missing:
        said = "declares 228 bytes, but there are 227"
        with pytest.raises(FileError, match=said):
            peek_npy(tmp_path / "a.npy")
        with pytest.raises(FileError, match=said), open_npz(tmp_path / "a.npz"):
            pass
    else:
        assert read_npy(tmp_path / "a.npy").sum() == 4950
        with open_npz(tmp_path / "a.npz") as opened:
            assert opened.read("a").sum() == 4950


def test_longer_headers_and_other_files_of_an_archive_are_taken(tmp_path: Path) -> None:
    from numpy.lib import format as npy

    whole = io.BytesIO()
    # as numpy does for headers over 65,535 bytes
    npy.write_array(whole, np.arange(3), version=(2, 0))
    (tmp_path / "a.npy").write_bytes(whole.getvalue())
    assert read_npy(tmp_path / "a.npy").tolist() == [0, 1, 2]
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", whole.getvalue())
        archive.writestr("read me.txt", "no array")
    with open_npz(tmp_path / "a.npz") as opened:
        assert list(opened.headers) == ["a"]
        assert opened.read("a").tolist() == [0, 1, 2]


@pytest.mark.parametrize(("more", "said"), [(-8, "is damaged; save it again"), (8, "is cut short")])
def test_an_archive_that_has_more_or_less_than_it_says_is_refused(
    tmp_path: Path, more: int, said: str
) -> None:
    whole = io.BytesIO()
    np.save(whole, np.arange(10 + more // 8))
    # The header declares fewer or more numbers than follow; the archive agrees with it.
    header = whole.getvalue()[: -8 * (10 + more // 8)]
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", header + np.arange(10).tobytes())
        archive.filelist[0].file_size += 8
    with open_npz(tmp_path / "a.npz") as opened:
        with pytest.raises(FileError, match=said):
            opened.read("a")
        if more > 0:
            with pytest.raises(FileError, match=said):
                list(opened.blocks("a", 100))


def test_what_is_written_is_what_numpy_reads_and_equal_arrays_are_equal_files(
    tmp_path: Path,
) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "names": np.array(["x", "yz"]), "one": 3}
    first, again = tmp_path / "a.npz", tmp_path / "b.npz"
    write_npz(first, arrays)
    write_npz(again, ((name, value) for name, value in arrays.items()))
    assert first.read_bytes() == again.read_bytes()
    with np.load(first, allow_pickle=False) as found:
        assert list(found) == list(arrays)
        assert all(np.array_equal(found[name], value) for name, value in arrays.items())
    with zipfile.ZipFile(first) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_npz(first, {"a": np.array([{}], object)})


@pytest.mark.parametrize("rows", [1, 5])
def test_rows_are_read_from_anywhere_on(tmp_path: Path, rows: int) -> None:
    whole = np.arange(rows * 6).reshape(rows, 2, 3)
    np.savez(tmp_path / "a.npz", a=whole)
    with open_npz(tmp_path / "a.npz") as archive:
        assert "a" in archive
        assert "b" not in archive
        for start in range(rows + 1):
            found = list(archive.blocks("a", 2, start))
            assert [len(block) for block in found] == [2] * ((rows - start) // 2) + [1] * (
                (rows - start) % 2
            )
            assert np.array_equal(np.concatenate([whole[:0], *found]), whole[start:])


def test_limits_of_archives_are_exact(tmp_path: Path) -> None:
    for count in (256, 257):
        with zipfile.ZipFile(tmp_path / f"{count}.npz", "w") as archive:
            for i in range(count):
                archive.writestr(str(i), "")
    with open_npz(tmp_path / "256.npz") as opened:
        assert opened.headers == {}
    with pytest.raises(FileError, match="holds 257 files"), open_npz(tmp_path / "257.npz"):
        pass
    np.savez_compressed(tmp_path / "a.npz", a=np.zeros(1000, np.uint8))
    with open_npz(tmp_path / "a.npz", 1128) as opened:
        assert opened.headers["a"].nbytes == 1000
    with pytest.raises(FileError, match="unpacks to more than"), open_npz(tmp_path / "a.npz", 1127):
        pass
    with pytest.raises(FileError, match="can be opened"), open_npz(tmp_path / "a.npz", 100):
        pass


def test_what_a_file_of_a_megabyte_may_unpack_to(tmp_path: Path) -> None:
    """A header of a gigabyte, and texts that all take as much as the longest one."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        size = 100_000_000
        archive.writestr("a.npy", b"\x93NUMPY\2\0" + size.to_bytes(4, "little") + bytes(size))
    tracemalloc.start()
    with pytest.raises(FileError, match="is damaged"), open_npz(path):
        pass
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
    header = b"{'descr': '<U2000000', 'fortran_order': False, 'shape': (63,)}\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        data = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header
        with archive.open("names.npy", "w") as file:
            file.write(data)
            for _ in range(63):
                file.write(bytes(8_000_000))
    with pytest.raises(FileError, match="take more than 500 MB"), open_npz(path):
        pass
