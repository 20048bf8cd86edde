"""The effect of dragging on a sheet's grid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.sets.imports import Grid
from sprite_lab.ui.importing.sheet_view import dragged, handles

NUMBER = st.integers(0, 40)
GRIDS = st.builds(
    Grid,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(NUMBER, NUMBER),
    st.tuples(NUMBER, NUMBER),
)


@given(GRIDS, st.sampled_from(["offset", "cell", "spacing"]), st.integers(-90, 90), NUMBER)
def test_every_way_gives_a_grid(grid: Grid, part: str, dx: int, dy: int) -> None:
    moved = dragged(grid, part, dx, dy)  # type: ignore[arg-type]
    assert min(moved.cell) >= 1
    assert min(*moved.offset, *moved.spacing) >= 0
    assert dragged(grid, part, 0, 0) == grid  # type: ignore[arg-type]


@given(GRIDS, st.integers(-90, 90), st.integers(-90, 90))
def test_lines_follow_the_hand(grid: Grid, dx: int, dy: int) -> None:
    moved = dragged(grid, "offset", dx, dy)
    for axis, way in ((0, dy), (1, dx)):
        pitch = grid.cell[axis] + grid.spacing[axis]
        assert (moved.offset[axis] - grid.offset[axis] - way) % pitch == 0


def test_a_cell_keeps_square_if_asked() -> None:
    assert dragged(Grid((16, 16)), "cell", 4, 1, square=True).cell == (20, 20)
    assert dragged(Grid((16, 16)), "cell", 4, 1).cell == (17, 20)


@pytest.mark.parametrize(
    ("size", "place"), [((64, 64), (27, 27)), ((18, 64), (27, 10)), ((18, 18), None)]
)
def test_the_handle_of_the_spacing_is_in_a_cell_there_is(
    size: tuple[int, int], place: tuple[int, int] | None
) -> None:
    grid = Grid((16, 16), (2, 2), (1, 1))
    assert handles(grid, *size)["cell"] == (18, 18)
    assert handles(grid, *size).get("spacing") == place
