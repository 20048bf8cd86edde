"""The explanations of views: each says what it shows, what to try, and names existing code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sprite_lab.app.shell.guide_search import PAGES, slug
from sprite_lab.app.shell.source_code import find_source
from sprite_lab.paths import resource
from sprite_lab.ui.widgets.fields.markdown import is_formula

ROOT = Path(__file__).resolve().parents[2]
VIEWS = sorted(resource("help", "views").glob("*.md"))
TEXTS = [*VIEWS, *(resource("help", f"{page}.md") for page in PAGES)]
#: Widgets that show a "?", and the position of the topic in their arguments.
ASKING = {"HelpButton": 1, "heading_row": 2}
PAGE = re.compile(r"\]\((?:([a-z]+)\.md)?(?:#([a-z-]+))?\)")
LINK = re.compile(r"\]\((source|help):([^)]+)\)")


def name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", VIEWS, ids=name)
def test_it_says_what_one_sees_what_to_try_and_how_it_is_computed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")]
    paragraphs = [part.replace("**Try:**", "Try:") for part in paragraphs]
    said = [part for part in paragraphs if not re.match(r"(Try|Code):|#|```", part)]
    said = [part for part in said if not is_formula(part)]
    words = " ".join(said).replace("*", "")
    assert len(re.findall(r"[.!?](?: |$)", words)) >= 2, "too little is said of what one sees"
    assert any(part.startswith("Try:") for part in paragraphs), "nothing to try"
    assert any(part.startswith("Code:") for part in paragraphs), "no code is named"
    formulas = [part for part in paragraphs if is_formula(part) or part.startswith("```")]
    formulas += re.findall(r"^    .*=.*$", text, re.MULTILINE)
    assert formulas, "there is no formula, or it does not stand alone"
    assert len(text) < 2500, "nobody reads that much in a popup"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = LINK.findall(text)
    links += [("help", f"{page or path.stem}#{chapter}") for page, chapter in PAGE.findall(text)]
    for kind, target in links:
        if kind == "source":
            assert find_source(target).text
        else:
            page, _, chapter = target.partition("#")
            assert page in PAGES
            there = resource("help", f"{page}.md").read_text(encoding="utf-8")
            slugs = {slug(head) for head in re.findall(r"^##+ (.+)$", there, re.MULTILINE)}
            assert not chapter or chapter in slugs, f"no chapter {chapter!r} in {page}"


def topics_of(module: Path) -> set[str]:
    """The topics that a module of the window names."""
    calls = [node for node in ast.walk(ast.parse(module.read_text("utf-8"))) if is_asking(node)]
    topics = [call.args[ASKING[call.func.id]] for call in calls]
    return {topic.value for topic in topics if isinstance(topic, ast.Constant)}


def is_asking(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ASKING


def test_every_topic_that_a_view_asks_for_is_written() -> None:
    written, found = {path.stem for path in VIEWS}, set()
    for module in (ROOT / "sprite_lab" / "ui").rglob("*.py"):
        found |= topics_of(module)
        assert topics_of(module) <= written, module.name
    assert {"runs", "draw_tools"} <= found, "in a heading, and alone"
