"""Rows and columns hold their parts in order, with the space that was asked for."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.ui.flow import Flow
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


def test_rows_that_wrap_are_as_high_as_what_they_hold_now(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    labels = [QLabel(text) for text in "abcdef"]
    for label in labels:
        label.setFixedSize(100, 20)
    flow = Flow(whole, *labels, spacing=0)
    whole.show()
    assert [flow.heightForWidth(width) for width in (600, 599, 200)] == [20, 40, 60]
    labels[0].hide()
    labels[1].setFixedHeight(30)
    assert [flow.heightForWidth(width) for width in (600, 599, 200)] == [30, 30, 70]
    flow.setSpacing(10)
    assert flow.heightForWidth(210) == 30 + 20 + 20 + 20
    flow.takeAt(5)
    assert flow.heightForWidth(210) == 30 + 20 + 10
