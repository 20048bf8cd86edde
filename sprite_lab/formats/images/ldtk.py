"""A project of the level editor LDtk with a sheet: its tile set, and a level of its tiles.

Written for version 1.5.3 of the format (docs/JSON_SCHEMA.json of the LDtk repository).
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError
from sprite_lab.formats.images.atlas import Atlas

_VERSION = "1.5.3"
_TILES, _LAYER, _LEVEL = 1, 2, 3
_GROUND = "#696A79"


def ldtk_project(
    atlas: Atlas,
    picture: str,
    title: str,
    names: Sequence[str],
    level: NDArray[np.int64] | None = None,
) -> str:
    """The project as text.

    Parameters
    ----------
    picture : file name of the sheet.
    names : one for each sprite, as data of its tile.
    level : int64 (rows, columns), the sprite at each place of the level; None = that of the sheet.

    Raises
    ------
    ConfigError
        If the tiles are not square.
    """
    side = atlas.frame[0]
    if atlas.frame[1] != side:
        raise ConfigError("LDtk knows square tiles only; choose another kind of file.")
    columns, rows = atlas.counts
    numbers = atlas.numbers
    customs = [{"tileId": n, "data": name} for n, name in zip(numbers, names, strict=True)]
    if level is None:
        level = np.full((rows, columns), -1)
        level.ravel()[numbers] = range(len(numbers))
    height, width = level.shape
    tiles: list[dict[str, object]] = [
        {
            "px": [place % width * side, place // width * side],
            "src": list(atlas.corners[sprite]),
            "f": 0,
            "t": numbers[sprite],
            "d": [place],
            "a": 1,
        }
        for place, sprite in enumerate(level.ravel().tolist())
        if sprite >= 0
    ]
    tile_set: dict[str, object] = {
        "__cWid": columns,
        "__cHei": rows,
        "identifier": _identifier(title),
        "uid": _TILES,
        "relPath": picture,
        "embedAtlas": None,
        "pxWid": atlas.size[0],
        "pxHei": atlas.size[1],
        "tileGridSize": side,
        "spacing": atlas.gap,
        "padding": atlas.margin,
        "tags": [],
        "tagsSourceEnumUid": None,
        "enumTags": [],
        "customData": customs,
        "savedSelections": [],
        "cachedPixelData": None,
    }
    document = {
        "__header__": {"fileType": "LDtk Project JSON", "app": "LDtk", "appVersion": _VERSION},
        "iid": _iid(title, "project"),
        "jsonVersion": _VERSION,
        "appBuildId": 473702,
        "nextUid": 10,
        "identifierStyle": "Capitalize",
        "toc": [],
        "worldLayout": "Free",
        "worldGridWidth": 256,
        "worldGridHeight": 256,
        "defaultLevelWidth": width * side,
        "defaultLevelHeight": height * side,
        "defaultPivotX": 0,
        "defaultPivotY": 0,
        "defaultGridSize": side,
        "defaultEntityWidth": side,
        "defaultEntityHeight": side,
        "bgColor": "#40465B",
        "defaultLevelBgColor": _GROUND,
        "minifyJson": False,
        "externalLevels": False,
        "exportTiled": False,
        "simplifiedExport": False,
        "imageExportMode": "None",
        "exportLevelBg": True,
        "pngFilePattern": None,
        "backupOnSave": False,
        "backupLimit": 10,
        "backupRelPath": None,
        "levelNamePattern": "Level_%idx",
        "tutorialDesc": None,
        "customCommands": [],
        "flags": [],
        "defs": {
            "layers": [_layer(side)],
            "entities": [],
            "tilesets": [tile_set],
            "enums": [],
            "externalEnums": [],
            "levelFields": [],
        },
        "levels": [_level((width, height), side, picture, title, tiles)],
        "worlds": [],
        "dummyWorldIid": _iid(title, "world"),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _layer(side: int) -> dict[str, object]:
    return {
        "__type": "Tiles",
        "identifier": "Tiles",
        "type": "Tiles",
        "uid": _LAYER,
        "doc": None,
        "uiColor": None,
        "gridSize": side,
        "guideGridWid": 0,
        "guideGridHei": 0,
        "displayOpacity": 1,
        "inactiveOpacity": 1,
        "hideInList": False,
        "hideFieldsWhenInactive": False,
        "canSelectWhenInactive": True,
        "renderInWorldView": True,
        "pxOffsetX": 0,
        "pxOffsetY": 0,
        "parallaxFactorX": 0,
        "parallaxFactorY": 0,
        "parallaxScaling": True,
        "requiredTags": [],
        "excludedTags": [],
        "autoTilesKilledByOtherLayerUid": None,
        "uiFilterTags": [],
        "useAsyncRender": False,
        "intGridValues": [],
        "intGridValuesGroups": [],
        "autoRuleGroups": [],
        "autoSourceLayerDefUid": None,
        "tilesetDefUid": _TILES,
        "tilePivotX": 0,
        "tilePivotY": 0,
        "biomeFieldUid": None,
    }


def _level(
    size: tuple[int, int], side: int, picture: str, title: str, tiles: list[dict[str, object]]
) -> dict[str, object]:
    """A level with this many columns and rows, made of these tiles."""
    columns, rows = size
    return {
        "identifier": "Level_0",
        "iid": _iid(title, "level"),
        "uid": _LEVEL,
        "worldX": 0,
        "worldY": 0,
        "worldDepth": 0,
        "pxWid": columns * side,
        "pxHei": rows * side,
        "__bgColor": _GROUND,
        "bgColor": None,
        "useAutoIdentifier": True,
        "bgRelPath": None,
        "bgPos": None,
        "bgPivotX": 0.5,
        "bgPivotY": 0.5,
        "__smartColor": "#ADADB5",
        "__bgPos": None,
        "externalRelPath": None,
        "fieldInstances": [],
        "layerInstances": [
            {
                "__identifier": "Tiles",
                "__type": "Tiles",
                "__cWid": columns,
                "__cHei": rows,
                "__gridSize": side,
                "__opacity": 1,
                "__pxTotalOffsetX": 0,
                "__pxTotalOffsetY": 0,
                "__tilesetDefUid": _TILES,
                "__tilesetRelPath": picture,
                "iid": _iid(title, "layer"),
                "levelId": _LEVEL,
                "layerDefUid": _LAYER,
                "pxOffsetX": 0,
                "pxOffsetY": 0,
                "visible": True,
                "optionalRules": [],
                "intGridCsv": [],
                "autoLayerTiles": [],
                "seed": 0,
                "overrideTilesetUid": None,
                "gridTiles": tiles,
                "entityInstances": [],
            }
        ],
        "__neighbours": [],  # as LDtk spells it
    }


def _identifier(title: str) -> str:
    """A name of letters, digits and underscores that begins with a capital."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", title).strip("_")
    return (name[:1].upper() + name[1:]) if name[:1].isalpha() else f"Sprites_{name}".rstrip("_")


def _iid(title: str, what: str) -> str:
    """An identifier that stays the same when the export is repeated."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sprite-lab:{title}:{what}"))
