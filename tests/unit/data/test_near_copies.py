"""Near-copies are found, and nothing else is."""

import time

import numpy as np
import pytest

from sprite_lab.data.near_copies import join_groups, near_copies_of, near_duplicate_groups


def drawings(count, seed=0):
    """Blobs of a few colors with room around them: uint8 (N, 16, 16, 3) and alpha."""
    rng = np.random.default_rng(seed)
    images = np.full((count, 16, 16, 3), 255, np.uint8)
    alpha = np.zeros((count, 16, 16), np.uint8)
    for i in range(count):
        body = rng.random((12, 12)) < 0.7
        colors = rng.integers(0, 240, (4, 3), np.uint8)
        images[i, 2:14, 2:14][body] = colors[rng.integers(0, 4, (12, 12))][body]
        alpha[i, 2:14, 2:14][body] = 255
    return images, alpha


def grouped(*pairs):
    images = np.concatenate([p[0] for p in pairs])
    alpha = np.concatenate([p[1] for p in pairs])
    return near_duplicate_groups(images, alpha)


def test_different_drawings_stay_apart():
    assert grouped(drawings(200)).tolist() == list(range(200))


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: np.roll(x, 1, axis=1),
        lambda x: np.roll(x, (-1, 1), axis=(1, 2)),
        lambda x: x[:, :, ::-1],
        lambda x: np.roll(x[:, :, ::-1], 1, axis=2),
    ],
)
def test_copies_shifts_and_mirror_images(change):
    images, alpha = drawings(50)
    found = grouped((images, alpha), (change(images), change(alpha)))
    assert found.tolist() == [*range(50), *range(50)]


@pytest.mark.parametrize("mirrored", [False, True])
def test_recolors(mirrored):
    images, alpha = drawings(50)
    other = np.where(alpha[..., None] > 0, 239 - images // 2, 255).astype(np.uint8)
    other_alpha = alpha
    if mirrored:
        other, other_alpha = other[:, :, ::-1], alpha[:, :, ::-1]
    assert grouped((images, alpha), (other, other_alpha)).tolist() == [*range(50), *range(50)]


def test_one_by_one_the_same_pairs_are_found_as_in_groups():
    """Memorization must find the same near-copies as Data."""
    images, alpha = drawings(30)
    recolored = np.where(alpha[..., None] > 0, 239 - images // 2, 255).astype(np.uint8)
    few, many = images.copy(), images.copy()
    few[:, 5, 4:9] = 17
    many[:, 2:9] = 255 - many[:, 2:9]
    others = [
        (recolored, alpha),
        (recolored[:, :, ::-1], alpha[:, :, ::-1]),
        (np.roll(images, 1, axis=1), np.roll(alpha, 1, axis=1)),
        (few, alpha),
        (many, alpha),
        drawings(30, seed=1),
    ]
    for other, other_alpha in others:
        one_by_one = near_copies_of(other, images, other_alpha, alpha)
        for i in range(30):
            mine = images[i : i + 1], alpha[i : i + 1]
            pair = grouped(mine, (other[i : i + 1], other_alpha[i : i + 1]))
            assert (pair[0] == pair[1]) == (one_by_one[i] == i)
    # All recolorings, and nothing else.
    assert near_copies_of(recolored, images, alpha, alpha).tolist() == list(range(30))
    new, new_alpha = drawings(30, seed=1)
    assert (near_copies_of(new, images, new_alpha, alpha) < 0).all()


def test_recolor_that_merges_two_shades():
    images, alpha = drawings(30)
    other = images.copy()
    for i in range(30):
        colors = np.unique(images[i][alpha[i] > 0], axis=0)
        other[i][(images[i] == colors[0]).all(-1)] = colors[1]
        other[i][alpha[i] > 0] = other[i][alpha[i] > 0][:, ::-1] // 2
    assert grouped((images, alpha), (other, alpha)).tolist() == [*range(30), *range(30)]


def test_next_frames_differ_in_few_pixels():
    images, alpha = drawings(50)
    other, other_alpha = images.copy(), alpha.copy()
    other[:, 2:5, 2:5], other_alpha[:, 2:5, 2:5] = 255, 0
    other[:, 12, 5:9], other_alpha[:, 12, 5:9] = 7, 255
    assert grouped((images, alpha), (other, other_alpha)).tolist() == [*range(50), *range(50)]


def test_same_silhouette_is_not_enough():
    images, alpha = drawings(2)
    rng = np.random.default_rng(5)
    other = np.where(alpha[..., None] > 0, rng.integers(0, 2, images.shape) * 9 + 90, 255)
    flat = np.where(alpha[..., None] > 0, 50, images)
    found = grouped((images, alpha), (other.astype(np.uint8), alpha), (flat, alpha))
    assert found.tolist() == list(range(6))


def test_noise_all_over_the_canvas_is_not_alike():
    rng = np.random.default_rng(0)
    full = rng.integers(0, 256, (60, 16, 16, 3), np.uint8)
    full[30:] = full[30:] // 128 * 120  # eight colors, still nothing but edges
    opaque = np.full(full.shape[:3], 255, np.uint8)
    assert near_duplicate_groups(full, opaque).tolist() == list(range(60))


def test_the_plain_surroundings_of_opaque_sprites_are_the_background():
    images, alpha = drawings(40)
    blue = np.where(alpha[..., None] > 0, images, np.array([0, 0, 250])).astype(np.uint8)
    both = np.concatenate([images, np.roll(blue, 1, axis=1)])
    opaque = np.full(both.shape[:3], 255, np.uint8)
    assert near_duplicate_groups(both, opaque).tolist() == [*range(40), *range(40)]


def test_blank_and_tiny_sprites():
    images = np.full((4, 8, 8, 3), 255, np.uint8)
    alpha = np.zeros((4, 8, 8), np.uint8)
    images[2, 4, 4], alpha[2, 4, 4] = 0, 255
    images[3, 1, 1], alpha[3, 1, 1] = 90, 255
    # Blank sprites are equal; a single dot of another color is not a recoloring.
    assert near_duplicate_groups(images, alpha).tolist() == [0, 0, 1, 2]
    assert near_copies_of(images, images, alpha, alpha).tolist() == [0, 0, 2, 3]


def test_groups_that_overlap_in_a_row_are_one():
    first = np.array([0, 0, 1, 1, 2, 2, 3])
    second = np.array([0, 1, 1, 2, 2, 3, 4])
    assert join_groups(first, second).tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_four_thousand_take_seconds_at_most():
    images, alpha = drawings(4000)
    near_duplicate_groups(images[:50], alpha[:50])
    start = time.process_time()
    assert len(np.unique(near_duplicate_groups(images, alpha))) == 4000
    # Processor time of all threads, with room for a busy machine.
    assert time.process_time() - start < 6


def test_many_sprites_take_the_short_way(monkeypatch):
    monkeypatch.setattr("sprite_lab.data.near_copies.MOST_COMPARED", 10)
    monkeypatch.setattr("sprite_lab.data.near_copies._FORMS", 7)
    images, alpha = drawings(50)
    found = grouped((images, alpha), (images[:, :, ::-1], alpha[:, :, ::-1]))
    assert found.tolist() == [*range(50), *range(50)]


def test_agrees_with_the_groups_of_the_real_sprites(shared_data):
    with np.load(shared_data / "real_sprites.npz", allow_pickle=False) as real:
        images, alpha, group = real["images"], real["alpha"], real["group"]
    found = near_duplicate_groups(images, alpha)

    def pairs(keys):
        counts = np.unique(keys, return_counts=True, axis=-1)[1]
        return int((counts * (counts - 1) // 2).sum())

    both = pairs(np.stack([found, group]))
    # What we join belongs together. The reverse cannot be tested from pixels: the given groups also
    # contain front and side views of one character.
    assert both / pairs(found) > 0.9
    assert both / pairs(group) > 0.25


def test_very_many_copies_of_one_sprite_are_one_group():
    """However long the chain of joins, it is followed in few steps."""
    images, alpha = drawings(3)
    index = np.random.default_rng(0).permutation(np.arange(60_000) % 3)
    found = near_duplicate_groups(images[index], alpha[index])
    assert len(np.unique(found)) == 3
    assert len(np.unique(np.stack([found, index]), axis=1).T) == 3


def test_frames_are_found_in_very_large_sets_too(monkeypatch):
    monkeypatch.setattr("sprite_lab.data.near_copies.MOST_COMPARED", 10)
    monkeypatch.setattr("sprite_lab.data.near_copies._FORMS", 64)
    images, alpha = drawings(300)
    other, other_alpha = images.copy(), alpha.copy()
    other[:, 4:6, 4:6], other_alpha[:, 4:6, 4:6] = 255, 0
    other[:, 12, 5:8], other_alpha[:, 12, 5:8] = 7, 255

    def joined():
        found = grouped((images, alpha), (other, other_alpha))
        assert (np.bincount(found) <= 2).all()  # no group has different drawings
        return int((found[:300] == found[300:]).sum())

    few = joined()
    monkeypatch.setattr("sprite_lab.data.near_copies.FRAMES_FROM", 10)
    assert few == 0
    assert joined() > 285
    monkeypatch.setattr("sprite_lab.data.near_copies.MOST_PAIRS_EACH", 0)
    assert joined() == 0


def test_one_by_one_noise_of_the_same_outline_is_no_copy():
    rng = np.random.default_rng(3)
    ours, theirs = (rng.integers(0, 250, (1, 16, 16, 3), np.uint8) for _ in range(2))
    whole = np.full((1, 16, 16), 255, np.uint8)
    assert near_copies_of(ours, theirs, whole, whole).tolist() == [-1]
