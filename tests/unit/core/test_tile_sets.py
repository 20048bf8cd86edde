"""Tiles by corner: each once in the map, shared edges, and sets of cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.config import Conditions
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cell_sets import (
    GROUND_STRENGTH,
    ground_strength,
    set_of,
    tile_set_of,
    whole_sets,
    with_set,
)
from sprite_lab.core.pixels.cells import MOST_CELLS, Cell, CellSheet
from sprite_lab.core.pixels.tile_sets import (
    ACROSS,
    BORDER,
    CODES,
    WHOLE,
    GroundMap,
    corners_of,
    cut,
    join,
    second_share,
    shared_pixels,
)

SIDE = 8


def edges_agree(tiles: np.ndarray) -> None:
    """Wherever two tiles may meet, both sides of their edge match the map."""
    ends = {"east": (1, 3), "west": (0, 2), "south": (2, 3), "north": (0, 1)}
    strips = {
        "east": tiles[:, :, -BORDER:],
        "west": tiles[:, :, :BORDER],
        "south": tiles[:, -BORDER:],
        "north": tiles[:, :BORDER],
    }
    for side, (a, b) in ends.items():
        kinds: dict[tuple[str, str], np.ndarray] = {}
        for code, strip in zip(CODES, strips[side], strict=True):
            assert np.array_equal(kinds.setdefault((code[a], code[b]), strip), strip), (side, code)
        assert len(kinds) == 4


def test_each_tile_is_in_the_map_once_and_fits_its_neighbors() -> None:
    assert len(set(CODES)) == 16
    assert [CODES[i] for i in WHOLE] == ["0000", "1111"]
    for i, code in enumerate(CODES):
        row, column = divmod(i, ACROSS)
        east = CODES[row * ACROSS + (column + 1) % ACROSS]
        south = CODES[(row + 1) % ACROSS * ACROSS + column]
        assert (code[1], code[3]) == (east[0], east[2])
        assert (code[2], code[3]) == (south[0], south[1])


def test_shared_pixels_make_edges_agree_and_leave_the_rest_free() -> None:
    place = shared_pixels(SIDE)
    values = np.random.default_rng(0).integers(0, 256, place.size).astype(np.uint8)
    edges_agree(cut(values[place][..., None], SIDE))
    free = (SIDE - 2 * BORDER) ** 2 * 16
    along = 2 * BORDER * (SIDE - 2 * BORDER) * 8
    assert len(np.unique(place)) == free + along + 2 * (2 * BORDER) ** 2


def test_each_ground_is_where_its_corners_are() -> None:
    share = second_share(SIDE)
    edges_agree(cut(share[..., None], SIDE))
    tiles = share.reshape(ACROSS, SIDE, ACROSS, SIDE).swapaxes(1, 2).reshape(16, SIDE, SIDE)
    for code, tile in zip(CODES, tiles, strict=True):
        at = [tile[0, 0], tile[0, -1], tile[-1, 0], tile[-1, -1]]
        assert [round(float(v)) for v in at] == [int(c) for c in code]
    assert tiles[WHOLE[0]].max() < 0.5 < tiles[WHOLE[1]].min()


def test_maps_are_cut_as_they_are_joined() -> None:
    tiles = np.random.default_rng(1).integers(0, 256, (16, 4, 4, 3)).astype(np.uint8)
    assert np.array_equal(cut(join(tiles), 4), tiles)
    assert corners_of(np.array([[0, 1, 0], [1, 1, 0]])).tolist() == [[[0, 1, 1, 1], [1, 0, 1, 0]]]


def test_a_new_set_takes_an_empty_grid_or_new_rows() -> None:
    empty = CellSheet()
    sheet, name = with_set(empty, CODES, "Terrain", {})
    assert (name, sheet.rows, whole_sets(sheet.cells, CODES)) == ("Terrain 1", 4, ("Terrain 1",))
    assert list(set_of(sheet.cells, CODES, name).values()) == list(range(16))
    more, other = with_set(sheet, CODES, "Terrain", {"1111": Cell(bytes([9] * 1024))})
    assert (other, more.rows) == ("Terrain 2", 8)
    assert whole_sets(more.cells, CODES) == ("Terrain 1", "Terrain 2")
    assert more.cells[16 + WHOLE[1]].pixels == bytes([9] * 1024)
    assert more.cells[:16] == sheet.cells
    drawn = (Cell(bytes([1] * 1024)),) * MOST_CELLS
    full = CellSheet(rows=MOST_CELLS, columns=1, cells=drawn)
    with pytest.raises(ConfigError, match=f"16 more cells: it can have {MOST_CELLS}"):
        with_set(full, CODES, "Terrain", {})
    # Cleared cells make room.
    cleared = replace(full, cells=(*drawn[:40], *(Cell(),) * 20, *drawn[60:]))
    sheet, name = with_set(cleared, CODES, "Terrain", {})
    assert (sheet.rows, sheet.columns) == (full.rows, full.columns)
    places = set_of(sheet.cells, CODES, name)
    assert len(places) == len(CODES)
    assert all(cleared.cells[i].is_free for i in places.values())


def test_a_new_set_is_named_after_the_drawing_it_is_made_from() -> None:
    hero = Cell(bytes([9] * 1024), name="hero")
    sheet, name = with_set(CellSheet(), CODES, "Character", {"1111": hero})
    assert (name, whole_sets(sheet.cells, CODES)) == ("hero", ("hero",))
    sheet, name = with_set(sheet, CODES, "Character", {"1111": hero})
    assert name == "hero 2"
    _, name = with_set(sheet, CODES, "Character", {"1111": replace(hero, name="")})
    assert name == "Character 1"


def test_parts_are_those_of_places() -> None:
    sheet, _ = with_set(CellSheet(), CODES, "Terrain", {})
    pasted = replace(sheet.cells[3], pixels=bytes([7] * 1024))
    after = sheet.with_cells({0: pasted, 5: Cell()})
    assert after.cells[0].pixels == pasted.pixels
    assert [cell.part for cell in after.cells] == [cell.part for cell in sheet.cells]


def test_engines_are_told_what_the_grounds_are() -> None:
    cells = [Cell(bytes([10, 20, 30, 255] * 256), Conditions(words=("mud",)))] * 16
    told = tile_set_of(cells)
    assert (told.names, told.codes) == (("mud 1", "mud 2"), CODES)
    assert told.colors == ((10, 20, 30), (10, 20, 30))
    cells[WHOLE[1]] = replace(cells[0], conditions=Conditions.of_class("grass"))
    assert tile_set_of(cells).names == ("mud", "grass")
    cells[WHOLE[1]] = replace(cells[WHOLE[1]], name="meadow")
    assert tile_set_of(cells).names == ("mud", "meadow")


def test_a_terrain_has_the_map_that_was_painted_last() -> None:
    cells = tuple(replace(Cell(bytes(256)), part=f"grass/{code}") for code in CODES[:2])
    sheet = CellSheet(rows=1, columns=2, cells=cells)
    first = sheet.map_of("grass")
    assert first == GroundMap.first("grass")
    points = 1 - first.points
    painted = sheet.with_map(GroundMap.of("grass", points))
    assert np.array_equal(painted.map_of("grass").points, points)
    # The map of a deleted terrain is removed when the next one is painted.
    other = GroundMap.first("water")
    assert painted.with_map(other).maps == (painted.map_of("grass"), other)
    gone = replace(painted, cells=(Cell(bytes(256)),) * 2)
    assert gone.with_map(other).maps == (other,)


def test_grounds_are_noised_as_far_as_the_one_that_is_most() -> None:
    strong = Cell(conditions=Conditions(strength=0.9))
    assert ground_strength([Cell(), Cell()]) == GROUND_STRENGTH
    assert ground_strength([Cell(), strong]) == 0.9
