"""The first page of Train: curves beside what one noise becomes, and the timeline of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from sprite_lab.app.loss_history import LossHistory
from sprite_lab.ui.page import Page
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.inspector import separator
from sprite_lab.ui.workspaces.train.curve_plot import CurvePlot
from sprite_lab.ui.workspaces.train.previews import Previews

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class CurvePage(Page):
    """``plot`` and ``previews`` side by side."""

    def __init__(self, lab: Lab, theme: ThemeManager, history: LossHistory) -> None:
        super().__init__("train.curves")
        self.inspector = QWidget()  # all settings are on the page
        self.plot = CurvePlot(lab, theme, history)
        self.previews = Previews(lab, theme)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self.plot)
        split.addWidget(self.previews)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([600, 400])
        self.plot.setContentsMargins(0, 0, 12, 0)
        self.previews.setContentsMargins(12, 0, 0, 0)
        stage = QWidget()
        stage.setProperty("panel", True)
        stage.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(stage)
        column.setContentsMargins(16, 8, 16, 8)
        column.addWidget(split, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(stage, 1)
        outer.addWidget(separator())
        outer.addWidget(self.previews.timeline)
