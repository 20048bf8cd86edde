"""Fonts for text in pictures, with the letters of all our languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

#: Fallback fonts, of which each system has at least one: Pillow's own font lacks letters such as
#: “ä”.
_OF_SYSTEMS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "arial.ttf", "Arial.ttf")


def font_for(texts: Iterable[str], size: int) -> Font:
    """The first font that has all letters of the texts: Pillow's own, or one of the system.

    Pillow's own if none has them all.
    """
    letters = "".join(texts)
    usual = ImageFont.load_default(size)
    if _missing(letters, usual):
        for name in _OF_SYSTEMS:
            try:
                font = ImageFont.truetype(name, size)
            except OSError:
                continue
            if not _missing(letters, font):
                return font
    return usual


def writable(text: str, font: Font) -> str:
    """Replace accented letters that the font lacks: “a” for “ä”."""
    missing = _missing(text, font)
    return "".join(
        unicodedata.normalize("NFKD", letter)[0] if letter in missing else letter for letter in text
    )


def wrapped(text: str, font: Font, room: int) -> list[str]:
    """Wrap a text to ``room`` pixels; only a line of a single word may be longer."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _missing(letters: str, font: Font) -> set[str]:
    """The letters that the font lacks: it would draw them as an empty box."""
    box = bytes(font.getmask("\uffff"))
    drawn = set("".join(letters.split()))  # white space has no mask
    return {letter for letter in drawn if bytes(font.getmask(letter)) == box}
