"""Rows and columns hold their parts in order, with the space that was asked for."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.ui.layouts import hbox, vbox


def test_parts_stretches_and_gaps(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    left, middle, right = (QLabel("x") for _ in range(3))
    box = hbox(left, 12, (middle, 2), ..., right, on=whole, spacing=4, margins=(1, 2, 3, 5))
    assert whole.layout() is box
    assert [box.itemAt(i).widget() for i in range(box.count())] == [left, None, middle, None, right]
    assert [box.stretch(i) for i in range(box.count())] == [0, 0, 2, 1, 0]
    assert box.itemAt(1).sizeHint().width() == 12
    margins = box.contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == (1, 2, 3, 5)
    assert box.spacing() == 4


def test_layouts_nest(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    row = hbox(QLabel("a"), QLabel("b"))
    column = vbox((row, 1), QLabel("c"), on=whole)
    assert column.itemAt(0).layout() is row
    assert column.stretch(0) == 1
    assert row.contentsMargins().isNull()
    assert row.spacing() == column.spacing() == 8
