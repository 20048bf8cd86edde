"""A model card shows what strangers call things letter for letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.model_facts import DataFacts, ModelFacts
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.formats.reports.model_card import as_code, as_text, data_chapter, model_card

HOSTILE = "![x](/dev/zero) <img src=a.png> [b](http://c) `d` *e* _f_ # g &lt; | ~h~"


def shown(markdown: str) -> str:
    """What a reader shows of one paragraph; nothing in it may be anything but text."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(markdown)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text"}
    return "".join(child.content for child in children)


@pytest.mark.parametrize(
    "text", [HOSTILE, "- a", "+ a", "= a", "1. a", "2) a", "12. a", "side_facing"]
)
def test_a_text_is_shown_letter_for_letter(text: str) -> None:
    assert shown(as_text(text)) == text


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1))
def test_any_text_is_shown_letter_for_letter(text: str) -> None:
    words = " ".join(text.split())
    if words:
        assert shown(f"“{as_text(text)}”") == f"“{words}”"


def test_a_card_of_strangers_names_is_a_card() -> None:
    data = DataFacts(
        vocabulary=Vocabulary((HOSTILE, "side_facing")),
        fingerprint=HOSTILE,
        title=HOSTILE,
        credits=(Credit(HOSTILE),),
    )
    config = TrainConfig(preset=HOSTILE)
    facts = ModelFacts(title=HOSTILE, step=3, config=config, data=data, bytes=1)
    card = model_card(HOSTILE, HOSTILE, facts, data=data_chapter(data), figures="")
    tokens = MarkdownIt("commonmark", {"html": True}).parse(card)
    inline = [child for token in tokens for child in token.children or []]
    assert not {"image", "link_open", "html_inline"} & {child.type for child in inline}
    assert not {"html_block"} & {token.type for token in tokens}
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", *["h2"] * 3]
    assert "side_facing" in card
    assert as_code("a`b") == "`a'b`"
