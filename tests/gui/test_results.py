"""The ten questions, saved and opened results, and a fresh desk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.class_table import question_of
from sprite_lab.app.shell.desk import Student, read_shipped
from sprite_lab.core.run import RunControl, drain
from sprite_lab.formats.results import Given, Results, TakenLesson, load_results, save_results
from sprite_lab.ui.shell import dialogs
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.tutorials.class_window import ClassWindow
from sprite_lab.ui.tutorials.controls import find
from sprite_lab.ui.tutorials.hand_in import HandInWindow
from sprite_lab.ui.tutorials.question import ChoiceButton

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton
SHIPPED = drain(read_shipped()(RunControl()))


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    button = find(window, name)
    assert button is not None
    qtbot.waitUntil(button.isEnabled, timeout=5000)
    qtbot.mouseClick(button, LEFT)


def reply(window: MainWindow) -> str:
    label = find(window, "lesson.reply")
    assert isinstance(label, QLabel)
    return label.text()


def marks(window: MainWindow) -> list[str]:
    """How the choices are marked, from top to bottom."""
    names = [b.accessibleName() for b in window.findChildren(ChoiceButton) if b.isVisible()]
    return [name[name.rindex("(") :] for name in names if name.endswith(" answer)")]


def take_test(qtbot: QtBot, window: MainWindow, lesson: Any) -> list[str]:
    """Give the first choice to every question; returns the replies."""
    window.learning.lessons.start(lesson)
    replies = []
    for step in lesson.steps:
        qtbot.waitUntil(lambda: window.learning.lessons.run.ready, timeout=5000)
        show = find(window, "lesson.show")
        assert show is not None
        assert not show.isVisible(), "a test shows no answers"
        press(qtbot, window, "lesson.choice.0")
        replies.append(reply(window))
        assert step.ask is not None
        press(qtbot, window, "lesson.next")
    return replies


def test_each_question_is_answered_once_before_and_after(
    window: MainWindow, lab: Lab, qtbot: QtBot
) -> None:
    before, after = SHIPPED[0], SHIPPED[-1]
    first = sum(step.ask is not None and step.ask.choices[0].right for step in before.steps)
    replies = take_test(qtbot, window, before)
    asks = [step.ask for step in before.steps]
    assert replies == [f"You answered: {ask.choices[0].text}" for ask in asks if ask]
    assert before.taken(lab.settings.value.lessons).right == first
    state = find(window, "lesson.state")
    assert isinstance(state, QLabel)
    told = "Noted. The right answers come after the lessons."
    assert state.text() == told, "not in the color of success"
    assert state.property("good") is False
    replies = take_test(qtbot, window, after)
    # The end of the second test leads to the questions with wrong answers.
    found = find(window, "lesson.lookup")
    assert isinstance(found, QLabel)
    assert found.isVisible()
    assert found.text().startswith(f"<b>{first} of 10 right.</b>")
    wrong = [ask for ask in asks if ask and not ask.choices[0].right]
    links = [link for ask in wrong for link in re.findall(r"\((step:[^)]+)\)", ask.where)]
    assert re.findall(r'<a href="(step:[^"]+)">', found.text()) == links
    assert (found.text().count("✓"), found.text().count("✗")) == (first, 10 - first)
    assert all(text.startswith(("✓ Yes: ", "✗ No. ")) for text in replies)
    press(qtbot, window, "lesson.all")
    chooser = window.learning.lessons.panel.list
    qtbot.waitUntil(lambda: chooser.count() == 12, timeout=5000)
    assert f"{first} of 10 right, {first} before" in chooser.item(11).text()
    # During a review, the answers do not change.
    window.learning.lessons.start(before)
    qtbot.waitUntil(lambda: window.learning.lessons.run.done, timeout=5000)
    assert reply(window).startswith("You answered: ")
    assert find(window, "lesson.reply").property("good") is False, "nor is it told by color"
    choice = find(window, "lesson.choice.1")
    assert choice is not None
    assert not choice.isEnabled()
    qtbot.waitUntil(lambda: marks(window) == ["(your answer)"], timeout=5000)
    # After the lessons, the right answer is marked, too, and a link leads to the place that shows
    # it.
    lessons = window.learning.lessons
    lessons.start(after)
    assert found.isVisible(), "a finished one opens at its marks"
    found.linkActivated.emit("question:0")
    qtbot.waitUntil(lambda: lessons.run.done, timeout=5000)
    both = ["(your answer)", "(right answer)"]
    qtbot.waitUntil(lambda: marks(window) == both, timeout=5000)
    label = find(window, "lesson.reply")
    assert isinstance(label, QLabel)
    (link,) = re.findall(r'<a href="([^"]+)">', label.text())
    label.linkActivated.emit(link)
    qtbot.waitUntil(lambda: not lessons.run.lesson.test, timeout=10_000)
    assert f"step:{lessons.run.lesson.key}/{lessons.run.index + 1}" == link
    qtbot.waitUntil(lambda: lessons.run.ready, timeout=60_000)
    assert (window.navigator.current, window.navigator.page) == ("train", "levels")
    lessons.close()


def test_the_review_can_be_answered_again(window: MainWindow, lab: Lab, qtbot: QtBot) -> None:
    before, after = SHIPPED[0], SHIPPED[-1]
    for lesson in (before, after):
        answers = tuple(Given(n, "A", right=n < 4) for n in range(1, 11))
        taken = TakenLesson(lesson.name, lesson.title, 10, 10, answers)
        known = lab.settings.value.lessons
        lab.settings.replace(lessons={**known, lesson.key: taken.to_json()})
    lessons = window.learning.lessons
    lessons.start(after)
    assert lessons.run is None
    press(qtbot, window, "lesson.again")
    qtbot.waitUntil(lambda: lessons.run.ready, timeout=5000)
    assert lessons.run.index == 0
    assert lessons.run.asks
    lessons.close()
    assert after.taken(lab.settings.value.lessons).answers == ()
    assert before.taken(lab.settings.value.lessons).right == 3


@pytest.mark.parametrize("place", ["summary", "question"])
def test_there_is_a_way_back_from_a_link_of_the_review(
    window: MainWindow, lab: Lab, qtbot: QtBot, place: str
) -> None:
    """It restores the question and its scroll position, and leaves no trace in the lesson."""
    after = SHIPPED[-1]
    answers = tuple(Given(n, "A", right=False) for n in range(1, 11))
    taken = TakenLesson(after.name, after.title, 10, 10, answers)
    lab.settings.replace(lessons={after.key: taken.to_json()})
    window.resize(1280, 800)
    lessons = window.learning.lessons
    lessons.start(after)
    if place == "question":
        find(window, "lesson.lookup").linkActivated.emit("question:6")
    name = "lesson.lookup" if place == "summary" else "lesson.reply"
    label = find(window, name)
    assert isinstance(label, QLabel)
    qtbot.waitUntil(label.isVisible, timeout=5000)
    panel = lessons.panel
    bar = panel._scrolled.verticalScrollBar()
    if place == "summary":
        qtbot.waitUntil(lambda: bar.maximum() > 60, timeout=5000)
        bar.setValue(60)
    back = find(window, "lesson.return")
    assert back is not None
    assert back.isVisible() == (place == "question")
    known = lab.settings.value.lessons
    label.linkActivated.emit("step:04-schedules/3")
    qtbot.waitUntil(lambda: lessons.run is not None and not lessons.run.lesson.test, timeout=10_000)
    assert back.isVisible()
    qtbot.waitUntil(lambda: lessons.run.done, timeout=60_000)
    # It also works across another link, and some steps later.
    press(qtbot, window, "lesson.next")
    panel.step_wanted.emit("04-schedules/5")
    qtbot.waitUntil(lambda: lessons.run.index == 4, timeout=10_000)
    assert back.text() == "Back to the review"
    press(qtbot, window, "lesson.return")
    if place == "question":
        assert (lessons.run.lesson, lessons.run.index) == (after, 6)
        press(qtbot, window, "lesson.return")
        assert find(window, "lesson.lookup").isVisible()
    assert not back.isVisible()
    if place == "summary":
        assert label.isVisible()
        qtbot.waitUntil(lambda: bar.value() == 60, timeout=5000)
    assert lab.settings.value.lessons == known, "looking up is not taking a lesson"


def test_there_must_be_results_to_save(window: MainWindow, lab: Lab, qtbot: QtBot) -> None:
    lessons = window.learning.lessons

    def save() -> QAbstractButton:
        button = find(window, "lesson.results")
        assert isinstance(button, QAbstractButton)
        return button

    lessons.show_list()
    assert not save().isEnabled()
    assert save().toolTip() == "There are no results yet. Take a lesson first."
    lessons.hand_in()
    (dialog,) = window.findChildren(HandInWindow)
    assert not find(window, "results.remove").isEnabled(), "no picture has been read yet"
    qtbot.waitUntil(lambda: not lab.jobs.handles, timeout=10_000)
    assert not dialog.save.isEnabled()
    dialog.accept()
    # Even a single picture is enough.
    lessons.start(SHIPPED[1])
    press(qtbot, window, "lesson.picture")
    with qtbot.waitSignal(lab.notice, timeout=10_000):
        pass
    lessons.show_list()
    qtbot.waitUntil(save().isEnabled, timeout=10_000)
    assert "your teacher" in save().toolTip()


def test_results_with_a_picture_are_saved_and_shown_as_a_class(
    window: MainWindow, lab: Lab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_test(qtbot, window, SHIPPED[0])
    window.learning.lessons.start(SHIPPED[1])
    press(qtbot, window, "lesson.picture")
    with qtbot.waitSignal(lab.notice, timeout=10_000) as said:
        pass
    assert said.args == ["Picture 1 was added to your results."]
    window.learning.lessons.close()
    path = tmp_path / "out" / "me.results.json"
    path.parent.mkdir()
    monkeypatch.setattr("sprite_lab.ui.tutorials.hand_in.ask_save", lambda *_, **__: path)
    window.learning.lessons.hand_in()
    (dialog,) = window.findChildren(HandInWindow)
    qtbot.waitUntil(lambda: dialog.pictures.count() == 1, timeout=10_000)
    dialog.name.setText(" Ann ")
    qtbot.mouseClick(dialog.save, LEFT)
    qtbot.waitUntil(path.exists, timeout=10_000)
    results = load_results(path)
    assert results.name == "Ann"
    assert {lesson.key for lesson in results.lessons} == {"ten-questions.before"}
    (picture,) = results.pictures
    assert picture.title == "What noise does, step 1"
    save_results(tmp_path / "out" / "ben.results.json", Results("Ben"))
    window.files.open_paths([path, tmp_path / "out" / "ben.results.json"])
    qtbot.waitUntil(lambda: bool(window.findChildren(ClassWindow)), timeout=10_000)
    (shown,) = window.findChildren(ClassWindow)
    assert [shown.table.item(row, 0).text() for row in range(2)] == ["Ann", "Ben"]
    shown.table.selectRow(0)
    assert shown.pictures.count() == 1
    assert shown.answers.rowCount() == 10
    shown.close()


def test_results_are_first_looked_for_where_files_are_saved(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was once the home folder."""
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "documents", lambda: tmp_path)

    def choose_none(_parent: object, _title: str, where: str, _kinds: str) -> tuple[list[str], str]:
        asked.append(where)
        return [], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose_none)
    window.files.open_results()
    window.lab.settings.replace(open_folder=str(tmp_path / "class"))
    window.files.open_results()
    assert asked == [str(tmp_path), str(tmp_path / "class")]


def test_rows_of_the_class_are_as_high_as_their_words(window: MainWindow, qtbot: QtBot) -> None:
    """They were once measured before the columns had their widths, and up to four times as high."""
    test = SHIPPED[0]
    answers = tuple(
        Given(n, step.ask.choices[0].text, right=False)
        for n, step in enumerate(test.steps, 1)
        if step.ask
    )
    taken = TakenLesson(test.name, test.title, 10, 10, answers)
    shown = ClassWindow([Student(Path("a.results.json"), Results("A", (taken,)))], SHIPPED, window)
    qtbot.addWidget(shown)
    shown.show()
    line = shown.fontMetrics().lineSpacing()
    heights = lambda: [shown.answers.rowHeight(row) for row in range(10)]  # noqa: E731
    qtbot.waitUntil(lambda: max(heights()) < 5 * line, timeout=5000)
    assert min(heights()) > line


@pytest.mark.parametrize("percent", [100, 150])
def test_the_table_of_a_class_is_read_whole(
    window: MainWindow, qtbot: QtBot, theme: ThemeManager, percent: int
) -> None:
    """Results once took two lines, in large text “2/…”, and answers were outside of the window."""
    theme.set_text_size(percent)
    students = []
    for name in ("Ann", "Maria-José Fernández de la Vega Sanz"):
        lessons = []
        for lesson in SHIPPED:
            asked = [n for n, step in enumerate(lesson.steps, 1) if step.ask]
            answers = tuple(Given(n, "an answer in some words", right=n < 4) for n in asked)
            count = len(lesson.steps)
            lessons.append(TakenLesson(lesson.name, lesson.title, count, count, answers))
        students.append(Student(Path(f"{name}.results.json"), Results(name, tuple(lessons))))
    shown = ClassWindow(students, SHIPPED, window)
    qtbot.addWidget(shown)
    shown.show()
    line = shown.fontMetrics().lineSpacing()
    qtbot.waitUntil(lambda: shown.answers.rowHeight(0) < 5 * line, timeout=5000)
    shown.table.horizontalHeader().setSortIndicatorShown(False)  # the indicator is above the title
    for column in range(1, shown.table.columnCount()):
        head = shown.table.horizontalHeader().sectionSizeHint(column)
        needed = max(shown.table.sizeHintForColumn(column), head)
        assert shown.table.columnWidth(column) >= needed
    assert shown.table.rowHeight(0) < 2 * line + 8
    widths = [shown.answers.columnWidth(column) for column in range(5)]
    assert sum(widths) <= shown.answers.viewport().width()
    assert widths[4] > 10 * line


def test_a_class_is_sorted_and_copied_for_a_spreadsheet(window: MainWindow, qtbot: QtBot) -> None:
    lesson = next(lesson for lesson in SHIPPED if not lesson.test)
    students = []
    for name, right in (("Ben", 2), ("Ann", 10), ("=1+1", 9)):
        answers = tuple(Given(n, "so", right=n <= right) for n in range(1, 11))
        taken = TakenLesson(lesson.name, lesson.title, 10, 10, answers)
        students.append(Student(Path(f"{name}.results.json"), Results(name, (taken,))))
    shown = ClassWindow(students, SHIPPED, window)
    qtbot.addWidget(shown)
    shown.show()
    names = lambda: [shown.table.item(row, 0).text() for row in range(3)]  # noqa: E731
    assert names() == ["=1+1", "Ann", "Ben"]
    header = shown.table.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(2) + 9, header.height() // 2)
    qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert names() == ["Ben", "=1+1", "Ann"], "2 of 10 is less than 10 of 10"
    shown.table.selectRow(2)
    assert [label for label in shown.findChildren(QLabel) if label.text() == "Ann"]
    shown.table.selectAll()
    qtbot.keyClick(shown.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][:3] == ["Student", "Lessons", "Right on first try"]
    assert [line[0] for line in lines[1:]] == ["Ben", "'=1+1", "Ann"], "no formula"
    assert lines[3][2] == "10 of 10"


def test_a_question_that_follows_a_colon_begins_with_a_capital() -> None:
    assert question_of(SHIPPED[1], 1) == "What happens to a sprite on the way to the left?"


def test_names_and_answers_of_strangers_are_text(window: MainWindow, qtbot: QtBot) -> None:
    hostile = "<img src=x> =1+1"
    lesson = TakenLesson("05-guidance", hostile, 5, 1, (Given(1, hostile),))
    student = Student(Path("a.results.json"), Results(hostile, (lesson,)))
    shown = ClassWindow([student], SHIPPED, window)
    qtbot.addWidget(shown)
    assert shown.table.item(0, 0).text() == hostile
    assert shown.answers.item(0, 4).text() == hostile
    titles = [label for label in shown.findChildren(QLabel) if hostile in label.text()]
    assert titles
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in titles)


#: Fills a desk, clears it while sprites are being saved, and reports what the next window finds.
PROGRAM = """
import sys, time
from sprite_lab.__main__ import import_qt
import_qt()
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from sprite_lab import paths
from sprite_lab.app.see import last_sprites
from sprite_lab.app.task import call
from sprite_lab.ui.shell import app

@call("files")
def save_sprites():
    time.sleep(0.5)
    last_sprites.path().write_bytes(b"x")

class Window(app.MainWindow):
    opened = 0
    def __init__(self, lab):
        super().__init__(lab)
        Window.opened += 1
        known = lab.settings.value
        files = len(list(paths.desk_dir().glob("*"))) + last_sprites.path().exists()
        print("OPENED", known.theme, known.lessons, known.launched, files, flush=True)
        self.painted.connect(lambda: QTimer.singleShot(500, self.go_on))

    def go_on(self):
        if self.lab.jobs.handles:  # or a busy machine would not end them in time
            QTimer.singleShot(200, self.go_on)
        elif Window.opened == 1:
            self.lab.settings.replace(theme="dark", lessons={"x": 1}, launched=True)
            (paths.desk_dir() / "1.png").write_bytes(b"x")
            QTimer.singleShot(200, self.press)
            self.menus.actions["help.fresh_desk"].trigger()
        else:
            self.close()

    def press(self):
        box = QApplication.activeModalWidget()
        next(b for b in box.buttons() if b.objectName() == "fresh.yes").click()
        self.lab.do(save_sprites(), self)

app.MainWindow = Window
sys.exit(app.run_app())
"""


def test_a_fresh_desk_is_as_at_the_first_launch(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == ["OPENED system {} False 0", "OPENED dark {} False 0"]
