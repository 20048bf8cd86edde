"""What a page of the export window has to offer, and which pages there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.theme import ThemeManager

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab
    from sprite_lab.jobs import JobHandle


class ExportPage(QWidget):
    """A preview at the left, settings at the right; the window has the button.

    Attributes
    ----------
    problem : why nothing can be exported as it is set, in a sentence; "" = it can.
    button : what the window's button says.

    Signals
    -------
    changed : problem or button.
    started : the JobHandle of an export that was begun.
    """

    changed = Signal()
    started = Signal(object)
    problem = ""
    button = "Export…"

    def show_subject(self, name: str) -> None:
        """Choose what is exported; "" = what can be, as far as anything can."""

    def refresh(self) -> None:
        """Look again at what there is."""

    def export(self) -> None:
        """Ask where to, and begin."""

    def began(self, handle: JobHandle) -> None:
        """Tell the window of an export."""
        self.started.emit(handle)


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
