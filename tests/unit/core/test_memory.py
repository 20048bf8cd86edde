import numpy as np
import pytest

from sprite_lab.core.results.metrics import copy_share, nearest_sprites, neighbors
from sprite_lab.core.results.neighbors import Augmentation, Becoming, CopyRule
from sprite_lab.core.sets.sprites import SpriteSet


def _sprites(rng: np.random.Generator, count: int) -> SpriteSet:
    return SpriteSet(rng.integers(0, 256, (count, 4, 4, 3), dtype=np.uint8))


def _becoming(weights: list[list[float]]) -> Becoming:
    rng = np.random.default_rng(0)
    weight = np.array(weights)
    with np.errstate(divide="ignore"):
        log = np.log(weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)
    return Becoming(_sprites(rng, weight.shape[1]), log, np.zeros((len(log), 4, 4, 3), np.float32))


def test_perplexity_counts_equally_likely_sprites() -> None:
    becoming = _becoming([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 0], [9, 1, 0, 0]])
    expected = np.exp(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)))
    np.testing.assert_allclose(becoming.perplexity, [4, 2, 1, expected], rtol=1e-6)
    np.testing.assert_allclose(becoming.top_weight, [0.25, 0.5, 1, 0.9], rtol=1e-6)
    assert len(becoming) == 4
    assert becoming.likeliest[2:].tolist() == [2, 0]


def test_top_is_sorted_and_no_longer_than_the_set() -> None:
    becoming = _becoming([[1, 5, 2, 4]])
    which, weight = becoming.top(0, 3)
    assert which.tolist() == [1, 3, 2]
    np.testing.assert_allclose(weight, np.array([5, 4, 2]) / 12, rtol=1e-6)
    assert len(becoming.top(0, 8)[0]) == 4


def test_it_commits_where_one_sprite_has_more_than_half() -> None:
    # The most probable one changes at the end, long after the count has fallen to two.
    becoming = _becoming([[1, 1, 1], [4, 3, 2], [6, 3, 1], [5, 4, 0], [4, 5, 0]])
    assert becoming.commits_at == 2
    assert _becoming([[1, 1], [1, 1]]).commits_at is None, "of two that are alike, none has it"


def test_copies_are_nearer_than_the_fifth_percentile() -> None:
    distances = np.sort(np.random.default_rng(0).random(100))
    rule = CopyRule(distances)
    some = np.linspace(0, 0.2, 50)
    assert np.mean([rule.is_copy(d) for d in some]) == copy_share(some, distances)
    assert np.mean(distances < rule.threshold) == pytest.approx(0.05)


def _brute_force(
    image: np.ndarray, other: np.ndarray, shift: int
) -> tuple[float, set[tuple[bool, int, int]]]:
    """The least distance, and all moves with that distance, found pixel by pixel."""
    height, width = image.shape[:2]
    best, how = np.inf, set()
    for mirrored in (False, True):
        for right in range(-shift, shift + 1):
            for down in range(-shift, shift + 1):
                moved = np.full(image.shape, 255.0)
                for y in range(height):
                    for x in range(width):
                        if 0 <= y - down < height and 0 <= x - right < width:
                            column = x - right
                            column = width - 1 - column if mirrored else column
                            moved[y, x] = image[y - down, column]
                distance = float(np.sqrt(((moved - other) ** 2).mean()))
                if distance < best - 1e-9:
                    best, how = distance, set()
                if abs(distance - best) < 1e-9:
                    how.add((mirrored, right, down))
    return best, how


def test_neighbors_against_brute_force() -> None:
    rng = np.random.default_rng(1)
    others = rng.integers(0, 256, (12, 5, 4, 3), dtype=np.uint8)
    # One copy is mirrored, then moved, and slightly changed.
    image = np.full((5, 4, 3), 255, np.uint8)
    image[1:, :-1] = others[7, :-1, ::-1][:, :-1]
    image[2, 2] = (1, 2, 3)
    found = neighbors(image, others, count=5, shift=2)
    expected = [_brute_force(image, other, 2) for other in others]
    order = np.argsort([distance for distance, _ in expected], kind="stable")[:5]
    assert found.which.tolist() == order.tolist()
    assert found.which[0] == 7
    np.testing.assert_allclose(found.distance, [expected[i][0] for i in order])
    for i, mirrored, (right, down) in zip(order, found.mirrored, found.shift, strict=True):
        assert (bool(mirrored), int(right), int(down)) in expected[i][1]


def test_the_first_neighbor_is_that_of_nearest_sprites() -> None:
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    others = rng.integers(0, 256, (700, 8, 8, 3), dtype=np.uint8)
    nearest = nearest_sprites(images, others)
    for image, which, distance in zip(images, *nearest, strict=True):
        found = neighbors(image, others)
        assert found.which[0] == which
        assert found.distance[0] == pytest.approx(distance)
        assert (np.diff(found.distance) >= 0).all()


def test_a_sprite_is_its_own_neighbor_unmoved() -> None:
    others = np.full((3, 6, 6, 3), 255, np.uint8)
    others[1, 2:4, 2:4] = 7  # symmetric, so mirroring makes no difference
    found = neighbors(others[1], others, count=1)
    assert (found.which[0], found.distance[0], found.mirrored[0]) == (1, 0.0, False)
    assert found.shift.tolist() == [[0, 0]]


def test_any_share_is_an_augmentation() -> None:
    assert not Augmentation().any
    assert not Augmentation(told=True).any
    for share in ("flips", "shifts", "recolor"):
        assert Augmentation(**{share: 0.1}).any
