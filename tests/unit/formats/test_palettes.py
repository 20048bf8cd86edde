"""Palette files in four formats, and palettes from pictures."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, TRANSPARENT, Color, NamedPalette
from sprite_lab.formats.aseprite.aseprite import write_aseprite
from sprite_lab.formats.images.palettes import (
    FORMATS,
    cannot_hold,
    load_palette,
    picture_palette,
    read_palette,
    save_palette,
)
from sprite_lab.formats.images.png import write_png

RED, HALF = (255, 0, 0, 255), (9, 80, 7, 128)


@pytest.mark.parametrize("suffix", FORMATS)
def test_our_palette_comes_back_from_every_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"ours{suffix}"
    save_palette(path, NamedPalette("Ours", DEFAULT_PALETTE))
    assert load_palette(path).colors == DEFAULT_PALETTE
    assert cannot_hold(path, DEFAULT_PALETTE) == ""


CHANNEL = st.integers(0, 255)


@given(
    suffix=st.sampled_from([".gpl", ".pal", ".hex"]),
    colors=st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL, CHANNEL), min_size=1, max_size=256),
)
def test_any_colors_come_back_with_their_alpha(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, colors: list[tuple[int, int, int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    save_palette(path, NamedPalette("Any", tuple(colors)))
    assert load_palette(path).colors == tuple(colors)


def test_the_name_of_a_gimp_palette_comes_back(tmp_path: Path) -> None:
    save_palette(tmp_path / "a.gpl", NamedPalette("Grüne\nHügel", (RED,)))
    assert load_palette(tmp_path / "a.gpl").name == "Grüne Hügel"
    save_palette(tmp_path / "b.hex", NamedPalette("lost", (RED,)))
    assert load_palette(tmp_path / "b.hex").name == "b"


@pytest.mark.parametrize(
    ("name", "colors", "content"),
    [
        ("a.gpl", (RED,), b"GIMP Palette\nName: A\nColumns: 8\n#\n255   0   0\tff0000\n"),
        ("a.pal", (RED, HALF), b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n9 80 7 128\r\n"),
    ],
)
def test_what_other_programs_read(
    tmp_path: Path, name: str, colors: tuple[Color, ...], content: bytes
) -> None:
    """Alpha is written only if needed."""
    save_palette(tmp_path / name, NamedPalette("A", colors))
    assert (tmp_path / name).read_bytes() == content


def test_a_color_table_keeps_its_empty_color_and_says_what_it_cannot(tmp_path: Path) -> None:
    path = tmp_path / "a.act"
    colors = (RED, TRANSPARENT, (1, 2, 3, 255))
    save_palette(path, NamedPalette("", colors))
    assert path.stat().st_size == 772
    assert load_palette(path).colors == colors
    assert cannot_hold(path, colors) == ""
    assert "half" not in cannot_hold(path, colors)
    assert "opaque" in cannot_hold(path, (RED, HALF))
    assert "opaque" in cannot_hold(path, (TRANSPARENT, TRANSPARENT))
    assert cannot_hold(tmp_path / "a.gpl", (RED, HALF)) == ""


# Files as other programs write them.

GIMP = b"""GIMP Palette\r
Name: Two and a half\r
Columns: 4\r
# a comment\r
\r
255\t0   0\tred\r
  0 128 255 sky 99 blue\r
  1   2   3\r
"""
ASEPRITE_GPL = b"GIMP Palette\nChannels: RGBA\n#\n  0   0   0   0 None\n9 80 7 128 Leaf\n"
JASC = b"JASC-PAL\r\n0100\r\n2\r\n255 0 0\r\n9 80 7 128\r\n"


@pytest.mark.parametrize(
    ("name", "content", "colors"),
    [
        ("a.gpl", GIMP, (RED, (0, 128, 255, 255), (1, 2, 3, 255))),
        ("a.gpl", b"\xef\xbb\xbf" + GIMP, (RED, (0, 128, 255, 255), (1, 2, 3, 255))),
        ("a.gpl", GIMP.replace(b"red", b"r\xf6t"), (RED, (0, 128, 255, 255), (1, 2, 3, 255))),
        ("a.gpl", b"GIMP Palette\nChannels: RGB\n255 0 0 red: bright\n", (RED,)),
        ("A.GPL", ASEPRITE_GPL, (TRANSPARENT, HALF)),
        ("a.pal", JASC, (RED, HALF)),
        ("a.pal", JASC + b"not counted", (RED, HALF)),
        ("a.hex", b"ff0000\n#00ff7f\r\n\n0A0b0c\n", (RED, (0, 255, 127, 255), (10, 11, 12, 255))),
        # 768 bytes: repetitions at the end are padding.
        ("a.act", b"\xff\0\0" + b"\1\2\3" * 255, (RED, (1, 2, 3, 255))),
        ("a.act", b"\1\2\3" * 256, ((1, 2, 3, 255),)),
        ("a.act", b"\xff\0\0" * 2 + b"\1\2\3" * 254, (RED, RED, (1, 2, 3, 255))),
        # 772 bytes: with a count and the index of the transparent color.
        (
            "a.act",
            b"\xff\0\0" + b"\1\2\3" * 255 + struct.pack(">HH", 3, 1),
            (RED, TRANSPARENT, (1, 2, 3, 255)),
        ),
    ],
)
def test_what_other_programs_write(
    tmp_path: Path, name: str, content: bytes, colors: tuple[object, ...]
) -> None:
    (tmp_path / name).write_bytes(content)
    assert load_palette(tmp_path / name).colors == colors


def test_a_full_color_table_has_256_colors(tmp_path: Path) -> None:
    table = np.arange(768) % 251
    (tmp_path / "a.act").write_bytes(table.astype(np.uint8).tobytes())
    assert len(load_palette(tmp_path / "a.act").colors) == 256


def test_only_what_can_be_seen_is_drawn_with(tmp_path: Path) -> None:
    (tmp_path / "a.hex").write_text("ff0000\n00000000\n09500780\n")
    assert read_palette(tmp_path / "a.hex").tolist() == [[255, 0, 0], [9, 80, 7]]
    (tmp_path / "b.hex").write_text("00000000\n")
    with pytest.raises(FileError, match="no colors to draw with"):
        read_palette(tmp_path / "b.hex")


# -- pictures --------------------------------------------------------------------------------


def test_the_colors_of_a_picture_in_their_order_without_what_is_transparent(
    tmp_path: Path,
) -> None:
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[0] = [[9, 9, 9, 255], [1, 2, 3, 255], [9, 9, 9, 255]]
    rgba[1] = [[7, 7, 7, 127], [1, 2, 3, 255], [0, 5, 0, 128]]
    write_png(tmp_path / "a.png", rgba)
    assert read_palette(tmp_path / "a.png").tolist() == [[9, 9, 9], [1, 2, 3], [0, 5, 0]]


def test_a_photograph_has_too_many_colors_unless_few_may_stand_for_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (32, 32, 3), np.uint8)
    write_png(tmp_path / "a.png", pixels)
    with pytest.raises(FileError, match="choose another file"):
        read_palette(tmp_path / "a.png")
    found = picture_palette(tmp_path / "a.png")
    assert found.name == "a"
    assert 32 < len(found.colors) <= 64
    there = {tuple(pixel) for pixel in pixels.reshape(-1, 3).tolist()}
    assert {color[:3] for color in found.colors} <= there


def test_the_palette_of_an_aseprite_file_is_the_one_it_holds(tmp_path: Path) -> None:
    frames = np.full((1, 8, 8, 4), 255, np.uint8)
    write_aseprite(tmp_path / "a.aseprite", frames, [100], (RED, HALF))
    assert load_palette(tmp_path / "a.aseprite").colors == (RED, HALF)
    assert picture_palette(tmp_path / "a.aseprite").colors == ((255, 255, 255, 255),)


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.hex", b"ff00zz", "one color a line"),
        ("a.hex", b"fff", "one color a line"),
        ("a.hex", b"", "empty"),
        ("a.hex", b"\n\n", "0 colors"),
        ("a.hex", b"000000\n" * 257, "257 colors"),
        ("a.hex", b"\xff\xfe", "damaged or not a list of colors"),
        ("a.png", b"no picture", "a.png"),
        ("a.gpl", b"255 0 0\n", "does not begin like a GIMP palette"),
        ("a.gpl", b"GIMP Palette\nName: x\n", "0 colors"),
        ("a.gpl", b"GIMP Palette\n1 2\n", "line 2 of 'a.gpl'"),
        ("a.gpl", b"GIMP Palette\n1 2 x\n", "three numbers"),
        ("a.gpl", b"GIMP Palette\n1 2 256\n", "above 255"),
        ("a.gpl", b"GIMP Palette\nChannels: RGBA\n1 2 3 red\n", "line 3"),
        ("a.gpl", b"GIMP Palette\n" + b"1 2 3\n" * 300, "300 colors"),
        ("a.pal", b"JASC-PAL\n0100\n", "does not begin like a JASC palette"),
        ("a.pal", b"JASC-PAL\n0100\n0\n", "0 colors"),
        ("a.pal", b"JASC-PAL\n0100\n3\n1 2 3\n", "declares 3 colors but has 1"),
        ("a.pal", b"JASC-PAL\n0100\n1\n1 2 -3\n", "color 1 of 'a.pal'"),
        ("a.pal", b"RIFF\x10\0\0\0PAL data", "Windows palette"),
        ("a.act", b"\0" * 767, "768 or 772"),
        ("a.act", b"\0" * 200_000, "can be opened"),
        ("a.ase", b"\0" * 200, "not an Aseprite file"),
    ],
)
def test_what_is_no_palette_is_reported_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=says) as caught:
        read_palette(tmp_path / name)
    assert "\n" not in str(caught.value)


@given(data=st.binary(max_size=900), suffix=st.sampled_from(list(FORMATS)), head=st.booleans())
def test_noise_is_refused_in_a_sentence_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, head: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / f"noise{suffix}"
    heads = {".gpl": b"GIMP Palette\n", ".pal": b"JASC-PAL\n0100\n3\n"}
    path.write_bytes((heads.get(suffix, b"") if head else b"") + data)
    try:
        colors = load_palette(path).colors
    except FileError:
        return
    assert 1 <= len(colors) <= 256
    assert all(0 <= value <= 255 for color in colors for value in color)


def test_a_palette_needs_a_suffix_that_is_known(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"must end in \.gpl, \.pal, \.hex, \.act"):
        save_palette(tmp_path / "a.txt", NamedPalette("", DEFAULT_PALETTE))
