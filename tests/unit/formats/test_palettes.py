"""Palettes from lists and from pictures."""

import numpy as np
import pytest

from sprite_lab.core.errors import FileError
from sprite_lab.formats.palettes import read_palette
from sprite_lab.formats.png import write_png


def test_a_list_of_colours(tmp_path):
    (tmp_path / "a.hex").write_text("ff0000\n#00ff7f\r\n\n0a0b0c\n")
    assert read_palette(tmp_path / "a.hex").tolist() == [[255, 0, 0], [0, 255, 127], [10, 11, 12]]


def test_the_colours_of_a_picture_in_their_order_without_what_is_transparent(tmp_path):
    rgba = np.zeros((2, 3, 4), np.uint8)
    rgba[0] = [[9, 9, 9, 255], [1, 2, 3, 255], [9, 9, 9, 255]]
    rgba[1] = [[7, 7, 7, 20], [1, 2, 3, 255], [0, 5, 0, 255]]
    write_png(tmp_path / "a.png", rgba)
    assert read_palette(tmp_path / "a.png").tolist() == [[9, 9, 9], [1, 2, 3], [0, 5, 0]]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.hex", b"ff00zz", "one colour a line"),
        ("a.hex", b"fff", "one colour a line"),
        ("a.hex", b"", "empty"),
        ("a.hex", b"\n\n", "0 colours"),
        ("a.hex", b"000000\n" * 257, "257 colours"),
        ("a.hex", b"\xff\xfe", "damaged or not a list of colours"),
        ("a.png", b"no picture", "a.png"),
    ],
)
def test_what_is_no_palette_is_said_in_one_sentence(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileError, match=says):
        read_palette(tmp_path / name)


def test_a_photograph_has_too_many_colours(tmp_path):
    rng = np.random.default_rng(0)
    write_png(tmp_path / "a.png", rng.integers(0, 255, (32, 32, 3), np.uint8))
    with pytest.raises(FileError, match="choose another file"):
        read_palette(tmp_path / "a.png")
