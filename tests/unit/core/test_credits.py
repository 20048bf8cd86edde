"""Credits: one line for each source, kept with the sprites."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.credits import (
    Credit,
    attribution,
    credits_first,
    credits_from_json,
    credits_of,
    merge_credits,
)
from sprite_lab.data import builtin, split
from tests.made import make_sprites

PACK = Credit("a", "Pack", "Ann", "CC0", "example.org/pack")
OTHER = Credit("b", author="Bob")


def test_the_line_says_what_is_known() -> None:
    assert PACK.line == "“Pack” by Ann (CC0), example.org/pack"
    assert OTHER.line == "b by Bob"
    assert attribution([PACK, Credit("c"), OTHER, replace(PACK, source="d")]) == (
        "“Pack” by Ann (CC0), example.org/pack\nb by Bob"
    )
    assert attribution([]) == ""


def test_json_gives_back_the_same() -> None:
    assert credits_from_json([PACK.to_json(), OTHER.to_json()]) == (PACK, OTHER)
    assert OTHER.to_json() == {"source": "b", "author": "Bob"}


@pytest.mark.parametrize(
    "rows",
    [
        {},
        [{"work": "no source"}],
        [{"source": "a", "color": "red"}],
        [{"source": 3}],
        [{"source": "a", "work": "a\nb"}],
        [{"source": "a"}, {"source": "a"}],
        [{"source": "a", "work": "x" * 5000}],
    ],
)
def test_what_is_no_credit_is_refused(rows: object) -> None:
    with pytest.raises(ConfigError):
        credits_from_json(rows)


@pytest.mark.parametrize("source", ["a\nb", "\x1b[2J", "\u202e", "x" * 5000])
def test_any_source_that_a_set_may_have_can_be_credited_in_a_line(source: str) -> None:
    (blank,) = credits_of([], [source])
    assert (blank.source, blank.is_blank) == (source, True)
    assert credits_from_json([replace(blank, author="Ann").to_json()])[0].source == source
    line = replace(blank, author="Ann").line
    assert line.isprintable()
    assert len(line) < 2100


def test_credits_of_sources_and_merged() -> None:
    assert credits_of([PACK], ["b", "a", "b"]) == (Credit("b"), PACK)
    newer = replace(PACK, author="Anna")
    assert merge_credits([PACK, OTHER], [newer]) == (newer, OTHER)


def test_a_set_keeps_them_when_it_is_divided() -> None:
    sprites = replace(make_sprites(20), credits=(PACK, OTHER))
    assert sprites.take(np.arange(3)).credits == (PACK, OTHER)
    assert all(part.credits == (PACK, OTHER) for part in split(sprites))
    with pytest.raises(ConfigError, match="two credits"):
        replace(sprites, credits=(PACK, PACK))


def test_the_built_in_set_says_who_made_it() -> None:
    assert attribution(builtin().credits).startswith("“Built-in sprites” by Sprite Lab")
    assert {credit.source for credit in builtin().credits} == set(builtin().source.tolist())


def test_credits_of_what_was_asked_for_come_first() -> None:
    a, b, c = (Credit(name, f"Work {name}") for name in "abc")
    assert credits_first((a, b, c), ("c", "", "a")) == (c, a, b)
    assert credits_first((a, b, c), ()) == (a, b, c)
    assert attribution(credits_first((a, b), ("unknown", "b"))) == "“Work b”\n“Work a”"
