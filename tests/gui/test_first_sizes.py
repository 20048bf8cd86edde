"""Windows open with their title bar on the screen, however small that is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize

from sprite_lab.app.lab import Lab
from sprite_lab.ui.exporting.window import ExportWindow
from sprite_lab.ui.first_sizes import FRAME, set_first_size
from sprite_lab.ui.help.guide import Guide
from sprite_lab.ui.importing.window import ImportWindow
from sprite_lab.ui.shell.main_window import MainWindow


def test_windows_open_with_their_frame_on_a_small_screen(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = QRect(0, 30, 1280, 770)  # below a menu bar
    monkeypatch.setattr("sprite_lab.ui.first_sizes._room", lambda window: screen)
    main = MainWindow(lab)
    others = ImportWindow(lab, main), Guide(lab, main), ExportWindow(lab, main)
    for window in (main, *others):
        size = window.size() + FRAME
        assert size.boundedTo(screen.size()) == size, window
        if window is not main:
            assert screen.contains(QRect(window.pos(), size)), window
    monkeypatch.setattr("sprite_lab.ui.first_sizes._room", lambda window: QRect(0, 0, 1920, 1080))
    set_first_size(main, 1280, 800)
    assert main.size() == QSize(1280, 800)
    main.closing.safe = True
    main.close()
