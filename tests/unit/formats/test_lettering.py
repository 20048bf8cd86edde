"""Words in pictures have the letters of every language of the window."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from sprite_lab.formats.images.lettering import font_for, writable


@pytest.mark.parametrize("text", ["Steps varied", "Verändert: Schärfe", "El año varía, ¿sí?"])
def test_no_letter_is_a_box(text: str) -> None:
    """“Verändert” on a contact sheet once had a box for its “ä”."""
    font = font_for([text], 16)
    box = bytes(font.getmask("\uffff"))
    assert all(
        bytes(font.getmask(letter)) != box for letter in writable(text, font) if letter != " "
    )


def test_what_the_usual_font_has_is_written_with_it_as_it_is() -> None:
    usual = ImageFont.load_default(16)
    assert font_for(["t = 12, clean"], 16).getname() == usual.getname()
    assert writable("t = 12, clean", usual) == "t = 12, clean"
    assert writable("ñandú", usual) == "nandu"
