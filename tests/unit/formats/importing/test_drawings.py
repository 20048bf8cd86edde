"""Drawings at arbitrary places: found whole, separately, and in reading order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprite_lab.core.sets.imports import Grid
from sprite_lab.formats.importing.drawings import _components, even_grid, find_drawings


@pytest.fixture(scope="module")
def ndimage():
    return pytest.importorskip("scipy.ndimage")


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**16),
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    share=st.floats(0, 0.6),
)
def test_components_are_those_of_scipy(ndimage, seed, height, width, share):
    drawn = np.random.default_rng(seed).random((height, width)) < share
    boxes, areas = _components(drawn)
    label, count = ndimage.label(drawn, np.ones((3, 3)))
    theirs = sorted(
        (x.start, y.start, x.stop, y.stop, int((label[y, x] == i).sum()))
        for i, (y, x) in enumerate(ndimage.find_objects(label), start=1)
    )
    assert len(boxes) == count
    assert (
        sorted((*box, area) for box, area in zip(boxes.tolist(), areas.tolist(), strict=True))
        == theirs
    )


def test_parts_of_one_drawing_are_joined_and_neighbors_are_not():
    drawn = np.zeros((40, 60), bool)
    drawn[5:15, 5:15] = True  # a body
    drawn[2:4, 8:12] = True  # its hat, one clear row above
    drawn[17:18, 9:11] = True  # its shadow, small and two rows below
    drawn[5:15, 18:30] = True  # another drawing, three columns away
    drawn[30:38, 2:10] = True  # the next row of drawings
    drawn[33:35, 20:21] = True
    boxes = find_drawings(drawn, 16)
    assert boxes.tolist() == [[5, 2, 10, 16], [18, 5, 12, 10], [2, 30, 8, 8], [20, 33, 1, 2]]


def test_what_is_inside_a_ring_is_part_of_it():
    drawn = np.zeros((30, 30), bool)
    drawn[2:28, 2:28] = True
    drawn[4:26, 4:26] = False
    drawn[12:18, 12:18] = True
    assert find_drawings(drawn, 16).tolist() == [[2, 2, 26, 26]]


def sheet_with(outline):
    """Four outlined drawings, and a title above them."""
    drawn = np.zeros((100, 100), bool)
    drawn[2:8, 10:14] = True
    drawn[12:98, 2:98] = outline
    for y, x in ((20, 20), (20, 60), (60, 20), (60, 60)):
        drawn[y : y + 16, x : x + 16] = True
    return drawn


def test_a_frame_around_the_drawings_is_none_of_them_nor_is_a_title_beside_it():
    frame = np.ones((86, 96), bool)
    frame[2:-2, 2:-2] = False
    found = find_drawings(sheet_with(frame), 16)
    assert found.tolist() == [[x, y, 16, 16] for y in (20, 60) for x in (20, 60)]


def test_a_ring_is_no_frame():
    y, x = np.ogrid[-1:1:86j, -1:1:96j]
    ring = np.abs(np.hypot(y, x) - 0.95) < 0.05
    assert len(find_drawings(sheet_with(ring), 16)) == 2


def test_drawings_that_lie_evenly_make_a_grid():
    rng = np.random.default_rng(3)
    at = [(23 + 19 * y, 7 + 18 * x) for y in range(4) for x in range(5)]
    sizes = rng.integers(6, 17, (20, 2))
    sizes[0] = 16
    boxes = np.array([
        (x + (16 - w) // 2, y + 16 - h, w, h) for (y, x), (w, h) in zip(at, sizes, strict=True)
    ])  # fmt: skip
    assert even_grid(boxes, 16) == Grid((16, 16), (23, 7), (3, 2))
    assert even_grid(boxes[:5], 16) is None
    boxes[7, 0] += 9
    assert even_grid(boxes, 16) is None


def test_a_ring_around_little_is_a_drawing_and_no_frame():
    drawn = np.zeros((64, 200), bool)
    drawn[2:62, 2:62] = True
    drawn[3:61, 3:61] = False
    drawn[30:36, 10:16] = True
    for left in (70, 110, 150):
        drawn[10:40, left : left + 30] = True
    found = find_drawings(drawn, 16).tolist()
    assert [2, 2, 60, 60] in found
    assert len(found) >= 4


def test_noise_is_no_drawings():
    drawn = np.random.default_rng(0).random((600, 600)) < 0.1
    assert find_drawings(drawn, 16) is None
    # a single drawing made of 502,002 runs
    every_second = np.indices((1002, 1002)).sum(axis=0) % 2 == 0
    assert find_drawings(every_second, 16) is None


def test_nothing():
    assert find_drawings(np.zeros((9, 9), bool), 16).shape == (0, 4)


def test_two_drawings_in_one_cell_lie_on_no_even_grid():
    boxes = np.array([[20 * x, 20 * y, 16, 16] for y in range(4) for x in range(4)])
    assert even_grid(boxes, 16) is not None
    assert even_grid(np.concatenate([boxes, boxes[5:6]]), 16) is None
