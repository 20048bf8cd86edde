"""A student's work, and the tables that a teacher sees of a class."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from sprite_lab import paths
from sprite_lab.app.shell import desk
from sprite_lab.app.shell.class_table import (
    class_row,
    class_title,
    columns_of,
    question_rows,
    summary,
)
from sprite_lab.app.shell.desk import Student, read_shipped
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Notice
from sprite_lab.core.run import RunControl, drain
from sprite_lab.formats.lessons import load_lesson, parse_lesson
from sprite_lab.formats.results import (
    MOST_PICTURES,
    Given,
    Results,
    TakenLesson,
    load_results,
    save_results,
)
from sprite_lab.paths import resource

SHIPPED = drain(read_shipped()(RunControl()))
TEST = SHIPPED[0]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPRITE_LAB_HOME", str(tmp_path / "home"))
    return tmp_path


def taken(key: str, *answers: Given, reached: int = 0) -> TakenLesson:
    return TakenLesson(key, key.title(), 10, reached, answers)


def student(name: str, *lessons: TakenLesson) -> Student:
    return Student(Path(f"{name or 'a file'}.results.json"), Results(name, lessons))


def test_the_ten_questions_come_before_and_after_the_lessons() -> None:
    assert [lesson.test for lesson in SHIPPED] == ["before", *[""] * 10, "after"]
    assert TEST.key == "ten-questions.before"
    assert SHIPPED[-1].key == "ten-questions.after"
    for step in TEST.steps:
        assert step.ask is not None
        (right,) = [choice for choice in step.ask.choices if choice.right]
        wrong = [choice.reply for choice in step.ask.choices if not choice.right]
        assert len(wrong) == 3
        assert all(right.text in reply for reply in wrong), "a wrong answer is told the right one"


def test_a_test_asks_in_every_step() -> None:
    document = {"schema_version": 1, "title": "A", "test": True, "steps": [{"text": "b"}]}
    with pytest.raises(SpriteLabError, match="each step of a test must have"):
        parse_lesson(document)
    with pytest.raises(SpriteLabError, match="'test' must be true or false"):
        parse_lesson({**document, "test": "yes"})


def test_what_is_remembered_of_a_lesson_that_has_changed_is_nothing() -> None:
    lesson = load_lesson(next(resource("lessons").glob("05*.json")))
    known = {lesson.key: TakenLesson("05-guidance", "", 99, 3).to_json()}
    assert lesson.taken(known).reached == 0
    assert lesson.taken({lesson.key: 3}).reached == 0, "as it was once remembered"
    known = {lesson.key: replace(lesson.taken({}), reached=2).to_json()}
    assert lesson.taken(known).reached == 2


def test_results_name_no_folder_and_leave_out_what_was_not_begun(tmp_path: Path) -> None:
    own = tmp_path / "secret name" / "mine.json"
    own.parent.mkdir()
    own.write_text('{"schema_version": 1, "title": "A", "steps": [{"text": "b"}]}', "utf-8")
    lesson = load_lesson(own)
    assert str(own) in lesson.key
    begun = replace(lesson.taken({}), reached=1).to_json()
    known = {lesson.key: begun, "x": taken("x").to_json(), "y": "damaged", "z": 3}
    (found,) = desk.lessons_of(known)
    assert found.key == "mine"
    path = tmp_path / "a.results.json"
    drain(desk.hand_in(path, Results(lessons=(found,)))(RunControl()))
    assert "secret" not in path.read_text("utf-8")


def test_pictures_are_kept_within_limits(qapp: object, tmp_path: Path) -> None:
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    for number in range(MOST_PICTURES):
        assert drain(desk.take_picture(image, "<b> &")(RunControl())) == number + 1
    with pytest.raises(FileError, match="remove some"):
        drain(desk.take_picture(image, "x")(RunControl()))
    found = drain(desk.read_pictures()(RunControl()))
    assert len(found) == MOST_PICTURES
    assert found[0][1].title == "<b> &"
    drain(desk.remove_picture(found[0][0])(RunControl()))
    assert len(desk.picture_files()) == MOST_PICTURES - 1
    path = tmp_path / "a.results.json"
    results = Results(pictures=tuple(picture for _, picture in found))
    save_results(path, results)
    assert load_results(path) == results
    data = paths.data_dir()
    drawn = "sprites.npz", "variations.spritelab", "variations-1-tries.spritelab", "tries.spritelab"
    left = [paths.measured_dir() / "a-probability.npz", *(data / name for name in drawn)]
    rescued = data / "not-restored-1.spritelab"
    for one in (*left, rescued):
        one.write_bytes(b"of the last student")
    desk.clear()
    assert desk.picture_files() == []
    assert not any(one.exists() for one in left)
    assert rescued.exists()


def test_a_damaged_picture_does_not_hide_the_others(qapp: object, home: Path) -> None:
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    for title in "ab":
        drain(desk.take_picture(image, title)(RunControl()))
    desk.picture_files()[0].write_bytes(b"half of a pic")
    notices: list[object] = []
    ((_, picture),) = drain(desk.read_pictures()(RunControl()), notices.append)
    assert picture.title == "b"
    assert [type(one) for one in notices if isinstance(one, Notice)] == [Notice]


def test_pictures_stay_in_order_if_the_clock_is_set_back(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    # An hour back, then the clock of a computer whose battery is empty.
    for title, now in (("a", 1_800_000_000), ("b", 1_800_000_000 - 3600), ("c", 12)):
        monkeypatch.setattr(time, "time_ns", lambda now=now: now * 10**9)
        drain(desk.take_picture(image, title)(RunControl()))
    found = drain(desk.read_pictures()(RunControl()))
    assert [picture.title for _, picture in found] == ["a", "b", "c"]


def test_a_large_picture_is_made_smaller(qapp: object) -> None:
    import numpy as np

    noise = np.random.default_rng(0).integers(0, 256, (800, 1200, 3), np.uint8)
    image = QImage(noise.data, 1200, 800, 3600, QImage.Format.Format_RGB888)
    drain(desk.take_picture(image, "x")(RunControl()))
    ((_, picture),) = drain(desk.read_pictures()(RunControl()))
    assert picture.title == "x"
    assert 100_000 < len(picture.png) <= 1_000_000


def test_a_class_is_read_without_those_that_are_damaged(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.results.json" for n in range(3)]
    for path in paths[:2]:
        save_results(path, Results(path.stem))
    paths[2].write_text("{")
    said: list[object] = []
    students = drain(desk.open_class([*paths, paths[0]])(RunControl()), said.append)
    assert [one.results.name for one in students] == ["0.results", "1.results"]
    assert [one for one in said if isinstance(one, Notice)]
    with pytest.raises(FileError, match=r"2\.results\.json"):
        drain(desk.open_class([paths[2]])(RunControl()))


def test_the_table_of_a_class() -> None:
    ann = student(
        "Ann",
        taken("ten-questions.before", Given(1, "a", True), Given(2, "b")),
        taken("05-guidance", Given(1, "food", True), Given(2, "x", tries=3), reached=10),
        taken("mine", reached=1),
    )
    nobody = student("")
    columns = columns_of([ann, nobody], SHIPPED)
    assert list(columns) == [
        *(lesson.name for lesson in SHIPPED if not lesson.test),
        "mine",
    ]
    row = class_row(ann, columns, SHIPPED)
    assert row[:6] == ("Ann", "1", "1 of 2", "1 of 2", "–", "–")
    assert row[6:] == ("–",) * 4 + ("1/2 ✓",) + ("–",) * 5 + ("0/0",)
    assert class_row(nobody, columns, SHIPPED)[:3] == ("a file.results.json", "0", "–")


def test_the_answers_of_a_class_are_counted_by_question() -> None:
    ann = student("Ann", taken("05-guidance", Given(1, "alike", True)), taken("z", Given(3, "?")))
    ben = student("Ben", taken("05-guidance", Given(1, "kinds", tries=2)))
    cat = student("Cat", taken("05-guidance", Given(1, "kinds")))
    first, other = question_rows([ann, ben, cat], SHIPPED)
    assert first == ("Guidance", "1", "What does s = 3 do?", "1 of 3", "2× kinds; 1× ✓ alike")
    assert other == ("Z", "3", "", "0 of 1", "?")
    ((*_, told),) = question_rows([ben], SHIPPED)
    assert told == "kinds (2 tries)"


def test_the_title_of_a_class_says_what_its_tests_gained() -> None:
    def took(name: str, *scores: int) -> Student:
        tests = [lesson for lesson in SHIPPED if lesson.test]
        return student(
            name,
            *(
                taken(test.name, *(Given(n, "?", n <= score) for n in range(1, 11)), reached=10)
                for test, score in zip(tests, scores, strict=False)
            ),
        )

    ann, ben, cat = took("Ann", 2, 7), took("Ben", 5, 6), took("Cat", 10)
    assert class_title([ann], SHIPPED) == "Ann"
    assert class_title([cat, took("Dee")], SHIPPED) == "2 students"
    assert class_title([ann, ben, cat], SHIPPED) == (
        "3 students, 2 of them with both tests: on average 3.5 right before, 6.5 after"
    )


def test_a_fresh_desk_keeps_what_is_the_rooms() -> None:
    used = Preferences(
        theme="dark",
        text_size=125,
        keys={"a": ["B"]},
        launched=True,
        welcome=False,
        project="secret.spritelab",
        lessons={"x": 1},
        recent_projects=("secret.spritelab",),
    )
    found = desk.fresh(used)
    assert found == Preferences(theme="dark", text_size=125, keys={"a": ["B"]})


def test_a_summary_counts_begun_lessons_where_there_are_some() -> None:
    done, begun = taken("a", reached=10), taken("b", reached=3)
    assert summary([done]).startswith("1 lesson done; 0 questions")
    assert summary([done, begun]).startswith("1 lesson done, 1 started; 0 questions")
