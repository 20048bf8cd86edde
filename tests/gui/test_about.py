"""About, licenses, and the page on graphics cards, which describe this machine."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab import __version__, paths
from sprite_lab.app.lab import Lab
from sprite_lab.ui.help.about import AboutWindow
from sprite_lab.ui.shell.main_window import MainWindow
from tests.gui.hands import LEFT
from tests.qt import settle

pytestmark = pytest.mark.opens("data")


@pytest.fixture
def about(window: MainWindow, lab: Lab, qtbot: QtBot) -> Iterator[AboutWindow]:
    window.menus.actions["help.about"].trigger()
    (found,) = window.findChildren(AboutWindow)
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    yield found
    found.close()


def click(parent: QWidget, name: str) -> None:
    (button,) = (b for b in parent.findChildren(QWidget, name) if b.isVisible())
    QTest.mouseClick(button, LEFT)


def test_versions_are_shown_and_copied(about: AboutWindow) -> None:
    assert about.findChild(QLabel, "about.version").text() == f"Sprite Lab {__version__}"
    click(about, "about.copy")
    copied = dict(line.split(": ", 1) for line in QApplication.clipboard().text().splitlines())
    assert copied["Sprite Lab"].startswith(__version__)
    assert "(checkout)" not in copied["Sprite Lab"], "words, which are translated"
    assert copied["Python"] == platform.python_version()
    assert copied["Qt"] == qVersion()
    assert copied["PyTorch"].startswith(torch.__version__)
    assert "cpu" in copied["Devices"]


def test_nothing_overlaps(about: AboutWindow, qtbot: QtBot) -> None:
    settle(about)
    parts = [w for w in about.findChildren(QWidget) if w.isVisible() and not w.children()]
    for i, part in enumerate(parts):
        assert part.height() >= part.minimumSizeHint().height(), part.objectName()
        for other in parts[i + 1 :]:
            assert not part.geometry().intersects(other.geometry()), (part, other)


def test_folders_are_opened(about: AboutWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(Path(url.toLocalFile())) is None
    )
    click(about, "about.data.open")
    click(about, "about.settings.open")
    click(about, "about.log.open")
    assert opened == [paths.data_dir(), paths.config_dir(), paths.log_dir()]
    assert all(folder.is_dir() for folder in opened)
    assert str(paths.data_dir()) in about.findChild(QWidget, "about.data").toolTip()


def licenses_of(about: AboutWindow, lab: Lab, qtbot: QtBot) -> str:
    click(about, "about.licenses")
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=30_000)
    text = about.findChild(QPlainTextEdit, "licenses.text").toPlainText()
    return str(text)


def test_licenses_of_what_is_installed(about: AboutWindow, lab: Lab, qtbot: QtBot) -> None:
    text = licenses_of(about, lab, qtbot)
    for name in ("torch ", "numpy ", "PySide6_Essentials ", "pyqtgraph "):
        assert f"\n{name}" in f"\n{text}"
    assert "THE SOFTWARE IS PROVIDED" in text


def test_licenses_that_come_with_the_app_are_those_shown(
    about: AboutWindow, lab: Lab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "licenses.txt").write_text("All of ours", "utf-8")
    monkeypatch.setattr(paths, "resource", tmp_path.joinpath)
    assert licenses_of(about, lab, qtbot) == "All of ours"


def test_the_page_on_graphics_cards_tells_of_this_machine(
    window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    window.menus.actions["help.gpu"].trigger()
    qtbot.waitUntil(window.learning.guide.isVisible, timeout=30_000)
    text = window.learning.guide.text.toPlainText()
    assert "{machine}" not in text
    assert torch.__version__ in text
    assert f"{torch.get_num_threads()} of " in text
    assert window.learning.guide.windowTitle().startswith("Using a graphics card")
    window.learning.guide.close()
