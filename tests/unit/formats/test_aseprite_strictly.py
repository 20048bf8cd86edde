"""Aseprite files of characters, read by a strict reader that shares no code with ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from sprite_lab.core.frame_tags import Direction, Tag
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.characters import PARTS
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.core.sets.sprite_batch import drawn_cells
from sprite_lab.formats.aseprite.aseprite import write_aseprite
from tests.strict_aseprite import Sprite, read

SIDE = 16
PALETTE = ((26, 20, 40, 255), (200, 70, 80, 255), (0, 0, 0, 0))


def block(x: int, y: int, width: int, height: int, color: tuple[int, ...]) -> bytes:
    rgba = np.zeros((SIDE, SIDE, 4), np.uint8)
    rgba[y : y + height, x : x + width] = color
    return rgba.tobytes()


def walk() -> tuple[Cell, ...]:
    """A character whose body moves, with a cloak that some frames lack, and a locked sketch."""
    cells = []
    for n, part in enumerate(PARTS):
        body = Layer(block(n % 9, n % 7, 5, 7, (200, 70, 80, 255)), "體", generated=True)
        cloak = block(0, n, 16, 1, (20, 90, 10, 128)) if n % 3 else bytes(4 * SIDE**2)
        layers = (
            body,
            Layer(cloak, "cloak", opacity=100),
            Layer(block(15, 15, 1, 1, (1, 2, 3, 255)), "sketch", visible=False, locked=True),
        )
        cells.append(Cell(duration_ms=100 + n, part=f"1/{part}").stacked(layers))
    return tuple(cells)


def written(path: Path, cells: tuple[Cell, ...], tags: tuple[Tag, ...]) -> Sprite:
    write_aseprite(
        path,
        np.stack([cell.rgba for cell in cells]),
        [cell.duration_ms for cell in cells],
        PALETTE,
        tags,
        [cell.stack for cell in cells],
    )
    return read(path.read_bytes())


def test_a_walk_with_layers_and_tags(tmp_path: Path) -> None:
    cells = walk()
    found = written(tmp_path / "a.aseprite", cells, drawn_cells(cells, "a").frame_tags)
    assert (found.width, found.height) == (SIDE, SIDE)
    assert found.durations_ms == [100 + n for n in range(16)]
    assert found.palette == list(PALETTE)
    assert found.tags == [
        ("walk_down", 0, 3, 0),
        ("walk_left", 4, 7, 0),
        ("walk_right", 8, 11, 0),
        ("walk_up", 12, 15, 0),
    ]
    facts = [(a.name, a.visible, a.editable, a.opacity, bool(a.note)) for a in found.layers]
    assert facts == [
        ("體", True, True, 255, True),  # the model's layer is marked
        ("cloak", True, True, 100, False),
        ("sketch", False, False, 255, False),
    ]
    for frame, cell in enumerate(cells):
        for place, layer in enumerate(cell.stack):
            assert np.array_equal(found.layer_in(frame, place), layer.rgba), (frame, place)
        assert ((frame, 1) in found.cels) is (frame % 3 > 0), "an empty layer has no cel"
    assert {cel.opacity for cel in found.cels.values()} == {255}


def test_layers_that_differ_from_frame_to_frame(tmp_path: Path) -> None:
    body, cloak, _ = walk()[1].stack
    second = Cell().stacked((body, replace(cloak, opacity=50)))
    found = written(tmp_path / "a.aseprite", (second, Cell().stacked((body, cloak))), ())
    assert [layer.opacity for layer in found.layers] == [255, 255]
    assert [found.cels[frame, 1].opacity for frame in (0, 1)] == [50, 100]
    assert found.tags == []


@pytest.mark.parametrize("direction", range(4))
def test_directions_of_tags(tmp_path: Path, direction: int) -> None:
    tags = (Tag("走", 0, 2, get_args(Direction)[direction]), Tag("b", 2, 2))
    found = written(tmp_path / "a.ase", walk()[:3], tags)
    assert found.tags == [("走", 0, 2, direction), ("b", 2, 2, 0)]


def test_one_layer_and_no_tags(tmp_path: Path) -> None:
    cell = Cell(block(3, 4, 2, 1, (9, 8, 7, 255)))
    found = written(tmp_path / "a.ase", (cell, Cell()), ())
    assert [layer.name for layer in found.layers] == ["Layer 1"]
    assert list(found.cels) == [(0, 0)]
    cel = found.cels[0, 0]
    assert (cel.x, cel.y, cel.rgba.shape) == (3, 4, (1, 2, 4))


@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-1], lambda d: d + b"\0", lambda d: d[:60] + b"\1" + d[61:]]
)
def test_the_reader_is_strict(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "a.ase"
    written(path, walk(), ())
    with pytest.raises(AssertionError):
        read(spoil(path.read_bytes()))
