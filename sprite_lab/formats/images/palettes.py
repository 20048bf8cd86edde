"""Palette files: GIMP .gpl, JASC .pal, .hex lists, Adobe .act, and colors of pictures."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.cells import Color
from sprite_lab.core.pixels.palette import (
    MOST_COLORS,
    TRANSPARENT,
    NamedPalette,
    all_colors,
    common_colors,
    from_hex,
    to_hex,
)
from sprite_lab.formats.aseprite.aseprite import SUFFIXES as ASEPRITE_SUFFIXES
from sprite_lab.formats.aseprite.aseprite import read_aseprite
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.images.png import read_image
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.words import marked, tr, trn

_LARGEST = 100_000

#: Number of colors kept of a picture that has too many for a palette.
REDUCED = 64


@dataclass(frozen=True)
class _Format:
    what: str
    read: Callable[[bytes, str], NamedPalette]
    write: Callable[[NamedPalette], bytes]


def load_palette(path: str | Path) -> NamedPalette:
    """A palette with name and alpha, in the order of the file.

    ``path``: .gpl, .pal, .hex or .act; an Aseprite file, for its palette; or a picture of at most
    256 colors, not counting transparent pixels. Raises FileError if it cannot be read, has no
    colors, or has more than 256.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in ASEPRITE_SUFFIXES:
        return _checked(NamedPalette(path.stem, read_aseprite(path).palette), path)
    if suffix not in FORMATS:
        return _checked(NamedPalette(path.stem, _colors_of(read_image(path))), path)
    kind = FORMATS[suffix]
    with reading(path, kind.what):
        check_file(path, _LARGEST)
        found = kind.read(path.read_bytes(), path.name)
    return _checked(NamedPalette(found.name or path.stem, found.colors), path)


def read_palette(path: str | Path) -> NDArray[np.uint8]:
    """Like :func:`load_palette`, but only the visible colors, uint8 (colors, 3)."""
    rgb = [color[:3] for color in load_palette(path).colors if color[3]]
    if not rgb:
        raise FileError(
            "'{name}' has no colors to draw with; choose another file.", name=Path(path).name
        )
    return np.array(rgb, np.uint8)


def picture_palette(path: str | Path) -> NamedPalette:
    """The colors of any picture; if it has more than 256, the 64 that represent it best."""
    path = Path(path)
    rgba = (
        read_aseprite(path).frames if path.suffix.lower() in ASEPRITE_SUFFIXES else read_image(path)
    )
    colors = all_colors(rgba)
    return _checked(
        NamedPalette(path.stem, common_colors(rgba, REDUCED) if colors is None else colors), path
    )


def save_palette(path: str | Path, palette: NamedPalette) -> None:
    """Write .gpl, .pal, .hex or .act, depending on the suffix.

    :func:`load_palette` restores the same colors, except for what :func:`cannot_hold` reports.
    Raises FileError if the suffix is unknown, or the file cannot be written.
    """
    path = Path(path)
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise FileError(
            "'{name}' must end in {formats}; choose another name.",
            name=path.name,
            formats=", ".join(FORMATS),
        )
    write_whole(path, kind.write(palette))


def cannot_hold(path: str | Path, colors: Sequence[Color]) -> str:
    """A sentence on what the format loses of these colors; "" = nothing."""
    if Path(path).suffix.lower() != ".act":
        return ""
    alphas = [color[3] for color in colors if color[3] < 255]
    if len(alphas) <= 1 and not any(alphas):
        return ""
    return tr(
        "An .act file holds opaque colors and one that is empty: the others that are not opaque "
        "were written as opaque ones."
    )


def _checked(palette: NamedPalette, path: Path) -> NamedPalette:
    count = len(palette.colors)
    if not 1 <= count <= MOST_COLORS:
        raise FileError(
            "'{name}' has {count:,} colors, but a palette has from 1 to "
            "{most_colors}; choose another file.",
            name=path.name,
            count=count,
            most_colors=MOST_COLORS,
        )
    return palette


def _colors_of(rgba: NDArray[np.uint8]) -> tuple[Color, ...]:
    opaque = rgba.reshape(-1, 4)
    opaque = opaque[opaque[:, 3] >= 128]
    opaque[:, 3] = 255
    return all_colors(opaque, most=len(opaque)) or ()


# -- GIMP: a header, then lines of "r g b name"; Aseprite adds alpha if the header says so ----


def _read_gpl(data: bytes, name: str) -> NamedPalette:
    lines = _lines(data)
    if not lines or lines[0].strip() != "GIMP Palette":
        raise FileError(
            "'{name}' does not begin like a GIMP palette; choose another file.", name=name
        )
    title, channels, colors = "", 3, []
    for number, line in enumerate(lines[1:], 2):
        text = line.strip()
        key, colon, value = text.partition(":")
        if not text or text.startswith("#"):
            continue
        if colon and key.isalpha():
            if key == "Name":
                title = value.strip()
            elif key == "Channels":
                channels = 4 if value.strip() == "RGBA" else 3
            continue
        colors.append(_numbers(text.split()[:channels], channels, f"line {number} of '{name}'"))
    return NamedPalette(title, tuple(colors))


def _write_gpl(palette: NamedPalette) -> bytes:
    alpha = any(color[3] != 255 for color in palette.colors)
    lines = ["GIMP Palette"]
    if alpha:
        lines.append("Channels: RGBA")
    lines += [f"Name: {_one_line(palette.name)}", "Columns: 8", "#"]
    for color in palette.colors:
        values = " ".join(f"{value:3}" for value in color[: 4 if alpha else 3])
        lines.append(f"{values}\t{to_hex(color)[1:7]}")
    return ("\n".join(lines) + "\n").encode()


# -- JASC (Paint Shop): a header with a count; a fourth number is alpha ---------------------------


def _read_jasc(data: bytes, name: str) -> NamedPalette:
    if data[:4] == b"RIFF":
        raise FileError(
            "'{name}' is a Windows palette; save it as a JASC or GIMP palette.", name=name
        )
    lines = [line.strip() for line in _lines(data) if line.strip()]
    if len(lines) < 3 or lines[0] != "JASC-PAL" or not lines[2].isdecimal():
        raise FileError(
            "'{name}' does not begin like a JASC palette; choose another file.", name=name
        )
    count = int(lines[2])
    entries = lines[3 : 3 + count]
    if len(entries) < count:
        raise FileError(
            "'{name}' declares {colors} but has {found}; save it again.",
            name=name,
            colors=trn("{n:,} color", "{n:,} colors", count),
            found=len(entries),
        )
    return NamedPalette(
        "",
        tuple(
            _numbers(line.split()[:4], 3, f"color {number} of '{name}'")
            for number, line in enumerate(entries, 1)
        ),
    )


def _write_jasc(palette: NamedPalette) -> bytes:
    lines = ["JASC-PAL", "0100", str(len(palette.colors))]
    for color in palette.colors:
        values = color if color[3] != 255 else color[:3]
        lines.append(" ".join(str(value) for value in values))
    return ("\r\n".join(lines) + "\r\n").encode()


# -- .hex: lines of "rrggbb", as from Lospec; we add alpha where a color is not opaque -----------


def _read_hex(data: bytes, name: str) -> NamedPalette:
    colors = []
    for code in data.decode("ascii").split():
        if not re.fullmatch("#?([0-9a-fA-F]{6}|[0-9a-fA-F]{8})", code):
            raise FileError("'{name}' must have one color a line, written as rrggbb.", name=name)
        colors.append(from_hex(code))
    return NamedPalette("", tuple(colors))


def _write_hex(palette: NamedPalette) -> bytes:
    return "".join(f"{to_hex(color)[1:]}\n" for color in palette.colors).encode()


# -- Adobe's color table: 256 times RGB; newer files add a count and the transparent index ----

_ACT_COLORS, _ACT_TAIL, _NONE = 768, struct.Struct(">HH"), 0xFFFF


def _read_act(data: bytes, name: str) -> NamedPalette:
    if len(data) not in (_ACT_COLORS, _ACT_COLORS + _ACT_TAIL.size):
        raise FileError(
            "'{name}' has {count:,} bytes, but an Adobe color table has 768 or 772; choose "
            "another file.",
            name=name,
            count=len(data),
        )
    table = np.frombuffer(data[:_ACT_COLORS], np.uint8).reshape(-1, 3)
    if len(data) > _ACT_COLORS:
        count, transparent = _ACT_TAIL.unpack(data[_ACT_COLORS:])
        count = count or MOST_COLORS
    else:
        transparent = _NONE
        # Without a stored count, repeats of the last color are padding.
        other = np.flatnonzero((table != table[-1]).any(axis=1))
        count = int(other[-1]) + 2 if len(other) else 1
    rows = table[:count].tolist()
    return NamedPalette(
        "", tuple(TRANSPARENT if i == transparent else (*rgb, 255) for i, rgb in enumerate(rows))
    )


def _write_act(palette: NamedPalette) -> bytes:
    colors = palette.colors
    hidden = next((i for i, color in enumerate(colors) if color[3] == 0), _NONE)
    table = b"".join(bytes(color[:3]) for color in colors).ljust(_ACT_COLORS, b"\0")
    return table + _ACT_TAIL.pack(len(colors), hidden)


# -- shared ----------------------------------------------------------------------------------------


def _lines(data: bytes) -> list[str]:
    # Names may be in any encoding; digits are the same in all of them.
    return data.decode("utf-8-sig", "replace").splitlines()


def _numbers(texts: Sequence[str], least: int, where: str) -> Color:
    """A color from 3 or 4 numbers in 0..255; otherwise raises a FileError that says where."""
    if len(texts) < least or not all(re.fullmatch("[0-9]{1,3}", text) for text in texts[:least]):
        raise FileError(
            "There is no color in {where}: write it as three numbers, 0 to 255.", where=where
        )
    values = [int(text) for text in texts if re.fullmatch("[0-9]{1,3}", text)]
    if max(values) > 255:
        raise FileError(
            "A number in {where} is above 255; colors are numbers from 0 to 255.", where=where
        )
    return values[0], values[1], values[2], (values[3] if len(values) > 3 else 255)


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "Palette"


FORMATS: dict[str, _Format] = {
    ".gpl": _Format(marked("a GIMP palette (.gpl)"), _read_gpl, _write_gpl),
    ".pal": _Format(marked("a JASC palette (.pal)"), _read_jasc, _write_jasc),
    ".hex": _Format(marked("a list of colors (.hex)"), _read_hex, _write_hex),
    ".act": _Format(marked("an Adobe color table (.act)"), _read_act, _write_act),
}
