"""A painted map in a Godot scene: the tiles of a ``TileMapLayer`` (since Godot 4.3).

Godot reads ``tile_map_data`` in ``set_tile_map_data_from_array`` (scene/2d/tile_map_layer.cpp): the
version 0, then a record for each tile. All numbers have 16 bits, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_VERSION = struct.Struct("<H")

#: Column and row on the map (signed), source in the tile set, column and row there, and variant of
#: the tile.
_TILE = struct.Struct("<hhHHHH")


def tile_map_data(tiles: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> bytes:
    """Encode tiles of source 0, each given by column and row on the map and in the tile set."""
    return _VERSION.pack(0) + b"".join(_TILE.pack(*place, 0, *tile, 0) for place, tile in tiles)
