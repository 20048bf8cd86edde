"""Figures of sprites, and queries by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sprite_lab.core.run import drain
from sprite_lab.core.sets.sprite_figures import (
    ALMOST_EMPTY,
    color_counts_iter,
    figures_iter,
    figures_of,
    with_color,
)
from sprite_lab.core.sets.sprite_query import Copies, SpriteQuery, find_rows
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.texts import word_counts
from tests.made import make_sprites


def figures(sprites: SpriteSet):  # type: ignore[no-untyped-def]
    return drain(figures_iter(sprites))


def test_figures_are_those_of_a_sprite_looked_at_pixel_by_pixel() -> None:
    rng = np.random.default_rng(3)
    images = rng.integers(0, 3, (20, 8, 8, 3), np.uint8) * 100
    alpha = rng.choice(np.array([0, 0, 90, 200, 255], np.uint8), (20, 8, 8))
    found = figures_of(images, alpha)
    for i in range(20):
        pixels = [(y, x) for y in range(8) for x in range(8) if alpha[i, y, x] >= 128]
        assert found.drawn[i] == len(pixels)
        assert found.colors[i] == len({tuple(images[i, y, x]) for y, x in pixels})
        assert found.soft[i] == sum(0 < int(a) < 255 for a in alpha[i].ravel())
        luma = [images[i, y, x] @ np.array([0.299, 0.587, 0.114]) for y, x in pixels]
        assert abs(found.brightness[i] - np.mean(luma)) < 0.01


def test_every_flaw_is_found_where_it_is() -> None:
    images = np.zeros((6, 8, 8, 3), np.uint8)
    alpha = np.zeros((6, 8, 8), np.uint8)
    alpha[1, 3, 3:5] = 255  # almost empty
    alpha[2, 1:, 2:5] = 255  # touches the border
    alpha[3] = 255  # no transparency
    images[3] = np.arange(64, dtype=np.uint8).reshape(8, 8)[..., None] * 4
    alpha[4, 1:7, 1:7] = 255
    alpha[4, 1, 1] = 100  # partly transparent
    alpha[5, :, 1:7] = 255  # as high as the cell
    images[5, 3:5] = 200  # two colors, no fault
    found = figures_of(images, alpha)

    def rows(flaw: str) -> list[int]:
        return np.flatnonzero(found.having(flaw)).tolist()  # type: ignore[arg-type]

    assert rows("empty") == [0]
    assert rows("almost_empty") == [1]
    assert rows("border") == [2]
    assert rows("opaque") == [3]
    assert rows("many_colors") == [3]
    assert rows("one_color") == [1, 2, 4]
    assert rows("soft") == [4]
    assert ALMOST_EMPTY < 24
    assert len(found.take(np.array([3, 1]))) == 2


def test_colors_of_a_set_are_counted() -> None:
    sprites = make_sprites(30)
    counts = drain(color_counts_iter(sprites))
    drawn = sprites.images[sprites.alpha >= 128]
    expected, numbers = np.unique(drawn, axis=0, return_counts=True)
    assert len(counts.colors) == len(expected)
    assert counts.total == len(drawn)
    assert counts.pixels[0] == numbers.max()
    assert list(counts.pixels) == sorted(counts.pixels, reverse=True)
    assert counts.covering(1.0) == len(expected)
    assert 1 <= counts.covering(0.5) < len(expected)
    blank = replace(sprites, alpha=np.zeros_like(sprites.alpha))
    assert drain(color_counts_iter(blank)).covering(0.5) == 0
    commonest = int(counts.colors[0])
    rgb = [commonest >> 16, commonest >> 8 & 255, commonest & 255]
    found = np.flatnonzero(with_color(sprites, commonest))
    assert found.tolist() == [
        i for i in range(30) if ((sprites.images[i] == rgb).all(-1) & (sprites.alpha[i] > 0)).any()
    ]


def test_each_part_of_a_query_narrows_it() -> None:
    sprites = make_sprites(40)
    names = np.array([f"Axe {i}" if i % 2 else f"Boat {i}" for i in range(40)])
    sprites = replace(sprites, names=names, source=np.where(np.arange(40) < 20, "ann", "bob"))
    found = find_rows(sprites, SpriteQuery(label=1, text="axe", source="bob"))
    assert found.tolist() == [i for i in range(20, 40) if i % 5 == 1 and i % 2]
    assert find_rows(sprites, SpriteQuery(text="CREATURE 3")).tolist() == [
        i for i in range(40) if i % 5 == 1 and "3" in names[i]
    ]
    assert find_rows(sprites, SpriteQuery(text="nothing of the kind")).tolist() == []
    assert find_rows(sprites, SpriteQuery(text="bob")).tolist() == list(range(20, 40))


def test_orders_rise_or_fall() -> None:
    sprites = replace(make_sprites(40), names=np.array([f"{40 - i:02}" for i in range(40)]))
    measured = figures(sprites)
    assert find_rows(sprites, SpriteQuery(order="name")).tolist() == list(range(39, -1, -1))
    labels = sprites.labels[find_rows(sprites, SpriteQuery(order="class"))]
    assert (np.diff(labels) >= 0).all()
    for order in ("drawn", "colors", "brightness"):
        rows = find_rows(sprites, SpriteQuery(order=order), measured)  # type: ignore[arg-type]
        assert (np.diff(getattr(measured, order)[rows].astype(float)) <= 0).all()
        assert sorted(rows) == list(range(40))


def test_copies_are_found_by_size_of_their_group() -> None:
    sprites = make_sprites(6)
    copies = Copies(np.array([0, 1, 0, 3, 4, 5]), np.array([0, 1, 0, 1, 2, 0]))
    near = SpriteQuery(copies="near", order="copies")
    assert near.needs_copies
    assert find_rows(sprites, near, copies=copies).tolist() == [0, 2, 5, 1, 3]
    assert find_rows(sprites, SpriteQuery(copies="equal"), copies=copies).tolist() == [0, 2]


def test_flaws_and_copies_are_of_the_rows_that_are_left() -> None:
    sprites = make_sprites(6)
    sprites = replace(sprites, alpha=np.where(np.arange(6)[:, None, None] == 2, 0, sprites.alpha))
    query = SpriteQuery(flaw="empty")
    assert query.needs_figures
    assert not SpriteQuery(text="a").needs_figures
    assert find_rows(sprites, query, figures(sprites)).tolist() == [2]
    copies = Copies(np.array([0, 1, 0]), np.array([0, 1, 0])).take(np.array([2, 1]))
    assert (copies.equal.tolist(), copies.near.tolist()) == ([0, 1], [0, 1])


def test_figures_come_in_blocks_with_progress() -> None:
    sprites = make_sprites(10)
    steps = figures_iter(sprites)
    assert next(steps) == (10, 10)


def test_words_are_searched_and_counted() -> None:
    words = np.array(["red slime", "redder", "slime", ""])
    sprites = replace(make_sprites(4, classes=0), words=words)

    def found(text: str) -> list[int]:
        return find_rows(sprites, SpriteQuery(text=text)).tolist()

    assert found("red") == [0, 1]
    assert found("word:red") == [0]
    assert found("word:slime red") == [0]
    assert found("word:none") == []
    sprites = replace(sprites, words=np.array(["Red slime", "redder", "slime", "red"]))
    assert found("word:Red") == [0, 3], "as a set from elsewhere may have it"
    sprites = replace(sprites, words=words)
    assert word_counts(sprites.words) == {"slime": 2, "red": 1, "redder": 1}
