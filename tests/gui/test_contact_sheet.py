"""The window of contact sheets, used like a person would."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.formats.lessons import parse_lesson
from sprite_lab.formats.metadata import read_config
from sprite_lab.ui.see.watch.contact_sheet import ContactSheetWindow, paint
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.tutorials.controls import find

pytestmark = pytest.mark.opens("data")

LESSON = parse_lesson({"schema_version": 1, "title": "A", "steps": [{"text": "b"}]})
LEFT = Qt.MouseButton.LeftButton


def opened(window: MainWindow) -> ContactSheetWindow:
    window.menus.actions["run.contact_sheet"].trigger()
    return window.findChildren(ContactSheetWindow)[-1]


def press(qtbot: QtBot, sheet: ContactSheetWindow, name: str) -> None:
    button = find(sheet, name)
    assert button is not None
    qtbot.waitUntil(button.isEnabled, timeout=60_000)
    qtbot.mouseClick(button, LEFT)


def test_without_a_model_it_says_so(window: MainWindow) -> None:
    sheet = opened(window)
    assert not sheet.make.isEnabled()
    assert "Open a model first" in sheet._about.text()
    sheet.close()


def test_a_sheet_is_made_beside_a_lesson_kept_and_exported(
    window: MainWindow,
    lab: Lab,
    qtbot: QtBot,
    tmp_path: Path,
    small_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lab.open_model("builtin-student")
    qtbot.waitUntil(lambda: lab.model.value is not None, timeout=60_000)
    window.learning.lessons.show_list()
    window.learning.lessons.start(LESSON)
    sheet = opened(window)
    assert sheet.values.text() == "1, 2, 3, 4"
    sheet.values.setText("1, 2, x")
    with qtbot.waitSignal(lab.failed, timeout=60_000) as said:
        press(qtbot, sheet, "contact.make")
    assert said.args == ["“x” is not a number, as “steps” requires.", ""]
    sheet.values.setText("1, 2")
    sheet.count.setValue(2)
    press(qtbot, sheet, "contact.make")
    qtbot.waitUntil(lambda: not sheet.picture.pixmap().isNull(), timeout=60_000)
    with qtbot.waitSignal(lab.notice, timeout=10_000):
        press(qtbot, sheet, "contact.keep")
    (kept,) = desk.picture_files()
    assert QImage(str(kept)).size() == sheet.picture.pixmap().size()
    path = tmp_path / "a.png"
    monkeypatch.setattr("sprite_lab.ui.see.watch.contact_sheet.ask_save", lambda *_, **__: path)
    press(qtbot, sheet, "contact.export")
    qtbot.waitUntil(path.exists, timeout=10_000)
    config = read_config(path)
    assert config is not None
    assert (config.count, config.steps) == (2, 1)
    pdf = tmp_path / "a.pdf"
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(pdf))
    paint(sheet._image(), printer)
    assert pdf.read_bytes().startswith(b"%PDF")
    sheet.close()
    assert window.learning.lessons.run is not None, "the lesson goes on"
    window.learning.lessons.close()
