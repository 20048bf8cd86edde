"""Translated help has the structure of the English help, so that links, code and formulas work."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sprite_lab.core import strict_json
from sprite_lab.paths import resource
from sprite_lab.ui.tutorials.lesson_checks import JOBS
from sprite_lab.ui.widgets.fields.markdown import is_formula
from sprite_lab.words import Entry, read_po

HELP = resource("help")
LANGUAGES = sorted(path.parent for path in resource("translations").glob("*/words.po"))
PAGES = sorted(resource("translations").glob("*/help/**/*.md"))
#: Most letters of a page, which opens in a popup; some languages need more than English.
MOST_LETTERS = 3300


def english(page: Path) -> Path:
    _language, _help, *parts = page.relative_to(resource("translations")).parts
    return HELP.joinpath(*parts)


def name(page: Path) -> str:
    return str(page.relative_to(resource("translations")).with_suffix(""))


def tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


def inline(page: Path) -> Iterator[Token]:
    for token in tokens(page):
        yield from token.children or ()


def kinds(value: object) -> object:
    """JSON without the texts that a reader sees."""
    if isinstance(value, dict):
        seen = ("title", "summary", "text", "reply")
        return {key: "" if key in seen else kinds(value[key]) for key in value}
    return [kinds(item) for item in value] if isinstance(value, list) else value


def fence(token: Token) -> object:
    return kinds(strict_json.loads(token.content)) if token.info == "json" else token.content


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_it_has_the_headings_lists_and_tables_of_the_english_page(page: Path) -> None:
    def build(path: Path) -> list[str]:
        block = ("heading_open", "list_item_open", "tr_open", "td_open", "fence")
        return [token.tag + token.type for token in tokens(path) if token.type in block]

    assert english(page).is_file(), "there is no English page of this name"
    assert build(page) == build(english(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_links_pictures_and_code_are_those_of_the_english_page(page: Path) -> None:
    def kept(path: Path) -> Counter[tuple[str, str]]:
        found = [("link", str(part.attrs["href"])) for part in inline(path) if "href" in part.attrs]
        found += [("picture", str(p.attrs["src"])) for p in inline(path) if "src" in p.attrs]
        found += [("code", part.content) for part in inline(path) if part.type == "code_inline"]
        text = path.read_text("utf-8")
        found += [("value", value) for value in re.findall(r"^\{\w+\}$", text, re.MULTILINE)]
        return Counter(found)

    assert kept(page) == kept(english(page))
    ours, theirs = tokens(page), tokens(english(page))
    fences = [fence(token) for token in ours if token.type == "fence"]
    assert json.dumps(fences) == json.dumps([fence(t) for t in theirs if t.type == "fence"])


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_its_formulas_stand_alone_where_the_english_ones_do(page: Path) -> None:
    def formulas(path: Path) -> list[str]:
        parts = (" ".join(part.split()) for part in path.read_text("utf-8").split("\n\n"))
        symbols = (re.sub(r"\w{3,}", "", part) for part in parts if is_formula(part))
        return [re.sub(r"[^=≈∝≤≥←∼√]", "", part) for part in symbols]

    assert formulas(page) == formulas(english(page))


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent.name == "views"], ids=name)
def test_an_explanation_of_a_view_is_short_and_says_what_to_try(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text) < MOST_LETTERS, "nobody reads that much in a popup"
    assert re.search(r"^\*\*[^*]+:\*\* ", text, re.MULTILINE), "nothing to try"
    assert re.search(r"^\w+: \[", text, re.MULTILINE), "no code is named"


def catalog(language: Path, name: str) -> list[Entry]:
    entries = read_po((language / f"{name}.po").read_text("utf-8"))
    return [e for e in entries if e.words and all(e.said) and not e.fuzzy]


def controls(text: str) -> set[str]:
    """Names of controls in a text: each part of "See ▸ Reverse", and the links to controls."""
    flat = " ".join(text.split())
    paths = re.findall(r"\*\*([^*]+ ▸ [^*]+)\*\*", flat)
    found = [part for path in paths for part in path.split(" ▸ ")]
    found += re.findall(r"\[\*?([^]*]+)\*?\]\(control:", flat)
    return {bare(part) for part in found}


def bare(text: str) -> str:
    """A name without its mnemonic and trailing dots."""
    return re.sub(r"[&…]", "", text).strip()


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.name)
def test_help_and_lessons_call_controls_as_the_window_does(language: Path) -> None:
    window: dict[str, set[str]] = {}
    for entry in catalog(language, "words"):
        window.setdefault(bare(entry.words), set()).update(map(bare, entry.said))
    texts = [(e.words, e.said[0]) for e in catalog(language, "lessons")]
    pages = [page for page in PAGES if page.is_relative_to(language)]
    # Where Aseprite is mentioned, the menus are its own.
    pages = [page for page in pages if page.stem != "serve"]
    texts += [(english(page).read_text("utf-8"), page.read_text("utf-8")) for page in pages]
    wrong = {
        (known, *window[known])
        for words, said in texts
        for known in controls(words) & window.keys()
        if not window[known] & controls(said)
    }
    assert not wrong, "these are called otherwise in the window"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.name)
def test_no_line_ends_between_a_number_and_its_percent(language: Path) -> None:
    texts = [page.read_text("utf-8") for page in PAGES if page.is_relative_to(language)]
    texts += [s for name in ("words", "lessons") for e in catalog(language, name) for s in e.said]
    apart = [found[0] for text in texts for found in re.finditer(r"\S*[\d}][ \n]%", text)]
    apart += [found[0] for text in texts for found in re.finditer(r"\S*\d%(?![\w}])", text)]
    assert not apart, "a no-break space belongs there"


def test_english_writes_percent_without_a_space() -> None:
    pages = [page.read_text("utf-8") for page in sorted(HELP.rglob("*.md"))]
    assert not [found[0] for text in pages for found in re.finditer(r"\S*\d\s%", text)]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.name)
def test_jobs_that_lessons_wait_for_are_known_by_how_their_names_begin(language: Path) -> None:
    # A word with a context has another meaning, and is no job's name.
    entries = [entry for entry in catalog(language, "words") if not entry.context]
    said = {entry.words: entry.said for entry in entries}
    for begins in JOBS:
        names = [e.said for e in entries if re.match(rf"{begins}( \{{|$)", e.words)]
        for text in (text for forms in names for text in forms):
            assert text.startswith(said[begins][0])
