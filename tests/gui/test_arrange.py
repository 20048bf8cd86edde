"""The layout of the views on the stage."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRect

from sprite_lab.ui.see.watch.arrange import Subject, arrange

ROOMS = [(726, 476), (726, 530), (1350, 800), (500, 900), (1900, 380), (260, 700), (2400, 1300)]


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("count", [1, 2, 7, 16, 64])
@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_views_fit_and_do_not_overlap(room: tuple[int, int], count: int, ratio: float) -> None:
    subject = Subject(count, gap=round(4 * ratio), heading=22, least=60)
    for views in range(1, 8 if room[0] > 300 else 4):  # seven do not fit into 260 pixels
        found = arrange(views, subject, *room, ratio)
        assert len(found.places) == views
        for place in found.places:
            assert QRect(0, 0, *room).contains(place)
        for one, other in itertools.combinations(found.places, 2):
            assert not one.intersects(other)
        rows = -(-count // found.columns)
        for place, scale in zip(found.places, [found.main_scale] + 6 * [found.scale], strict=False):
            assert place.width() * ratio >= found.columns * 16 * scale
            assert (place.height() - 22) * ratio >= rows * 16 * scale


def test_one_view_is_larger_where_a_row_would_leave_room() -> None:
    found = arrange(3, Subject(16, heading=22), 726, 530)
    assert found.unequal
    assert (found.columns, found.main_scale, found.scale) == (4, 7, 3)
    main, second, third = found.places
    assert main.top() == second.top()
    assert main.bottom() == third.bottom()
    assert second.left() == third.left() > main.right()


def test_views_are_alike_where_nothing_is_gained_by_another() -> None:
    wide = arrange(3, Subject(1, heading=22), 1200, 260)
    assert not wide.unequal
    assert len({place.top() for place in wide.places}) == 1
    narrow = arrange(2, Subject(16, heading=22), 300, 900)
    assert not narrow.unequal
    assert len({place.left() for place in narrow.places}) == 1


def test_views_beside_a_large_one_fill_its_height() -> None:
    """On a large screen they were once in a row beside it, above an empty quarter of the stage."""
    main, *others = arrange(3, Subject(16, heading=22), 1350, 690).places
    assert others[0].top() == main.top()
    assert others[-1].bottom() >= main.top() + main.height() * 2 // 3


def test_too_little_room_is_no_error() -> None:
    found = arrange(3, Subject(64, heading=22, least=200), 90, 40)
    assert len(found.places) == 3


def test_no_view_is_left_tiny_for_the_sake_of_another() -> None:
    """Three views of one sprite once had scales 10, 3 and 3."""
    for room, least in (((709, 215), 34), ((1330, 690), 22), ((1110, 560), 32)):
        found = arrange(3, Subject(1, heading=least, least=160), *room)
        assert found.main_scale <= 2 * found.scale, room


def test_more_room_does_not_make_sprites_smaller() -> None:
    """With one large view, the sprites of the others were too small to be seen, and the stage
    switched between its pages endlessly.
    """
    subject = Subject(16, heading=32, least=172, seen=2)
    scales = [arrange(3, subject, 564, height).scale for height in range(180, 340)]
    assert scales == sorted(scales)
    assert scales[-1] >= 2
