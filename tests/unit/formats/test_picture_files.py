"""Any picture file as frames with durations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.pictures import Pictures, block_of, count_cells, gap_of
from sprite_lab.data.datasets import builtin
from sprite_lab.formats.aseprite.aseprite import read_aseprite, write_aseprite
from sprite_lab.formats.aseprite.aseprite_file import Tag
from sprite_lab.formats.images.pictures import read_pictures
from sprite_lab.formats.images.png import read_image, write_png
from sprite_lab.formats.importing.cutting import as_plain_sheet
from sprite_lab.formats.metadata import read_config

RED, CLEAR = (255, 0, 0, 255), (0, 0, 0, 0)


def test_a_still_keeps_its_alpha(tmp_path: Path) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    write_png(tmp_path / "still.png", rgba)
    found = read_pictures(tmp_path / "still.png")
    assert np.array_equal(found.frames, rgba[None])
    assert (found.title, found.size, found.durations_ms) == ("still", (5, 7), ())


def test_an_animated_gif_has_whole_frames_with_their_durations(tmp_path: Path) -> None:
    frames = [Image.new("RGBA", (9, 8), CLEAR) for _ in range(3)]
    for i, frame in enumerate(frames):
        frame.putpixel((i, 2), RED)
    frames[0].save(
        tmp_path / "a.gif",
        save_all=True,
        append_images=frames[1:],
        duration=[50, 60, 70],
        disposal=2,
        transparency=0,
    )
    found = read_pictures(tmp_path / "a.gif")
    assert found.durations_ms == (50, 60, 70)
    assert [np.argwhere(frame[..., 3] > 0).tolist() for frame in found.frames] == [
        [[2, 0]],
        [[2, 1]],
        [[2, 2]],
    ]


def test_an_aseprite_file_has_frames_durations_palette_and_layers(tmp_path: Path) -> None:
    frames = np.zeros((2, 8, 8, 4), np.uint8)
    frames[1, 3, 4] = RED
    write_aseprite(tmp_path / "a.ase", frames, [30, 40], [RED])
    found = read_pictures(tmp_path / "a.ase")
    assert np.array_equal(found.frames, frames)
    assert (found.durations_ms, found.palette, found.layers) == ((30, 40), (RED,), ("Layer 1",))
    tags = (Tag("héro", 0, 0), Tag("walk", 0, 1, "ping-pong"))
    write_aseprite(tmp_path / "c.ase", frames, [30, 40], [RED], tags)
    assert read_aseprite(tmp_path / "c.ase").tags == tags
    assert np.array_equal(read_pictures(tmp_path / "c.ase").frames, frames)
    write_aseprite(tmp_path / "b.ase", frames[1:], [30])
    assert read_pictures(tmp_path / "b.ase").durations_ms == ()


def test_limits_and_damage_are_one_sentence(tmp_path: Path) -> None:
    frames = [Image.new("L", (1900, 2000), i) for i in range(6)]
    frames[0].save(tmp_path / "many.gif", save_all=True, append_images=frames[1:])
    Image.new("L", (2100, 2000)).save(tmp_path / "large.gif")
    (tmp_path / "bad.gif").write_bytes(b"GIF89a nonsense")
    (tmp_path / "bad.ase").write_bytes(b"nonsense")
    for name, says in (
        ("many.gif", "over 4 frames"),
        ("large.gif", "2,100×2,000"),
        ("bad.gif", "not a GIF"),
        ("bad.ase", "too short"),
        ("none.png", "no file"),
    ):
        with pytest.raises(FileError, match=says) as caught:
            read_pictures(tmp_path / name)
        assert "\n" not in str(caught.value)


# -- files by other people, against their list ----------------------------------------------------


@pytest.mark.parametrize("scale", [1, 2])
def test_a_framed_sheet_is_cut_as_the_importer_would(scale: int) -> None:
    """The sheet has a margin of 3 and gaps of 2, unscaled or enlarged."""
    rows, columns = 3, 5
    drawn = builtin().rgba[: rows * columns].reshape(rows, columns, 16, 16, 4)
    sheet = np.full((18 * rows + 4, 18 * columns + 4, 4), (90, 120, 200, 255), np.uint8)
    for row, column in np.ndindex(rows, columns):
        part = sheet[3 + 18 * row : 19 + 18 * row, 3 + 18 * column : 19 + 18 * column]
        seen = drawn[row, column, ..., 3] > 0
        part[seen] = drawn[row, column][seen]
    large = sheet.repeat(scale, 0).repeat(scale, 1)
    cut = as_plain_sheet(Pictures("sheet", large[None]), 16)
    plain = drawn.swapaxes(1, 2).reshape(1, 16 * rows, 16 * columns, 4)
    seen = plain[..., 3] > 0
    assert cut.frames.shape == plain.shape
    assert np.array_equal(cut.frames[seen], plain[seen])
    assert not cut.frames[0, 0, -1].any()  # the background around them is removed
    alone = Pictures("large", np.full((1, 24, 24, 4), 255, np.uint8))
    assert as_plain_sheet(alone, 16) is alone


@pytest.mark.parametrize(
    ("name", "gap", "cells"),
    [
        ("sheet_grid16_tiny16_characters.png", 0, (8, 12)),
        ("sheet_spacing1_kenney_roguelike.png", 1, (31, 57)),
        ("sheet_indexed_palette_kenney_1bit.png", 0, (22, 49)),
        ("sheet_indexed_grid16_dawnlike_undead.png", 0, (10, 8)),
        ("alpha_sheet_cute_food.png", 0, (3, 6)),
        ("sheet_irregular_luca_food.png", None, (0, 0)),
    ],
)
def test_sheets_are_cut(
    shared_data: Path, name: str, gap: int | None, cells: tuple[int, int]
) -> None:
    path = shared_data / "import_cases" / name
    if not path.is_file():
        pytest.skip("the files to import are not here")
    pictures = read_pictures(path)
    assert gap_of(pictures, 16) == gap
    assert count_cells(pictures, 16) == cells
    if max(cells) in range(1, 17):
        block = block_of(pictures, 16)
        assert (block.rows, block.columns) == cells
        with Image.open(path) as image:
            whole = np.array(image.convert("RGBA"))
        last = np.frombuffer(block.pixels[-1] or b"", np.uint8).reshape(16, 16, 4)
        assert np.array_equal(last, whole[-16:, -16:])


@pytest.mark.parametrize(
    ("name", "size"), [("animation_16x16_plant.gif", 16), ("animation_10x10_coin.gif", 10)]
)
def test_animations_have_their_frames(shared_data: Path, name: str, size: int) -> None:
    path = shared_data / "import_cases" / name
    if not path.is_file():
        pytest.skip("the files to import are not here")
    pictures = read_pictures(path)
    assert pictures.frames.shape == (4, size, size, 4)
    assert (pictures.frames[..., 3] == 0).any()
    assert len(pictures.durations_ms) == 4
    assert block_of(pictures, 16).columns == 4


def test_each_frame_has_the_tags_that_it_is_in(tmp_path: Path) -> None:
    frames = np.full((3, 4, 4, 4), 255, np.uint8)
    tags = [Tag("walk", 0, 1), Tag("left", 1, 2), Tag("walk", 1, 1), Tag(" ", 0, 2)]
    write_aseprite(tmp_path / "a.aseprite", frames, [100] * 3, tags=tags)
    found = read_pictures(tmp_path / "a.aseprite")
    assert found.tags == (("walk",), ("walk", "left"), ("left",))
    write_aseprite(tmp_path / "a.aseprite", frames, [100] * 3, tags=[Tag(" ", 0, 2)])
    assert read_pictures(tmp_path / "a.aseprite").tags == ()
    write_aseprite(tmp_path / "a.aseprite", frames[:1], [100], tags=[Tag("walk", 0, 0)])
    assert read_pictures(tmp_path / "a.aseprite").tags == ()


@pytest.mark.parametrize(("side", "fits"), [(16_384, True), (16_385, False)])
def test_the_longest_side_is_exact(tmp_path: Path, side: int, fits: bool) -> None:
    Image.new("RGBA", (side, 1)).save(tmp_path / "a.png")
    if fits:
        assert read_pictures(tmp_path / "a.png").frames.shape == (1, 1, side, 4)
    else:
        with pytest.raises(FileError, match="but a side may have at most"):
            read_pictures(tmp_path / "a.png")


@pytest.mark.parametrize("read", [read_pictures, read_image, read_config])
def test_a_picture_that_is_far_too_large_is_not_called_damaged(
    read: Callable[[Path], object], tmp_path: Path
) -> None:
    """Pillow itself refuses such sizes before our check."""
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    with pytest.raises(FileError, match=r"far larger than the \d+ million pixels"):
        read(tmp_path / "huge.png")
