"""Aseprite files: real ones, and ones made byte by byte from the description of the format."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.blending import MIXES, laid_over
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.core.pixels.pictures import Pictures, block_of
from sprite_lab.formats.aseprite import aseprite_reader
from sprite_lab.formats.aseprite.aseprite import lost_from, read_aseprite, write_aseprite
from sprite_lab.formats.aseprite.aseprite_file import AsepriteFile
from sprite_lab.formats.images.pictures import read_pictures

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
EMPTY = (0, 0, 0, 0)

Chunk = tuple[int, bytes]


# -- the format, written again --------------------------------------------------------------------


def text(value: str) -> bytes:
    return struct.pack("<H", len(value.encode())) + value.encode()


def layer(
    name: str,
    *,
    flags: int = 3,
    kind: int = 0,
    level: int = 0,
    blend: int = 0,
    opacity: int = 255,
) -> Chunk:
    head = struct.pack("<HHHHHHB3x", flags, kind, level, 0, 0, blend, opacity)
    return 0x2004, head + text(name)


def cel(
    index: int,
    pixels: Sequence[int] | bytes,
    size: tuple[int, int],
    *,
    at: tuple[int, int] = (0, 0),
    opacity: int = 255,
    z: int = 0,
    raw: bool = False,
) -> Chunk:
    head = struct.pack("<HhhBHh5xHH", index, *at, opacity, 0 if raw else 2, z, *size)
    data = bytes(pixels)
    return 0x2005, head + (data if raw else zlib.compress(data))


def link(index: int, frame: int, *, at: tuple[int, int] = (0, 0), opacity: int = 255) -> Chunk:
    return 0x2005, struct.pack("<HhhBHh5xH", index, *at, opacity, 1, 0, frame)


def palette(colors: Sequence[Sequence[int]], first: int = 0, name: str = "") -> Chunk:
    head = struct.pack("<III8x", first + len(colors), first, first + len(colors) - 1)
    flag, tail = (1, text(name)) if name else (0, b"")
    entries = b"".join(struct.pack("<H4B", flag, *color) + tail for color in colors)
    return 0x2019, head + entries


def aseprite(
    path: Path,
    size: tuple[int, int],
    frames: Sequence[Sequence[Chunk]],
    *,
    depth: int = 32,
    flags: int = 1,
    durations: Sequence[int] = (),
    transparent: int = 0,
    speed: int = 70,
    ratio: tuple[int, int] = (1, 1),
) -> Path:
    body = b""
    for number, chunks in enumerate(frames):
        data = b"".join(struct.pack("<IH", 6 + len(d), kind) + d for kind, d in chunks)
        duration = durations[number] if durations else 0
        body += struct.pack("<IHHH2xI", 16 + len(data), 0xF1FA, len(chunks), duration, len(chunks))
        body += data
    header = struct.pack("<IHHHHHIHII", 128 + len(body), 0xA5E0, len(frames), *size, depth, flags,
                         speed, 0, 0)  # fmt: skip
    header += struct.pack("<B3xHBB", transparent, 256, *ratio)
    path.write_bytes(header.ljust(128, b"\0") + body)
    return path


def fill(color: Sequence[int], count: int = 4) -> bytes:
    return bytes(color) * count


def pixel(file: AsepriteFile, x: int = 0, y: int = 0, frame: int = 0) -> tuple[int, ...]:
    return tuple(int(value) for value in file.frames[frame, y, x])


# -- layers and cels -------------------------------------------------------------------------


def test_an_opaque_layer_hides_what_is_below_and_cels_have_their_place(tmp_path: Path) -> None:
    path = aseprite(
        tmp_path / "a.aseprite",
        (3, 2),
        [
            [
                layer("below"),
                layer("above"),
                cel(0, fill(RED, 6), (3, 2)),
                cel(1, [*BLUE, *GREEN], (1, 2), at=(2, 0)),
            ]
        ],
        durations=[40],
    )
    file = read_aseprite(path)
    assert file.frames.shape == (1, 2, 3, 4)
    assert [pixel(file, x, y) for y in (0, 1) for x in (0, 1, 2)] == [
        RED, RED, BLUE,
        RED, RED, GREEN,
    ]  # fmt: skip
    assert [found.name for found in file.layers] == ["below", "above"]
    assert file.durations_ms == (40,)
    assert file.mode == "rgba"


def test_a_cel_is_cut_at_the_borders_and_may_lie_outside(tmp_path: Path) -> None:
    marked = [*RED, *GREEN, *BLUE, *fill((9, 9, 9, 255), 1)]
    for at, wanted in (
        ((-1, -1), [(9, 9, 9, 255), EMPTY, EMPTY, EMPTY]),
        ((1, 1), [EMPTY, EMPTY, EMPTY, RED]),
        ((1, -1), [EMPTY, BLUE, EMPTY, EMPTY]),
        ((5, 0), [EMPTY] * 4),
        ((0, -9), [EMPTY] * 4),
    ):
        path = aseprite(
            tmp_path / "a.ase", (2, 2), [[layer("a"), cel(0, marked, (2, 2), at=at, raw=True)]]
        )
        file = read_aseprite(path)
        assert [pixel(file, x, y) for y in (0, 1) for x in (0, 1)] == wanted, at


@pytest.mark.parametrize(("size", "at"), [((8, 1), (3, 0)), ((1, 8), (0, 3))])
def test_a_long_cel_may_lie_outside(
    tmp_path: Path, size: tuple[int, int], at: tuple[int, int]
) -> None:
    chunks = [layer("a"), cel(0, fill(RED, 8), size, at=at)]
    assert not read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks])).frames.any()


def test_hidden_layers_groups_and_references_are_not_shown(tmp_path: Path) -> None:
    path = aseprite(
        tmp_path / "a.ase",
        (2, 2),
        [
            [
                layer("ground"),
                layer("hidden group", flags=2, kind=1),
                layer("in it", level=1),
                layer("deeper group", kind=1, level=1),
                layer("deep in it", level=2),
                layer("beside", level=0, flags=2),
                layer("traced", flags=3 | 64),
                cel(0, fill(RED), (2, 2)),
                *(cel(i, fill(BLUE), (2, 2)) for i in (2, 4, 5, 6)),
            ]
        ],
    )
    file = read_aseprite(path)
    assert pixel(file) == RED
    assert [(found.name, found.kind, found.visible, found.depth) for found in file.layers] == [
        ("ground", "image", True, 0),
        ("hidden group", "group", False, 0),
        ("in it", "image", False, 1),
        ("deeper group", "group", False, 1),
        ("deep in it", "image", False, 2),
        ("beside", "image", False, 0),
        ("traced", "image", True, 0),
    ]
    assert file.layers[-1].is_reference


def test_a_group_that_is_shown_shows_what_is_in_it(tmp_path: Path) -> None:
    chunks = [
        layer("group", kind=1, opacity=100),
        layer("in it", level=1),
        layer("after"),
        cel(1, fill(BLUE), (2, 2)),
    ]
    # The opacity of groups counts only if the header says so.
    assert pixel(read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks]))) == BLUE
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], flags=3))
    assert pixel(file) == (0, 0, 255, 100)


def test_a_group_is_composed_first_where_the_file_says_so(tmp_path: Path) -> None:
    chunks = [
        layer("ground"),
        layer("group", kind=1, opacity=128),
        layer("in it", level=1),
        layer("over it", level=1),
        cel(0, fill(RED), (2, 2)),
        cel(2, fill(GREEN), (2, 2)),
        cel(3, fill(BLUE), (2, 2)),
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], flags=3))
    # Half of the group's blue, none of the green beneath it.
    assert pixel(file) == (127, 0, 128, 255)


def test_a_group_has_nothing_of_the_one_before(tmp_path: Path) -> None:
    chunks = [
        layer("half", kind=1, opacity=128),
        layer("in it", level=1),
        layer("whole", kind=1),
        layer("in that", level=1),
        cel(1, fill(RED), (2, 2)),
        cel(3, GREEN, (1, 1)),
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], flags=3))
    assert [pixel(file, x, 0) for x in (0, 1)] == [GREEN, (255, 0, 0, 128)]


def test_a_group_and_what_is_in_it_are_laid_once(tmp_path: Path) -> None:
    chunks = [
        layer("outer", kind=1, opacity=128),
        layer("inner", kind=1, level=1),
        layer("in it", level=2),
        layer("over it", level=2),
        layer("beside", level=1),
        *(cel(i, color, (1, 1)) for i, color in ((3, RED), (2, BLUE))),
        cel(4, GREEN, (1, 1), at=(1, 0)),
        cel(1, fill(GREEN), (2, 2)),  # a group has no pixels
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], flags=3))
    assert [pixel(file, x, 0) for x in (0, 1)] == [(255, 0, 0, 128), (0, 255, 0, 128)]
    assert pixel(file, 0, 1) == EMPTY


@pytest.mark.parametrize("flags", [1, 3])
def test_layers_without_pixels_cost_nothing(
    tmp_path: Path, flags: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[int] = []

    def counted(under: NDArray[np.uint8], over: NDArray[np.uint8], *how: Any) -> Any:
        laid.append(over[..., 0].size)
        return laid_over(under, over, *how)

    monkeypatch.setattr(aseprite_reader, "laid_over", counted)
    names = [layer(str(i), kind=i % 2 * (flags == 3)) for i in range(5000)]
    chunks = [*names, cel(0, RED, (1, 1))]
    path = aseprite(tmp_path / "a.ase", (2000, 2000), [chunks], flags=flags)
    assert pixel(read_aseprite(path, layered=True)) == RED
    assert laid == [1]


@pytest.mark.parametrize("kind", ["linked cels", "tiny cels", "groups"])
def test_what_would_take_minutes_to_lay_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "linked cels":
        size, count = (1000, 1000), 100
        frames = [[layer("a"), cel(0, bytes(4_000_000), size)], *[[link(0, 0)]] * 15]
        frames[1] = [link(0, 0)] * count
    elif kind == "tiny cels":
        size, count = (2000, 2000), 64_000
        frames = [[*[layer("a")] * 9, *[cel(i % 9, RED, (1, 1), raw=True) for i in range(count)]]]
    else:
        size = (2000, 2000)
        groups = [[layer("a", kind=1), layer("b", level=1)] for _ in range(20)]
        cels = [cel(2 * i + 1, RED, (1, 1)) for i in range(20)]
        frames = [[chunk for pair in groups for chunk in pair] + cels]
    path = aseprite(tmp_path / "a.ase", size, frames, flags=3)
    with pytest.raises(FileError, match="flatten or shrink it"):
        read_aseprite(path)


def test_layers_that_no_cell_could_have_take_no_memory(tmp_path: Path) -> None:
    def stacks(size: tuple[int, int], count: int) -> int:
        chunks = [layer("a")] * count
        path = aseprite(tmp_path / "a.ase", size, [chunks])
        return len(read_aseprite(path, layered=True).stacks)

    assert stacks((32, 32), 16) == 1
    assert stacks((32, 32), 17) == stacks((33, 8), 2) == 0


def test_opacities_of_layer_and_cel_multiply(tmp_path: Path) -> None:
    chunks = [layer("a", opacity=128), cel(0, fill(RED), (2, 2), opacity=128)]
    path = aseprite(tmp_path / "a.ase", (2, 2), [chunks])
    assert pixel(read_aseprite(path)) == (255, 0, 0, 64)
    # Old files have no layer opacity, whatever that field contains.
    path = aseprite(tmp_path / "a.ase", (2, 2), [chunks], flags=0)
    assert pixel(read_aseprite(path)) == (255, 0, 0, 128)


def test_a_cel_can_be_moved_above_or_below_its_layer(tmp_path: Path) -> None:
    def shown(z: tuple[int, int, int]) -> tuple[int, ...]:
        colors = (RED, GREEN, BLUE)
        chunks = [layer("a"), layer("b"), layer("c")]
        chunks += [cel(i, fill(colors[i]), (2, 2), z=z[i]) for i in range(3)]
        return pixel(read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks])))

    assert shown((0, 0, 0)) == BLUE
    assert shown((0, 1, 0)) == GREEN
    assert shown((0, 0, -1)) == GREEN
    assert shown((2, 0, 0)) == RED


def test_linked_cels_show_the_same_pixels_where_they_are(tmp_path: Path) -> None:
    path = aseprite(
        tmp_path / "a.ase",
        (2, 1),
        [
            [layer("a"), cel(0, RED, (1, 1))],
            [link(0, 0)],
            [],
            [link(0, 1, at=(1, 0), opacity=128)],
        ],
        durations=[10, 20, 0, 30],
    )
    file = read_aseprite(path)
    assert [pixel(file, 0, 0, f) for f in range(4)] == [RED, RED, EMPTY, EMPTY]
    assert pixel(file, 1, 0, 3) == (255, 0, 0, 128)
    assert file.durations_ms == (10, 20, 70, 30), "0 = the speed in the header"


@pytest.mark.parametrize("frame", [1, 2, 9])
def test_a_link_to_no_earlier_frame_shows_nothing(tmp_path: Path, frame: int) -> None:
    frames = [[layer("a")], [link(0, frame)], [cel(0, RED, (1, 1))]]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (1, 1), frames))
    assert [pixel(file, frame=n) for n in range(3)] == [EMPTY, EMPTY, RED]


@pytest.mark.parametrize("blend", [19, 20, 999])
def test_a_layer_that_mixes_in_an_unknown_way_is_normal(tmp_path: Path, blend: int) -> None:
    chunks = [layer("a", blend=blend), cel(0, RED, (1, 1))]
    assert pixel(read_aseprite(aseprite(tmp_path / "a.ase", (1, 1), [chunks]))) == RED


def test_a_cel_of_a_kind_that_is_unknown_is_passed_over(tmp_path: Path) -> None:
    unknown = 0x2005, struct.pack("<HhhBHh5xH", 0, 0, 0, 255, 9, 0, 0)
    frames = [[layer("a"), unknown], [cel(0, RED, (1, 1))]]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (1, 1), frames))
    assert [pixel(file, 0, 0, f) for f in range(2)] == [EMPTY, RED]


def test_a_frame_may_count_chunks_that_were_not_written(tmp_path: Path) -> None:
    path = aseprite(tmp_path / "a.ase", (1, 1), [[layer("a"), cel(0, RED, (1, 1))]])
    data = bytearray(path.read_bytes())
    for old, new in ((2, 5), (2, 0), (0xFFFF, 2)):  # it has two; 0 = use the old field
        struct.pack_into("<H", data, 128 + 6, old)
        struct.pack_into("<I", data, 128 + 12, new)
        path.write_bytes(data)
        assert pixel(read_aseprite(path)) == RED


def test_a_frame_without_a_time_has_that_of_the_file(tmp_path: Path) -> None:
    frames = [[layer("a")], []]
    for speed, times in ((70, (70, 20)), (0, (100, 20))):
        path = aseprite(tmp_path / "a.ase", (1, 1), frames, durations=[0, 20], speed=speed)
        assert read_aseprite(path).durations_ms == times


# -- colors ----------------------------------------------------------------------------------


def test_indexed_pixels_have_the_colors_of_the_palette(tmp_path: Path) -> None:
    colors = [RED, GREEN, (9, 8, 7, 60)]
    path = aseprite(
        tmp_path / "a.ase",
        (2, 2),
        [
            [palette(colors, name="named"), layer("a"), cel(0, [0, 1, 2, 200], (2, 2))],
            [palette([BLUE], first=0), cel(0, [0, 1, 0, 0], (2, 2))],
        ],
        depth=8,
        transparent=1,
    )
    file = read_aseprite(path)
    assert file.mode == "indexed"
    assert file.palette == tuple(colors)
    assert [pixel(file, x, y) for y in (0, 1) for x in (0, 1)] == [
        RED,
        EMPTY,  # index 1 is transparent
        (9, 8, 7, 60),
        EMPTY,  # beyond the palette
    ]
    assert pixel(file, 0, 0, 1) == BLUE, "a frame may change the palette"


def test_the_transparent_index_is_a_color_in_the_background(tmp_path: Path) -> None:
    chunks = [
        palette([RED, GREEN]),
        layer("Background", flags=3 | 8),
        layer("a"),
        cel(0, [1, 1, 0, 0], (2, 2)),
        cel(1, [0, 1, 0, 1], (2, 2)),
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], depth=8, transparent=1))
    assert [pixel(file, x, y) for y in (0, 1) for x in (0, 1)] == [RED, GREEN, RED, RED]


@pytest.mark.parametrize(
    ("kind", "values", "colors"),
    [(4, [255, 0, 0, 0, 128, 255], [RED, (0, 128, 255, 255)]), (17, [63, 0, 0, 0, 32, 63], None)],
)
def test_old_palettes(
    tmp_path: Path, kind: int, values: list[int], colors: list[tuple[int, ...]] | None
) -> None:
    old = (kind, struct.pack("<HBB", 1, 0, 2) + bytes(values))
    cels = [layer("a"), cel(0, [1, 1, 1, 1], (2, 2))]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [[old, *cels]], depth=8))
    assert file.palette == tuple(colors or [RED, (0, 129, 255, 255)])
    brightest = (kind, struct.pack("<HBB", 1, 0, 1) + b"\xff\xff\xff")
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [[brightest, *cels]], depth=8))
    assert file.palette == ((255, 255, 255, 255),)
    # If there is a new palette, the old one is for old programs.
    chunks = [palette([GREEN, BLUE]), old, *cels]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], depth=8))
    assert file.palette == (GREEN, BLUE)


def test_an_old_palette_may_skip_and_be_full(tmp_path: Path) -> None:
    skips = (4, struct.pack("<HBB", 2, 2, 1) + bytes(RED[:3]) + bytes([1, 1]) + bytes(GREEN[:3]))
    cels = [layer("a"), cel(0, [2, 4, 0, 3], (2, 2))]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [[skips, *cels]], depth=8))
    assert [pixel(file, x, y) for y in (0, 1) for x in (0, 1)] == [RED, GREEN, EMPTY, EMPTY]
    full = (4, struct.pack("<HBB", 1, 0, 0) + bytes(768))
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [[full, *cels]], depth=8))
    assert len(file.palette) == 256
    beyond = (4, struct.pack("<HBB", 1, 255, 2) + bytes(RED[:3]) + bytes(GREEN[:3]))
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [[beyond, *cels]], depth=8))
    assert file.palette[255] == RED
    assert len(file.palette) == 256


def test_of_a_palette_beyond_its_256_colors_the_rest_is_ignored(tmp_path: Path) -> None:
    chunks = [palette([RED, GREEN], first=255), layer("a"), cel(0, [255] * 4, (2, 2))]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], depth=8))
    assert (len(file.palette), file.palette[255], pixel(file, 0, 0)) == (256, RED, RED)


def test_gray_pixels(tmp_path: Path) -> None:
    chunks = [layer("a"), cel(0, [9, 255, 200, 100], (2, 1))]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 1), [chunks], depth=16))
    assert [pixel(file, 0), pixel(file, 1)] == [(9, 9, 9, 255), (200, 200, 200, 100)]
    assert file.mode == "gray"


# -- mixing -----------------------------------------------------------------------------------

CHANNEL = st.integers(0, 255)
RGBA = st.tuples(CHANNEL, CHANNEL, CHANNEL, CHANNEL)


@given(under=RGBA, over=RGBA, opacity=CHANNEL)
def test_normal_is_porter_and_duffs_over(
    under: tuple[int, ...], over: tuple[int, ...], opacity: int
) -> None:
    found = laid_over(np.array([under], np.uint8), np.array([over], np.uint8), opacity)[0]
    source, below = over[3] / 255 * opacity / 255, under[3] / 255
    alpha = source + below - source * below
    assert abs(found[3] / 255 - alpha) <= 1.5 / 255
    if alpha > 0.1:
        for channel in range(3):
            mean = source * over[channel] + (1 - source) * below * under[channel]
            # Alpha is rounded before the division, so nearly transparent colors may be off by more.
            assert abs(found[channel] - mean / alpha) <= 1.5 + 1.5 / alpha


def test_opaque_clear_and_equal_pixels_are_exact() -> None:
    under = np.array([[1, 2, 3, 255], [4, 5, 6, 77], [7, 8, 9, 0]], np.uint8)
    over = np.array([[10, 20, 30, 255]] * 3, np.uint8)
    assert np.array_equal(laid_over(under, over), over)
    assert np.array_equal(laid_over(under, over, 0), under)
    assert np.array_equal(laid_over(under, np.zeros_like(under)), under)


@pytest.mark.parametrize(
    ("number", "mode", "wanted"),
    [
        (1, "multiply", 100 * 200 / 255),
        (2, "screen", 255 - 155 * 55 / 255),
        (3, "overlay", 2 * 100 * 200 / 255),
        (4, "darken", 100),
        (5, "lighten", 200),
        (6, "color dodge", 255),
        (7, "color burn", 255 * (1 - (155 / 255) / (200 / 255))),
        (8, "hard light", 255 - 2 * 155 * 55 / 255),
        (10, "difference", 100),
        (11, "exclusion", 300 - 2 * 100 * 200 / 255),
        (16, "addition", 255),
        (17, "subtract", 0),
        (18, "divide", 255 * 100 / 200),
    ],
)
def test_other_modes_on_opaque_ground(
    tmp_path: Path, number: int, mode: str, wanted: float
) -> None:
    chunks = [
        layer("ground"),
        layer("top", blend=number),
        cel(0, fill((100, 100, 100, 255)), (2, 2)),
        cel(1, fill((200, 200, 200, 255)), (2, 2)),
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks]))
    assert file.layers[1].blend == mode
    assert abs(pixel(file)[0] - wanted) <= 1
    assert file.notes == ()


def test_every_mode_changes_nothing_where_nothing_is_below() -> None:
    over = np.array([[10, 200, 30, 128]], np.uint8)
    for mode in MIXES:
        assert np.array_equal(laid_over(np.zeros((1, 4), np.uint8), over, mode=mode), over)


def test_what_is_shown_otherwise_is_reported(tmp_path: Path) -> None:
    chunks = [
        layer("ground"),
        layer("tint", blend=12),
        (0x2004, layer("map", kind=2)[1] + struct.pack("<I", 0)),
        layer("hidden", blend=13, flags=2),
        cel(1, fill(RED), (2, 2)),
        (0x2005, struct.pack("<HhhBHh5xHH", 2, 0, 0, 255, 3, 0, 1, 1) + bytes(32)),  # its tiles
    ]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks], ratio=(2, 1)))
    assert pixel(file) == RED
    assert file.notes == (
        "Its pixels are 2:1, not square; here they are shown square.",
        "The layer “tint” mixes by hue; it is shown as normal.",
        "The layer “map” is a tile map, which is left out.",
    )


# -- beyond pixels --------------------------------------------------------------------------------


def test_tags_are_read_and_user_data_and_unknown_chunks_are_passed_over(tmp_path: Path) -> None:
    def tag(first: int, last: int, way: int, name: str) -> bytes:
        return struct.pack("<HHBH6x3Bx", first, last, way, 0, 1, 2, 3) + text(name)

    named = tag(0, 1, 0, "walk"), tag(1, 1, 2, "stand"), tag(0, 0, 9, "newer")
    tags = (0x2018, struct.pack("<H8x", 3) + b"".join(named))
    user = (0x2020, struct.pack("<I", 1) + text("a note"))
    unknown = (0x2099, b"?"), (0x2099, b"")
    chunks = [layer("a"), user, tags, user, *unknown, cel(0, fill(RED), (2, 2)), user]
    file = read_aseprite(aseprite(tmp_path / "a.ase", (2, 2), [chunks, []]))
    assert [(t.name, t.first, t.last, t.direction) for t in file.tags] == [
        ("walk", 0, 1, "forward"),
        ("stand", 1, 1, "ping-pong"),
        ("newer", 0, 0, "ping-pong reverse"),
    ]
    assert pixel(file) == RED


def test_what_would_be_lost_by_writing_again_is_named(tmp_path: Path) -> None:
    def flattening(path: Path) -> str:
        return lost_from(path, 1, ())

    flat = tmp_path / "flat.aseprite"
    write_aseprite(flat, np.full((2, 8, 8, 4), 255, np.uint8), [10, 20], [RED])
    assert flattening(flat) == ""
    rich = [palette([RED]), layer("a"), layer("b", flags=2), cel(0, [0] * 4, (2, 2))]
    tags = (0x2018, struct.pack("<H8xHHB12x", 1, 0, 0, 0) + text("walk"))
    path = aseprite(tmp_path / "a.ase", (2, 2), [[*rich, tags]], depth=8)
    assert flattening(path) == "2 layers, a tag and indexed colors"
    assert lost_from(path, 2, {"walk", "run"}) == "indexed colors", "the rest is written"
    assert lost_from(path, 3, {"run"}) == "a tag and indexed colors"
    path = aseprite(tmp_path / "a.ase", (2, 2), [[layer("a", opacity=9)]])
    assert flattening(path) == "a layer that is hidden or not opaque"
    part = (0x2022, struct.pack("<III", 0, 0, 0) + text("part"))
    path = aseprite(tmp_path / "a.ase", (2, 2), [[layer("a", kind=2), part, part]])
    assert flattening(path) == "a tile map and 2 slices"
    (tmp_path / "b.ase").write_bytes(b"nothing that could be kept")
    assert flattening(tmp_path / "b.ase") == ""
    assert flattening(tmp_path / "none.ase") == ""


# -- writing --------------------------------------------------------------------------------------


def some_frames(count: int, height: int, width: int, seed: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 256, (count, height, width, 4), np.uint8)
    frames[rng.random(frames.shape[:3]) < 0.5] = 0
    frames[frames[..., 3] == 0] = 0
    return frames


@given(
    count=st.integers(1, 4),
    height=st.integers(1, 33),
    width=st.integers(1, 33),
    seed=st.integers(0, 99),
    durations=st.data(),
)
def test_what_is_written_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    height: int,
    width: int,
    seed: int,
    durations: st.DataObject,
) -> None:
    frames = some_frames(count, height, width, seed)
    times = durations.draw(st.lists(st.integers(1, 65535), min_size=count, max_size=count))
    path = tmp_path_factory.getbasetemp() / "back.aseprite"
    write_aseprite(path, frames, times, [RED, (1, 2, 3, 4)])
    file = read_aseprite(path)
    assert np.array_equal(file.frames, frames)
    assert file.durations_ms == tuple(times)
    assert file.palette == (RED, (1, 2, 3, 4))
    assert file.beyond() == ""
    assert file.notes == ()


def test_the_bytes_are_those_of_the_description(tmp_path: Path) -> None:
    frames = np.zeros((2, 8, 9, 4), np.uint8)
    frames[0, 2, 3] = RED
    write_aseprite(tmp_path / "a.aseprite", frames, [50, 60], [RED, BLUE])
    data = (tmp_path / "a.aseprite").read_bytes()
    size, magic, count, width, height, depth, flags = struct.unpack_from("<IHHHHHI", data)
    assert (size, magic, count, width, height, depth, flags) == (
        len(data), 0xA5E0, 2, 9, 8, 32, 1
    )  # fmt: skip
    assert struct.unpack_from("<H", data, 32) == (2,)  # colors
    kinds, at = [], 128
    for duration in (50, 60):
        length, frame, old, shown, new = struct.unpack_from("<IHHH2xI", data, at)
        assert (frame, shown, old) == (0xF1FA, duration, new)
        place = at + 16
        for _ in range(new):
            chunk, kind = struct.unpack_from("<IH", data, place)
            kinds.append(kind)
            if kind == 0x2005:
                head = struct.unpack_from("<HhhBHh5xHH", data, place + 6)
                assert head == (0, 3, 2, 255, 2, 0, 1, 1)
                assert zlib.decompress(data[place + 6 + 20 : place + chunk]) == bytes(RED)
            place += chunk
        at += length
        assert place == at
    assert at == len(data)
    assert kinds == [0x2007, 0x2019, 0x2004, 0x2005]  # an empty frame has no cel


# -- damage ----------------------------------------------------------------------------------------


def test_limits_are_kept_before_memory_is_taken(tmp_path: Path) -> None:
    for side in (3000, 9000):  # for one picture, and for all together
        path = aseprite(tmp_path / "a.ase", (side, side), [[layer("a")]])
        with pytest.raises(FileError, match=f"{side:,}×{side:,}"):
            read_aseprite(path)
    path = aseprite(tmp_path / "a.ase", (1000, 1000), [[layer("a")]] * 17)
    with pytest.raises(FileError, match="17 frames"):
        read_aseprite(path)
    # A picture may declare far more than it has, or unpack to far more than it declares.
    path = aseprite(tmp_path / "a.ase", (2, 2), [[layer("a"), cel(0, b"", (65535, 65535))]])
    with pytest.raises(FileError, match="unpacks to over 64 million"):
        read_aseprite(path)
    path = aseprite(tmp_path / "a.ase", (2, 2), [[layer("a"), cel(0, RED * 1000, (1, 1))]])
    assert pixel(read_aseprite(path)) == RED
    # Tags are looked up for each frame, though both take few bytes in the file.
    tag = struct.pack("<HHB12x", 0, 9, 0) + text("t")
    tags = 0x2018, struct.pack("<H8x", 700) + 700 * tag
    aseprite(path, (2, 2), [[layer("a"), tags]])
    assert len(read_aseprite(path).tags) == 700
    aseprite(path, (2, 2), [[layer("a"), tags], [tags]])
    with pytest.raises(FileError, match="more than 1,000 tags"):
        read_aseprite(path)


@pytest.mark.parametrize("size", [(0, 0), (0, 2), (2, 0)])
def test_a_cel_without_pixels_is_not_unpacked(tmp_path: Path, size: tuple[int, int]) -> None:
    many = 50_000_000
    empty = cel(0, bytes(many), size)
    path = aseprite(
        tmp_path / "a.ase", (1, 1), [[layer("a"), layer("b"), empty, cel(1, RED, (1, 1))]]
    )
    tracemalloc.start()
    try:
        assert pixel(read_aseprite(path)) == RED
        assert tracemalloc.get_traced_memory()[1] < many / 10
    finally:
        tracemalloc.stop()


def test_a_note_names_a_layer_in_one_short_line(tmp_path: Path) -> None:
    path = aseprite(tmp_path / "a.ase", (1, 1), [[layer("tiles\n" * 1000, kind=2)]])
    (note,) = read_aseprite(path).notes
    assert note.isprintable()
    assert len(note) < 120


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: b"", "empty"),
        (lambda data: data[:100], "too short"),
        (lambda data: data[:4] + b"\0\0" + data[6:], "not an Aseprite file"),
        (lambda data: data[:12] + b"\7\0" + data[14:], "not an Aseprite file"),
        (lambda data: data[:6] + b"\0\0" + data[8:], "no frames"),
        (lambda data: data[:6] + b"\5\0" + data[8:], "damaged"),
        (lambda data: data[:-9], "cut short"),
        (lambda data: data[:130] + b"\1" + data[131:], "one of its frames is cut short"),
        (lambda data: data[:132] + b"\0\0" + data[134:], "one of its frames is cut short"),
        (lambda data: data[:144] + b"\5" + data[145:], "one of its chunks is cut short"),
        (lambda data: data[:145] + b"\1" + data[146:], "one of its chunks is cut short"),
        (lambda data: data[:-12] + b"\xff" * 12, "damaged"),
    ],
)
def test_damage_is_reported_in_one_sentence(tmp_path: Path, damage: object, says: str) -> None:
    path = aseprite(tmp_path / "a.ase", (2, 2), [[layer("a"), cel(0, fill(RED), (2, 2))]])
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(FileError, match=says) as caught:
        read_aseprite(path)
    assert "\n" not in str(caught.value)


@given(places=st.lists(st.tuples(st.integers(0, 400), CHANNEL), min_size=1, max_size=6))
def test_flipped_bytes_give_a_file_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.ase"
    frame = [palette([RED, GREEN]), layer("a"), layer("b"), cel(0, [1] * 9, (3, 3))]
    aseprite(path, (3, 3), [frame, [link(0, 0)]], depth=8)
    data = bytearray(path.read_bytes())
    for place, value in places:
        data[place % len(data)] = value
    path.write_bytes(data)
    try:
        file = read_aseprite(path)
    except FileError:
        return
    assert file.frames.dtype == np.uint8
    assert len(file.durations_ms) == len(file.frames)


# -- files by other people ----------------------------------------------------------------------


def test_an_indexed_walk_cycle_has_the_sprites_that_were_cut_from_it(shared_data: Path) -> None:
    path = shared_data / "import_cases" / "dawnlike_engineer_indexed_16x64_4frames.ase"
    if not path.is_file():
        pytest.skip("the files to import are not here")
    file = read_aseprite(path)
    assert file.frames.shape == (4, 64, 16, 4)
    assert file.durations_ms == (150,) * 4
    assert [found.name for found in file.layers] == ["Layer 1", "Layer 2"]
    assert file.mode == "indexed"
    assert file.notes == ()
    # The same artist's sprites were also published one by one, cut by another program.
    with np.load(shared_data / "real_sprites.npz", allow_pickle=False) as known:
        names = list(known["names"])
        found = 0
        for row, side in enumerate(("front", "left", "right", "back")):
            for frame in range(4):
                name = f"commission/engineer {side} step {frame}"
                if name not in names:
                    continue
                index = names.index(name)
                rgb, alpha = known["images"][index], known["alpha"][index]
                sprite = file.frames[frame, 16 * row : 16 * row + 16]
                same = np.array_equal(sprite[..., 3], alpha) and np.array_equal(
                    sprite[..., :3][alpha > 0], rgb[alpha > 0]
                )
                found += same
    assert found >= 10


def test_a_texture_of_many_layers_shows_the_visible_one(shared_data: Path) -> None:
    path = shared_data / "import_cases" / "superpowers_weapon_texture_rgba_32x32.ase"
    if not path.is_file():
        pytest.skip("the files to import are not here")
    file = read_aseprite(path)
    assert file.frames.shape == (1, 32, 32, 4)
    assert file.mode == "rgba"
    assert len(file.layers) == 12
    assert [found.name for found in file.layers if found.visible] == ["6"]
    assert (file.frames[0, ..., 3] > 0).any()


# -- layers of cells -------------------------------------------------------------------------------


def stack_of(name: str, *, opacity: int = 255, visible: bool = True) -> tuple[Layer, ...]:
    """A body with drawings on layers above it."""
    body, above = np.zeros((2, 8, 8, 4), np.uint8)
    body[1:, 2:], above[1, 1:7] = RED, GREEN
    return (
        Layer(body.tobytes(), "body", locked=True, generated=True),
        Layer(above.tobytes(), name, opacity, visible),
    )


def written(path: Path, stacks: Sequence[tuple[Layer, ...]]) -> AsepriteFile:
    frames = np.stack([Cell(bytes(256)).stacked(stack).rgba for stack in stacks])
    write_aseprite(path, frames, [100] * len(frames), stacks=stacks)
    found = read_aseprite(path, layered=True)
    assert np.array_equal(found.frames, frames)
    return found


def test_layers_come_back(tmp_path: Path) -> None:
    stacks = [stack_of("hat", opacity=77), stack_of("hat", opacity=77)]
    found = written(tmp_path / "a.ase", stacks)
    assert [(layer.name, layer.opacity, layer.locked) for layer in found.layers] == [
        ("body", 255, True),
        ("hat", 77, False),
    ]
    pictures = read_pictures(tmp_path / "a.ase")
    assert [Cell(p or b"", layers=layers).layers for p, layers in cells(pictures)] == stacks


def test_a_hidden_layer_stays_hidden(tmp_path: Path) -> None:
    stacks = [stack_of("hat", visible=False)] * 2
    assert [found.visible for found in written(tmp_path / "a.ase", stacks).layers] == [True, False]
    pictures = read_pictures(tmp_path / "a.ase")
    assert [layers for _, layers in cells(pictures)] == stacks


def test_the_faintest_pixel_is_kept(tmp_path: Path) -> None:
    frame = np.zeros((1, 3, 4, 4), np.uint8)
    frame[0, 1, 2] = (9, 8, 7, 1)
    write_aseprite(tmp_path / "a.ase", frame, [100])
    assert np.array_equal(read_aseprite(tmp_path / "a.ase").frames, frame)


def test_the_layer_of_the_model_is_marked_in_its_user_data(tmp_path: Path) -> None:
    body, hat = stack_of("hat")
    stack = (replace(body, generated=False), replace(hat, generated=True))
    found = written(tmp_path / "a.ase", [stack, stack, (body, hat)])
    assert [layer.of_model for layer in found.layers] == [False, True]
    assert [layer.generated for layer in found.stacks[0]] == [False, True]
    (layers, *_) = block_of(read_pictures(tmp_path / "a.ase"), 8).layers
    assert Cell(bytes(256)).stacked(layers).generated_layer == 1
    # Beside the user's own text; a mark on a picture or color does not count.
    marks = [
        (0x2020, struct.pack("<I", 1) + text(said))
        for said in ("mine, sprite-lab:model", "no sprite-lab:models")
    ]
    color = (0x2020, struct.pack("<I4B", 2, *RED))
    one = [layer("a"), color, layer("b"), marks[0], layer("c"), marks[1], layer("d")]
    path = aseprite(tmp_path / "b.ase", (2, 2), [[*one, cel(3, fill(RED), (2, 2)), marks[0]]])
    assert [layer.of_model for layer in read_aseprite(path).layers] == [False, True, False, False]


@pytest.mark.parametrize("change", [{"opacity": 30}, {"visible": False}])
def test_frames_whose_layers_differ_look_alike(tmp_path: Path, change: dict[str, int]) -> None:
    found = written(tmp_path / "a.ase", [stack_of("hat"), stack_of("hat", **change)])
    assert [layer.name for layer in found.layers] == ["body", "hat"]
    pixels = [layer.pixels for layer in stack_of("hat")]
    assert [[layer.pixels for layer in stack] for stack in found.stacks] == [pixels, pixels]


def test_groups_and_references_are_no_layers_of_cells(tmp_path: Path) -> None:
    chunks = [layer("traced", flags=3 | 64), layer("group", kind=1), layer("in it", level=1)]
    cels = [cel(0, fill(BLUE), (2, 2)), cel(2, fill(RED), (2, 2))]
    path = aseprite(tmp_path / "a.ase", (2, 2), [[*chunks, *cels]])
    (stack,) = read_aseprite(path, layered=True).stacks
    assert [(found.name, found.pixels) for found in stack] == [("in it", fill(RED))]


def test_frames_may_have_fewer_layers(tmp_path: Path) -> None:
    found = written(tmp_path / "a.ase", [stack_of("hat")[:1], stack_of("hat")])
    assert [layer.name for layer in found.layers] == ["body", "hat"]
    assert not any(found.stacks[0][1].pixels)


def test_what_layers_of_cells_cannot_show_is_merged(tmp_path: Path) -> None:
    written(tmp_path / "a.ase", [stack_of("hat")])
    data = bytearray((tmp_path / "a.ase").read_bytes())
    at = data.index(b"hat") - 2 - 6  # the blend mode of the layer
    data[at : at + 2] = struct.pack("<H", 1)
    (tmp_path / "b.ase").write_bytes(data)
    pictures = read_pictures(tmp_path / "b.ase")
    assert pictures.layers == ("body", "hat")
    assert block_of(pictures, 8).layers == ()
    assert block_of(pictures, 8).pixels == (pictures.frames[0].tobytes(),)


def test_one_layer_needs_no_list_and_smaller_frames_are_centered(tmp_path: Path) -> None:
    written(tmp_path / "a.ase", [stack_of("hat")[:1]])
    path = tmp_path / "b.ase"
    frames = np.full((1, 8, 8, 4), 255, np.uint8)
    write_aseprite(path, frames, [100])
    assert block_of(read_pictures(path), 8).layers == ()
    written(tmp_path / "c.ase", [stack_of("hat")])
    (layers,) = block_of(read_pictures(tmp_path / "c.ase"), 16).layers
    inner = layers[1].rgba[4:12, 4:12]
    assert inner.tobytes() == stack_of("hat")[1].pixels


def cells(pictures: Pictures) -> list[tuple[bytes | None, tuple[Layer, ...]]]:
    block = block_of(pictures, 8)
    return list(zip(block.pixels, block.layers, strict=True))
