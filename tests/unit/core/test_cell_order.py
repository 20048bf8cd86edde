"""Orders of moved cells, compared with lists that are taken apart and put together again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.pixels.cell_order import inserted, stepped


def test_one_cell_comes_before_another() -> None:
    assert inserted(5, [3], 1) == (0, 3, 1, 2, 4)
    assert inserted(5, [1], 4) == (0, 2, 3, 1, 4)
    assert inserted(5, [0], 5) == (1, 2, 3, 4, 0)


def test_a_cell_that_comes_to_either_of_its_own_sides_stays() -> None:
    assert inserted(5, [2], 2) == inserted(5, [2], 3) == (0, 1, 2, 3, 4)


def test_several_stay_together_in_their_order() -> None:
    assert inserted(6, [4, 0, 2], 4) == (1, 3, 0, 2, 4, 5)


@given(st.data())
def test_as_a_list_with_a_mark_in_it_would_have_it(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    moved = data.draw(st.sets(st.integers(0, count - 1)))
    gap = data.draw(st.integers(0, count))
    row: list[int | str] = list(range(count))
    row.insert(gap, "here")
    row = [item for item in row if item not in moved]
    place = row.index("here")
    row[place : place + 1] = sorted(moved)
    assert list(inserted(count, moved, gap)) == row


def test_a_step_changes_places() -> None:
    assert stepped(6, 3, [4], -1, 0) == (0, 1, 2, 4, 3, 5)
    assert stepped(6, 3, [4], 0, -1) == (0, 4, 2, 3, 1, 5)
    assert stepped(6, 3, [0, 1], 1, 0) == (2, 0, 1, 3, 4, 5)


def test_at_the_border_nothing_moves() -> None:
    assert stepped(6, 3, [1, 4], 0, 1) == (0, 1, 2, 3, 4, 5)
    assert stepped(6, 3, [5], 1, 0) == (0, 1, 2, 3, 4, 5)


@given(st.data())
def test_a_step_and_the_step_back_undo_each_other(data: st.DataObject) -> None:
    columns, rows = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    count = rows * columns
    moved = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    across, down = data.draw(st.sampled_from([(1, 0), (-1, 0), (0, 1), (0, -1)]))
    there = stepped(count, columns, moved, across, down)
    assert sorted(there) == list(range(count))
    if there == tuple(range(count)):
        return
    step = across + columns * down
    back = stepped(count, columns, {i + step for i in moved}, -across, -down)
    assert tuple(there[i] for i in back) == tuple(range(count))
