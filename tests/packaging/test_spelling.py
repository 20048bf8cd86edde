"""One spelling, the American one, in code, window, lessons, help and documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sprite_lab.data import builtin
from sprite_lab.engine.models.model import load_model

ROOT = Path(__file__).resolve().parents[2]

BRITISH = re.compile(
    r"colour|grey|centre|centring|behaviour|favour|neighbour|licence|catalogue|armour|cancelled|cancelling"
    r"|labelled(?!by)|labelling|modelled|modelling|learnt|spelt|spoilt|judgement|\banalyse"
    r"|\b(?:to|out|in|up|down|after)wards\b|aubergine|chilli|ladybird|moustache|mitred|\blolly"
    r"|\b(?:recogn|memor|organ|optim|visual|minim|maxim|normal|general|initial)is(?:e|ed|es|ing|ation)\b",
    re.IGNORECASE,
)

#: Names spelled this way in files: weights, reports, credits, and words of their own vocabulary.
ON_DISK = re.compile(
    r"colour_attention|learnt_from|\.licence\b|licence: str|['\"`]licence['\"`]|gray grey black"
    r"|__neighbours"
)


def test_words_are_spelled_the_american_way() -> None:
    texts = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")]
    texts += [*(ROOT / "docs").glob("*.md"), *(ROOT / "changes").glob("*.md")]
    texts += [*(ROOT / "resources" / "help").rglob("*.md"), *(ROOT / "resources").glob("*.json")]
    texts += (ROOT / "resources" / "lessons").glob("*.json")
    texts += (ROOT / "resources" / "models").glob("*/card.md")
    texts += [*(ROOT / "sprite_lab").rglob("*.py"), *(ROOT / "packaging").rglob("*.py")]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in texts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := BRITISH.search(ON_DISK.sub("", line)))
    ]
    assert not wrong, "\n".join(wrong)


def test_built_in_sprites_are_described_the_american_way() -> None:
    assert not BRITISH.search(" ".join(builtin().words))


@pytest.mark.parametrize(
    ("british", "american"),
    [("grey", "gray"), ("coloured", "colored"), ("armour", "armor"), ("ladybird", "ladybug")],
)
def test_a_british_word_finds_the_one_that_the_built_in_model_knows(
    british: str, american: str
) -> None:
    assert american in load_model("builtin").vocabulary.similar(british)
