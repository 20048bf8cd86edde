"""The panel of Draw and its row of options fit the screen, and nothing in them moves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.tools.tool_table import TOOLS
from sprite_lab.ui.draw.generate.panel import DrawPanel
from sprite_lab.ui.shell.command_palette import entries_of
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import MARGIN, FoldGroup
from tests.gui.maker import Maker
from tests.qt import settle

pytestmark = pytest.mark.opens("draw")


@pytest.fixture
def maker(window: MainWindow, qtbot: QtBot) -> Maker:
    maker = Maker(window)
    qtbot.waitUntil(lambda: maker.canvas.isVisible())
    return maker


def panel_of(maker: Maker) -> DrawPanel:
    return maker.window.navigator.draw.panel


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_each_tab_of_the_panel_fits_the_screen(
    maker: Maker, theme: ThemeManager, size: tuple[int, int], percent: int
) -> None:
    panel = panel_of(maker)
    theme.set_text_size(percent)
    maker.window.resize(*size)
    width = None
    for tab in ("sprite", "limits", "cells"):
        maker.click(f"draw.tabs.{tab}")
        for _ in range(3):  # one layout may require another
            settle()
        too_high = panel.verticalScrollBar().maximum()
        assert too_high == 0, (
            f"{tab} is {too_high} px too high: CONTRIBUTING says where there is room"
        )
        assert width in (None, panel.width())
        width = panel.width()
        groups = [g for g in panel.findChildren(FoldGroup) if g.isVisible()]
        assert len(groups) in (3, 4, 5)


def test_rows_are_close_only_where_there_is_no_room(maker: Maker, theme: ThemeManager) -> None:
    theme.set_text_size(150)
    field, panel = maker.find("draw.class"), panel_of(maker)
    usual = ElidedComboBox()
    theme.dress(usual)
    usual.ensurePolished()
    for height, roomy in ((1080, True), (800, False), (1080, True)):
        maker.window.resize(1920, height)
        settle()
        assert panel.property("dense") != roomy
        least = field.minimumSizeHint().height()
        assert (least == usual.minimumSizeHint().height()) == roomy
        assert least >= 30


def test_columns_and_tabs_do_not_take_turns(maker: Maker, theme: ThemeManager) -> None:
    """Two columns may need a scroll bar that one tab does not: they once alternated endlessly, in
    windows of a dozen widths.
    """
    panel = panel_of(maker)
    for fold in panel.folds:
        fold.set_open(True)
    panel.setParent(None)
    theme.dress(panel)
    panel.show()
    needed = sum(panel._widths) + panel._both.spacing() + MARGIN
    for width in range(needed - 16, needed + 24, 4):
        panel.resize(width, 700)
        ways = []
        for _ in range(8):
            QApplication.processEvents()
            ways.append(panel._both.direction())
        assert len(set(ways[2:])) == 1, width - needed
    panel.close()


@pytest.mark.parametrize("percent", [100, 150])
def test_what_a_mask_says_moves_nothing(maker: Maker, theme: ThemeManager, percent: int) -> None:
    """Selecting another cell once moved a box away from the pointer."""
    theme.set_text_size(percent)
    maker.window.resize(1280, 800)
    maker.click("draw.tabs.limits")
    drawn = np.zeros((16, 16, 4), np.uint8)
    drawn[4:12, 4:12] = 255, 0, 0, 255
    symmetric, said, places = maker.find("draw.symmetric"), set(), set()
    for change in (lambda: None, lambda: maker.put(drawn), lambda: maker.click("draw.mask.keep")):
        change()
        settle(maker.window)
        said.add(maker.text("draw.mask.text"))
        places.add(symmetric.mapTo(maker.window, symmetric.rect().topLeft()).y())
    assert len(said) == 3
    assert len(places) == 1


def test_a_setting_on_another_tab_is_found(maker: Maker) -> None:
    maker.click("draw.tabs.cells")
    box = maker.window.findChild(QCheckBox, "draw.symmetric")
    assert not box.isVisible()
    maker.window.navigator.reveal(box)
    assert box.isVisible()
    button = maker.window.findChild(QPushButton, "draw.generate")
    assert not button.isVisible()
    offered = {entry.name for entry in entries_of("Draw", panel_of(maker))}
    assert {"draw.generate", "draw.mask.keep", "draw.tabs.cells"} <= offered
    assert "draw.vary" in offered, "though its group is collapsed"


def test_what_tools_have_in_common_stays_in_its_place(maker: Maker) -> None:
    for option, name in (("symmetry", "draw.symmetry"), ("size", "draw.option.size")):
        places = set()
        for tool in TOOLS:
            if option in tool.options:
                maker.find("draw").tools.set_tool(tool.name)
                settle()
                places.add(maker.find(name).geometry().getRect())
        assert len(places) == 1
