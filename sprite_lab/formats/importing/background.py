"""Which pixels of a sheet are drawn, as shown by its alpha or its background color."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.sets.imports import Background

#: A sheet with at least this share of clear pixels is not searched for a background.
CLEAR_SHARE = 0.01

#: Minimum shares of the sheet's rim and of the whole sheet for a background color. If all four
#: corners have the color, less of the rim is enough, as drawings may touch it.
RIM_SHARE, RIM_SHARE_WITH_CORNERS, WHOLE_SHARE = 0.75, 0.1, 0.15

#: Minimum ratio of all pixels of a background to its pixels on the rim; with a lower ratio, it may
#: be the frame of a tile.
DEEP = 1.3

#: Maximum difference (of 255, in each channel) of a lossy picture's pixel from its background.
LOSSY_TOLERANCE = 32

#: Maximum number of cells of a sheet that are examined for a background.
_MOST_CELLS = 256

#: Number of rows of a large sheet that are processed at once, to limit memory.
_ROWS = 256

#: Number of pixels that are compared with a color at once, to limit memory.
_PIXELS = 1 << 20


def find_background(
    frames: NDArray[np.uint8], choice: Background = "auto", tolerance: int = 0
) -> tuple[int, int, int] | None:
    """The background color of a picture; None = its alpha marks the background, or it has none.

    ``frames``: uint8 (F, H, W, 4). ``tolerance``: maximum difference (of 255, in each channel)
    between background pixels.
    """
    if choice == "none":
        return None
    if choice != "auto":
        return choice
    if np.count_nonzero(frames[..., 3] < 128) >= CLEAR_SHARE * frames[..., 3].size:
        return None
    first = frames[0]
    rim = _rim(first)
    value = _commonest(rim)
    color = np.array([value >> 16, value >> 8 & 255, value & 255], np.int16)

    def share(pixels: NDArray[np.uint8]) -> float:
        if tolerance == 0:
            return float(np.mean(color_codes(pixels) == value))
        distance = np.abs(pixels[..., :3].astype(np.int16) - color).max(axis=-1)
        return float(np.mean(distance <= tolerance))

    corners = share(first[[0, 0, -1, -1], [0, -1, 0, -1]])
    if share(rim) < (RIM_SHARE_WITH_CORNERS if corners == 1 else RIM_SHARE):
        return None
    if share(first) < WHOLE_SHARE or share(first) * first[..., 0].size < DEEP * share(rim) * len(
        rim
    ):
        return None
    return value >> 16, value >> 8 & 255, value & 255


def rim_color(picture: NDArray[np.uint8]) -> tuple[int, int, int]:
    """The most common color of the outermost pixels of a picture, uint8 (H, W, 4)."""
    value = _commonest(_rim(picture))
    return value >> 16, value >> 8 & 255, value & 255


def _rim(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def _commonest(pixels: NDArray[np.uint8]) -> int:
    """Code of the most common color."""
    colors, counts = np.unique(color_codes(pixels), return_counts=True)
    return int(colors[counts.argmax()])


def ground_of_cells(
    cells: Sequence[NDArray[np.uint8]], tolerance: int = 0
) -> tuple[int, int, int] | None:
    """The background color shared by at least half of all cells; None = there is none.

    ``cells``: uint8 (h, w, 4) each. ``tolerance``: as in :func:`find_background`.
    """
    some = cells[:: -(-len(cells) // _MOST_CELLS) or 1]
    found = Counter(find_background(cell[None], tolerance=tolerance) for cell in some)
    del found[None]
    ((color, count),) = found.most_common(1) or [(None, 0)]
    return color if count >= max(2, len(some) / 2) else None


def find_background_of_cells(
    sheet: NDArray[np.uint8], boxes: NDArray[np.int64], choice: Background, tolerance: int
) -> tuple[int, int, int] | None:
    """The background color of a sheet with known cells; None = there is none.

    Most of the cells must have it as a background. Tiles do not: what looks like a background at
    the rim of their sheet belongs to each tile.

    Parameters
    ----------
    sheet : uint8 (1, H, W, 4).
    boxes : int64 (N, 4): x, y, width and height of each cell.
    choice, tolerance : as in :func:`find_background`.
    """
    background = find_background(sheet, choice, tolerance)
    if background is None or choice != "auto":
        return background
    cells = [sheet[0, y : y + h, x : x + w] for x, y, w, h in boxes.tolist()]
    drawn = [cell for cell in cells if cell.size and np.ptp(color_codes(cell))]
    if len(drawn) < 2 or ground_of_cells(drawn, tolerance) is not None:
        return background
    return None


def without_background(
    frames: NDArray[np.uint8], background: tuple[int, int, int] | None, tolerance: int
) -> NDArray[np.uint8]:
    """Frames with all pixels of the background, and all clear ones, set to (0, 0, 0, 0)."""
    out = frames.copy()
    for part in (out[:, y : y + _ROWS] for y in range(0, out.shape[1], _ROWS)):
        clear = part[..., 3] == 0
        if background is not None:
            distance = np.abs(part[..., :3].astype(np.int16) - np.asarray(background, np.int16))
            clear |= distance.max(axis=-1) <= tolerance
        part[clear] = 0
    return out


def has_color(frames: NDArray[np.uint8], color: tuple[int, int, int], tolerance: int = 0) -> bool:
    """Whether any visible pixel has the color.

    ``frames`` is uint8 (F, H, W, 4), ``tolerance`` as in :func:`find_background`.
    """
    pixels = frames.reshape(-1, 4)
    for part in (pixels[i : i + _PIXELS] for i in range(0, len(pixels), _PIXELS)):
        distance = np.abs(part[:, :3].astype(np.int16) - np.asarray(color, np.int16)).max(axis=1)
        if ((distance <= tolerance) & (part[:, 3] > 0)).any():
            return True
    return False


def separators(frames: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns that are lines between cells, of one color from end to end.

    There must be at least two lines of that color in a direction, all narrower than the cells
    between them. Clear lines do not count: they are gaps already.

    Returns
    -------
    rows, columns : their indices.
    """
    first = color_codes(frames[0]).astype(np.int64) | frames[0][..., 3].astype(np.int64) << 24
    return _lines(first), _lines(first.T)


def _lines(packed: NDArray[np.int64]) -> NDArray[np.intp]:
    """Indices of the rows that are separators; int64 (H, W) holds 0xAARRGGBB."""
    none = np.empty(0, np.intp)
    plain = (packed == packed[:, :1]).all(axis=1) & (packed[:, 0] >> 24 >= 128)
    if packed.shape[1] < 8 or not 2 <= plain.sum() <= len(packed) // 4:
        return none
    colors, counts = np.unique(packed[plain, 0], return_counts=True)
    lines = np.flatnonzero(plain & (packed[:, 0] == colors[counts.argmax()]))
    # Lines must be thin and some distance apart: anything else is part of a drawing.
    starts = np.flatnonzero(np.diff(lines, prepend=-2) > 1)
    widths = np.diff(np.append(starts, len(lines)))
    if len(starts) < 2 or widths.max() > 4 or np.diff(lines[starts]).min() < 6:
        return none
    return lines


def without_lines(frames: NDArray[np.uint8], clear: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``clear`` with the lines between cells made transparent."""
    rows, columns = separators(frames)
    if not len(rows) and not len(columns):
        return clear
    lined = clear.copy()
    lined[:, rows] = 0
    lined[:, :, columns] = 0
    return lined
