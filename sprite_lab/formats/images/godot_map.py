"""Godot 4's scene with a painted map: a ``TileMapLayer``, as Godot 4.3 and newer have it.

Its ``tile_map_data`` is read by ``set_tile_map_data_from_array`` (scene/2d/tile_map_layer.cpp): the
version 0, then a record for each tile. All numbers have 16 bits, the lowest first.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable

_VERSION = struct.Struct("<H")

#: Column and row on the map (signed), the source in the tile set, column and row there, and the
#: variant of the tile.
_TILE = struct.Struct("<hhHHHH")

#: ``CanvasItem.TEXTURE_FILTER_NEAREST``: pixels stay squares, whatever the project's default.
_NEAREST = 1


def tile_map_data(tiles: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> bytes:
    """The tiles of a layer, from source 0 of its set: column and row on the map, and in the set."""
    return _VERSION.pack(0) + b"".join(_TILE.pack(*place, 0, *tile, 0) for place, tile in tiles)


def scene_of_map(tile_set: str, name: str, data: bytes) -> str:
    """A scene of one layer.

    Parameters
    ----------
    tile_set : the name of the file with its set, in quotes and escaped, as ``name`` is.
    data : of :func:`tile_map_data`.
    """
    return "\n".join(
        [
            "[gd_scene load_steps=2 format=4]",
            "",
            f'[ext_resource type="TileSet" path={tile_set} id="1"]',
            "",
            f'[node name={name} type="TileMapLayer"]',
            f"texture_filter = {_NEAREST}",
            f'tile_map_data = PackedByteArray("{base64.b64encode(data).decode()}")',
            'tile_set = ExtResource("1")',
            "",
        ]
    )
