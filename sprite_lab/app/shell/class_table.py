"""The results of a class as tables: a row for each student, and a row for each question."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from sprite_lab.app.shell.desk import Student
from sprite_lab.formats.lessons import Lesson
from sprite_lab.formats.results import Given, TakenLesson
from sprite_lab.words import tr, trc, trn

#: Columns of the class table before those of the lessons.
CLASS_COLUMNS = (
    trc("class", "Student"),
    tr("Lessons"),
    tr("Right on first try"),
    tr("Before"),
    tr("After"),
    tr("Pictures"),
)
QUESTION_COLUMNS = (
    tr("Lesson"),
    tr("Step"),
    tr("Question"),
    tr("Right on first try"),
    tr("Answers"),
)

_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def columns_of(students: Sequence[Student], known: Sequence[Lesson]) -> dict[str, str]:
    """The titles of lessons by key, without tests: those that ship, then others that were taken."""
    tests = {lesson.name for lesson in known if lesson.test}
    found = {lesson.name: lesson.title for lesson in known if not lesson.test}
    for student in students:
        for taken in student.results.lessons:
            if taken.key not in tests:
                found.setdefault(taken.key, taken.title)
    return found


def class_row(student: Student, columns: Iterable[str], known: Sequence[Lesson]) -> tuple[str, ...]:
    """The cells of a student; ``columns``: keys of lessons."""
    results = student.results
    taken = [results.lesson(key) for key in columns]
    found = [lesson for lesson in taken if lesson is not None]
    tests = {lesson.test: results.lesson(lesson.name) for lesson in known if lesson.test}
    return (
        student.title,
        str(sum(lesson.done for lesson in found)),
        _score(found),
        *(_score([test] if test else []) for test in (tests.get("before"), tests.get("after"))),
        str(len(results.pictures) or "–"),
        *(_of_lesson(lesson) for lesson in taken),
    )


def class_title(students: Sequence[Student], known: Sequence[Lesson]) -> str:
    """The name of a single student; of several, their number, and how many answers were right on
    average before and after if any of them took both tests.
    """
    if len(students) == 1:
        return students[0].title
    names = {lesson.test: lesson.name for lesson in known if lesson.test}
    both = []
    for student in students:
        tests = [student.results.lesson(names.get(when, "")) for when in ("before", "after")]
        if all(test is not None and test.done for test in tests):
            both.append([test.right for test in tests if test is not None])
    if not both:
        return tr("{count} students", count=len(students))
    before, after = map(fmean, zip(*both, strict=True))
    return tr(
        "{count} students, {both} of them with both tests: on average {before:.1f} right before, "
        "{after:.1f} after",
        count=len(students),
        both=len(both),
        before=before,
        after=after,
    )


def question_rows(
    students: Sequence[Student], known: Sequence[Lesson]
) -> tuple[tuple[str, ...], ...]:
    """A row for each question that any student answered, with their answers."""
    answers: dict[tuple[str, int], list[Given]] = {}
    titles: dict[str, str] = {}
    for student in students:
        for taken in student.results.lessons:
            titles.setdefault(taken.key, taken.title)
            for answer in taken.answers:
                answers.setdefault((taken.key, answer.step), []).append(answer)
    texts = {lesson.name: lesson for lesson in known}
    order = {name: number for number, name in enumerate(texts)}
    rows = []
    for key, step in sorted(answers, key=lambda at: (order.get(at[0], len(order)), at)):
        given, lesson = answers[key, step], texts.get(key)
        rows.append(
            (
                titles[key] if lesson is None else lesson.title,
                str(step),
                question_of(lesson, step),
                tr("{right} of {count}", right=sum(one.right for one in given), count=len(given)),
                _answers_text(given),
            )
        )
    return tuple(rows)


def question_of(lesson: Lesson | None, step: int) -> str:
    """The question of a step: its last bold text; "" = unknown."""
    if lesson is None or step > len(lesson.steps):
        return ""
    bold = _BOLD.findall(lesson.steps[step - 1].text)
    question = " ".join(bold[-1].split()) if bold else ""
    return question[:1].upper() + question[1:]  # it may have followed a colon


def _answers_text(given: Sequence[Given]) -> str:
    """Answers, the most frequent first; correct ones have a tick."""
    words: Counter[str] = Counter()
    for one in given:
        tries = tr(" ({tries} tries)", tries=one.tries) if len(given) == 1 and one.tries > 1 else ""
        answer = one.answer or (tr("where it was") if one.right else tr("used Show me"))
        words[("✓ " if one.right else "") + answer + tries] += 1
    several = len(given) > 1
    return "; ".join(f"{n}× {answer}" if several else answer for answer, n in words.most_common())


def _score(lessons: Sequence[TakenLesson]) -> str:
    asked = sum(len(lesson.answers) for lesson in lessons)
    return (
        tr("{right} of {asked}", right=sum(lesson.right for lesson in lessons), asked=asked)
        if asked
        else "–"
    )


def _of_lesson(lesson: TakenLesson | None) -> str:
    if lesson is None:
        return "–"
    return f"{lesson.right}/{len(lesson.answers)}" + (" ✓" if lesson.done else "")


def summary(lessons: Sequence[TakenLesson]) -> str:
    """What a student has done so far, in a sentence."""
    done = sum(lesson.done for lesson in lessons)
    answers = sum(len(lesson.answers) for lesson in lessons)
    right = sum(lesson.right for lesson in lessons)
    known: dict[str, str | int] = {
        "lessons": trn("{n} lesson", "{n} lessons", done),
        "questions": trn("{n} question", "{n} questions", answers),
        "right": right,
    }
    if begun := len(lessons) - done:
        return tr(
            "{lessons} done, {begun} started; {questions} answered, {right} right on the first "
            "try.",
            begun=begun,
            **known,
        )
    return tr("{lessons} done; {questions} answered, {right} right on the first try.", **known)
