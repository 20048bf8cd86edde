"""PNG, single images under limits, sheets, and the settings that pictures carry."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_from_text, config_text
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.formats.animation.gif import encode_gif
from sprite_lab.formats.images.pictures import read_pictures
from sprite_lab.formats.images.png import read_image, read_png, write_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.metadata import read_config


def noise(*shape):
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


def test_png_keeps_every_value_and_text(tmp_path):
    image = noise(20, 30, 4)
    write_png(tmp_path / "a.png", image, {"Title": "Épée", "long": "x" * 5000})
    back, text = read_png(tmp_path / "a.png")
    assert np.array_equal(back, image)
    assert text == {"Title": "Épée", "long": "x" * 5000}


def test_gray_and_rgb(tmp_path):
    gray, rgb = noise(8, 8), noise(8, 8, 3)
    write_png(tmp_path / "g.png", gray)
    write_png(tmp_path / "c.png", rgb)
    assert np.array_equal(read_image(tmp_path / "g.png")[..., 1], gray)
    assert np.array_equal(read_image(tmp_path / "c.png")[..., :3], rgb)
    assert (read_image(tmp_path / "c.png")[..., 3] == 255).all()


def test_sixteen_bit_gray_is_scaled_and_not_clipped(tmp_path):
    values = np.array([[0, 256, 32768, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0, :, 0].tolist() == [0, 1, 128, 255]


@pytest.mark.parametrize("suffix", ["png", "gif", "bmp", "webp", "jpg"])
def test_formats(tmp_path, suffix):
    Image.new("RGB", (6, 4), (255, 0, 0)).save(tmp_path / f"a.{suffix}")
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.shape == (4, 6, 4)
    assert image[0, 0, 0] > 240


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_a_picture_is_turned_as_its_camera_says(tmp_path, suffix):
    picture = Image.new("RGB", (32, 16), (255, 0, 0))
    picture.paste((0, 0, 255), (0, 0, 16, 16))  # the left half
    exif = picture.getexif()
    exif[0x0112] = 6  # to be rotated clockwise
    picture.save(tmp_path / f"a.{suffix}", exif=exif)
    for image in (
        read_image(tmp_path / f"a.{suffix}"),
        read_pictures(tmp_path / f"a.{suffix}").frames[0],
    ):
        assert image.shape == (32, 16, 4)
        assert (image[4, :, 2] > 240).all(), "the left half is now the upper one"
        assert (image[-4, :, 0] > 240).all()


def test_a_picture_with_damaged_exif_stays_as_it_is(tmp_path):
    Image.new("RGB", (6, 4)).save(tmp_path / "a.png", exif=b"garbage")
    assert read_image(tmp_path / "a.png").shape == (4, 6, 4)


def test_unlisted_format_is_refused(tmp_path):
    Image.new("RGB", (6, 4)).save(tmp_path / "a.tiff")
    with pytest.raises(FileError, match="not an image"):
        read_image(tmp_path / "a.tiff")


def test_a_picture_that_unpacks_to_gigabytes_is_refused(tmp_path):
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))
    (tmp_path / "a.png").write_bytes(data + chunk(b"IEND", b""))
    with pytest.raises(FileError, match="far larger than the 4 million pixels"):
        read_image(tmp_path / "a.png")
    Image.new("1", (2001, 2000)).save(tmp_path / "b.png")
    with pytest.raises(FileError, match="2,001×2,000 pixels, but at most 4 million"):
        read_image(tmp_path / "b.png")


@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.aseprite", "a.mp4"])
@pytest.mark.parametrize("read", [read_image, read_png, read_pictures, read_config])
def test_files_that_are_empty_or_too_large_are_not_opened(tmp_path, name, read):
    path = tmp_path / name
    path.touch()
    with pytest.raises(FileError, match="is empty"):
        read(path)
    os.truncate(path, 640_000_001)  # sparse: zeros take no space
    with pytest.raises(FileError, match=r"is 640 MB, but at most [\d,]+ MB can be opened"):
        read(path)


def test_truncated_missing_and_folder(tmp_path):
    write_png(tmp_path / "a.png", noise(40, 40, 3))
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:900])
    for name in ("b.png", "none.png", "."):
        with pytest.raises(FileError) as caught:
            read_image(tmp_path / name)
        assert "\n" not in str(caught.value)


def write_gif(path, comment):
    path.write_bytes(b"".join(encode_gif(noise(2, 8, 8, 3), [100] * 2, comment=comment)))


def test_settings_travel_in_png_and_gif(tmp_path):
    config = SampleConfig(
        count=3,
        seed=2**62,
        classes=("hero", "food"),
        drawing=bytes(range(256)) * 4,
        known_mask=b"\1" * 256,
    )
    write_png(tmp_path / "a.png", noise(8, 8, 3), {KEY: config_text(config)})
    write_gif(tmp_path / "a.gif", config_text(config))
    assert read_config(tmp_path / "a.png") == config
    assert read_config(tmp_path / "a.gif") == config


def test_foreign_comments_are_no_settings(tmp_path):
    write_gif(tmp_path / "a.gif", "made by hand")
    assert read_config(tmp_path / "a.gif") is None
    for text in ("", "{}", '{"sprite_lab": 3}', '{"sprite_lab":{"sample_config":{"count":0}}}'):
        assert config_from_text(text) is None


@pytest.mark.parametrize(
    ("count", "columns", "gap", "size"),
    [
        (1, None, 0, (16, 16)),
        (16, None, 0, (64, 64)),
        (5, 2, 0, (48, 32)),
        (6, 3, 2, (34, 52)),
    ],
)
def test_sheet_sizes(count, columns, gap, size):
    images = noise(count, 16, 16, 3)
    for scale in (1, 3):
        sheet = make_sheet(images, columns=columns, gap=gap, scale=scale)
        assert sheet.shape == (size[0] * scale, size[1] * scale, 3)


def test_sheet_places_sprites_row_by_row():
    images = noise(5, 8, 8, 4)
    sheet = make_sheet(images, columns=3, gap=1)
    assert np.array_equal(sheet[9:17, 9:17], images[4])
    assert (sheet[9:, 18:] == 0).all()
    assert (sheet[8] == 0).all()
    assert (make_sheet(images[..., :3], columns=3)[8:, 16:] == 255).all()


def test_sheet_scale_is_nearest_neighbor():
    images = noise(4, 8, 8, 3)
    assert np.array_equal(make_sheet(images, scale=7)[3::7, 3::7], make_sheet(images))


def test_a_picture_of_gigabytes_is_not_made():
    with pytest.raises(ConfigError, match="smaller scale"):
        make_sheet(np.zeros((4096, 16, 16, 3), np.uint8), scale=64)


def test_sheet_refuses():
    for wrong in ({"scale": 0}, {"columns": 0}, {"gap": -1}):
        with pytest.raises(ConfigError):
            make_sheet(noise(2, 8, 8, 3), **wrong)
