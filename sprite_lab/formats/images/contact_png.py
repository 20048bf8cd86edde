"""Contact sheets as pictures: values above, sprites below, on white for paper."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from sprite_lab.core.results.contact_sheet import ContactSheet
from sprite_lab.core.sets.sprites import composite
from sprite_lab.formats.images.lettering import Font, font_for, wrapped, writable
from sprite_lab.formats.images.png import encode_png, texts_of
from sprite_lab.formats.images.sheet import enlarge

_INK, _DIM = (29, 33, 38), (98, 106, 117)
_TEXT, _GAP, _MARGIN = 16, 8, 16
#: Approximate width of a column in pixels; sprites are enlarged by whole numbers to fill it.
_COLUMN = 96
#: Minimum width of the text above the sprites, in columns, before it wraps.
_LEAST = 5


def contact_png(sheet: ContactSheet) -> bytes:
    """The sheet as PNG, with settings and attribution like other pictures."""
    columns, rows, side = sheet.images.shape[:3]
    scale = max(1, _COLUMN // side)
    cell = side * scale
    font = font_for((sheet.title.replace("\n", " "), *sheet.columns), _TEXT)
    labels = [_fitting(writable(label, font), font, cell + _GAP // 2) for label in sheet.columns]
    room = max(columns, _LEAST) * (cell + _GAP) - _GAP
    first, *rest = sheet.title.split("\n")
    inks = ((first, _INK), *((line, _DIM) for line in rest))
    lines = [
        (part, ink) for text, ink in inks for part in wrapped(writable(text, font), font, room)
    ]
    line = round(_TEXT * 1.4)
    top = _MARGIN + line * len(lines) + _GAP
    heads = line * max(len(label) for label in labels)
    wide = max(math.ceil(font.getlength(text)) for text, _ in lines)
    width = max(columns * (cell + _GAP) - _GAP, wide) + 2 * _MARGIN
    height = top + heads + _GAP // 2 + rows * (cell + _GAP) - _GAP + _MARGIN
    image = Image.new("RGB", (width, height), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for number, (text, ink) in enumerate(lines):
        draw.text((_MARGIN, _MARGIN + number * line), text, ink, font)
    for column, label in enumerate(labels):
        left = _MARGIN + column * (cell + _GAP)
        for number, text in enumerate(label):
            below = top + heads - line * (len(label) - number)
            draw.text((left + cell // 2, below), text, _INK, font, anchor="ma")
        for row in range(rows):
            sprite = enlarge(composite(sheet.images[column, row]), scale)
            place = (left, top + heads + _GAP // 2 + row * (cell + _GAP))
            image.paste(Image.fromarray(sprite), place)
    return encode_png(np.asarray(image), texts_of(sheet.config, sheet.attribution))


def _fitting(label: str, font: Font, room: int) -> list[str]:
    """A label in at most two lines; what does not fit is cut off."""
    lines = wrapped(label, font, room)
    shown = lines[:2]
    if len(lines) > 2:
        shown[1] += "…"
    for i, text in enumerate(shown):
        while font.getlength(text) > room and len(text) > 1:
            text = f"{text.rstrip('…')[:-1]}…"
        shown[i] = text
    return shown
