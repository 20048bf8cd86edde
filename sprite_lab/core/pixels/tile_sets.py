"""Tile sets of two grounds: the corners of each tile, the pixels that edges share, and maps.

A tile is identified by the ground, 0 or 1, at its corners: north-west, north-east, south-west,
south-east (Wang tiles by corner; Lagae & Dutré 2006). There are sixteen, and any two that have the
corners of an edge in common may lie beside each other there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import require

#: The ground at the corners of a map of 4 x 4 tiles whose edges meet (a de Bruijn torus): each of
#: the sixteen tiles occurs in it once.
CORNERS = ((0, 0, 0, 1), (0, 0, 1, 0), (1, 0, 1, 1), (0, 1, 1, 1))

#: Tiles along a side of that map.
ACROSS = 4

#: Pixels on either side of an edge that are the same in all tiles with that edge.
BORDER = 2


def corners_of(ground: NDArray[np.int64]) -> NDArray[np.int64]:
    """The corners of the tiles between points of a map: (rows - 1, columns - 1, 4).

    ``ground``: int64 (rows, columns), 0 or 1 at each point.
    """
    parts = ground[:-1, :-1], ground[:-1, 1:], ground[1:, :-1], ground[1:, 1:]
    return np.stack(parts, axis=2)


@cache
def tile_corners() -> tuple[tuple[int, int, int, int], ...]:
    """The corners of the sixteen tiles, in the order of the map, row by row."""
    around = np.pad(np.array(CORNERS, np.int64), ((0, 1), (0, 1)), mode="wrap")
    return tuple((a, b, c, d) for a, b, c, d in corners_of(around).reshape(-1, 4).tolist())


def code(corners: tuple[int, int, int, int]) -> str:
    """Corners as four digits, such as "0110"."""
    return "".join(map(str, corners))


#: The code of each tile of a set.
CODES = tuple(map(code, tile_corners()))


def tiles_between(ground: NDArray[np.int64]) -> NDArray[np.int64]:
    """The tile between the points of a map, as places in CODES: int64 (rows - 1, columns - 1).

    ``ground``: see :func:`corners_of`.
    """
    rows = corners_of(ground).tolist()
    return np.array([[CODES.index(code((a, b, c, d))) for a, b, c, d in row] for row in rows])


#: Places in CODES of the tiles with a single ground.
WHOLE = CODES.index("0000"), CODES.index("1111")


#: Rows and columns of tiles of the map that a terrain is tried on.
MAP_SIZE = 8, 12


@dataclass(frozen=True)
class GroundMap:
    """A map that a terrain is tried on.

    Raises ConfigError if ``ground`` is no map of MAP_SIZE tiles.
    """

    terrain: str  #: the name of its set of cells
    ground: bytes  #: 0 or 1 at each corner of the tiles, row by row

    def __post_init__(self) -> None:
        rows, columns = MAP_SIZE
        right = len(self.ground) == (rows + 1) * (columns + 1) and set(self.ground) <= {0, 1}
        require(right, "The map of a terrain must have one of two grounds at each of its points.")

    @property
    def points(self) -> NDArray[np.int64]:
        """int64 (rows + 1, columns + 1), 0 or 1 at each corner."""
        rows, columns = MAP_SIZE
        points = np.frombuffer(self.ground, np.uint8).astype(np.int64)
        return points.reshape(rows + 1, columns + 1)

    @classmethod
    def of(cls, terrain: str, points: NDArray[np.int64]) -> GroundMap:
        """The inverse of :attr:`points`."""
        return cls(terrain, points.astype(np.uint8).tobytes())

    @classmethod
    def first(cls, terrain: str) -> GroundMap:
        """The map of a new terrain: patches of the second ground within the first."""
        points = np.zeros((MAP_SIZE[0] + 1, MAP_SIZE[1] + 1), np.int64)
        points[2:6, 3:7] = points[4:8, 6:11] = 1
        return cls.of(terrain, points)


@dataclass(frozen=True)
class TileSet:
    """A description of tiles that lets a game engine place them automatically."""

    #: the corners of each sprite, in the form of :func:`code`; "" = it is not a tile of the set
    codes: Sequence[str]
    #: of both grounds; colors are red, green and blue, 0..255
    names: tuple[str, str]
    colors: tuple[tuple[int, int, int], tuple[int, int, int]]
    ground: GroundMap | None = None  #: a map made of them; None = there is none
    title: str = "Terrain"


def join(tiles: NDArray[np.uint8], across: int = ACROSS) -> NDArray[np.uint8]:
    """Tiles (N, H, W, C) side by side, ``across`` in a row: (N / across * H, across * W, C)."""
    n, height, width, channels = tiles.shape
    rows = tiles.reshape(n // across, across, height, width, channels).swapaxes(1, 2)
    return rows.reshape(n // across * height, across * width, channels)


def cut(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The inverse of :func:`join` for square tiles: (N, side, side, C), without incomplete ones."""
    rows, columns, channels = picture.shape[0] // side, picture.shape[1] // side, picture.shape[2]
    whole = picture[: rows * side, : columns * side].reshape(rows, side, columns, side, channels)
    return np.ascontiguousarray(whole.swapaxes(1, 2).reshape(-1, side, side, channels))


@cache
def second_share(side: int) -> NDArray[np.float32]:
    """Share of ground 1 at each pixel of the map, float32 (4 side, 4 side) in 0..1.

    It is interpolated between the corners of a tile, and equal wherever pixels are shared.
    """
    at = (np.arange(side) + 0.5) / side
    down, right = np.meshgrid(at, at, indexing="ij")
    north_west, north_east, south_west, south_east = np.array(tile_corners()).T[..., None, None]
    north = north_west * (1 - right) + north_east * right
    south = south_west * (1 - right) + south_east * right
    tiles = (north * (1 - down) + south * down).astype(np.float32)
    rows = tiles.reshape(ACROSS, ACROSS, side, side).swapaxes(1, 2)
    share = rows.reshape(ACROSS * side, ACROSS * side)
    place = shared_pixels(side).ravel()
    total = np.bincount(place, share.ravel(), share.size)
    count = np.bincount(place, minlength=share.size)
    return (total / np.maximum(count, 1))[place].reshape(share.shape).astype(np.float32)


@cache
def shared_pixels(side: int) -> NDArray[np.int64]:
    """For each pixel of the map, the index of the first pixel that is the same: (4 side, 4 side).

    Pixels within BORDER of an edge are shared by all edges with the same two corners, so any tiles
    that may meet fit together as they do in the map.
    """
    length, ground = ACROSS * side, np.array(CORNERS)
    first = np.arange(length * length).reshape(length, length)
    along = np.arange(side)
    near = np.arange(-BORDER, BORDER)
    edges: dict[tuple[int, int, int], list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
    for row in range(ACROSS):
        for column in range(ACROSS):
            here = ground[row, column]
            y, x = np.meshgrid(row * side + along, column * side + near, indexing="ij")
            south = ground[(row + 1) % ACROSS, column]
            edges.setdefault((0, here, south), []).append((y % length, x % length))
            y, x = np.meshgrid(row * side + near, column * side + along, indexing="ij")
            east = ground[row, (column + 1) % ACROSS]
            edges.setdefault((1, here, east), []).append((y % length, x % length))
    while True:
        before = first.copy()
        for places in edges.values():
            least = np.min([first[place] for place in places], axis=0)
            for place in places:
                first[place] = least
        if np.array_equal(first, before):
            return first
