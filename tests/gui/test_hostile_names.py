"""Names and texts from strangers are shown literally, and open nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QPixmap, QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QMessageBox,
    QToolTip,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.files.library import RunEntry, ShippedModel
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.ui.shell.dialogs import question
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.text import Label, RichView, curled, html, own_file, plain
from sprite_lab.ui.theme import LIGHT
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.markdown import show_markdown
from sprite_lab.ui.widgets.pages import Pages
from tests.gui.importer import Importer, save
from tests.gui.importer import sprites as made_pixels
from tests.gui.stand_ins import StandInModel
from tests.gui.test_goldens import made_trajectory
from tests.opened import Opened
from tests.qt import settle

pytestmark = pytest.mark.opens("data")

#: A relative path, so that it can also be a file name.
NAME = "<img src=decoy.png><link rel=stylesheet href=decoy.css>"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Files opened in a folder that stands in for the user's own."""
    folder = tmp_path / "decoys"
    folder.mkdir()
    QPixmap(4, 4).save(str(folder / "decoy.png"))
    (folder / "decoy.css").write_text("p { color: red }")
    monkeypatch.chdir(folder)
    opened = Opened(folder)
    yield opened
    opened.close()


def test_the_watch_sees_what_qt_opens(qapp: QApplication, opened: Opened) -> None:
    """Otherwise the other tests could never fail."""
    label = QLabel(NAME)
    settle(label)
    assert "decoy.png" in opened.names()
    QToolTip.showText(QPoint(5, 5), NAME, label)
    assert "decoy.png" in opened.names()
    QToolTip.hideText()


def test_a_label_shows_markup_of_ours_alone(qapp: QApplication, opened: Opened) -> None:
    label = Label(NAME)
    settle(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    label.setText(html("<b>{}</b>", NAME))
    settle(label)
    assert label.textFormat() == Qt.TextFormat.RichText
    label.setText(NAME)
    settle(label)
    assert label.text() == NAME
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert opened.names() == []


@pytest.mark.parametrize("tip", [NAME, f"a\n{NAME}", "a &lt;img src=decoy.png>", "1 < 2"])
def test_a_tooltip_is_shown_letter_for_letter(qapp: QApplication, opened: Opened, tip: str) -> None:
    owner = Label()
    QToolTip.showText(QPoint(5, 5), plain(tip), owner)
    (shown,) = (w for w in qapp.topLevelWidgets() if w.objectName() == "qtooltip_label")
    assert isinstance(shown, QLabel)
    text = shown.text()
    if text.startswith("<qt>"):
        text = QTextDocumentFragment.fromHtml(text).toPlainText()
    assert text == tip
    assert plain(plain(tip)) == plain(tip)
    QToolTip.hideText()
    assert opened.names() == []


def test_a_page_loads_the_apps_own_pictures_alone(
    qapp: QApplication, opened: Opened, tmp_path: Path
) -> None:
    view = RichView()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    decoy = (tmp_path / "decoys" / "decoy.png").as_uri()
    for source in (NAME, "/dev/zero", str(fifo), decoy, "//other/share/a.png", "qrc:/a.png"):
        view.setHtml(f"<img src='{source}'><p style='background-image: url({source})'>a</p>{NAME}")
        settle(view)
        show_markdown(view, f"![a]({source}) [b]({source}) {NAME}", LIGHT)
        settle(view)
    assert opened.names() == []
    assert own_file(fifo) is None
    assert own_file("images/draw.png") is None


def test_a_message_shows_names_letter_for_letter(qapp: QApplication, opened: Opened) -> None:
    shown: list[str] = []

    def answer() -> None:
        box = qapp.activeModalWidget()
        assert isinstance(box, QMessageBox)
        settle(box)
        shown.append(box.informativeText())
        box.reject()

    QTimer.singleShot(0, answer)
    role = QMessageBox.ButtonRole.RejectRole
    question(None, NAME, f"Discard {NAME}?", [("no", "No", role)], name="q")
    assert shown == [plain(f"Discard {NAME}?")]
    assert opened.names() == []


# -- the whole window -------------------------------------------------------------------------


def hostile_set(sprites: SpriteSet) -> SpriteSet:
    count = len(sprites)
    names = np.array([NAME] * count)
    return replace(
        sprites,
        title=NAME,
        class_names=tuple(f"{NAME}{i}" for i in range(5)),
        names=names,
        source=np.where(np.arange(count) % 2, f"two\nlines of {NAME}", names),
        words=np.array(["<img/src=decoy.png> b"] * count),
        credits=(Credit(NAME, NAME, NAME, NAME, NAME),),
    )


def hostile_model(sprites: SpriteSet) -> StandInModel:
    return StandInModel(
        title=NAME,
        class_names=sprites.class_names,
        words=("<img/src=decoy.png>",),
        styles=(NAME,),
        data_title=NAME,
        credits=sprites.credits,
        prompts=(Prompt(((sprites.class_names[0], 1.0),), ("<img/src=decoy.png>",), NAME),),
    )


def hostile_lesson(path: Path) -> Path:
    step = {"text": f"# {NAME}\n\n{NAME} ![a](decoy.png) ![b](/dev/zero) [c](decoy.png)"}
    lesson = {"schema_version": 1, "title": NAME, "summary": NAME, "minutes": 1, "steps": [step]}
    path.write_text(json.dumps(lesson))
    return path


def indices(model: QAbstractItemModel, parent: QModelIndex | None = None) -> Iterator[QModelIndex]:
    parent = parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        for column in range(
            1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
        ):
            index = model.index(row, column, parent)
            yield index
            if column == 0:
                yield from indices(model, index)


def tips_of(widget: QWidget) -> Iterator[str]:
    """Every tooltip that a widget may show."""
    yield widget.toolTip()
    if isinstance(widget, QAbstractItemView | QComboBox):
        for index in indices(widget.model()):
            yield str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
    for action in widget.findChildren(QAction):
        yield action.toolTip() if isinstance(widget, QMenu) else ""


def look_at_everything(*tops: QWidget) -> int:
    """Paint every widget and show every tooltip; returns the number of tooltips."""
    tips: set[str] = set()
    for top in tops:
        settle(top)
        for widget in (top, *top.findChildren(QWidget)):
            if isinstance(widget, FoldGroup):
                widget.set_open(True)
            tips.update(filter(None, tips_of(widget)))
        settle(top)
    for tip in tips:
        QToolTip.showText(QPoint(5, 5), tip, tops[0])
    QToolTip.hideText()
    return len(tips)


@pytest.fixture
def hostile(window: MainWindow, lab: Lab, sprites: SpriteSet, tmp_path: Path) -> MainWindow:
    """The window with an untrusted name in every place that can have one."""
    theirs = hostile_set(sprites)
    lab.data.set(theirs)
    lab.model.set(hostile_model(theirs))
    lab.model_ref = NAME
    lab.runs.set((RunEntry(tmp_path / NAME, NAME, 3, 2, NAME, 1, 0.0),))
    lab.shipped.set((ShippedModel(NAME, NAME, NAME, NAME, 1),))
    for recent in ("recent_data", "recent_models", "recent_projects"):
        lab.settings.remember(recent, str(tmp_path / f"{NAME}.spritelab"))
    made = SampleConfig(class_mix=((theirs.class_names[0], 1.0),), style=NAME)
    sheet = CellSheet(title=NAME)
    cell = replace(
        sheet.cells[0],
        conditions=Conditions(
            class_mix=((theirs.class_names[0], 1.0),), words=("<img/src=decoy.png>",), style=NAME
        ),
        made_by=made,
    )
    lab.project.load(sheet.with_cells({0: cell}), tmp_path / f"{NAME}.spritelab")
    prompt = Prompt(((theirs.class_names[0], 1.0),), ("<img/src=decoy.png>",), NAME)
    images = sprites.images[:4]
    lab.trajectory.set(replace(made_trajectory(images), prompts=(prompt,) * 4))
    return window


@pytest.mark.parametrize("workspace", [spec.name for spec in WORKSPACES])
def test_no_view_opens_what_a_name_says(
    hostile: MainWindow, workspace: str, opened: Opened
) -> None:
    hostile.navigator.go(workspace)
    shown = hostile.navigator.workspace(workspace)
    for page in shown.names if isinstance(shown, Pages) else ("",):
        hostile.navigator.go(workspace, page)
        assert look_at_everything(hostile) > 20
        assert opened.names() == [], f"{workspace}, {page}"


def test_no_menu_opens_what_a_name_says(hostile: MainWindow, opened: Opened) -> None:
    for bar in hostile.menuBar().actions():
        menu = bar.menu()
        assert isinstance(menu, QMenu)
        for sub in (menu, *menu.findChildren(QMenu)):
            sub.aboutToShow.emit()
            look_at_everything(sub)
    tree = hostile.findChild(QTreeWidget, "library.tree")
    assert tree is not None
    texts = [str(index.data()) for index in indices(tree.model())]
    assert sum(NAME in text for text in texts) >= 2
    assert opened.names() == []


@pytest.mark.parametrize(
    "action", ["file.export", "run.contact_sheet", "edit.commands", "view.notices"]
)
def test_no_window_beside_opens_what_a_name_says(
    hostile: MainWindow, opened: Opened, action: str
) -> None:
    hostile.navigator.go("draw")
    hostile.lab.notice.emit(f"'{NAME}' is saved.")
    before = set(QApplication.topLevelWidgets())
    hostile.menus.actions[action].trigger()
    settle(hostile)
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    beside = [each for each in shown if each not in before]
    assert beside
    look_at_everything(*beside)
    assert opened.names() == []
    for each in beside:
        each.close()


def test_no_notice_or_error_opens_what_it_says(hostile: MainWindow, opened: Opened) -> None:
    hostile.lab.notice.emit(f"'{NAME}' is saved.")
    hostile.lab.failed.emit(f"'{NAME}' is damaged.", NAME)
    look_at_everything(hostile)
    assert opened.names() == []


def test_no_lesson_opens_what_it_says(hostile: MainWindow, opened: Opened, tmp_path: Path) -> None:
    lesson = load_lesson(hostile_lesson(tmp_path / "lesson.json"))
    hostile.learning.lessons.start(lesson)
    look_at_everything(hostile)
    assert hostile.findChild(QWidget, "lesson.text").toPlainText().count(NAME) == 2  # type: ignore[union-attr]
    assert opened.names() == []


def test_no_import_opens_what_a_file_is_called(
    window: MainWindow, opened: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    hands = Importer(window, lambda until: qtbot.waitUntil(until, timeout=20_000))
    folder = tmp_path / "in" / NAME
    for i, rgba in enumerate(made_pixels(3)):
        save(folder / f"{NAME}{i}.png", rgba)
    (folder / f"{NAME}broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    hands.bring(folder.parent)
    look_at_everything(hands.window)
    window.imports.close()
    QTest.qWait(0)
    assert opened.names() == []


@pytest.mark.parametrize(
    ("straight", "curly"),
    [
        ("'bad.npz' is empty.", "“bad.npz” is empty."),
        ("'John's.png' is a network's, not 'b'.", "“John's.png” is a network's, not “b”."),
        ("The sprites' sizes don't fit.", "The sprites' sizes don't fit."),
        ("„a.png“ ist leer.", "„a.png“ ist leer."),
    ],
)
def test_errors_have_the_quotes_of_the_window(straight: str, curly: str) -> None:
    assert curled(straight) == curly
