"""A project is read back equal, an old one opens, and a damaged one is refused in one sentence."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import MOST_MAPS, Cell, CellSheet, DrawnBy
from sprite_lab.core.pixels.layers import MOST_LAYERS, Layer
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.core.pixels.tile_sets import GroundMap
from sprite_lab.formats import project
from sprite_lab.formats.project import (
    LONGEST_PATH,
    LONGEST_TITLE,
    MIME_TYPE,
    load_project,
    save_project,
)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def png_of_side(side: int) -> bytes:
    return png(np.zeros((1, side, 4), np.uint8))


def full_sheet(side: int = 16) -> CellSheet:
    """A project in which everything differs from the defaults."""
    rng = np.random.default_rng(side)
    pixels = side * side
    cells = []
    for i in range(6):
        asked = Conditions(
            words=("red", "slime"),
            style="nes",
            class_mix=((), (("hero", 1.0),), (("Épée", 0.25), ("food", 0.5)))[i % 3],
            negative_class=(None, "food")[i % 2],
            guidance_scale=i / 2,
            guidance_interval=(0.125, 0.5 + i / 16),
            strength=(None, 0.3, 1.0)[i % 3],
            lock_palette=i == 0,
            symmetric=i == 1,
            tile=i == 2,
            keep_alpha=i == 3,
            seed=2**63 - 1 - i,
            seed_locked=i == 4,
        )
        drawing = rng.bytes(4 * pixels)  # including colors of transparent pixels
        layers = (
            Layer(rng.bytes(4 * pixels), "Körper", generated=i == 4),
            Layer(rng.bytes(4 * pixels), opacity=99, locked=True, generated=i == 2),
            Layer(rng.bytes(4 * pixels), "notes", visible=False),
        )[: i - 1 if i in (2, 4) else 0]
        cells.append(
            Cell(
                pixels=drawing,
                conditions=asked,
                redraw_strength=rng.bytes(pixels) if i % 2 else None,
                duration_ms=10 + 1000 * i,
                made_by=SampleConfig(seed=i, drawing=drawing, start_t=9) if i % 2 else None,
                thanks=("", "“Work” by Ä (CC0)", "“Work” by Ä (CC0)\n“Other”")[i % 3],
                name=("", "Grüner Schleim", "b, c")[i % 3],
                name_is_taken=i % 3 == 2,
                tags=((), ("walk", "left"), ("idle",))[i % 3],
                part=("", "Terrain 1/0110", "Character 2/left 3")[i % 3],
                drawn_by=(None, DrawnBy("Figuren", i), DrawnBy())[i % 3],
            )
        )
        if layers:
            cells[-1] = cells[-1].stacked(layers)
    palette = ((1, 2, 3, 4), (255, 0, 0, 255))
    reference = ReferencePicture(png(np.full((5, 9, 4), 77, np.uint8)), -1.25, 0.1, 2.5, 0.35)
    return CellSheet(
        2,
        3,
        tuple(cells),
        palette,
        "Monsters «of» mine",
        limit_to_palette=True,
        reference=reference,
        model="/runs/mein Modell",
        data="",
        maps=(GroundMap("Terrain 1", bytes(rng.integers(0, 2, 9 * 13).tolist())),),
    )


@pytest.fixture
def sheet() -> CellSheet:
    return full_sheet()


@pytest.mark.parametrize("side", [8, 16, 23, 32])
def test_everything_comes_back(tmp_path: Path, side: int) -> None:
    path, sheet = tmp_path / "a.spritelab", full_sheet(side)
    save_project(path, sheet)
    back = load_project(path)
    assert back == sheet
    assert back.side == side
    assert [cell.redraw_strength for cell in back.cells] == [
        cell.redraw_strength for cell in sheet.cells
    ]


def test_an_unchanged_project_is_an_unchanged_file(tmp_path: Path, sheet: CellSheet) -> None:
    for name in ("a.spritelab", "b.spritelab"):
        save_project(tmp_path / name, sheet)
    assert (tmp_path / "a.spritelab").read_bytes() == (tmp_path / "b.spritelab").read_bytes()


def test_a_new_project_comes_back(tmp_path: Path) -> None:
    save_project(tmp_path / "a.spritelab", CellSheet())
    assert load_project(tmp_path / "a.spritelab") == CellSheet()


def test_it_is_a_plain_zip_of_json_and_png(tmp_path: Path, sheet: CellSheet) -> None:
    save_project(tmp_path / "a.spritelab", sheet)
    with zipfile.ZipFile(tmp_path / "a.spritelab") as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("project.json"))["schema_version"] == 4
        picture = Image.open(io.BytesIO(archive.read("cells.png")))
        masks = Image.open(io.BytesIO(archive.read("redraw_strength.png")))
    assert picture.size == masks.size == (48, 32)
    # Cell 5 is the last in the second row; 0 keeps a pixel, 255 releases it.
    assert np.array_equal(np.asarray(picture)[16:, 32:], sheet.cells[5].rgba)
    assert np.array_equal(np.asarray(masks)[16:, 32:], sheet.cells[5].redraw)
    assert (np.asarray(masks)[:16, :16] == 255).all()


def test_a_project_without_a_reference_picture_has_none(tmp_path: Path, sheet: CellSheet) -> None:
    bare = replace(sheet, reference=None)
    save_project(tmp_path / "a.spritelab", bare)
    assert load_project(tmp_path / "a.spritelab") == bare
    with zipfile.ZipFile(tmp_path / "a.spritelab") as archive:
        assert "reference.png" not in archive.namelist()
        assert "reference" not in json.loads(archive.read("project.json"))


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (None, "has no 'reference.png'"),
        (b"nonsense", "not a PNG image"),
        (png_of_side(1025), "over 1,024"),
    ],
)
def test_a_damaged_reference_picture_is_reported(
    tmp_path: Path, sheet: CellSheet, picture: bytes | None, said: str
) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, sheet)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members["reference.png"]
    if picture is not None:
        members["reference.png"] = picture
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(FileError, match=said):
        load_project(path)


def test_a_project_without_layers_has_no_pictures_of_them(tmp_path: Path) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, CellSheet())
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.startswith("layer")]
        assert "layers" not in json.loads(archive.read("project.json"))["cells"][0]


def test_an_older_project_opens_without_layers(tmp_path: Path, sheet: CellSheet) -> None:
    path = tmp_path / "a.spritelab"
    older = replace(sheet, cells=tuple(replace(cell, layers=()) for cell in sheet.cells))
    save_project(path, older)
    rewrite(path, lambda document: document.update(schema_version=2))
    assert load_project(path) == older


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("locked", [False, True])
def test_layers_are_mixed_in_the_colors_of_the_palette_where_it_limits_them(
    tmp_path: Path, limited: bool, locked: bool
) -> None:
    path, palette = tmp_path / "a.spritelab", ((0, 0, 0, 255), (255, 255, 255, 255))
    layers = (
        Layer(bytes([0, 0, 0, 255] * 256)),
        Layer(bytes([255, 255, 255, 255] * 256), opacity=100),
    )
    cell = Cell(bytes(1024), conditions=Conditions(lock_palette=locked)).stacked(layers)
    sheet = CellSheet(1, 1, (cell,), palette, limit_to_palette=limited)
    drawn = replace(sheet.cells[0], made_by=SampleConfig(seed=7))
    save_project(path, sheet.with_cells({0: drawn}))
    (back,) = load_project(path).cells
    assert back == drawn, "and it is known how it was made"
    assert back.limit == (palette if limited or locked else ())
    assert (tuple(back.rgba[0, 0].tolist()) in palette) == (limited or locked)


def test_what_is_at_a_limit_comes_back(
    tmp_path: Path, sheet: CellSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.spritelab"
    most = replace(
        sheet,
        reference=ReferencePicture(png_of_side(1024)),
        model="m" * LONGEST_PATH,
        data="d" * (LONGEST_PATH + 1),
        maps=tuple(replace(sheet.maps[0], terrain=f"Terrain {n}") for n in range(MOST_MAPS)),
    )
    save_project(path, most)
    assert load_project(path) == replace(most, data=None)
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(m.file_size for m in archive.infolist() if m.filename != "mimetype")
    monkeypatch.setattr(project, "LARGEST", max(unpacked, path.stat().st_size))
    load_project(path)
    monkeypatch.setattr(project, "LARGEST", path.stat().st_size - 1)
    with pytest.raises(FileError, match="can be opened"):
        load_project(path)


def seventeenth() -> dict[str, object]:
    return {"name": "", "opacity": 9, "visible": True, "locked": False, "generated": False}


def test_the_largest_project_comes_back(tmp_path: Path) -> None:
    layers = tuple(Layer(bytes([n]) * 4096) for n in range(MOST_LAYERS))
    cell = Cell(bytes(4096)).stacked(layers)
    save_project(tmp_path / "a.spritelab", CellSheet(16, 16, (cell,) * 256))
    path = tmp_path / "a.spritelab"
    assert load_project(path).cells == (cell,) * 256
    rewrite(path, lambda document: document["cells"][9]["layers"].append(seventeenth()))
    with pytest.raises(FileError, match="not a Sprite Lab project"):
        load_project(path)


def test_the_picture_of_cells_shows_all_layers_together(tmp_path: Path, sheet: CellSheet) -> None:
    save_project(tmp_path / "a.spritelab", sheet)
    with zipfile.ZipFile(tmp_path / "a.spritelab") as archive:
        picture = Image.open(io.BytesIO(archive.read("cells.png")))
        third = Image.open(io.BytesIO(archive.read("layer3.png")))
    assert np.array_equal(np.asarray(picture)[16:, 16:32], sheet.cells[4].rgba)
    assert np.array_equal(np.asarray(third)[16:, 16:32], sheet.cells[4].layers[2].rgba)
    assert not np.asarray(third)[:16].any()


# -- damage ----------------------------------------------------------------------------------------


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Apply ``change`` to a project's JSON in place."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document)
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def asked(document: dict[str, Any], **fields: Any) -> None:
    document["cells"][0]["conditions"].update(fields)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.update(schema_version=5), "newer Sprite Lab"),
        (lambda d: d.update(schema_version=99), "newer Sprite Lab"),
        (lambda d: d.update(schema_version="3"), "is damaged"),
        (lambda d: d.update(schema_version=None), "is damaged"),
        (lambda d: d.update(format="zoo"), "not a Sprite Lab project"),
        (lambda d: d.update(rows=3), "do not fit"),
        (lambda d: d.update(side=8), "do not fit"),
        (lambda d: d.update(side=64), "8 to 32"),
        (lambda d: d.update(rows=10**9), "1 to 16"),
        (lambda d: d.update(rows="two"), "not a Sprite Lab project"),
        (lambda d: d["cells"].pop(), "not a Sprite Lab project"),
        (lambda d: asked(d, seed=-1), "seed"),
        (lambda d: asked(d, strength=7), "strength"),
        (lambda d: asked(d, class_mix=[["hero", -1]]), "weight"),
        (lambda d: asked(d, color_of_hope="green"), "color_of_hope"),
        (lambda d: d["cells"][0].update(duration_ms=0), "milliseconds"),
        (lambda d: d["cells"][4]["layers"][0].update(opacity=256), "0 to 255"),
        (lambda d: d["cells"][4]["layers"][0].update(opacity=None), "not a Sprite Lab project"),
        (lambda d: d["cells"][4]["layers"][0].update(name="a\nb"), "one line"),
        (lambda d: d["cells"][4]["layers"][0].pop("locked"), "not a Sprite Lab project"),
        (lambda d: d["cells"][4].update(layers=d["cells"][4]["layers"] * 2), "no 'layer4.png'"),
        (lambda d: d["cells"][4].update(layers=7), "not a Sprite Lab project"),
        (lambda d: d["cells"][0].update(made_by={"count": float("nan")}), "Sprite Lab project"),
        (lambda d: d["cells"][0].update(made_by={"count": 0}), "'count' is 0, but must be"),
        (lambda d: d.update(palette=[[1, 2, 3]]), "not a Sprite Lab project"),
        (lambda d: d.update(palette=[[1, 2, 3, 999]]), "0 to 255"),
        (lambda d: d.pop("title"), "not a Sprite Lab project"),
        (lambda d: d.update(title="\ud800"), "not a Sprite Lab project"),
        (lambda d: d.pop("limit_to_palette"), "not a Sprite Lab project"),
        (lambda d: d["cells"][1].update(drawn_by={"model": "a"}), "not a Sprite Lab project"),
        (lambda d: d.update(maps=7), "not a Sprite Lab project"),
        (lambda d: d.update(maps=d["maps"] * 2), "at most 16 maps"),
        (lambda d: d.update(maps=[{"terrain": "a"}]), "not a Sprite Lab project"),
        (lambda d: d["maps"][0].update(ground=["01"]), "not a Sprite Lab project"),
        (lambda d: d["maps"][0].update(ground=["2" * 13] * 9), "one of two grounds"),
        (lambda d: d["maps"][0].update(ground=["0" * 13] * 8), "one of two grounds"),
        (lambda d: d["maps"][0].update(ground=["0" * 13] * 10**5), "one of two grounds"),
    ],
)
def test_wrong_documents(
    tmp_path: Path, sheet: CellSheet, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, sheet)
    rewrite(path, change)
    with pytest.raises(FileError, match=says) as caught:
        load_project(path)
    assert "\n" not in str(caught.value)


def test_a_title_of_any_length_is_cut(tmp_path: Path, sheet: CellSheet) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, replace(sheet, title="a" * 10**6))
    assert load_project(path).title == "a" * LONGEST_TITLE


def test_other_files(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    (tmp_path / "empty").touch()
    for name, says in (
        ("text", "not a Sprite Lab project"),
        ("zip", "no 'project.json'"),
        ("none", "no file"),
        ("empty", "empty"),
        (".", "folder"),
    ):
        with pytest.raises(FileError, match=says):
            load_project(tmp_path / name)


def test_only_what_belongs_to_a_project_is_unpacked(tmp_path: Path, sheet: CellSheet) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, sheet)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.bin", bytes(70_000_000))
    assert load_project(path) == sheet
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", bytes(70_000_000))
    with pytest.raises(FileError, match="too large"):
        load_project(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.json", "{}")
        for n in range(MOST_LAYERS):
            archive.writestr(f"layer{n + 1}.png", bytes(5_000_000))
    with pytest.raises(FileError, match="too large"):
        load_project(path)


def test_damage_anywhere_is_one_sentence(tmp_path: Path, sheet: CellSheet) -> None:
    path = tmp_path / "a.spritelab"
    save_project(path, replace(sheet, rows=1, columns=2, cells=sheet.cells[:2]))
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


def test_the_type_is_announced_first_and_readably_and_the_time_is_not(tmp_path: Path) -> None:
    """So file(1) and desktops recognize a project, and saving it unchanged writes
    the same bytes.
    """
    path = tmp_path / "a.spritelab"
    save_project(path, full_sheet())
    assert MIME_TYPE.encode() in path.read_bytes()[:100]
    with zipfile.ZipFile(path) as archive:
        first, *others = archive.infolist()
        assert first.filename == "mimetype"
        assert {each.compress_type for each in others} == {zipfile.ZIP_DEFLATED}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
