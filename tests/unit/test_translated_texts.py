"""Translated help has the build of the English one, so that links, code and formulas hold in it."""

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
from sprite_lab.ui.widgets.fields.markdown import is_formula

HELP = resource("help")
PAGES = sorted(resource("translations").glob("*/help/**/*.md"))
#: A page opens in a popup, and some languages take more letters than English.
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
    """JSON with all words taken out of it that a reader sees, and nothing else."""
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
