"""The state in which Draw was left, kept with the settings."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from sprite_lab.app.draw.tools.tool_table import TOOLS, ToolOptions
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.config import DrawSettings
from sprite_lab.core.config.base import Choice, Config, setting
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, TRANSPARENT

#: Tabs of the inspector of Draw.
Tab = Literal["sprite", "limits", "cells"]


@dataclass(frozen=True)
class DrawState(Config):
    """Tools and choices in Draw; drawings and their conditions belong to the project."""

    tool: str = setting("pencil", choices=tuple(Choice(tool.name, tool.text) for tool in TOOLS))
    options: ToolOptions = field(default_factory=ToolOptions)
    #: the first and the second color, 8-bit RGBA each
    colors: bytes = bytes((*DEFAULT_PALETTE[0], *TRANSPARENT))
    cell: int = setting(0, low=0)  #: index of the cell on the canvas
    chosen: tuple[int, ...] = ()  #: the cells that actions apply to; () = only ``cell``
    layer: int = setting(0, low=0)  #: the layer that tools draw on, 0 = the lowest
    tab: Tab = "sprite"  #: the open tab of the inspector
    page: str = ""  #: object name of the page beside the cells; "" = the canvas
    generating: DrawSettings = field(default_factory=DrawSettings)
    #: whether groups of settings are open, by their names
    opened: dict[str, bool] = field(default_factory=dict)
    #: which of the variations shown are kept or discarded, and whether they are tries at one sprite
    kept: tuple[int, ...] = ()
    discarded: tuple[int, ...] = ()
    tries: bool = True
    #: checksums of what Generate drew, and may draw over without asking
    drafts: tuple[int, ...] = ()
    #: the set of each kind that was last shown, by the kind's first part
    sets: dict[str, str] = field(default_factory=dict)


def last_state(settings: Settings) -> DrawState:
    """The state in which Draw was left; the default if none can be read."""
    with suppress(ConfigError):
        state = DrawState.from_json(settings.value.draw)
        if len(state.colors) == len(DrawState.colors):
            return state
    return DrawState()
