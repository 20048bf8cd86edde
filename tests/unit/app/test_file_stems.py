"""File names made from arbitrary titles."""

import pytest

from sprite_lab.app.files.import_tasks import file_stem


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("My sprites", "My sprites"),
        ("../../out", "out"),
        ("a\0b\n<i>", "a b i"),
        ("..", ""),
        ("con", "_con"),
        ("LPT1.x", "_LPT1.x"),
        ("console", "console"),
        ("a\ud800b", "ab"),
        ("x" * 400, "x" * 200),
        ("é" * 400, "é" * 100),
        ("a" + "é" * 400, "a" + "é" * 99),
    ],
)
def test_a_title_is_a_name_that_every_system_takes(title: str, stem: str) -> None:
    assert file_stem(title) == stem
