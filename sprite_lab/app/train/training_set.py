"""The data set that the open model was trained on."""

from __future__ import annotations

from dataclasses import dataclass

from sprite_lab.app.context import AppContext
from sprite_lab.app.shell.text_format import set_title
from sprite_lab.core.sets.sprites import BUILTIN_TITLE, SpriteSet


@dataclass(frozen=True)
class MissingSet:
    """A data set that must be opened first. ``title``: "" = any."""

    title: str

    @property
    def builtin(self) -> bool:
        """Whether the set ships with the app."""
        return self.title == BUILTIN_TITLE

    @property
    def shown_title(self) -> str:
        return set_title(self.title)


def training_set(context: AppContext) -> SpriteSet | MissingSet:
    """The set that the open model was trained on, or a MissingSet if that is not open.

    Without a model, the open set.
    """
    model, sprites = context.model.value, context.data.value
    if model is None:
        return MissingSet("") if sprites is None else sprites
    if sprites is None or sprites.fingerprint != model.data_fingerprint:
        return MissingSet(model.data_title)
    return sprites
