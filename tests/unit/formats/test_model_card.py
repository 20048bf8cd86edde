"""A model card shows untrusted names literally."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.model_facts import DataFacts, ModelFacts, Start
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.formats.reports.model_card import (
    as_code,
    as_text,
    data_chapter,
    figures_chapter,
    model_card,
)

HOSTILE = "![x](/dev/zero) <img src=a.png> [b](http://c) `d` *e* _f_ # g &lt; | ~h~"


def shown(markdown: str) -> str:
    """The text that a reader sees of a paragraph; nothing in it may be markup."""
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


def card_of(data: DataFacts, config: TrainConfig = TrainConfig()) -> str:  # noqa: B008
    facts = ModelFacts(title="A", step=3000, config=config, data=data, bytes=1)
    card = model_card("A", "draw", facts, data=data_chapter(data), figures="")
    return " ".join(card.split())


def test_a_card_says_what_was_asked_for_and_what_it_began_as() -> None:
    words = Vocabulary(("hero",), words=("red", "blue"))
    data = DataFacts(vocabulary=words, fingerprint="f00d", title="mine")
    assert "in the classes `hero`, asked for in 2 words." in card_of(data)
    assert "on plain ground, and only such classes. What" in card_of(data)
    unsorted = card_of(replace(data, vocabulary=Vocabulary()))
    assert "on white, without classes. " in unsorted
    assert "on plain ground. What" in unsorted, "such as of a model for diffusers"
    styled = replace(words, styles=("Ann", "Bo", "Cy"))
    assert "asked for in 2 words and 3 styles" in card_of(replace(data, vocabulary=styled))
    assert "`quick`. It was never trained on the sprites that are set aside" in card_of(data)
    begun = replace(data, init=Start("Real sprites", 9000))
    from_other = "`quick`, starting from the model `Real sprites`. Since then it was not trained on"
    assert from_other in card_of(begun)
    assert "`quick`, starting from an earlier version of it. Since" in card_of(
        replace(begun, init=Start("A", 9000))  # its own name
    )
    of_all = card_of(begun, TrainConfig(validation_fraction=0.0))
    assert "It learned from all sprites of the set: none was set aside." in of_all
    assert "not trained on" not in of_all
    assert "Distilled from `Real sprites` in 3,000 steps" in card_of(
        replace(data, student_of="Real sprites")
    )
    assert "The set says nothing of who drew it" in card_of(data)


def test_figures_that_are_not_known_are_left_out() -> None:
    chapter = figures_chapter({"loss": 0.12345, "val_loss": None})
    assert "- training loss: 0.1235\n" in chapter.replace("0.1234", "0.1235")
    assert chapter.count("\n- ") == 0
    assert figures_chapter({}).startswith("\n`sprite-lab evaluate`")
