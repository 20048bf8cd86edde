"""Which workspaces there are. Each is imported and built only when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.theme import ThemeManager

# ruff: noqa: PLC0415 (pyqtgraph alone takes longer to import than the window may take to open)


@dataclass(frozen=True)
class WorkspaceSpec:
    """A workspace before it is built."""

    name: str
    title: str
    icon: str
    tip: str
    make: Callable[[Lab, ThemeManager], QWidget]


def _see(lab: Lab, theme: ThemeManager) -> QWidget:
    from sprite_lab.ui.workspaces.see import SeeWorkspace

    return SeeWorkspace(lab, theme)


def _train(lab: Lab, theme: ThemeManager) -> QWidget:
    from sprite_lab.ui.workspaces.train import TrainWorkspace

    return TrainWorkspace(lab, theme)


def _draw(lab: Lab, theme: ThemeManager) -> QWidget:
    from sprite_lab.ui.workspaces.draw.workspace import DrawWorkspace

    return DrawWorkspace(lab, theme)


def _measure(lab: Lab, theme: ThemeManager) -> QWidget:
    from sprite_lab.ui.workspaces.measure import MeasureWorkspace

    return MeasureWorkspace(lab, theme)


def _data(lab: Lab, theme: ThemeManager) -> QWidget:
    from sprite_lab.ui.workspaces.data import DataWorkspace

    return DataWorkspace(lab, theme)


WORKSPACES = (
    WorkspaceSpec("see", "See", "see", "Watch noise and sprites turn into each other", _see),
    WorkspaceSpec("train", "Train", "train", "Teach a network to undo the noise", _train),
    WorkspaceSpec("draw", "Draw", "draw", "Draw sprites and let a model finish them", _draw),
    WorkspaceSpec("measure", "Measure", "measure", "How probable sprites are to a model", _measure),
    WorkspaceSpec("data", "Data", "data", "Look through the sprites that are open", _data),
)
