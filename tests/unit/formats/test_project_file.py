"""A project comes back equal, and a damaged one is refused in one sentence."""

import json
import zipfile

import numpy as np
import pytest

from sprite_lab.core.cells import Cell, CellSheet
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.formats.project import load_project, save_project


@pytest.fixture
def sheet():
    rng = np.random.default_rng(0)
    cells = [
        Cell(
            pixels=rng.bytes(1024),  # colour under full transparency included
            class_name=("hero", "Épée", None)[i % 3],
            known_mask=rng.integers(0, 2, 256).astype(np.uint8).tobytes() if i % 2 else None,
            seed=2**63 - 1 - i,
            made_by=SampleConfig(seed=i, drawing=rng.bytes(1024), start_t=9) if i % 2 else None,
        )
        for i in range(6)
    ]
    return CellSheet(2, 3, tuple(cells), ((1, 2, 3, 4), (255, 0, 0, 255)), "Monsters «of» mine")


def test_round_trip(tmp_path, sheet):
    save_project(tmp_path / "a.spritelab", sheet)
    assert load_project(tmp_path / "a.spritelab") == sheet
    save_project(tmp_path / "b.spritelab", sheet)
    assert (tmp_path / "a.spritelab").read_bytes() == (tmp_path / "b.spritelab").read_bytes()
    save_project(tmp_path / "a.spritelab", CellSheet())
    assert load_project(tmp_path / "a.spritelab") == CellSheet()


def test_it_is_a_plain_zip_of_json_and_png(tmp_path, sheet):
    save_project(tmp_path / "a.spritelab", sheet)
    with zipfile.ZipFile(tmp_path / "a.spritelab") as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("project.json"))["schema_version"] == 1
        assert archive.read("cells.png").startswith(b"\x89PNG")


def rewrite(path, change):
    """Apply ``change`` to the JSON of a project in place."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document)
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(schema_version=2), "another version"),
        (lambda d: d.update(format="zoo"), "not a Sprite Lab project"),
        (lambda d: d.update(rows=3), "do not fit"),
        (lambda d: d.update(rows=10**9), "1 to 16"),
        (lambda d: d.update(rows="two"), "not a Sprite Lab project"),
        (lambda d: d["cells"].pop(), "not a Sprite Lab project"),
        (lambda d: d["cells"][0].update(seed=-1), "seed"),
        (lambda d: d["cells"][0].update(made_by={"count": float("nan")}), "Sprite Lab project"),
        (lambda d: d["cells"][0].update(made_by={"count": 0}), "'count' must be"),
        (lambda d: d.update(palette=[[1, 2, 3]]), "not a Sprite Lab project"),
        (lambda d: d.update(palette=[[1, 2, 3, 999]]), "0 to 255"),
        (lambda d: d.pop("title"), "not a Sprite Lab project"),
    ],
)
def test_wrong_documents(tmp_path, sheet, change, says):
    path = tmp_path / "a.spritelab"
    save_project(path, sheet)
    rewrite(path, change)
    with pytest.raises(FileError, match=says) as caught:
        load_project(path)
    assert "\n" not in str(caught.value)


def test_other_files(tmp_path):
    (tmp_path / "text").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    for name, says in (
        ("text", "not a Sprite Lab project"),
        ("zip", "no 'project.json'"),
        ("none", "no file"),
    ):
        with pytest.raises(FileError, match=says):
            load_project(tmp_path / name)


def test_damage_anywhere_is_one_sentence(tmp_path, sheet):
    path = tmp_path / "a.spritelab"
    save_project(path, sheet)
    data = path.read_bytes()
    rng = np.random.default_rng(0)
    sentences = []
    for _ in range(150):
        damaged = bytearray(data)
        damaged[int(rng.integers(0, len(data)))] ^= 1 << int(rng.integers(0, 8))
        path.write_bytes(bytes(damaged[: int(rng.integers(1, 2 * len(data)))]))
        try:
            load_project(path)
        except FileError as error:
            sentences.append(str(error))
    assert len(sentences) > 75
    assert not any("\n" in sentence for sentence in sentences)
