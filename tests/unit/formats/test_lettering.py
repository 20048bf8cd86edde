"""Lettering in pictures has the letters of every language of the window."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from sprite_lab.formats.images import lettering
from sprite_lab.formats.images.lettering import font_for, writable


@pytest.mark.parametrize("text", ["Steps varied", "Verändert: Schärfe", "El año varía, ¿sí?"])
def test_no_letter_is_a_box(text: str) -> None:
    """“Verändert” on a contact sheet once had a box for its “ä”."""
    font = font_for([text], 16)
    box = bytes(font.getmask("\uffff"))
    assert all(
        bytes(font.getmask(letter)) != box for letter in writable(text, font) if letter != " "
    )


def test_a_text_may_have_lines() -> None:
    font = font_for(["one\ntwo\r", "\t\u2028"], 16)
    assert writable("ä\nb", font)[1:] == "\nb"


def test_what_the_usual_font_has_is_written_with_it_as_it_is() -> None:
    usual = ImageFont.load_default(16)
    assert font_for(["t = 12, clean"], 16).getname() == usual.getname()
    assert writable("t = 12, clean", usual) == "t = 12, clean"
    assert writable("ñandú", usual) == "nandu"


def test_a_font_of_the_system_has_what_the_usual_one_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, other = ImageFont.load_default(16), ImageFont.load_default(17)
    asked: list[str] = []

    def of_system(name: str, size: int) -> object:
        asked.append(name)
        if len(asked) == 1:
            raise OSError("there is no such font")
        return {2: usual, 3: other}[len(asked)]

    def missing(letters: str, font: object) -> set[str]:
        return set() if font is other else {"ä"}

    monkeypatch.setattr(ImageFont, "truetype", of_system)
    monkeypatch.setattr(ImageFont, "load_default", lambda size: usual)
    monkeypatch.setattr(lettering, "_missing", missing)
    assert font_for(["ä"], 16) is other
    assert len(asked) == 3
    monkeypatch.setattr(lettering, "_missing", lambda letters, font: {"ä"})
    monkeypatch.setattr(ImageFont, "truetype", lambda name, size: other)
    assert font_for(["ä"], 16) is usual, "no font has it"
