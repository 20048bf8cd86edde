"""Helpers for tests of the requests that Draw makes to a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QToolButton, QWidget

from sprite_lab.core.config import Conditions
from tests.gui.hands import LEFT, NONE, Hands

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


class Maker(Hands):
    """Sets conditions of cells, by mouse and keys on the panel, and generates them."""

    def asked(self, cell: int = 0) -> Conditions:
        return self.cell(cell).conditions

    @property
    def steps(self) -> int:
        return len(self.lab.project.history)

    def undo(self) -> None:
        self.click("draw.undo")

    def unfold(self, group: str) -> None:
        """Open a collapsed group of the panel."""
        header = self.find(f"draw.group.{group}.header", QToolButton)
        content = self.window.findChild(QWidget, f"draw.group.{group}")
        if not content.is_open:  # type: ignore[attr-defined]
            QTest.mouseClick(header, LEFT, NONE, header.rect().center())

    def type(self, name: str, text: str) -> None:
        """Type a number into a field and press Enter."""
        field = self.find(name, QAbstractSpinBox)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Key.Key_Return)

    def tick(self, name: str) -> QCheckBox:
        """Click a check box."""
        box: QCheckBox = self.find(name, QCheckBox)
        QTest.mouseClick(box, LEFT, NONE, QPoint(10, box.height() // 2))
        return box

    def pick_class(self, name: str, typed: str) -> None:
        """Choose in a list by typing the beginning of a word."""
        combo: QComboBox = self.find(name, QComboBox)
        combo.setFocus()
        QTest.keyClicks(combo, typed)
        QTest.keyClick(combo, Key.Key_Return)

    def press_at(self, widget: QWidget, place: QPointF, *then: QPointF) -> None:
        """Press at a place, drag to other places, and release."""
        QTest.mousePress(widget, LEFT, NONE, place.toPoint())
        for other in then:
            QTest.mouseMove(widget, other.toPoint())
        QTest.mouseRelease(widget, LEFT, NONE, (then[-1] if then else place).toPoint())

    @property
    def idle(self) -> Callable[[], bool]:
        generation = self.find("draw").generation
        return lambda: not generation.running

    def text(self, name: str) -> str:
        """The text of a label, without markup."""
        label: Any = self.find(name)
        from PySide6.QtGui import QTextDocumentFragment

        return QTextDocumentFragment.fromHtml(label.text()).toPlainText()

    def seen(self, x: int, y: int) -> tuple[int, ...]:
        """The color at the center of a canvas pixel, as seen on the screen."""
        picture = self.canvas.grab().toImage()
        place = self.canvas.pixel_rect(x, y).center().toPoint() * picture.devicePixelRatio()
        return picture.pixelColor(place).getRgb()[:3]

    def put(self, rgba: np.ndarray, cell: int = 0) -> None:
        """Give a cell pixels, like an import."""
        from dataclasses import replace

        project = self.lab.project
        after = replace(project.cell(cell), pixels=rgba.astype(np.uint8).tobytes())
        project.put({cell: after}, "Put")
