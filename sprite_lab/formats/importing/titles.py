"""Finds lines of text around the drawings of a sheet, such as a title or a credit.

A line of text is a row of small parts in one color or two, close together, of at least three
shapes. It counts only beside all drawings, which must have more colors: a sheet of letters or of
silhouettes has no titles.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.sets.groups import Links
from sprite_lab.formats.importing.drawings import parts_of

#: Maximum height of a line and width of a letter, or of letters that touch, in pixels.
MOST_HEIGHT, MOST_WIDTH = 14, 40

#: Maximum number of clear pixels between two letters of a line, and their maximum median.
MOST_SPACE, MOST_BETWEEN = 8, 2

#: Minimum number of letters of a line, and of different shapes among them.
LEAST_LETTERS, LEAST_SHAPES = 3, 3

#: Maximum median share of a letter's box that is drawn.
MOST_FILLED = 0.8

#: Maximum number of colors of a line, and minimum number of the drawings.
MOST_COLORS, LEAST_COLORS = 2, 4


def find_titles(picture: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The boxes of the lines of text, int64 (N, 4): left, top, right, bottom (exclusive).

    ``picture``: uint8 (H, W, 4), the background clear.
    """
    drawn = picture[..., 3] > 0
    colors = np.ascontiguousarray(picture).view(np.uint32)[..., 0]
    parts = parts_of(drawn)
    none = np.empty((0, 4), np.int64)
    if parts is None:
        return none
    sure, short = [], []
    for lines in _lines(parts, drawn, colors):
        text = [box for box, letters in lines if _is_text(drawn, box, letters)]
        sure += text
        # A short line counts if it is as far left and right, or as high and low, as a longer one.
        if text:
            left, top, right, bottom = _around(np.array(text)).tolist()
            short += [
                box
                for box, _ in lines
                if box not in text
                and ((left <= box[0] and box[2] <= right) or (top <= box[1] and box[3] <= bottom))
            ]
    rest = drawn.copy()
    for left, top, right, bottom in sure + short:
        rest[top:bottom, left:right] = False
    if not sure or not rest.any() or len(np.unique(colors[rest])) < LEAST_COLORS:
        return none
    art, boxes = box_of(rest), np.array(sure + short, np.int64)
    beside = np.any((boxes[:, :2] >= art[2:]) | (boxes[:, 2:] <= art[:2]), axis=1)
    return boxes[beside] if beside[: len(sure)].all() else none


def without_titles(picture: NDArray[np.uint8], titles: NDArray[np.int64]) -> NDArray[np.uint8]:
    """A picture, or frames, uint8 (..., H, W, 4), with the lines of text made transparent."""
    if not len(titles):
        return picture
    bare = picture.copy()
    for left, top, right, bottom in titles.tolist():
        bare[..., top:bottom, left:right, :] = 0
    return bare


def box_of(drawn: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The box around what is drawn, int64 (4,): left, top, right, bottom (exclusive).

    ``drawn``: bool (H, W), with something drawn.
    """
    columns, rows = (np.flatnonzero(drawn.any(axis=axis)) for axis in (0, 1))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.int64)


def _around(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The box around boxes, int64 (N, 4)."""
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _lines(
    parts: NDArray[np.int64], drawn: NDArray[np.bool_], colors: NDArray[np.uint32]
) -> Iterator[list[tuple[tuple[int, ...], NDArray[np.int64]]]]:
    """Rows of small parts that follow each other, by their colors: the box and parts of each."""
    size = parts[:, 2:] - parts[:, :2]
    small = parts[(size[:, 1] <= MOST_HEIGHT) & (size[:, 0] <= MOST_WIDTH)]
    by_colors: dict[bytes, list[NDArray[np.int64]]] = {}
    for part in small[np.argsort(small[:, 0], kind="stable")]:
        left, top, right, bottom = part
        used = np.unique(colors[top:bottom, left:right][drawn[top:bottom, left:right]])
        if len(used) <= MOST_COLORS:
            by_colors.setdefault(used.tobytes(), []).append(part)
    for letters in map(np.array, by_colors.values()):
        left, top, right, bottom = letters.T
        across = np.abs(left[None] - right[:, None])
        level = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
        links = Links(len(letters))
        links.join(*np.nonzero((across <= MOST_SPACE) & (level > 0)))
        label = links.groups()
        lines = (letters[label == i] for i in range(int(label.max()) + 1))
        yield [(tuple(_around(line).tolist()), line) for line in lines]


def _is_text(drawn: NDArray[np.bool_], box: tuple[int, ...], letters: NDArray[np.int64]) -> bool:
    if box[3] - box[1] > MOST_HEIGHT or len(letters) < LEAST_LETTERS:
        return False
    shapes = [drawn[top:bottom, left:right] for left, top, right, bottom in letters.tolist()]
    filled = np.median([shape.mean() for shape in shapes])
    between = np.median(letters[1:, 0] - letters[:-1, 2])
    different = len({(shape.shape, shape.tobytes()) for shape in shapes})
    return bool(filled <= MOST_FILLED and between <= MOST_BETWEEN and different >= LEAST_SHAPES)
