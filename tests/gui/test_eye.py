"""The checks that look at every page detect faults."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from tests.gui.eye import amiss, controls, elided, out_of_sight, squashed
from tests.qt import settle


def test_it_sees_what_a_person_would(qtbot: QtBot) -> None:
    window, button, hint = QWidget(), QPushButton("Press", objectName="press"), QLabel("word " * 20)
    qtbot.addWidget(window)
    hint.setWordWrap(True)
    short = ElidedLabel(name="short")
    short.setText("a text that is longer than its room")
    vbox(button, hint, short, ..., on=window)
    window.resize(160, 400)
    window.show()
    settle(window)
    assert not amiss(window)
    short.setToolTip("")
    assert elided(controls(window)) == [
        "short “a text that is longer than its room” ends in … and has no tip"
    ]
    hint.resize(hint.width(), 8)
    assert [found.partition(" “")[0] for found in squashed(controls(window))] == [" / QLabel"]
    button.move(150, 0)
    assert len(out_of_sight(window, controls(window))) == 1


def test_what_can_be_scrolled_to_is_not_out_of_sight(qtbot: QtBot) -> None:
    area, inside = QScrollArea(), QWidget()
    qtbot.addWidget(area)
    row = QHBoxLayout(inside)
    row.addWidget(QPushButton("Press"))
    inside.setFixedSize(200, 900)
    area.setWidget(inside)
    area.resize(260, 100)
    area.show()
    settle(area)
    assert not out_of_sight(area, controls(area))
    area.resize(100, 1000)
    area.horizontalScrollBar().setRange(0, 0)
    assert out_of_sight(area, controls(area))
