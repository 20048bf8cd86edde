"""The built-in sprites: the same every time, no two alike, and as the project promises."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from builtin_set import canvas, make_alike, make_builtin, make_more
from builtin_set.budget import limit_colors
from builtin_set.describe import describe
from builtin_set.dice import Dice
from builtin_set.finish import shade
from builtin_set.palette import BASE, COLORS, DARK, LIGHT, ramp

from sprite_lab.core.sets.sprites import COURSE_CLASSES, SpriteSet
from sprite_lab.core.sets.vocabulary import vocabulary_of
from sprite_lab.data import builtin
from sprite_lab.data.datasets import SEALED, sealed_rows, split_rows

TEMPLATES = {
    "hero_parts": ("FACES_TALL", "FACES_CHIBI", "HAIR_TALL", "HAIR_CHIBI", "HATS_TALL",
                   "HATS_CHIBI", "BODIES_TALL", "BODIES_CHIBI", "CAPES", "SHIELDS", "CARRIED"),
    "creature_parts": ("STANDING", "FLYING"),
    "beast_parts": ("BEASTS",),
    "side_beasts": ("SIDE_BEASTS",),
    "side_monsters": ("SIDE_MONSTERS",),
    "food_parts": ("HALVES", "FRUIT_TOPS"),
    "fruit_parts": ("FRUIT",),
    "meal_parts": ("MEALS",),
    "item_parts": ("BOTTLES", "HALVES"),
    "thing_parts": ("THINGS",),
    "spell_parts": ("SPELLS",),
    "weapon_parts": ("HEADS",),
}  # fmt: skip
MIRRORED = ("FACES_TALL", "FACES_CHIBI", "BODIES_TALL", "BODIES_CHIBI", "STANDING", "FLYING",
            "HALVES", "BOTTLES")  # fmt: skip


@pytest.fixture(scope="module")
def sprites() -> SpriteSet:
    return make_builtin(800, seed=3)


def test_the_shipped_file_is_what_the_program_draws() -> None:
    shipped, drawn = builtin(), make_builtin()
    for name in ("images", "alpha", "labels", "group", "names", "words", "source"):
        assert np.array_equal(getattr(shipped, name), getattr(drawn, name)), name
        assert getattr(shipped, name).dtype == getattr(drawn, name).dtype, name
    assert shipped.class_names == drawn.class_names
    assert (shipped.title, shipped.credits) == (drawn.title, drawn.credits)


def _pixels(sprites: SpriteSet) -> set[bytes]:
    return {image.tobytes() for image in sprites.images}


def _color_counts(sprites: SpriteSet) -> np.ndarray:
    return np.array([len(np.unique(i.reshape(-1, 3), axis=0)) for i in sprites.images])


def test_shapes_names_and_title(sprites: SpriteSet) -> None:
    assert sprites.images.shape == (800, 16, 16, 3)
    assert sprites.title == "Built-in sprites"
    assert set(sprites.source) == {"builtin"}
    assert all(sprites.names)
    assert len(set(sprites.names)) > 300


def test_same_count_and_seed_give_the_same_sprites(sprites: SpriteSet) -> None:
    again = make_builtin(800, seed=3)
    assert again.fingerprint == sprites.fingerprint
    assert np.array_equal(again.names, sprites.names)
    assert np.array_equal(again.group, sprites.group)


def test_another_seed_draws_other_sprites(sprites: SpriteSet) -> None:
    other = make_builtin(200, seed=4)
    assert len(_pixels(other) & _pixels(sprites)) < 20


def test_a_smaller_set_is_a_prefix(sprites: SpriteSet) -> None:
    few = make_builtin(60, seed=3)
    assert np.array_equal(few.images, sprites.images[:60])
    assert np.array_equal(few.labels, sprites.labels[:60])
    assert np.array_equal(few.names, sprites.names[:60])


def test_words_are_those_of_the_name_and_of_a_color_that_prevails() -> None:
    image = np.full((16, 16, 3), 255, np.uint8)
    alpha = np.zeros((16, 16), np.uint8)
    image[3:9, 3:9], alpha[2:10, 2:10] = (210, 40, 50), 255
    image[2, 2:10] = image[9, 2:10] = image[2:10, 2] = image[2:10, 9] = 0  # an outline
    assert describe("two-colored orc in robe with bow", image, alpha) == (
        "red two colored orc robe bow"
    )
    image[3:9, 3:6] = 20, 60, 200  # half of it
    assert describe("orc", image, alpha) == "orc"


def test_words_are_few_and_common(sprites: SpriteSet) -> None:
    vocabulary = vocabulary_of(sprites, np.arange(len(sprites)))
    assert {"red", "green", "brown", "shield", "robe", "running"} <= set(vocabulary.words)
    assert not {"in", "with", "the"} & set(vocabulary.words)


def test_more_sprites_have_no_shape_that_is_set_aside() -> None:
    sprites = make_builtin(400)
    training, aside = split_rows(sprites)
    more = make_more([300, 200, 150, 150, 200], seed=1, of=sprites, aside=aside)
    shapes = {(a.tobytes(), c) for a, c in zip(more.alpha, more.labels, strict=True)}
    of_aside = {(sprites.alpha[i].tobytes(), sprites.labels[i]) for i in aside}
    of_training = {(sprites.alpha[i].tobytes(), sprites.labels[i]) for i in training}
    assert not shapes & of_aside
    assert len(shapes & of_training) > 20  # those are redrawn in other colors
    assert not _pixels(more) & _pixels(sprites)
    assert 600 < len(more) < 1000


@pytest.mark.parametrize("count", [1, 2, 7])
def test_tiny_sets(count: int) -> None:
    assert len(make_builtin(count)) == count


def test_no_two_alike(sprites: SpriteSet) -> None:
    assert len(_pixels(sprites)) == len(sprites)


def test_classes_in_course_order_and_balanced(sprites: SpriteSet) -> None:
    assert sprites.class_names == COURSE_CLASSES
    assert np.bincount(sprites.labels).tolist() == [160] * 5


def test_alpha_is_all_or_nothing_and_white_outside(sprites: SpriteSet) -> None:
    assert set(np.unique(sprites.alpha)) == {0, 255}
    assert (sprites.images[sprites.alpha == 0] == 255).all()
    opaque = (sprites.alpha > 0).mean(axis=(1, 2))
    assert opaque.min() > 0.08
    assert opaque.max() < 1.0


def test_few_colors(sprites: SpriteSet) -> None:
    low, middle, high = np.percentile(_color_counts(sprites), [10, 50, 90])
    assert 4 <= low <= 7
    assert 8 <= middle <= 11
    assert 11 <= high <= 14


def test_groups_stay_in_one_class_and_are_many(sprites: SpriteSet) -> None:
    assert sprites.group is not None
    for group in np.unique(sprites.group):
        assert len(set(sprites.labels[sprites.group == group])) == 1
    for label in range(5):
        assert len(np.unique(sprites.group[sprites.labels == label])) > 40


def test_equal_silhouettes_of_a_class_share_a_group(sprites: SpriteSet) -> None:
    assert sprites.group is not None
    seen: dict[tuple[int, bytes], int] = {}
    for label, alpha, group in zip(sprites.labels, sprites.alpha, sprites.group, strict=True):
        assert seen.setdefault((int(label), alpha.tobytes()), int(group)) == group


def test_light_comes_from_the_top_left() -> None:
    square = np.zeros((1, 16, 16), np.uint8)
    square[0, 4:11, 4:11] = canvas.P * 8
    tones = shade(square)[0] % 8
    assert tones[4, 4] == LIGHT
    assert tones[10, 10] == DARK
    assert tones[7, 7] == BASE


@pytest.mark.parametrize("color", sorted(COLORS))
def test_ramps_get_lighter(color: str) -> None:
    for hand in range(3):
        for variant in range(5):
            tones = ramp(color, hand, variant).astype(int).sum(axis=1)
            assert tones[4] < tones[DARK] < tones[BASE] <= tones[LIGHT]


def test_limit_keeps_what_differs_most() -> None:
    codes = np.zeros((16, 16), np.uint8)
    codes[2:8, 2:8], codes[8:12, 2:8], codes[8:12, 8:12] = 9, 10, 17
    palette = np.zeros((12, 5, 3), np.uint8)
    palette[1, 1], palette[1, 2], palette[2, 1] = (200, 0, 0), (190, 8, 8), (0, 0, 200)
    limited = limit_colors(codes, palette, 2)
    assert limited[3, 3].tolist() == limited[9, 3].tolist() == [200, 0, 0]
    assert limited[9, 9].tolist() == [0, 0, 200]


def test_dice_are_fair_and_repeatable() -> None:
    first, second = Dice(1, 2), Dice(1, 2)
    assert [first.below(6) for _ in range(9)] == [second.below(6) for _ in range(9)]
    rolls = [first.between(1, 3) for _ in range(300)]
    assert set(rolls) == {1, 2, 3}


@pytest.mark.parametrize(
    ("module", "table"), [(m, t) for m, tables in TEMPLATES.items() for t in tables]
)
def test_templates_are_well_formed(module: str, table: str) -> None:
    """A ragged half leaves a seam down the middle of the sprite; a wrong letter fails later."""
    found = importlib.import_module(f"builtin_set.{module}")
    for name, text in getattr(found, table).items():
        rows = text.split()
        assert len(rows) <= 15, name
        assert max(map(len, rows)) <= (8 if table in MIRRORED else 17), name
        if table in MIRRORED:
            assert len(set(map(len, rows))) == 1, name
        assert canvas.part(text).filled.any(), name


def test_sprites_of_sealed_designs_have_nothing_of_the_others() -> None:
    sprites = make_builtin(400)
    sealed = sealed_rows(sprites, SEALED)
    alike = make_alike([300] * 5, seed=2, of=sprites, rows=sealed)
    rest = np.setdiff1d(np.arange(len(sprites)), sealed)
    others = {(sprites.alpha[i].tobytes(), sprites.labels[i]) for i in rest}
    assert len(alike) > 20
    assert not others & {(a.tobytes(), c) for a, c in zip(alike.alpha, alike.labels, strict=True)}
    assert not _pixels(alike) & _pixels(sprites)
    assert alike.group_count is not None
    assert 5 < alike.group_count < len(alike)
    # The extra training sprites leave these out, as they are among those held out.
    more = make_more([60] * 5, seed=1, of=sprites, aside=split_rows(sprites)[1])
    silhouettes = {(a.tobytes(), c) for a, c in zip(more.alpha, more.labels, strict=True)}
    assert not silhouettes & {(sprites.alpha[i].tobytes(), sprites.labels[i]) for i in sealed}
