"""The search of the guide: what it finds, in which order, and despite which typing errors."""

from __future__ import annotations

import re

import pytest

from sprite_lab.app.shell.guide_search import (
    _AFTER,
    _BEFORE,
    PAGES,
    Chapter,
    read_guide,
    search,
    slug,
)
from sprite_lab.core.run import RunControl, drain
from sprite_lab.paths import resource
from tests.counting import lines_run

HEADING = re.compile(r"^###? (.*)$", re.MULTILINE)
GUIDE = drain(read_guide()(RunControl()))


def test_every_chapter_of_every_page_is_there_without_marks() -> None:
    assert {chapter.page for chapter in GUIDE} == PAGES.keys()
    for page in PAGES:
        text = resource("help", f"{page}.md").read_text("utf-8")
        headings = [chapter.heading for chapter in GUIDE if chapter.page == page]
        assert headings[0] == PAGES[page]
        assert list(map(slug, headings[1:])) == list(map(slug, HEADING.findall(text)))
    assert not any("**" in chapter.text or "](" in chapter.text for chapter in GUIDE)


def test_chapters_that_are_named_so_come_first() -> None:
    hits = search(GUIDE, "TRAINING")
    assert hits[0].chapter.heading == "Training"
    assert len(hits) > 3
    assert all(hit.word == "training" for hit in hits if hit.word)


def test_all_words_have_to_be_there() -> None:
    chapters = [Chapter("guide", "A", "red slime"), Chapter("guide", "B", "a red hero")]
    assert [hit.chapter.heading for hit in search(chapters, "hero red")] == ["B"]
    assert search(chapters, "red dragon") == []
    assert search(chapters, "  ") == []


@pytest.mark.parametrize(
    "typed", ["guidnce", "guidence", "gudiance", "guiddance", "guidanc", "guidanxe"]
)
def test_a_typing_error_is_forgiven(typed: str) -> None:
    found = {hit.chapter.heading for hit in search(GUIDE, typed)}
    assert found >= {hit.chapter.heading for hit in search(GUIDE, "guidance")}


def test_words_of_five_letters_are_forgiven_and_shorter_ones_are_not() -> None:
    chapters = [Chapter("guide", "A", "seven lamps")]
    assert search(chapters, "lqmps")
    assert not search(chapters[:1], "lqmp")


def test_the_excerpt_ends_a_length_after_the_word() -> None:
    numbers = [f"{i:02}" for i in range(100)]
    (hit,) = search([Chapter("guide", "A", " ".join(["needle", *numbers]))], "needle")
    assert hit.around == f"{' '.join(['needle', *numbers[: _AFTER // 3]])}…"


def test_short_and_strange_words_are_not_stretched() -> None:
    assert search(GUIDE, "xqz") == []
    assert search(GUIDE, "qqqqqqqqqzzzzzzzzz") == []


def test_looking_for_a_typing_error_compares_each_word_of_the_guide_once() -> None:
    texts = (f"{chapter.heading} {chapter.text}".casefold() for chapter in GUIDE)
    known = {word for text in texts for word in re.findall(r"\w+", text)}
    assert lines_run(lambda: search(GUIDE, "zzzzz")) < 40 * len(known)


def test_a_place_is_shown_with_its_words() -> None:
    (hit,) = search([Chapter("guide", "A", f"{'some ' * 40}needle{' words' * 30}")], "needle")
    assert "needle" in hit.around
    assert set(hit.around.strip("…").split()) == {"some", "needle", "words"}, "whole words"
    assert hit.around.startswith("…")
    assert len(hit.around) < 120


def test_the_excerpt_begins_with_a_whole_word_a_length_before() -> None:
    def around(before: str) -> str:
        (hit,) = search([Chapter("guide", "A", f"{before} needle")], "needle")
        return hit.around

    near = "a" * (_BEFORE - 1)
    assert around(near) == f"{near} needle", "all of it, exactly at the limit"
    assert around(f"of {near}") == f"…{near} needle"
    assert around(f"is of {near[1:]}") == f"…of {near[1:]} needle", "a letter less: one word more"
