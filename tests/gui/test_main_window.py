"""The window: workspaces, panels, opening, errors, notices, drops, closing."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import (
    QEvent,
    QFile,
    QMimeData,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    QUrl,
)
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QEnterEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QListWidget,
    QPushButton,
    QScrollArea,
    QTextBrowser,
    QToolButton,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.draw.tools.tool_table import BY_KEY
from sprite_lab.app.files.library import RunEntry
from sprite_lab.app.files.recovery import FILE_NAME, Recovery
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.actions import PLACES
from sprite_lab.app.shell.settings import Settings
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import KEY, config_text
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.project import SCHEMA_VERSION
from sprite_lab.paths import data_dir, resource
from sprite_lab.ui.shell.app import ErrorHooks
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.status_bar import SHOWN_AFTER
from sprite_lab.ui.theme import ThemeManager
from tests.gui.hands import answer
from tests.gui.stand_ins import StandInModel, StandInTraining, training  # noqa: F401
from tests.gui.test_see import made_trajectory
from tests.qt import activate, at_work, delete_now, settle

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton
Visible = Callable[[type, str], QWidget]


@pytest.fixture(autouse=True)
def _notices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep notices visible, however long a busy machine takes to look at them, as
    they are after the start.
    """
    monkeypatch.setattr("sprite_lab.ui.shell.notices.SHOWN_MS", 600_000)
    monkeypatch.setattr("sprite_lab.ui.shell.notices.STARTING_MS", 0)


@pytest.fixture
def sprites_open(window: MainWindow, lab: Lab, sprites: SpriteSet) -> SpriteSet:
    lab.data.set(sprites)
    return sprites


def test_the_window_says_when_it_is_painted_and_has_not_loaded_torch(
    lab: Lab, qtbot: QtBot
) -> None:
    window = MainWindow(lab)
    with qtbot.waitSignal(window.painted):
        window.show()
    assert at_work(lab.jobs) == []
    window.close()


def test_each_workspace_is_reached_by_tab_and_by_key(
    window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    names = ["see", "train", "draw", "measure", "data"]
    for number, name in enumerate(names, 1):
        other = "see" if name != "see" else "data"
        window.show_workspace(other)
        qtbot.mouseClick(visible(QToolButton, f"workspace.{name}"), LEFT)
        assert window.current == name
        workspace = window.stage.currentWidget()
        assert workspace.objectName() == name
        assert workspace.isVisible()
        assert window.inspector.currentWidget() is workspace.inspector
        window.show_workspace(other)
        activate(window)
        qtbot.keyClick(
            window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier
        )
        qtbot.waitUntil(lambda: window.current == name)  # noqa: B023


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    seen: dict[str, str] = {}
    for name, action in window.menus.actions.items():
        for shortcut in action.shortcuts():
            key = shortcut.toString(QKeySequence.SequenceFormat.PortableText)
            assert key not in seen, f"{name} and {seen[key]} both have {key}"
            seen[key] = name


def test_the_user_guide_opens_beside_the_work(
    window: MainWindow, lab: Lab, theme: ThemeManager, visible: Visible, qtbot: QtBot
) -> None:
    activate(window)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(window.learning.guide.isVisible)
    assert not window.learning.guide.isModal()
    text = visible(QTextBrowser, "help.guide")
    assert "x̂0" in text.toPlainText()
    assert text.document().begin().blockFormat().headingLevel() == 1
    assert text.document().idealWidth() <= text.viewport().width(), "all of it fits"
    # A chapter is shown with its heading at the top.
    contents = visible(QListWidget, "help.guide.contents")
    (drawing,) = contents.findItems("Drawing", Qt.MatchFlag.MatchExactly)
    contents.scrollToItem(drawing)
    place = contents.visualItemRect(drawing).center()
    qtbot.mouseClick(contents.viewport(), LEFT, pos=place)
    assert text.cursorForPosition(QPoint(40, 20)).block().text() == "Drawing"
    # A change of theme does not scroll.
    theme.set_mode("dark")
    assert text.cursorForPosition(QPoint(40, 20)).block().text() == "Drawing"
    theme.set_mode("light")
    window.learning.guide.close()
    window.menus.actions["help.guide"].trigger()
    assert window.learning.guide.isVisible()
    assert at_work(lab.jobs) == [], "it is read but once"
    window.close()
    assert not window.learning.guide.isVisible()


def test_a_guide_that_is_missing_says_so(
    window: MainWindow, visible: Visible, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(
        "sprite_lab.ui.help.guide.page_in_language", lambda *parts: Path("nowhere", *parts)
    )
    with qtbot.waitSignal(window.lab.failed):
        window.menus.actions["help.guide"].trigger()
    assert "“guide.md” cannot be read" in visible(QLabel, "error.text").text()
    assert not window.learning.guide.isVisible()


def test_the_guide_names_keys_that_there_are(window: MainWindow) -> None:
    window.workspace("draw")
    actions = {key for binding in window.desktop.bindings.all.values() for key in binding.usual}
    # In the guide's notation: several arrow keys in one.
    actions |= {f"{key.rpartition('+')[0]}+arrow keys" for key in actions if "+Left" in key}
    places = {key for rows in PLACES.values() for keys, _ in rows for key in keys.split(", ")}
    guide = resource("help", "guide.md").read_text(encoding="utf-8")
    keys = guide.partition("\n## Keys\n")[2]
    rows = keys.split("|---|---|\n")[1].split("\n\n")[0].splitlines()
    named = {key for row in rows for key in re.split(", | to ", row.split("|")[1].strip())}
    assert len(named) > 10
    assert named <= actions | places


def test_every_control_in_sight_has_a_name_for_screen_readers(
    window: MainWindow, sprites_open: SpriteSet, qtbot: QtBot
) -> None:
    for name in ("train", "data"):
        window.show_workspace(name)
        for button in window.findChildren(QAbstractButton):
            if button.isVisible() and button.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert button.accessibleName() or button.text(), button.objectName()


def test_panels_fold_and_the_stage_can_be_alone(window: MainWindow, qtbot: QtBot) -> None:
    assert window.library.isVisible()
    activate(window)
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: not window.library.isVisible())
    qtbot.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: not window.inspector.isVisible())
    qtbot.keyClick(window, Qt.Key.Key_F9)
    qtbot.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: window.library.isVisible() and window.inspector.isVisible())
    qtbot.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not window.top_bar.isVisible() and not window.status.isVisible())
    assert window.stage.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.top_bar.isVisible() and window.library.isVisible())


def test_the_session_is_restored(lab: Lab, home: Path, qtbot: QtBot) -> None:
    first = MainWindow(lab)
    first.show()
    first.resize(1111, 666)
    first.show_workspace("data")
    lab.settings.replace(library_open=False)
    first.close()
    second = MainWindow(Lab(Settings()))
    second.show()
    # The width is limited to that of the screen, which is 800 if there is none.
    assert second.height() == 666
    assert second.current == "data"
    assert not second.library.isVisible()
    second.close()


def test_a_bad_file_says_so_and_changes_nothing(
    window: MainWindow,
    lab: Lab,
    sprites_open: SpriteSet,
    visible: Visible,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"")
    with qtbot.waitSignal(lab.failed):
        lab.open_data(bad)
    assert "“bad.npz” is empty" in visible(QLabel, "error.text").text()
    assert lab.data.value is sprites_open
    assert lab.settings.value.data == ""
    qtbot.mouseClick(visible(QToolButton, "error.close"), LEFT)
    assert not window.error.isVisible()


def test_after_a_run_its_neighbor_can_be_moved_to_the_trash(
    window: MainWindow, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    folders = [tmp_path / f"20261125-12000{i}-run-{i}" for i in range(3)]
    lab.runs.set(tuple(RunEntry(run, run.name, 8, 1, "", 1, 0.0) for run in folders))
    trashed: list[str] = []
    monkeypatch.setattr(QFile, "moveToTrash", lambda path: trashed.append(path) or True)
    monkeypatch.setattr(lab, "refresh_library", lambda: None)
    tree = window.findChild(QTreeWidget, "library.tree")
    tree.setCurrentItem(tree.topLevelItem(1).child(1))
    for count, notice in enumerate(("run-1, 25 Nov 12:00", "run-2, 25 Nov 12:00"), 1):
        with qtbot.waitSignal(lab.notice) as told:
            answer("trash.yes")
            qtbot.keyClick(tree, Qt.Key.Key_Delete)
        assert told.args == [f"“{notice}” is in the trash."]
        assert len(trashed) == count
    assert trashed == [str(run) for run in folders[1:]]


def test_opening_data_shows_it_everywhere_and_remembers_it(
    window: MainWindow, lab: Lab, visible: Visible, sprites_file: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(lab.data.changed):
        lab.open_data(sprites_file)
    chooser = visible(QToolButton, "chooser.data")  # its name is shown once the bar is laid out
    qtbot.waitUntil(lambda: sprites_file.name in chooser.text())
    assert lab.settings.value.recent_data == (str(sprites_file.resolve()),)
    tree = visible(QTreeWidget, "library.tree")
    sets = tree.topLevelItem(2)
    qtbot.waitUntil(lambda: sets.childCount() == 2)  # once the set has been found
    assert [sets.child(i).text(0) for i in range(2)] == ["Built-in sprites", sprites_file.name]
    # And back to the built-in set, by a double click.
    item = tree.topLevelItem(2).child(0)
    place = tree.visualItemRect(item).center()
    qtbot.mouseClick(tree.viewport(), LEFT, pos=place)
    with qtbot.waitSignal(lab.data.changed, timeout=20_000):
        qtbot.mouseDClick(tree.viewport(), LEFT, pos=place)
    assert lab.data_path is None
    assert len(lab.data.value) > 1000


def test_what_is_open_is_named_where_there_is_room(
    window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    chooser = visible(QToolButton, "chooser.data")
    window.top_bar.data.set_choice("Mine")
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: chooser.text() == "Data: Mine")
    texts = [chooser.text()]
    least = window.top_bar.minimumSizeHint().width()
    for room in range(400, -1, -10):
        window.top_bar.resize(least + room, window.top_bar.height())
        if chooser.text() != texts[-1]:
            texts.append(chooser.text())
    assert texts == ["Data: Mine", "Mine", ""]
    assert chooser.accessibleName() == "Data: Mine"


def test_both_choosers_have_a_label_or_neither(window: MainWindow, qtbot: QtBot) -> None:
    """In some languages, one once lost its label before the other."""
    bar = window.top_bar
    bar.model.set_choice("a-run-with-a-name-of-30-letters", kind="Run", icon="train")
    bar.data.set_choice("Mine")
    looks = set()
    least = bar.minimumSizeHint().width()
    for room in range(700, -1, -10):
        bar.resize(least + room, bar.height())
        looks.add((bar.model.text().startswith("Run: "), bar.data.text().startswith("Data: ")))
    assert looks == {(True, True), (False, False)}


def test_a_file_of_weights_is_not_called_a_run(window: MainWindow, lab: Lab) -> None:
    for ref, kind in (("runs/mine", "Run"), ("mine.safetensors", "Model")):
        lab.model.set(None)
        lab.model_ref = ref
        lab.model.set(StandInModel())
        assert window.top_bar.model.text().startswith(f"{kind}: ")


def test_another_page_takes_the_focus_rather_than_a_control_of_it(
    window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    window.show_workspace("see")
    visible(QAbstractButton, "see.export.header").setFocus()
    qtbot.mouseClick(visible(QAbstractButton, "see.tabs.race"), LEFT)
    assert window.focusWidget() is window.workspace("see").page("race")
    qtbot.mouseClick(visible(QAbstractButton, "workspace.measure"), LEFT)
    assert not isinstance(window.focusWidget(), QAbstractButton)


def test_the_newest_of_two_openings_wins(
    window: MainWindow, lab: Lab, sprites_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    import shutil

    second = tmp_path / "second.npz"
    shutil.copy(sprites_file, second)
    lab.open_data(sprites_file)
    lab.open_data(second)
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert lab.data_path == second


def drag(window: MainWindow, path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, event)
    return mime


def test_a_drop_says_what_it_will_do_and_does_it(
    window: MainWindow, lab: Lab, sprites_file: Path, qtbot: QtBot
) -> None:
    mime = drag(window, sprites_file)
    assert window.veil.isVisible()
    assert window.veil.sentence == f"Open “{sprites_file.name}” as the data set"
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(lab.data.changed):
        QApplication.sendEvent(window, event)
    assert not window.veil.isVisible()
    assert lab.data_path == sprites_file


def test_a_drop_of_something_else_is_refused_beforehand(window: MainWindow, tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"la")
    drag(window, song)
    assert "cannot be opened" in window.veil.sentence


def test_a_picture_of_ours_restores_the_settings_that_made_it(
    window: MainWindow, lab: Lab, visible: Visible, tmp_path: Path, qtbot: QtBot
) -> None:
    config = SampleConfig(
        count=2,
        first_index=3,
        seed=77,
        sampler="ddpm",
        steps=20,
        classes=("food",),
        guidance_scale=3.5,
    )
    ours, other = tmp_path / "ours.png", tmp_path / "other.png"
    write_png(ours, np.zeros((16, 16, 3), np.uint8), {KEY: config_text(config)})
    write_png(other, np.zeros((16, 16, 3), np.uint8), {})
    drag(window, ours)
    assert window.veil.sentence == (
        "Restore the settings used for “ours.png”, or import its sprites"
    )
    window.show_workspace("data")
    with qtbot.waitSignal(lab.notice):  # without a model, nothing can be set
        window.files.open_path(ours)
    assert window.current == "data"
    lab.model.set(StandInModel())
    with qtbot.waitSignal(lab.notice):
        window.files.open_path(ours)
    assert window.current == "see"
    reverse = window.workspace("see").watch.reverse
    assert reverse.isVisible()
    # The whole sheet up to those two, because otherwise the others would have other classes.
    assert reverse.config() == replace(config, count=5, first_index=0)
    with qtbot.waitSignal(window.files.import_chosen) as chosen:
        window.files.open_path(other)
    assert chosen.args == [(other,)]
    window.imports.close()


def test_notices_go_by_themselves_but_are_kept(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprite_lab.ui.shell.notices.SHOWN_MS", 100)
    lab.notice.emit("Something happened.")
    assert window.notices.isVisible()
    assert visible(QWidget, "notice").accessibleName() == "Something happened."
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    assert [text for _, text in window.notices.kept] == ["Something happened."]


def test_a_notice_that_is_shown_is_not_shown_twice(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    for _ in range(5):  # as if somebody clicked on a locked layer again and again
        lab.notice.emit("“Layer 2” is locked.")
    assert [text for _, text in window.notices.kept] == ["“Layer 2” is locked."] * 5
    notice = visible(QWidget, "notice")
    qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
    lab.notice.emit("“Layer 2” is locked.")  # the last notice has disappeared, so it is shown again
    assert visible(QWidget, "notice") is not notice


def test_a_notice_goes_with_the_page_that_it_belongs_to(
    window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving = "sprite_lab.ui.shell.notices.ARRIVING_MS"
    monkeypatch.setattr(arriving, 60_000)  # as while a page is being built
    lab.notice.emit("Copied sprite 3.")
    window.navigator.go("train")
    assert window.notices.isVisible(), "it may say why another page is shown"
    monkeypatch.setattr(arriving, 0)
    window.navigator.go("train")
    assert window.notices.isVisible(), "nobody went anywhere"
    window.navigator.go("see", "race")
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    lab.notice.emit("Copied sprite 4.")
    window.navigator.go("see", "map")
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    assert len(window.notices.kept) == 2


def test_notices_that_come_together_can_all_be_read(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    """They come one after another: two at the same time once covered buttons of the page."""
    said = ["One.", "Two, which " + "is long and " * 12 + "ends here.", "Three: /" + "a-path/" * 20]
    for text in said:
        lab.notice.emit(text)
    for text in said:
        qtbot.waitUntil(lambda text=text: visible(QWidget, "notice").accessibleName() == text)
        settle(window)
        [label] = [one for one in window.notices.findChildren(QLabel) if one.isVisible()]
        assert label.text() == text
        assert label.height() >= label.heightForWidth(label.width())
        assert label.visibleRegion().boundingRect().size() == label.size()
        qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_a_notice_makes_way_for_what_is_done_next(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.notice.emit("Copied sprite 3.")
    monkeypatch.setattr("sprite_lab.ui.shell.notices.TOGETHER_MS", 0)
    lab.notice.emit("Copied sprite 4.")
    assert visible(QWidget, "notice").accessibleName() == "Copied sprite 4."
    notice = visible(QWidget, "notice")
    QApplication.sendEvent(notice, QEnterEvent(QPointF(), QPointF(), QPointF()))
    lab.notice.emit("Copied sprite 5.")
    assert visible(QWidget, "notice") is notice, "the pointer is on it"
    qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: visible(QWidget, "notice").accessibleName() == "Copied sprite 5.")


def test_a_later_notice_overtakes_none_that_waits_and_those_of_a_page_that_was_left_go(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.notice.emit("Copied sprite 1.")
    lab.notice.emit("Copied sprite 2.")
    monkeypatch.setattr("sprite_lab.ui.shell.notices.TOGETHER_MS", 0)
    lab.notice.emit("Copied sprite 3.")
    assert visible(QWidget, "notice").accessibleName() == "Copied sprite 1."
    qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: visible(QWidget, "notice").accessibleName() == "Copied sprite 2.")
    monkeypatch.setattr("sprite_lab.ui.shell.notices.ARRIVING_MS", 0)
    window.navigator.go("train")
    qtbot.waitUntil(lambda: not window.notices.isVisible())
    assert len(window.notices.kept) == 3


def test_notices_of_the_start_come_one_after_another(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two notices about files that a crash had left once covered the buttons
    below the first sprites.
    """
    monkeypatch.setattr("sprite_lab.ui.shell.notices.STARTING_MS", 600_000)
    said = ["The set is saved.", "The drawings are back.", "Settings could not be read."]
    for text in said:
        lab.notice.emit(text)
    assert [text for _, text in window.notices.kept] == said
    for text in said:
        qtbot.waitUntil(lambda text=text: visible(QWidget, "notice").accessibleName() == text)
        qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_a_notice_of_one_line_covers_no_control(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    for size in ((1280, 800), (1920, 1080)):
        window.resize(*size)
        lab.notice.emit("Exported trajectory-2.png to /home/ada/sprites.")
        settle(window)
        notice = visible(QWidget, "notice")
        covered = QRect(notice.mapToGlobal(QPoint(0, 0)), notice.size())
        status = QRect(window.status.mapToGlobal(QPoint(0, 0)), window.status.size())
        assert status.contains(covered)
        for button in window.status.findChildren(QAbstractButton):
            if button.isVisible():
                place = QRect(button.mapToGlobal(QPoint(0, 0)), button.size())
                assert not place.intersects(covered), button.objectName()
        qtbot.mouseClick(visible(QAbstractButton, "notice.close"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not window.notices.isVisible())


def test_a_notice_is_seen_where_all_but_the_stage_is_hidden(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    window.findChild(QAction, "view.stage_only").trigger()
    lab.notice.emit("Something happened.")
    settle(window)
    notice = visible(QWidget, "notice")
    assert notice.visibleRegion().boundingRect().size() == notice.size()


def test_an_error_and_its_details_leave_the_window_as_large_as_it_is(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    for workspace in ("see", "train", "draw", "measure", "data"):
        window.resize(1280, 800)
        window.show_workspace("draw")  # the tallest workspace
        window.show_workspace(workspace)
        lab.failed.emit("It went wrong.", "\n".join(f"line {n}" for n in range(60)))
        qtbot.mouseClick(visible(QPushButton, "error.details"), LEFT)
        details = visible(QWidget, "error.traceback")
        settle(window)
        assert window.size() == QSize(1280, 800)
        assert details.height() > 100
        assert details.visibleRegion().boundingRect().size() == details.size()
        assert details.width() == window.error.contentsRect().width()
        qtbot.mouseClick(visible(QToolButton, "error.close"), LEFT)
        assert not details.isVisible()


def _inside(widget: QWidget) -> QRect:
    """The part of a widget within all of its parents, on the screen."""
    place = QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())
    parent = widget.parentWidget()
    while parent is not None:
        place &= QRect(parent.mapToGlobal(QPoint(0, 0)), parent.size())
        parent = parent.parentWidget()
    return place


def test_an_error_covers_no_control_and_notices_stay_above_it(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    said = "'/home/ada/games/a-rather-long-name-of-a-folder/knights.spritelab' cannot be written: "
    window.resize(1280, 800)
    for workspace in ("see", "train", "draw", "measure", "data"):
        window.show_workspace(workspace)
        lab.failed.emit(said + "Permission denied. Save it in another folder.", "the details")
        settle(window)
        covered = QRect(window.error.mapToGlobal(QPoint(0, 0)), window.error.size())
        assert window.error.visibleRegion().boundingRect().size() == window.error.size()
        text = visible(QLabel, "error.text")
        assert text.height() >= text.heightForWidth(text.width())
        for button in window.findChildren(QAbstractButton):
            if button.isVisible() and not window.error.isAncestorOf(button):
                assert not _inside(button).intersects(covered), button.objectName()
        lab.notice.emit("Something happened.")
        settle(window)
        assert not window.notices.geometry().intersects(window.error.geometry())
        qtbot.mouseClick(visible(QAbstractButton, "notice.close"), LEFT)
        qtbot.mouseClick(visible(QToolButton, "error.close"), LEFT)
    window.findChild(QAction, "view.stage_only").trigger()
    lab.failed.emit("It went wrong.", "")
    settle(window)
    assert window.error.visibleRegion().boundingRect().size() == window.error.size()


def test_only_jobs_that_last_are_shown_in_the_status_bar(
    window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[QEvent.Type] = []

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            seen.append(event.type())
            return False

    def work(control: RunControl) -> Run[None]:
        while not control.stop_requested:
            time.sleep(0.01)
            yield None

    jobs, watcher = window.status.jobs, Watcher()
    with monkeypatch.context() as patient:  # on a busy machine, saving takes long, too
        patient.setattr("sprite_lab.ui.shell.status_bar.SHOWN_AFTER", 600.0)
        jobs.installEventFilter(watcher)
        lab.settings.replace(text_size=110)
        lab._save_settings()
        saving = lab.jobs.handles  # on a slow machine, possibly the timer's, too
        assert saving
        qtbot.waitUntil(lambda: not any(job.active for job in saving))
        assert QEvent.Type.Show not in seen, "writing the settings is no job to speak of"
    since = time.monotonic()
    long = lab.do(Task(work), window, name="Long work")
    qtbot.waitUntil(lambda: jobs.isVisible() and jobs.text() == "Long work")
    assert time.monotonic() - since >= SHOWN_AFTER
    long.stop()
    qtbot.waitUntil(lambda: not jobs.isVisible())


def test_a_job_with_a_longer_name_has_its_room_at_once(
    window: MainWindow, lab: Lab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was once cut off on both sides, in the room of the previous name."""

    def work(control: RunControl) -> Run[None]:
        while not control.stop_requested:
            time.sleep(0.01)
            yield None

    monkeypatch.setattr("sprite_lab.ui.shell.status_bar.SHOWN_AFTER", 0.0)
    window.resize(1280, 800)
    jobs = window.status.jobs
    handles = [lab.do(Task(work), window, name="Short")]
    qtbot.waitUntil(lambda: jobs.isVisible() and jobs.text() == "Short")
    settle(window)
    handles.append(lab.do(Task(work), window, name="Looking for copies among all sprites"))
    window.status._refresh()
    assert jobs.text().startswith("Looking for copies")
    assert jobs.width() >= jobs.sizeHint().width()
    for handle in handles:
        handle.stop()
    qtbot.waitUntil(lambda: not lab.jobs.handles)


def test_the_status_bar_tells_how_the_tool_in_hand_is_used(
    window: MainWindow, visible: Visible
) -> None:
    window.resize(1280, 800)
    window.show_workspace("draw")
    canvas, said = visible(QWidget, "draw.canvas"), window.status.tip
    QTest.mouseMove(window, QPoint(2, 2))
    QTest.mouseMove(canvas, canvas.rect().center())
    for key in ("B", "K", "R"):
        canvas.setFocus()
        QTest.keyClicks(canvas, key)
        QApplication.processEvents()
        tool = BY_KEY[key]
        assert said.text() == f"{tool.text}: {tool.hint}"
        assert said.fontMetrics().horizontalAdvance(said.text()) <= said.width()
    QTest.mouseMove(window, QPoint(2, 2))
    assert said.text() == ""


def test_errors_that_nobody_caught_are_shown(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    hooks = ErrorHooks(lab)
    try:
        try:
            raise ZeroDivisionError("in a slot")
        except ZeroDivisionError:
            sys.excepthook(*sys.exc_info())
        assert "ZeroDivisionError: in a slot" in visible(QLabel, "error.text").text()

        def bad() -> None:
            raise KeyError("in a thread")

        thread = threading.Thread(target=bad)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: "in a thread" in window.error.accessibleName())
    finally:
        hooks.remove()


def test_undo_and_redo_follow_the_project(
    window: MainWindow, lab: Lab, sprites_open: SpriteSet, qtbot: QtBot
) -> None:
    undo, redo = window.menus.actions["edit.undo"], window.menus.actions["edit.redo"]
    assert not undo.isEnabled()
    lab.project_io.take(sprites_open.rgba[0], Prompt((("hero", 1.0),), ("red",)), "“A” by B")
    assert undo.isEnabled()
    assert window.isWindowModified()
    assert window.current == "draw"
    assert not lab.project.cell(0).is_blank
    undo.trigger()
    assert lab.project.cell(0).is_blank
    assert not window.isWindowModified()
    redo.trigger()
    assert lab.project.cell(0).class_name == "hero"
    assert lab.project.cell(0).conditions.words == ("red",)
    assert lab.project.cell(0).thanks == "“A” by B"


# -- closing -------------------------------------------------------------------------------


@pytest.fixture
def dirty(lab: Lab, sprites_open: SpriteSet) -> Cell:
    lab.project_io.take(sprites_open.rgba[0])
    return lab.project.cell(0)


def test_closing_asks_about_unsaved_drawings(window: MainWindow, dirty: Cell, qtbot: QtBot) -> None:
    asked = answer("unsaved.cancel")
    window.close()
    assert asked
    assert window.isVisible()
    answer("unsaved.discard")
    window.close()
    assert not window.isVisible()


def test_what_was_discarded_is_unsaved_again_if_the_window_stays(
    window: MainWindow, lab: Lab, dirty: Cell
) -> None:
    """After Discard for the drawings and Cancel for the set, the window once closed unasked."""
    lab.edits.relabel([0], 1)
    for _ in range(2):
        answer("unsaved.discard")
        asked = answer("unsaved_data.cancel")
        window.close()
        assert asked
        assert window.isVisible()
        assert not lab.project.is_clean
        assert not lab.edits.is_clean
    answer("unsaved.discard")
    answer("unsaved_data.discard")
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize("kind", ["project", "data"])
def test_what_was_discarded_is_unsaved_again_if_nothing_takes_its_place(
    window: MainWindow, lab: Lab, dirty: Cell, tmp_path: Path, qtbot: QtBot, kind: str
) -> None:
    (tmp_path / "broken.spritelab").write_text("{")
    (tmp_path / "broken.npz").write_text("")
    lab.edits.relabel([0], 1)
    answer("unsaved.discard" if kind == "project" else "unsaved_data.discard")
    with qtbot.waitSignal(lab.failed):
        if kind == "project":
            window.files.open_path(tmp_path / "broken.spritelab")
        else:
            window.files.take_data(tmp_path / "broken.npz")
    qtbot.waitUntil(lambda: not lab.jobs.handles)
    assert not lab.project.is_clean
    assert not lab.edits.is_clean
    lab.edits.history.mark_clean()


def test_closing_saves_drawings_first(
    window: MainWindow, lab: Lab, dirty: Cell, tmp_path: Path, qtbot: QtBot
) -> None:
    lab.project.path = tmp_path / "mine.spritelab"
    answer("unsaved.save")
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert (tmp_path / "mine.spritelab").is_file()
    other = Lab(Settings())
    with qtbot.waitSignal(other.project.grid_changed):
        other.project_io.open(tmp_path / "mine.spritelab")
    assert other.project.cell(0) == dirty
    assert other.jobs.shut_down(60)


@pytest.mark.parametrize(("choice", "ending"), [("save", "saved"), ("discard", "discarded")])
def test_closing_while_training_asks_and_waits(
    window: MainWindow,
    lab: Lab,
    sprites_open: SpriteSet,
    training: StandInTraining,  # noqa: F811
    qtbot: QtBot,
    choice: str,
    ending: str,
) -> None:
    training.save_seconds = 0.3
    window.workspace("train").start()
    qtbot.waitUntil(lambda: len(window.workspace("train").history.steps) > 5)
    asked = answer("closing.keep")
    window.close()
    assert asked[0] == "<b>A training run is in progress</b>"
    assert window.isVisible()
    assert lab.training_runs.current.value is not None
    answer(f"closing.{choice}")
    window.close()
    assert window.isVisible(), "it waits for the training"
    qtbot.waitUntil(lambda: not window.isVisible())
    assert training.endings == [ending]


@pytest.mark.parametrize("signal", [False, True])
def test_a_save_that_fails_keeps_the_window_open_unless_a_signal_came(
    window: MainWindow,
    lab: Lab,
    sprites_open: SpriteSet,
    training: StandInTraining,  # noqa: F811
    visible: Visible,
    qtbot: QtBot,
    signal: bool,
) -> None:
    training.full_disk, training.save_seconds = True, 0.2
    window.workspace("train").start()
    qtbot.waitUntil(lambda: len(window.workspace("train").history.steps) > 5)
    answer("closing.save")
    window.close()
    assert not window.stage.isEnabled()
    if signal:
        window.closing.leave_now()
        qtbot.waitUntil(lambda: not window.isVisible())
        return
    qtbot.waitUntil(lambda: lab.training_runs.current.value is None)
    assert window.isVisible()
    assert window.stage.isEnabled()
    assert "The disk is full" in visible(QLabel, "error.text").text()
    assert not window.findChild(QPushButton, "error.details").isVisible()
    window.close()  # nothing is left to ask about
    assert not window.isVisible()


def test_leaving_by_a_signal_asks_nothing_and_saves(
    window: MainWindow,
    lab: Lab,
    sprites_open: SpriteSet,
    training: StandInTraining,  # noqa: F811
    qtbot: QtBot,
) -> None:
    lab.project_io.take(sprites_open.rgba[0])
    window.workspace("train").start()
    qtbot.waitUntil(lambda: len(window.workspace("train").history.steps) > 5)
    window.closing.leave_now()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert training.endings == ["saved"]
    # The drawing, about which nobody was asked, is there at the next launch, still unsaved.
    drawn = lab.project.cell(0)
    other = Lab(Settings())
    with qtbot.waitSignal(other.notice):
        Recovery(other).restore()
    assert other.project.cell(0) == drawn
    assert not other.project.is_clean
    other.project.mark_clean()
    assert not (data_dir() / FILE_NAME).exists()
    assert other.jobs.shut_down(60)


def test_a_log_out_asks_nothing_and_waits_until_all_is_saved(
    window: MainWindow,
    lab: Lab,
    sprites_open: SpriteSet,
    training: StandInTraining,  # noqa: F811
    qtbot: QtBot,
) -> None:
    training.save_seconds = 0.3
    window.workspace("train").start()
    qtbot.waitUntil(lambda: len(window.workspace("train").history.steps) > 5)
    ready: list[bool] = []  # set if everything is saved, not if the patience ends
    window.closing.ready.connect(lambda: ready.append(window.closing.safe))
    window.closing.leave_with_session()
    assert training.endings == ["saved"]
    assert ready == [True]
    assert not window.isVisible()
    window.closing.leave_with_session()  # a second call changes nothing


def test_a_copy_of_unsaved_drawings_is_kept_while_they_are_unsaved(
    window: MainWindow, lab: Lab, dirty: Cell, qtbot: QtBot
) -> None:
    window.recovery._timer.start(10)
    qtbot.waitUntil(window.recovery.path.is_file)
    lab.project.history.undo()
    assert not window.recovery.path.exists()


def test_unsaved_drawings_of_a_newer_version_wait_for_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    lab.project_io.take(np.full((16, 16, 4), 200, np.uint8))
    first = Recovery(lab)
    first.write_now()
    path = first.path
    first.release()  # as when its window closes
    written = path.read_bytes()
    schema = "sprite_lab.formats.project.SCHEMA_VERSION"
    monkeypatch.setattr(schema, 1)  # as if an older version started
    older = Lab(Settings())
    recovery = Recovery(older)
    with qtbot.waitSignal(older.failed) as told:
        recovery.restore()
    assert f"newer Sprite Lab (schema {SCHEMA_VERSION}): update Sprite Lab" in told.args[0]
    kept = path.with_name(f"unsaved.schema-{SCHEMA_VERSION}.spritelab")
    recovery.forget()
    assert kept.read_bytes() == written
    path.write_bytes(written)  # as if the newer version was used again, and crashed again
    with qtbot.waitSignal(older.failed):
        recovery.restore()
    assert kept.read_bytes() == written
    second = path.with_name(f"unsaved-2.schema-{SCHEMA_VERSION}.spritelab")
    assert second.read_bytes() == written
    second.unlink()
    job = recovery.restore()  # the next launch says nothing more
    assert job is not None
    qtbot.waitUntil(lambda: not job.active)
    assert (job.outcome.kind, job.outcome.result) == ("completed", None)
    monkeypatch.setattr(schema, SCHEMA_VERSION)
    newer = Lab(Settings())
    with qtbot.waitSignal(newer.notice):
        Recovery(newer).restore()
    assert newer.project.cell(0) == lab.project.cell(0)
    assert not kept.exists()
    assert older.jobs.shut_down(60)
    assert newer.jobs.shut_down(60)


@pytest.mark.opens("see")
def test_welcome_offers_three_things_until_it_is_closed(
    window: MainWindow, lab: Lab, sprites_open: SpriteSet, visible: Visible, qtbot: QtBot
) -> None:
    qtbot.mouseClick(visible(QPushButton, "welcome.train"), LEFT)
    assert window.current == "train"
    assert not window.welcome.isVisible()  # users who are already at work need none
    qtbot.mouseClick(visible(QToolButton, "workspace.see"), LEFT)
    qtbot.mouseClick(visible(QPushButton, "welcome.draw"), LEFT)
    assert window.current == "draw"
    qtbot.mouseClick(visible(QToolButton, "workspace.see"), LEFT)
    with qtbot.waitSignal(lab.trajectory.changed, timeout=10_000):
        qtbot.mouseClick(visible(QPushButton, "welcome.watch"), LEFT)
    assert window.current == "see"
    assert lab.trajectory.value.kind == "forward"
    qtbot.mouseClick(visible(QToolButton, "welcome.close"), LEFT)
    assert not window.welcome.isVisible()
    qtbot.mouseClick(visible(QToolButton, "workspace.data"), LEFT)
    qtbot.mouseClick(visible(QToolButton, "workspace.see"), LEFT)
    assert not window.welcome.isVisible()
    window.close()
    assert not Settings().value.welcome


@pytest.mark.opens("see")
def test_the_welcome_takes_no_room_of_the_other_pages_of_see(
    window: MainWindow, visible: Visible, qtbot: QtBot
) -> None:
    """A race below it once had sprites as large as their pixels."""
    window.resize(1280, 800)
    tabs = visible(QToolButton, "see.tabs.watch")
    place = tabs.mapTo(window, QPoint())
    for page in ("race", "between", "class", "map", "watch"):
        qtbot.mouseClick(visible(QToolButton, f"see.tabs.{page}"), LEFT)
        settle(window)
        assert window.welcome.isVisible() == (page == "watch")
        assert tabs.mapTo(window, QPoint()) == place, "the tabs stay under the pointer"


@pytest.mark.opens("see")
def test_whoever_has_a_model_is_not_welcomed(window: MainWindow, lab: Lab) -> None:
    assert window.welcome.isVisible()
    lab.model.set(StandInModel())
    assert not window.welcome.isVisible()


def test_one_generate_and_one_start_at_a_time(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    lab.model.set(StandInModel())

    def seen(*texts: str) -> list[str]:
        buttons = window.findChildren(QPushButton)
        return [b.objectName() for b in buttons if b.isVisible() and b.text() in texts]

    window.show_workspace("see")
    qtbot.mouseClick(visible(QAbstractButton, "see.mode.reverse"), LEFT)
    lab.trajectory.set(made_trajectory(np.zeros((2, 16, 16, 3), np.uint8)))
    assert seen("Generate") == ["see.generate"]
    assert seen("Start", "Start training") == ["main.train"]
    window.workspace("draw")  # the list of keys builds it
    assert seen("Generate") == ["see.generate"]
    pause = window.top_bar.pause
    place = pause.mapTo(window, QPoint())
    qtbot.mouseClick(visible(QAbstractButton, "see.mode.forward"), LEFT)
    assert seen("Generate") == ["main.generate"]
    window.show_workspace("draw")
    assert seen("Generate") == ["draw.generate"]
    window.show_workspace("train")
    assert seen("Generate") == ["main.generate"]
    assert seen("Start", "Start training") == ["train.start"]
    window.show_workspace("measure")
    assert seen("Generate") == ["main.generate"]
    assert seen("Start", "Start training") == ["main.train"]
    assert pause.mapTo(window, QPoint()) == place, "the others stay where they are"


def test_a_panel_may_scroll_while_it_is_taken_apart(window: MainWindow) -> None:
    panel, own, button = QScrollArea(), QPushButton(), window.top_bar.generate
    panel.setWidget(own)
    window.top_bar.yield_to(own, button)
    delete_now(own)
    button.hide()
    panel.verticalScrollBar().setRange(0, 9)
    assert not button.isHidden()


def test_generate_is_in_sight_wherever_the_panel_is_scrolled(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    """A lesson once said “press Generate” where there was no such button."""
    lab.model.set(StandInModel())
    window.show_workspace("see")
    qtbot.mouseClick(visible(QAbstractButton, "see.mode.reverse"), LEFT)
    window.resize(1280, 700)
    settle(window)
    panel = window.navigator.see.watch.inspector
    bar, button = panel.verticalScrollBar(), window.top_bar.generate
    assert bar.maximum() > 100
    assert not button.isVisible()
    bar.setValue(bar.maximum())
    assert button.isVisible()
    bar.setValue(0)
    assert not button.isVisible()


def test_start_is_in_sight_though_what_is_below_it_in_the_panel_is(
    window: MainWindow, visible: Visible
) -> None:
    window.show_workspace("train")
    window.resize(1280, 700)
    settle(window)
    start, twin = visible(QPushButton, "train.start"), window.top_bar.train
    assert not twin.isVisible()
    panel: QWidget = start
    while not isinstance(panel, QScrollArea):
        panel = panel.parentWidget()
    away = start.mapTo(panel.viewport(), start.rect().bottomLeft()).y()
    panel.verticalScrollBar().setValue(away)
    assert not start.parentWidget().visibleRegion().isEmpty()
    assert twin.isVisible()


def test_the_open_pages_are_there_again(
    window: MainWindow, lab: Lab, visible: Visible, qtbot: QtBot
) -> None:
    window.show_workspace("see")
    qtbot.mouseClick(visible(QAbstractButton, "see.tabs.class"), LEFT)
    window.show_workspace("train")
    qtbot.mouseClick(visible(QAbstractButton, "train.pages.tabs.memory"), LEFT)
    other = MainWindow(lab)
    assert other.navigator.see.current == "class"
    assert other.navigator.train.current == "memory"
    assert other.navigator.measure.current == "probability"
    delete_now(other)


def test_no_part_of_a_page_is_shown_as_a_window_while_it_is_built(lab: Lab) -> None:
    """Eight empty windows once flashed up at each start."""
    shown: list[str] = []

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            kind = isinstance(watched, QWidget) and event.type() == QEvent.Type.Show
            if kind and watched.isWindow() and not isinstance(watched, MainWindow):
                shown.append(watched.objectName())
            return False

    watcher = Watcher()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(watcher)
    window = MainWindow(lab)
    try:
        for name in ("see", "train", "draw", "measure", "data"):
            window.show_workspace(name)
            workspace = window.navigator.workspace(name)
            for page in getattr(workspace, "names", ()):
                workspace.show_page(page)
    finally:
        application.removeEventFilter(watcher)
        delete_now(window)
    assert shown == []
