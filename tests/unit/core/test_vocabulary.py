"""Words and styles besides classes: columns, contexts, prompts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import (
    Deck,
    Prompt,
    Vocabulary,
    prompts_from_json,
    prompts_of,
    prompts_to_json,
    split_variants,
    usual_variants,
    varied_words,
    vocabulary_of,
    with_palettes,
)
from tests.made import make_sprites

KNOWN = Vocabulary(("hero", "food"), ("green", "red", "slime"), ("a", "b"))


def worded(count: int = 40) -> SpriteSet:
    """Alternating classes, half red and half green, one rare word, two sources and a rare one."""
    sprites = make_sprites(count, classes=2)
    words = [f"{('red', 'green')[i % 2]} thing" for i in range(count)]
    words[0] += " unique"
    source = ["a", "b"] * (count // 2)
    source[1] = "rare"
    return replace(sprites, words=np.array(words), source=np.array(source))


def test_a_context_has_classes_then_words_then_styles() -> None:
    context = KNOWN.context([Prompt((("food", 0.5), ("hero", 0.5)), ("red",), "b"), Prompt()])
    assert context.tolist() == [[0.5, 0.5, 0, 1, 0, 0, 1], [0] * 7]
    assert len(KNOWN) == len(KNOWN.columns) == 7


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (Prompt((("ghost", 1.0),)), "no class 'ghost'; it has: hero, food"),
        (Prompt(words=("slim",)), "no word 'slim'. Did you mean: slime?"),
        (Prompt(words=("zebra",)), "Some it knows: green, red, slime."),
        (Prompt(style="c"), "no style 'c'"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_near(prompt: Prompt, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        KNOWN.context([prompt])
    assert message in str(error.value)


def test_without_words_none_can_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="knows no words"):
        Vocabulary(("hero",)).context([Prompt(words=("red",))])


def test_the_context_of_sprites_is_what_the_set_says_of_them() -> None:
    sprites = worded(10)
    known = vocabulary_of(sprites, np.arange(10))
    # the sources are too small
    assert (known.words, known.styles) == (("green", "red", "thing"), ())
    known = replace(known, styles=("a", "b"))
    rows = np.array([1, 2])
    expected = known.context(
        [
            Prompt(((sprites.class_names[1], 1.0),), ("green", "thing")),
            Prompt(((sprites.class_names[0], 1.0),), ("red", "thing"), "a"),
        ]
    )
    np.testing.assert_array_equal(known.context_of(sprites, rows), expected)


def test_a_sprite_without_a_class_has_no_class_column() -> None:
    sprites = replace(worded(10), labels=np.full(10, -1))
    known = vocabulary_of(sprites, np.arange(10))
    assert not known.context_of(sprites, np.arange(10))[:, :2].any()


def test_sets_about_which_nothing_is_known_have_an_empty_context() -> None:
    sprites = make_sprites(3, classes=0)
    assert vocabulary_of(sprites, np.arange(3)) == Vocabulary()
    assert Vocabulary().context_of(sprites, np.arange(3)).shape == (3, 0)


def test_rare_words_and_sources_are_left_out_and_those_of_the_start_stay() -> None:
    sprites = worded()
    known = vocabulary_of(sprites, np.arange(40))
    assert known == Vocabulary(sprites.class_names, ("green", "red", "thing"), ("a", "b"))
    start = Vocabulary(("old",), ("blue", "red"), ("c",))
    later = vocabulary_of(sprites, np.arange(40), start)
    assert later.words == ("blue", "green", "red", "thing")
    assert later.styles == ("a", "b", "c")
    assert later.classes == sprites.class_names


def test_styles_have_the_colors_that_make_nearly_all_of_their_pixels() -> None:
    sprites = worded()
    images, alpha = sprites.images.copy(), np.full(sprites.alpha.shape, 255, np.uint8)
    of_a = np.flatnonzero(sprites.source == "a")
    images[of_a], images[of_a, :8] = (10, 20, 30), (40, 50, 60)
    images[of_a, 0] = (90, 90, 90)
    images[of_a[0], 0, 0] = (1, 2, 3)  # rare
    alpha[of_a, 0] = 0
    images[sprites.source == "b"] = np.random.default_rng(0).integers(0, 255, (16, 16, 3))
    sprites = replace(sprites, images=images, alpha=alpha)
    rows = np.arange(40)
    known = with_palettes(vocabulary_of(sprites, rows), sprites, rows)
    assert known.palette("a").tolist() == [[10, 20, 30], [40, 50, 60]]  # the most frequent first
    assert known.palette("b").shape == known.palette("unknown").shape == (0, 3)  # any colors
    assert Vocabulary.from_json(known.to_json()) == known
    later = with_palettes(
        Vocabulary(styles=("a", "c")), sprites, rows, replace(known, styles=("c", "b"))
    )
    # those of the start, if there are no sprites
    assert later.palette("c").tolist() == known.palette("a").tolist()
    start = replace(known, palettes=(known.palettes[0],) * 2)
    later = with_palettes(known, sprites, rows, start)
    assert later.palette("b").shape == (0, 3), "its sprites have too many colors now"


def test_prompts_are_those_of_the_sprites_each_once() -> None:
    sprites = worded()
    known = vocabulary_of(sprites, np.arange(40))
    prompts = prompts_of(sprites, np.arange(40), known)
    one = ((sprites.class_names[1], 1.0),), ("green", "thing")
    assert set(prompts) == {
        Prompt(((sprites.class_names[0], 1.0),), ("red", "thing"), "a"),
        Prompt(*one, "b"),
        Prompt(*one),  # of the rare source
    }
    assert prompts_of(replace(sprites, words=None), np.arange(40), known) == ()
    assert prompts_from_json(prompts_to_json(prompts, known), known) == prompts
    assert Vocabulary.from_json(known.to_json()) == known


@pytest.mark.parametrize(
    "data", [3, [[7]], [[-1]], [["0"]], [[2.5]], [[0]] * 9000], ids=lambda data: repr(data)[:10]
)
def test_prompts_from_a_damaged_file_are_refused(data: object) -> None:
    with pytest.raises(ValueError, match="prompt"):
        prompts_from_json(data, KNOWN)


@pytest.mark.parametrize(
    "data",
    [
        {"class_names": [1]},
        {"class_names": [], "words": ["a", "a"]},
        {"class_names": [], "styles": [str(i) for i in range(300)]},
        {"class_names": [], "words": "abc"},
        {"class_names": [], "styles": ["a", "b"], "palettes": ["ff0000"]},
        {"class_names": [], "styles": ["a"], "palettes": ["ff00"]},
        {"class_names": [], "styles": ["a"], "palettes": ["gg0000"]},
        {"class_names": [], "styles": ["a"], "palettes": [3]},
        {"class_names": [], "styles": ["a"], "palettes": ["00" * 3000]},
    ],
)
def test_a_vocabulary_from_a_damaged_file_is_refused(data: dict) -> None:
    with pytest.raises(ValueError, match=r"its classes|distinct texts|palette|hexadecimal"):
        Vocabulary.from_json(data)


def test_dealt_prompts_fit_what_is_asked_and_depend_on_seed_and_index_alone() -> None:
    hero, food = (("hero", 1.0),), (("food", 1.0),)
    prompts = (
        Prompt(hero, ("red",), "a"),
        Prompt(hero, ("green",), "b"),
        Prompt(food, ("slime",), "a"),
    )
    drawn = [Deck(prompts).dealt(Prompt(hero), 3, i) for i in range(50)]
    assert set(drawn) == set(prompts[:2])
    assert drawn == [Deck(prompts).dealt(Prompt(hero), 3, i) for i in range(50)]
    assert drawn != [Deck(prompts).dealt(Prompt(hero), 4, i) for i in range(50)]
    assert Deck(prompts).dealt(Prompt(hero, style="b"), 0, 0) == prompts[1]
    assert Deck(prompts).dealt(Prompt(style="b"), 0, 0) == prompts[1]
    unfit = Prompt((("hero", 0.5), ("food", 0.5)))
    assert Deck(prompts).dealt(unfit, 0, 0) is unfit
    assert Deck(()).dealt(Prompt(hero), 0, 0) == Prompt(hero)


def test_the_usual_prompts_are_dealt_unless_a_style_is_asked_for() -> None:
    prompts = [Prompt(words=(word,), style=style) for word, style in ("ra", "gb", "bb")]
    deck = Deck(prompts, usual=1)
    assert {deck.dealt(Prompt(), 0, i) for i in range(20)} == {prompts[0]}
    assert {deck.dealt(Prompt(style="b"), 0, i) for i in range(20)} == set(prompts[1:])
    other = Prompt((("hero", 1.0),), ("red",))  # of a class that none of the usual prompts has
    deck = Deck([*prompts, other], usual=1)
    assert deck.dealt(Prompt(other.class_mix), 0, 0) == other


def test_variants_are_lists_of_what_is_known_each_in_place_of_the_others() -> None:
    lists = usual_variants(Vocabulary((), ("green", "iron", "red", "slime"), ()))
    assert [set(text.split(", ")) for text in lists] == [{"green", "red"}, {"iron"}]
    assert usual_variants(Vocabulary((), ("slime",), ())) == ()
    variants = split_variants("red, dark green,, red")
    assert variants == (("red",), ("dark", "green"))
    assert varied_words(("red", "slime"), variants) == [
        ("slime", "red"),
        ("slime", "dark", "green"),
    ]


def test_of_more_prompts_than_are_kept_some_are_drawn_always_the_same(monkeypatch) -> None:
    sprites, rows = worded(), np.arange(40)
    known = vocabulary_of(sprites, rows)
    every = prompts_of(sprites, rows, known)
    assert len(every) > 1
    monkeypatch.setattr("sprite_lab.core.sets.vocabulary.MAX_PROMPTS", 1)
    some = prompts_of(sprites, rows, known)
    assert len(some) == 1
    assert some[0] in every
    assert prompts_of(sprites, rows, known) == some


def test_words_that_are_spelled_alike_are_offered() -> None:
    known = Vocabulary(("hero",), ("shield", "sword", "swords"))
    assert known.similar("sward") == ("sword", "swords")
    assert known.similar("potion") == ()
