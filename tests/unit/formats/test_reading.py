"""Any exception of a reader becomes one sentence that names the file and says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.schemas import NewerFileError
from sprite_lab.formats.json_files import read_json, read_object, write_json
from sprite_lab.formats.reading import check_file, read_limited, reading


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (FileError("Itself."), "Itself."),
        (ConfigError("'seed' is below 0."), "'a.x' cannot be used: 'seed' is below 0."),
        (FileNotFoundError(), "There is no file 'of/a.x'; check its name and folder."),
        (
            FileNotFoundError(2, "No such file", "of/a.x/part"),
            "There is no file 'of/a.x/part'; check its name and folder.",
        ),
        (IsADirectoryError(), "'a.x' is a folder; choose a file in it."),
        (PermissionError(), "'a.x' cannot be opened, because reading it is not allowed."),
        (OSError(36, "Too long", "of/a.x"), "'a.x' cannot be opened (too long)."),
        (OSError(22, "A"), "'a.x' is damaged or not a tree; save it again or choose another file."),
        (MemoryError(), "'a.x' needs more memory than is available; use a smaller file."),
        (IndexError("5"), "'a.x' is damaged or not a tree; save it again or choose another file."),
        (RecursionError(), "'a.x' is damaged or not a tree; save it again or choose another file."),
    ],
)
def test_every_error_is_a_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(FileError) as caught, reading("of/a.x", "a tree"):
        raise error
    assert str(caught.value) == sentence


def test_a_file_that_grows_while_it_is_read_is_not_read_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.x"
    path.write_bytes(b"12345")
    monkeypatch.setattr("sprite_lab.formats.reading.check_file", lambda *_: None)
    with pytest.raises(FileError, match=r"'a.x' is being written to; try again"):
        read_limited(path, 4)
    assert read_limited(path, 5) == b"12345"


def test_sizes_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.x"
    path.touch()
    with pytest.raises(FileError, match=r"'a.x' is empty"):
        check_file(path, 4)
    path.write_bytes(bytes(3_000_000))
    with pytest.raises(FileError, match=r"is 3 MB, but at most 2 MB can be opened"):
        check_file(path, 2_000_000)
    with pytest.raises(FileError, match=r"is 3,000,000 bytes, but at most 100,000 can be opened"):
        check_file(path, 100_000)
    with pytest.raises(FileError, match="is a folder"):
        check_file(tmp_path, 4)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are POSIX's")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.x")
    with pytest.raises(FileError, match=r"'a.x' is not a plain file"):
        read_limited(tmp_path / "a.x", 4)


def test_our_json_says_its_schema_and_newer_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"name": "é"}, schema=3)
    assert path.read_text("utf-8") == '{\n  "schema_version": 3,\n  "name": "é"\n}\n'
    assert read_object(path, 100, newest=3) == {"name": "é"}
    with pytest.raises(NewerFileError, match="a newer thing"):
        read_object(path, 100, newest=2, what="a newer thing")
    with pytest.raises(NewerFileError, match=r"a\.json"):
        read_object(path, 100, newest=2)
    size = path.stat().st_size
    assert read_json(path, size) == {"schema_version": 3, "name": "é"}
    with pytest.raises(FileError, match="at most 41 can be opened"):
        read_json(path, size - 1)
    write_json(path, [1, 2], indent=None)
    assert path.read_text("utf-8") == "[1, 2]\n"
    with pytest.raises(ValueError, match="it is not an object"):
        read_object(path, 100, newest=3)
