"""A reference picture is upright, has a suitable size, and is centered in the cell."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.pixels.reference import ReferencePicture
from sprite_lab.formats.reference import read_reference


def test_a_large_photograph_is_turned_upright_and_shrunk(tmp_path: Path) -> None:
    photo = Image.new("RGB", (3000, 1000), "red")
    exif = photo.getexif()
    exif[0x0112] = 6  # a portrait, to be rotated
    photo.save(tmp_path / "photo.jpg", exif=exif)
    found = read_reference(tmp_path / "photo.jpg", 16)
    picture = Image.open(BytesIO(found.png))
    assert picture.height == 1024
    assert picture.width == pytest.approx(1024 / 3, abs=1)
    assert found.scale == 16 / 1024
    assert found.top == 0
    assert found.left + picture.width * found.scale / 2 == pytest.approx(8)


def test_a_small_one_stays_pixel_for_pixel(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 4), (1, 2, 3, 4)).save(tmp_path / "a.png")
    found = read_reference(tmp_path / "a.png", 16)
    assert (found.left, found.top, found.scale) == (0, 4, 2)
    assert Image.open(BytesIO(found.png)).getpixel((7, 3)) == (1, 2, 3, 4)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nonsense")
    with pytest.raises(FileError, match=r"a\.png"):
        read_reference(tmp_path / "a.png", 16)


def test_a_picture_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    Image.new("1", (16_000, 4_001)).save(tmp_path / "a.png")
    with pytest.raises(FileError, match=r"'a.png' is 16,000×4,001 pixels, but at most"):
        read_reference(tmp_path / "a.png", 16)


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"left": float("nan")}, {"opacity": 1.5}])
def test_its_place_is_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        ReferencePicture(b"", **wrong)
