"""Published files, found beside the tests' real sprites and described in the README there."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import Grid, ImportChoices
from sprite_lab.formats.importing import plan_import_iter
from sprite_lab.formats.sets.sprites import load_sprites


@pytest.fixture
def cases(shared_data: Path) -> Path:
    folder = shared_data / "import_cases"
    if not folder.is_dir():
        pytest.skip("there are no files to import beside the real sprites")
    return folder


def plan_of(*paths, **choices):
    return drain(plan_import_iter(paths, ImportChoices(**choices), RunControl()))


def only(plan):
    assert not plan.refused
    (picture,) = plan.pictures
    return picture


def pixels(path):
    rgba = np.array(Image.open(path).convert("RGBA"))
    rgba[rgba[..., 3] == 0] = 0
    return rgba


@pytest.mark.parametrize(
    ("name", "columns", "rows", "spacing", "kept"),
    [
        ("sheet_grid16_tiny16_characters.png", 12, 8, 0, 96),
        ("sheet_spacing1_kenney_roguelike.png", 57, 31, 1, None),
        ("sheet_indexed_palette_kenney_1bit.png", 49, 22, 0, None),
        ("sheet_indexed_grid16_dawnlike_undead.png", 8, 10, 0, 45),
        ("alpha_sheet_cute_food.png", 6, 3, 0, 17),
        ("alpha_partial_fugue_icons.png", 64, 56, 0, 3570),
    ],
)
def test_sheets_on_a_grid_are_cut_exactly(cases, name, columns, rows, spacing, kept):
    picture = only(plan_of(cases / name, keep_duplicates=True))
    assert picture.kind == "sheet"
    assert picture.grid == Grid((16, 16), (0, 0), (spacing, spacing))
    sheet = pixels(cases / name)
    assert picture.grid.counts(*sheet.shape[:2]) == (rows, columns)
    assert f"{columns}×{rows} cells of 16×16 pixels" in picture.how
    drawn = [
        cell
        for y in range(rows)
        for x in range(columns)
        if (cell := sheet[y * (16 + spacing) :, x * (16 + spacing) :][:16, :16])[..., 3].any()
    ]
    if kept is not None:
        assert len(drawn) == kept
    assert np.array_equal(picture.sprites, np.stack(drawn))
    for (x, y, w, h), sprite in zip(picture.boxes, picture.sprites, strict=True):
        assert np.array_equal(sheet[y : y + h, x : x + w], sprite)


def test_drawings_on_no_grid(cases):
    path = cases / "sheet_irregular_luca_food.png"
    picture = only(plan_of(path, larger="nearest"))
    assert len(picture.sprites) == 35
    assert "not on a grid" in picture.how
    assert picture.larger
    assert len(picture.warnings) == 1
    # Nothing of the sheet is lost or duplicated.
    sheet = pixels(path)
    taken = np.zeros(sheet.shape[:2], int)
    for x, y, w, h in picture.boxes:
        taken[y : y + h, x : x + w] += 1
    assert taken.max() == 1
    assert not sheet[taken == 0].any()
    # All except the one that is too large are there, pixel by pixel.
    exact = [
        (sprite[..., 3] > 0).sum() == (sheet[y : y + h, x : x + w, 3] > 0).sum()
        for (x, y, w, h), sprite in zip(picture.boxes, picture.sprites, strict=True)
    ]
    assert sum(exact) == 34


@pytest.mark.parametrize("larger", ["nearest", "crop"])
def test_native_art_of_32_pixels_comes_down_with_a_warning(cases, larger):
    path = cases / "sheet_grid32_icons_food.png"
    picture = only(plan_of(path, larger=larger))
    assert picture.grid == Grid((32, 32))
    assert picture.sprites.shape == (25, 16, 16, 4)
    assert picture.larger
    assert "25 drawings are larger" in picture.warnings[0]
    if larger == "nearest":
        sheet = pixels(path)
        assert np.array_equal(picture.sprites[0], sheet[1:32:2, 1:32:2])
    refused = plan_of(path)
    assert not refused.pictures
    assert "larger than 16×16" in refused.refused[0].why
    assert only(plan_of(path, cell=32)).sprites.shape == (25, 32, 32, 4)


def test_a_folder_of_sprites_and_a_picture_of_them_all(cases):
    plan = plan_of(cases / "folder_ninja_food")
    assert len(plan) == 13
    assert len(plan.pictures) == 13
    (refusal,) = plan.refused
    assert refusal.path.endswith("/all.png")
    assert "13 sprites" in refusal.why
    assert plan.class_names == ("folder_ninja_food",)
    for picture in plan.pictures:
        source = pixels(cases / picture.path)
        assert np.array_equal(picture.sprites[0], source)


def test_smaller_sprites_are_centered_and_not_stretched(cases):
    weapons = cases / "folder_mixed_sizes_ninja_weapons"
    plan = plan_of(weapons, keep_duplicates=True, larger="nearest")
    singles = [picture for picture in plan.pictures if picture.kind == "picture"]
    assert len(singles) == 8
    for picture in singles:
        source = pixels(cases / picture.path)
        height, width = source.shape[:2]
        top, left = (16 - height) // 2, (16 - width) // 2
        there = picture.sprites[0, top : top + height, left : left + width]
        assert np.array_equal(there, source)
        assert (picture.sprites[0, ..., 3] > 0).sum() == (source[..., 3] > 0).sum()
    # The overview shows each of them twice, the second time turned.
    (sheet,) = [picture for picture in plan.pictures if picture.kind == "sheet"]
    assert len(sheet.sprites) == 16
    assert plan_of(weapons, larger="nearest").duplicates == 8


@pytest.mark.parametrize(
    ("name", "side"), [("animation_16x16_plant.gif", 16), ("animation_10x10_coin.gif", 10)]
)
def test_animations_give_their_frames(cases, name, side):
    picture = only(plan_of(cases / name, keep_duplicates=True))
    assert picture.kind == "animation"
    assert len(picture.sprites) == 4
    assert len(set(picture.groups.tolist())) == 1
    margin = (16 - side) // 2
    with Image.open(cases / name) as image:
        for i in range(4):
            image.seek(i)
            frame = np.array(image.convert("RGBA"))
            frame[frame[..., 3] == 0] = 0
            part = picture.sprites[i, margin : margin + side, margin : margin + side]
            assert np.array_equal(part, frame)


def test_aseprite_files(cases):
    picture = only(
        plan_of(cases / "dawnlike_engineer_indexed_16x64_4frames.ase", keep_duplicates=True)
    )
    assert picture.kind == "aseprite"
    assert picture.sprites.shape == (16, 16, 16, 4)
    assert picture.names[0].endswith("1 1")
    assert picture.names[-1].endswith("4 4")
    # The frames of each direction belong together.
    assert sorted(np.bincount(picture.groups)) == [4, 4, 4, 4]

    single = only(plan_of(cases / "superpowers_weapon_texture_rgba_32x32.ase", larger="nearest"))
    assert len(single.sprites) == 1
    assert single.larger
    assert single.warnings


def test_the_pair_of_arrays(cases):
    images = cases / "sprites_1000_16x16.npy"
    labels = cases / "sprite_labels_nc_1000_16x16.npy"
    same = load_sprites(images)
    for paths in ([images], [images, labels], [labels, images]):
        plan = plan_of(*paths, keep_duplicates=True)
        made = plan.sprite_set(same.title)
        assert made.class_names == same.class_names
        assert np.array_equal(made.labels, same.labels)
        assert np.array_equal(made.alpha, same.alpha)
        shown = same.alpha > 0
        assert np.array_equal(made.images[shown], same.images[shown])


def test_everything_at_once(cases):
    plan = plan_of(cases, larger="nearest")
    assert {refusal.path.rsplit("/", 1)[1] for refusal in plan.refused} == {"README.md", "all.png"}
    assert len(plan.sprite_set("all")) == len(plan) > 7000
    names = [name for picture in plan.pictures for name in picture.names]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("cell", [8, 24, 32])
def test_the_grid_does_not_depend_on_the_size_that_is_asked_for(cases, cell):
    for name, side in (
        ("sheet_grid16_tiny16_characters.png", 16),
        ("sheet_spacing1_kenney_roguelike.png", 16),
        ("sheet_grid32_icons_food.png", 32),
    ):
        path = cases / name
        picture = only(plan_of(path, cell=cell, keep_duplicates=True, larger="nearest"))
        assert picture.grid.cell == (side, side)
        assert picture.sprites.shape[1:] == (cell, cell, 4)
