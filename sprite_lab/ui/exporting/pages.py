"""Which pages the export window has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sprite_lab.ui.exporting.page import ExportPage
from sprite_lab.ui.theme import ThemeManager

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


@dataclass(frozen=True)
class PageSpec:
    """A page: its name, what its tab says, and how it is made.

    ``subjects`` : names of what it exports, by which the window finds it.
    """

    name: str
    title: str
    icon: str
    tip: str
    subjects: tuple[str, ...]
    make: Callable[[Lab, ThemeManager], ExportPage]


def _animation(lab: Lab, theme: ThemeManager) -> ExportPage:
    from sprite_lab.ui.exporting.animation_page import AnimationPage  # noqa: PLC0415 (as needed)

    return AnimationPage(lab, theme)


def _sprites(lab: Lab, theme: ThemeManager) -> ExportPage:
    from sprite_lab.ui.exporting.sprites_page import SpritesPage  # noqa: PLC0415 (as needed)

    return SpritesPage(lab, theme)


def pages() -> tuple[PageSpec, ...]:
    """All pages, in the order of their tabs."""
    from sprite_lab.app.exports import SUBJECTS  # noqa: PLC0415 (only when the window is opened)

    def of(kind: str) -> tuple[str, ...]:
        return tuple(subject.name for subject in SUBJECTS if subject.kind == kind)

    return (
        PageSpec(
            "animation",
            "Animation",
            "play",
            "GIF, animated PNG and WebP, and video",
            of("animation"),
            _animation,
        ),
        PageSpec(
            "sprites", "Sprites", "grid", "Single pictures, or a sheet", of("sprites"), _sprites
        ),
    )
