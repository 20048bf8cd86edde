"""Cuts the frames of a picture into pieces of art: whole, by a grid, or by drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.color_codes import color_codes
from sprite_lab.core.pixels.pictures import Pictures
from sprite_lab.core.sets.imports import Cut, Grid, PictureChoices
from sprite_lab.core.sets.sprites import alpha_from_background
from sprite_lab.formats.importing.background import (
    LOSSY_TOLERANCE,
    find_background,
    find_background_of_cells,
    ground_of_cells,
    without_background,
    without_lines,
)
from sprite_lab.formats.importing.decode import Decoded
from sprite_lab.formats.importing.drawings import even_grid, find_drawings, separate_boxes
from sprite_lab.formats.importing.grids import likely_grids, without_rims
from sprite_lab.formats.importing.pixel_size import (
    PixelSize,
    at_pixel_size,
    find_pixel_size,
    lossy_pixel_size,
    moved_together,
    pixel_size_of_each,
)
from sprite_lab.formats.importing.sheet_json import SheetText
from sprite_lab.formats.importing.titles import find_titles, without_titles

#: Cost (1 minus the probability) above which a grid is reported as a guess.
UNSURE_COST = 0.4

#: Maximum number of grids offered besides the likeliest, and the minimum probability of each,
#: relative to the first of them.
MOST_GUESSES, LEAST_GUESS = 3, 0.01

#: Maximum number of cells that a picture may be cut into.
MOST_CELLS = 200_000


@dataclass(frozen=True, eq=False)
class Pieces:
    """The pieces that a picture was cut into."""

    preview: NDArray[np.uint8]  #: uint8 (H, W, 4), its first frame at its own pixel size
    arts: tuple[NDArray[np.uint8], ...]  #: uint8 (h, w, 4) each, (0, 0, 0, 0) where clear
    boxes: NDArray[np.int64]  #: int64 (M, 4), the box of each on the preview
    #: the part of each name that distinguishes it from the others; "" if there is only one
    places: tuple[str, ...]
    group: NDArray[np.int64]  #: int64 (M,), equal for the frames of one drawing
    grid: Grid | None  #: the grid used; None = none
    cost: float  #: 1 minus the probability of the grid, or of there being none
    cut: Cut  #: how it was cut
    scale: int  #: file pixels per art pixel
    empty: int  #: number of pieces left out because they are empty
    frames: int  #: number of frames
    background: tuple[int, int, int] | None
    guesses: tuple[Grid, ...] = ()  #: other possible grids, the likeliest first
    #: background color of the cells that was not removed; None = there is none
    left_ground: tuple[int, int, int] | None = None
    titled: bool = False  #: whether lines of text beside the drawings were left out

    @property
    def with_background(self) -> NDArray[np.bool_]:
        """Which pieces still have the background inside, bool (M,)."""
        if self.background is None:
            return np.zeros(len(self.arts), np.bool_)
        red, green, blue = self.background
        code = red << 16 | green << 8 | blue
        found = [(color_codes(art)[art[..., 3] > 0] == code).any() for art in self.arts]
        return np.array(found, np.bool_)


@dataclass(frozen=True)
class _Ground:
    """The background of pieces: its color (None = none), the tolerance of its pixels, and whether
    it is also removed inside drawings.
    """

    color: tuple[int, int, int] | None
    tolerance: int
    holes: bool

    def removed_from(self, art: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A piece without the background."""
        bare = art.copy()
        if self.color is not None and self.holes:
            bare = without_background(art[None], self.color, self.tolerance)[0]
        elif self.color is not None:
            around = alpha_from_background(art[None, ..., :3], self.color, self.tolerance)[0]
            bare[..., 3] = np.minimum(bare[..., 3], around)
        bare[bare[..., 3] == 0] = 0
        return bare


def cut_picture(
    decoded: Decoded,
    name: str,
    cell: int,
    choices: PictureChoices,
    grid: Grid | None = None,
    folder: str = "",
) -> Pieces:
    """Cut a picture as chosen, or else as its contents suggest.

    Picking a background by hand does not change the grid that is found without it, as cells may
    have frames of another color on that background.

    Raises FileError if the chosen cut is impossible.

    ``grid``: the grid stated in a file beside it, in pixels of the file. ``folder``: the path of
    its folder, which may name the size of the cells.
    """
    tolerance = LOSSY_TOLERANCE if decoded.lossy else 0
    if grid is None:
        background = find_background(decoded.frames, choices.background, tolerance)
    else:
        cells = grid.boxes(*decoded.frames.shape[1:3])
        sheet = decoded.frames[:1]
        background = find_background_of_cells(sheet, cells, choices.background, tolerance)
    path = PurePosixPath(folder, name)
    laid = None
    if isinstance(choices.background, tuple) and not choices.by_hand and grid is None:
        usual = find_background(decoded.frames, tolerance=tolerance)
        laid = _lay_out(decoded.frames, usual, tolerance, path, cell, choices, None)
    if laid is None or laid.found.grid is None:
        laid = _lay_out(decoded.frames, background, tolerance, path, cell, choices, grid)
    frames, found = laid.frames, laid.found
    if len(found.boxes) * len(frames) > MOST_CELLS:
        raise FileError(
            "'{name}' would be cut into {count:,} pieces, but at most "
            "{most_cells:,} are taken; choose larger cells.",
            name=name,
            count=len(found.boxes) * len(frames),
            most_cells=MOST_CELLS,
        )
    ground = _Ground(background, tolerance, choices.holes)
    clear = without_background(frames, background, tolerance)
    clear = without_titles(clear, found.titles)
    pieces = _pieces(frames, clear, ground, found, laid.scale)
    if pieces.grid is None or choices.background != "auto":
        return pieces
    return replace(pieces, left_ground=ground_of_cells(pieces.arts, tolerance))


def as_plain_sheet(pictures: Pictures, side: int) -> Pictures:
    """A sheet of cells of ``side`` pixels, at its own pixel size and without gaps.

    Pictures that are not a single sheet of such cells are returned unchanged.
    """
    if len(pictures.frames) > 1:
        return pictures
    try:
        pieces = cut_picture(
            Decoded("picture", pictures.frames), pictures.title, side, PictureChoices()
        )
    except FileError:
        return pictures
    grid = pieces.grid
    if grid is None or grid.cell != (side, side) or not pieces.arts:
        return pictures
    step, offset = np.add(grid.cell, grid.spacing), grid.offset
    rows, columns = grid.counts(*pieces.preview.shape[:2])
    if rows * columns == 1:
        return pictures  # probably larger art
    cells = np.zeros((rows, columns, side, side, 4), np.uint8)
    for art, (x, y, _, _) in zip(pieces.arts, pieces.boxes.tolist(), strict=True):
        cells[(y - offset[0]) // step[0], (x - offset[1]) // step[1]] = art
    sheet = cells.swapaxes(1, 2).reshape(1, rows * side, columns * side, 4)
    return replace(pictures, frames=sheet, stacks=(), layers=())


class _LaidOut(NamedTuple):
    """A picture at its own pixel size, and how it is cut."""

    frames: NDArray[np.uint8]
    scale: int  # file pixels per art pixel
    found: _Boxes


def _lay_out(
    frames: NDArray[np.uint8],
    background: tuple[int, int, int] | None,
    tolerance: int,
    path: PurePosixPath,
    cell: int,
    choices: PictureChoices,
    grid: Grid | None,
) -> _LaidOut:
    """Find the pixel size and the boxes of a picture, treating its background as clear."""
    clear = without_background(frames, background, tolerance)
    scale = 1
    if max(frames.shape[1:3]) > cell:
        size = lossy_pixel_size(frames) if tolerance else find_pixel_size(clear)
        if grid is not None and (any(size.offset) or any(n % size.scale for n in grid.numbers)):
            size = PixelSize(1, (0, 0))
        found = grid is None and choices.grid is None and choices.cut in ("auto", "drawings")
        uneven = _uneven(frames, clear, background, size, cell) if found else None
        if uneven is not None:
            return uneven
        scale = size.scale
        frames, clear = at_pixel_size(frames, size), at_pixel_size(clear, size)
    if grid is not None:
        choices = replace(choices, cut="grid", grid=grid.reduced(scale))
    return _LaidOut(frames, scale, _boxes(frames, clear, path, cell, scale, choices))


def _uneven(
    frames: NDArray[np.uint8],
    clear: NDArray[np.uint8],
    background: tuple[int, int, int] | None,
    size: PixelSize,
    cell: int,
) -> _LaidOut | None:
    """Enlarged drawings that share no pixel grid; None = they share one, or are not enlarged.

    ``size``: the enlargement that explains the whole picture.
    """
    drawn = np.any(clear[..., 3], axis=0)
    apart = separate_boxes(drawn)
    if apart is None or len(apart) < 2:
        return None
    scale = pixel_size_of_each(clear, apart)
    boxes = find_drawings(drawn, scale * cell, scale) if scale > size.scale else None
    if boxes is None:
        return None
    start, end = boxes[:, :2] // scale, (boxes[:, :2] + boxes[:, 2:]) // scale
    cut = _Boxes("drawings", np.concatenate([start, end - start], axis=1))
    ground = (*background, 255) if background else (0, 0, 0, 0)
    return _LaidOut(moved_together(frames, apart, scale, ground), scale, cut)


def cut_by_text(decoded: Decoded, text: SheetText, name: str, choices: PictureChoices) -> Pieces:
    """Cut a sheet as described in a file; trimmed frames get their rim back.

    Raises FileError if a frame lies outside the sheet.
    """
    sheet = decoded.frames[:1]
    height, width = sheet.shape[1:3]
    tolerance = LOSSY_TOLERANCE if decoded.lossy else 0
    found = (text.box_of(frame, width, height) for frame in text.frames)
    cells = np.array([box for box in found if box is not None], np.int64).reshape(-1, 4)
    background = find_background_of_cells(sheet, cells, choices.background, tolerance)
    clear = without_background(sheet, background, tolerance)[0]
    ground = _Ground(background, tolerance, choices.holes)
    arts, boxes, places, group, empty = [], [], [], [], 0
    tags = {tag: i for i, tag in enumerate(dict.fromkeys(frame.tag for frame in text.frames))}
    for i, frame in enumerate(text.frames):
        box = text.box_of(frame, width, height)
        if box is None:
            raise FileError(
                "The frame '{name}' does not lie on '{picture}', which is {width}×{height} "
                "pixels; put '{file}' beside the picture that it was written with.",
                name=frame.name,
                picture=name,
                width=width,
                height=height,
                file=text.file,
            )
        x, y, w, h = box
        if not clear[y : y + h, x : x + w, 3].any():
            empty += 1
            continue
        art = ground.removed_from(sheet[0, y : y + h, x : x + w])
        if frame.source:
            whole = np.zeros((frame.source[1], frame.source[0], 4), np.uint8)
            whole[frame.at[1] : frame.at[1] + h, frame.at[0] : frame.at[0] + w] = art
            art = whole
        arts.append(art)
        boxes.append((x, y, w, h))
        stem = PurePosixPath(frame.name).stem
        places.append(f"{stem} {frame.tag}".strip() if frame.tag not in stem else stem)
        # Frames of one tag are one animated drawing.
        group.append(tags[frame.tag] if frame.tag else len(tags) + i)
    return Pieces(
        preview=sheet[0],
        arts=tuple(arts),
        boxes=np.array(boxes, np.int64).reshape(-1, 4),
        places=tuple(places),
        group=np.array(group, np.int64),
        grid=None,
        cost=0.0,
        cut="frames",
        scale=1,
        empty=empty,
        frames=1,
        background=background,
    )


class _Boxes(NamedTuple):
    """How a picture is cut."""

    cut: Cut
    boxes: NDArray[np.int64]  # (N, 4): x, y, width, height
    grid: Grid | None = None
    cost: float = 0.0  # 1 minus the grid's probability
    guesses: tuple[Grid, ...] = ()
    titles: NDArray[np.int64] = np.empty((0, 4), np.int64)  # lines of text, which are no sprites


def _boxes(
    frames: NDArray[np.uint8],
    clear: NDArray[np.uint8],
    path: PurePosixPath,
    cell: int,
    scale: int,
    choices: PictureChoices,
) -> _Boxes:
    height, width = clear.shape[1:3]
    whole = _Boxes("whole", np.array([[0, 0, width, height]], np.int64))
    cut = choices.cut
    if choices.grid is not None and cut in ("auto", "grid"):
        boxes = choices.grid.boxes(height, width)
        if not len(boxes):
            raise FileError(
                "Not one cell of that grid fits on '{name}', which is {width}×{height} pixels; "
                "choose smaller cells or another start.",
                name=path.name,
                width=width,
                height=height,
            )
        return _Boxes("grid", boxes, choices.grid)
    if cut in ("whole", "frames") or (cut == "auto" and max(height, width) <= cell):
        return whole
    lined = without_lines(frames, clear)
    titles = find_titles(lined[0]) if len(lined) == 1 else np.empty((0, 4), np.int64)
    likely = (
        [] if cut == "drawings" else likely_grids(lined[0], str(path), scale, cut == "auto", titles)
    )
    best, probability = likely[0] if likely else (None, 1.0)
    doubt = 1 - probability
    drawn = np.any(without_titles(lined, titles)[..., 3], axis=0)
    if best is not None:
        best = without_rims(best, drawn, str(path), scale)
    if cut == "grid" and best is None:
        best, doubt = Grid((min(cell, height), min(cell, width))), 1.0
    # Grids that cut the same cells count as one suggestion.
    different: dict[bytes, Grid] = {} if best is None else {_cut_by(best, height, width): best}
    least = 0.0
    for grid, share in likely:
        if grid is None or grid == best:
            continue
        least = least or LEAST_GUESS * share
        if share < least or len(different) > MOST_GUESSES:
            break
        different.setdefault(_cut_by(grid, height, width), grid)
    others = tuple(grid for grid in different.values() if grid != best)[:MOST_GUESSES]
    if best is not None:
        boxes = best.boxes(height, width)
        return _Boxes("grid", boxes, best, doubt, others, titles)
    drawings = find_drawings(drawn, cell)
    if drawings is None and cut == "drawings":
        raise FileError(
            "'{name}' has too many separate parts to be told apart as drawings; cut it by a grid.",
            name=path.name,
        )
    if drawings is not None and (len(drawings) > 1 or (len(drawings) and cut == "drawings")):
        even = even_grid(drawings, cell)
        others = others if even is None else (even, *others)[:MOST_GUESSES]
        return _Boxes("drawings", drawings, None, doubt, others, titles)
    return whole._replace(cost=doubt, guesses=others)


def _cut_by(grid: Grid, height: int, width: int) -> bytes:
    return grid.boxes(height, width).tobytes()


def _pieces(
    frames: NDArray[np.uint8],
    clear: NDArray[np.uint8],
    ground: _Ground,
    found: _Boxes,
    scale: int,
) -> Pieces:
    boxes, grid = found.boxes, found.grid
    arts, kept, places, group, empty = [], [], [], [], 0
    columns = grid.counts(*frames.shape[1:3])[1] if grid else 0
    rows = len(boxes) // columns if columns else 0
    for number, (whole, bare) in enumerate(zip(frames, clear, strict=True), start=1):
        for i, (x, y, w, h) in enumerate(boxes.tolist()):
            if not bare[y : y + h, x : x + w, 3].any():
                empty += 1
                continue
            arts.append(ground.removed_from(whole[y : y + h, x : x + w]))
            kept.append(i)
            group.append(i)
            if rows > 1 and columns > 1:
                place = f"{i // columns + 1},{i % columns + 1}"
            else:
                place = str(i + 1) if len(boxes) > 1 else ""
            places.append(f"{number} {place}".strip() if len(frames) > 1 else place)
    return Pieces(
        preview=frames[0],
        arts=tuple(arts),
        boxes=boxes[kept] if kept else np.empty((0, 4), np.int64),
        places=tuple(places),
        group=np.array(group, np.int64),
        grid=grid,
        cost=found.cost,
        cut=found.cut,
        scale=scale,
        empty=empty,
        frames=len(frames),
        background=ground.color,
        guesses=found.guesses,
        titled=len(found.titles) > 0,
    )
