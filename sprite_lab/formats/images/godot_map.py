"""A painted map in a scene of Godot 4: the tiles of a ``TileMapLayer``, which is new in Godot 4.3.

Its ``tile_map_data`` is read by ``set_tile_map_data_from_array`` (scene/2d/tile_map_layer.cpp): the
version 0, then a record for each tile. All numbers have 16 bits, the lowest first.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_VERSION = struct.Struct("<H")

#: Column and row on the map (signed), the source in the tile set, column and row there, and the
#: variant of the tile.
_TILE = struct.Struct("<hhHHHH")


def tile_map_data(tiles: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> bytes:
    """The tiles of a layer, from source 0 of its set: column and row on the map, and in the set."""
    return _VERSION.pack(0) + b"".join(_TILE.pack(*place, 0, *tile, 0) for place, tile in tiles)
