"""The icons kept in the repository, against newly drawn ones."""

from __future__ import annotations

from pathlib import Path

import icons
import numpy as np
import pytest
from PIL import Image

PACKAGING = Path(__file__).parents[2] / "packaging"


def rgba(picture: Image.Image) -> np.ndarray:
    """As int, with invisible pixels made equal."""
    pixels = np.asarray(picture.convert("RGBA")).astype(int)
    pixels[pixels[..., 3] == 0] = 0
    return pixels


@pytest.mark.parametrize(
    ("file", "drawn_by"), [("sprite-lab.ico", "app_icon"), ("project.ico", "document_icon")]
)
def test_the_ico_files_are_what_the_drawing_says(qapp, file, drawn_by):
    with Image.open(PACKAGING / "windows" / file) as ico:
        assert sorted(ico.info["sizes"]) == [(size, size) for size in icons.ICO_SIZES]
        for size in icons.ICO_SIZES:
            kept = rgba(ico.ico.getimage((size, size)))
            drawn = rgba(icons.to_pillow(getattr(icons, drawn_by)(size)))
            # Rounded corners may differ slightly with another Qt.
            assert np.abs(kept - drawn).mean() < 1, size


@pytest.mark.parametrize(
    ("file", "drawn_by"), [("sprite-lab.icns", "mac_icon"), ("project.icns", "document_icon")]
)
def test_the_icns_files_are_what_the_drawing_says(qapp, file, drawn_by):
    with Image.open(PACKAGING / "macos" / file) as icns:
        for width, _, scale in icns.info["sizes"]:
            size = width * scale
            kept = rgba(icns.icns.getimage((width, width, scale)))
            drawn = rgba(icons.to_pillow(getattr(icons, drawn_by)(size)))
            assert np.abs(kept - drawn).mean() < 1, size


@pytest.mark.parametrize("size", [16, 32, 40, 64, 256, 1024])
def test_the_sprite_is_drawn_in_whole_pixels(qapp, size):
    # The face lies within the picture at any size: each of its pixels is one square.
    pixels = rgba(icons.to_pillow(icons.app_icon(size)))
    scale = max(1, min(round(size * 0.8 / 16 + 0.15), size // 16))
    start = (size - 16 * scale) // 2 + 4 * scale
    face = pixels[start : start + 8 * scale, start : start + 8 * scale]
    small = face[::scale, ::scale]
    assert np.array_equal(face, small.repeat(scale, 0).repeat(scale, 1))
    assert len(np.unique(small.reshape(-1, 4), axis=0)) > 4


def test_linux_gets_each_size_of_both_icons(qapp, tmp_path):
    written = icons.write_png(tmp_path)
    assert len(written) == 2 * len(icons.PNG_SIZES)
    with Image.open(tmp_path / "48x48" / "apps" / f"{icons.APP_ID}.png") as picture:
        assert picture.size == (48, 48)
    with Image.open(tmp_path / "48x48" / "mimetypes" / f"{icons.MIME_ICON}.png") as picture:
        assert picture.size == (48, 48)
