"""Whether the set that a model was trained on is the one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sprite_lab.core.sprites import BUILTIN_TITLE, SpriteSet

if TYPE_CHECKING:
    from sprite_lab.app.context import AppContext


@dataclass(frozen=True)
class MissingSet:
    """The set that is to be opened. ``title`` : "" where any will do."""

    title: str

    @property
    def builtin(self) -> bool:
        """Whether it comes with the app."""
        return self.title == BUILTIN_TITLE


def training_set(context: AppContext) -> SpriteSet | MissingSet:
    """The set that the model was trained on, if it is open; without a model, the open one."""
    model, sprites = context.model.value, context.data.value
    if model is None:
        return MissingSet("") if sprites is None else sprites
    if sprites is None or sprites.fingerprint != model.data_fingerprint:
        return MissingSet(model.data_title)
    return sprites
