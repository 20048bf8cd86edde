"""The chapters of the user guide, and the search for words in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sprite_lab.app.task import call
from sprite_lab.words import english_page, marked, page_in_language, tr

#: Pages of the guide, by their names in links.
PAGES = {
    "guide": tr("User guide"),
    "teaching": tr("Teaching with Sprite Lab"),
    "lessons": tr("Writing lessons"),
    "gpu": tr("Using a graphics card"),
    "scaling": tr("When one machine is too small"),
    "library": tr("Sprite Lab from Python"),
    "serve": tr("In Aseprite and other programs"),
    "limits": tr("Limits of files"),
}

#: Pages that answer the questions of lessons.
ANSWERING = ("teaching",)

#: Words of at least this length may have one typing error.
_FORGIVES = 5
#: Length of the excerpt around a match, in letters.
_BEFORE, _AFTER = 24, 72

#: The heading of a chapter, or of a part of one.
_CHAPTER = re.compile(r"^###? (.*)$", re.MULTILINE)

_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`|]+")


@dataclass(frozen=True)
class Chapter:
    """A chapter of a page: its heading, and its text without Markdown."""

    page: str
    heading: str
    text: str
    #: name in links, such as "your-own-sprites"; "" = the text before the first chapter
    name: str = ""


@dataclass(frozen=True)
class Hit:
    """A chapter that a search found.

    ``word``: what matches the first word of the search, in lower case; "" = its text has none.
    """

    chapter: Chapter
    word: str
    around: str


@call("files", marked("Reading the guide"))
def read_guide() -> tuple[Chapter, ...]:
    """Read all pages of the guide; the text before the first chapter counts as one."""
    found = []
    for page, title in PAGES.items():
        path = page_in_language("help", f"{page}.md")
        names = iter(("", *_names(path)))
        parts = _CHAPTER.split(path.read_text("utf-8"))
        for heading, text in zip([title, *parts[1::2]], parts[::2], strict=True):
            plain = " ".join(_MARKS.sub(r"\1", text).split())
            heading = _MARKS.sub(r"\1", heading).strip()
            found.append(Chapter(page, heading, plain, next(names, slug(heading))))
    return tuple(found)


def _names(path: Path) -> tuple[str, ...]:
    """The names of a page's chapters in links, in order; they are in English."""
    markdown = english_page(path).read_text("utf-8")
    return tuple(slug(_MARKS.sub(r"\1", heading)) for heading in _CHAPTER.findall(markdown))


read_names = call("files", marked("Reading the guide"))(_names)


def slug(heading: str) -> str:
    """The name of a heading in links: "Timeline and log-SNR" gives "timeline-and-log-snr"."""
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-")


def search(chapters: Sequence[Chapter], typed: str) -> list[Hit]:
    """Chapters with all typed words or parts of words; matching headings come first.

    If there are none, longer words may have a wrong, missing, extra or swapped letter.
    """
    words = typed.casefold().split()
    if not words:
        return []
    found = _having(chapters, [{word} for word in words])
    if not found:
        texts = (f"{chapter.heading} {chapter.text}".casefold() for chapter in chapters)
        known = {word for text in texts for word in re.findall(r"\w+", text)}
        found = _having(chapters, [_like(word, known) for word in words])
    return found


def _having(chapters: Iterable[Chapter], wanted: Sequence[set[str]]) -> list[Hit]:
    """Chapters with at least one of each set of words."""
    named: list[Hit] = []
    others: list[Hit] = []
    for chapter in chapters:
        heading, text = chapter.heading.casefold(), chapter.text.casefold()
        if not all(any(w in heading or w in text for w in words) for words in wanted):
            continue
        inside = [w for w in wanted[0] if w in text]
        word = inside[0] if inside else ""
        at = text.find(word)
        hit = Hit(chapter, word, _excerpt(chapter.text, at, at + len(word)))
        is_named = all(any(w in heading for w in words) for words in wanted)
        (named if is_named else others).append(hit)
    return named + others


def _excerpt(text: str, start: int, end: int) -> str:
    """The whole words around a part of a text."""
    first = 0 if start <= _BEFORE else text.rfind(" ", 0, start - _BEFORE) + 1
    last = text.find(" ", end + _AFTER)
    last = len(text) if last < 0 else last
    return f"{'…' if first else ''}{text[first:last]}{'…' if last < len(text) else ''}"


def _like(word: str, known: Iterable[str]) -> set[str]:
    """Known words, or their beginnings, one typing error away from a word."""
    if len(word) < _FORGIVES:
        return {word}
    shorter = _without_a_letter(word)
    found = {
        other[: len(word)]
        for other in known
        if len(other) >= len(word) - 1
        and (shorter & _without_a_letter(other[: len(word)]) or word in _without_a_letter(other))
    }
    return found or {word}


def _without_a_letter(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
