"""Distances against closed forms and hand-made cases, and figures of pixels on small pictures."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sprite_lab.core.results.metrics import (
    copy_share,
    distinct_colors,
    edge_sharpness,
    fidelity,
    frechet_distance,
    isolated_pixel_rate,
    kernel_distance,
    most_in_common,
    nearest_sprites,
    neighbors,
    pixels_apart,
    squared_distances,
)


def with_moments(
    mean: NDArray, cov: NDArray, count: int = 200, seed: int = 0
) -> NDArray[np.float64]:
    """Points with exactly this sample mean and covariance (ddof 1)."""
    points = np.random.default_rng(seed).standard_normal((count, len(mean)))
    points -= points.mean(axis=0)
    points = points @ np.linalg.inv(np.linalg.cholesky(np.cov(points.T))).T
    return points @ np.linalg.cholesky(cov).T + mean


def random_covariance(size: int, seed: int) -> NDArray[np.float64]:
    a = np.random.default_rng(seed).standard_normal((size, 2 * size))
    return a @ a.T / size


def test_frechet_of_diagonal_gaussians_is_that_of_their_means_and_deviations() -> None:
    a = with_moments(np.array([1.0, 2.0, 3.0]), np.diag([1.0, 4.0, 9.0]))
    b = with_moments(np.array([0.0, 2.0, 5.0]), np.diag([4.0, 4.0, 1.0]), 150, seed=1)
    closed_form = (1 + 0 + 4) + (1 + 0 + 4)
    assert frechet_distance(a, b) == pytest.approx(closed_form, rel=1e-9)


def test_frechet_agrees_with_a_square_root_by_newton_iterations() -> None:
    first, second = random_covariance(6, 0), random_covariance(6, 1)
    # Denman-Beavers iteration: no eigenvalues, so nothing in common with the implementation.
    y, z = first @ second, np.eye(6)
    for _ in range(60):
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
    assert np.allclose(y @ y, first @ second)
    expected = np.trace(first) + np.trace(second) - 2 * np.trace(y)
    zero = np.zeros(6)
    found = frechet_distance(with_moments(zero, first), with_moments(zero, second, seed=2))
    assert found == pytest.approx(expected, rel=1e-8)


def test_frechet_of_a_set_with_itself_is_zero_even_where_features_are_constant() -> None:
    points = np.random.default_rng(0).standard_normal((40, 5)) * [1, 1, 0, 1e-9, 1]
    assert frechet_distance(points, points) == pytest.approx(0, abs=1e-7)


def test_frechet_of_one_feature() -> None:
    a = np.random.default_rng(0).standard_normal((50, 1))
    a = (a - a.mean()) / a.std(ddof=1)
    assert frechet_distance(a, 3 * a + 1) == pytest.approx(1 + 4, rel=1e-9)


def test_kernel_distance_is_the_sum_over_pairs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((7, 3)), rng.standard_normal((9, 3)) + 0.5

    def k(x: NDArray, y: NDArray) -> float:
        return float((x @ y / 3 + 1) ** 3)

    within_a = np.mean([k(x, y) for i, x in enumerate(a) for j, y in enumerate(a) if i != j])
    within_b = np.mean([k(x, y) for i, x in enumerate(b) for j, y in enumerate(b) if i != j])
    between = np.mean([k(x, y) for x in a for y in b])
    found = kernel_distance(a, b)
    assert found.value == pytest.approx(within_a + within_b - 2 * between, rel=1e-9)
    assert found == kernel_distance(a, b)


def test_kernel_distance_is_unbiased_and_knows_its_error() -> None:
    rng = np.random.default_rng(1)
    alike = [kernel_distance(*rng.standard_normal((2, 60, 4))) for _ in range(60)]
    values = np.array([e.value for e in alike])
    assert abs(values.mean()) < 3 * values.std() / np.sqrt(60)

    apart = [
        kernel_distance(rng.standard_normal((60, 4)), rng.standard_normal((60, 4)) + 1)
        for _ in range(60)
    ]
    spread = np.std([e.value for e in apart], ddof=1)
    assert np.mean([e.stderr for e in apart]) == pytest.approx(spread, rel=0.35)


def test_fidelity_of_a_hand_made_line() -> None:
    # Reference: 0, 1, 2, 10. With k = 1 they reach 1, 1, 1, 8; the samples reach 1, 1, 88.5.
    reference = np.array([[0.0], [1.0], [2.0], [10.0]])
    samples = np.array([[0.5], [1.5], [90.0]])
    found = fidelity(reference, samples, k=1)
    assert found.precision == pytest.approx(2 / 3)
    # 0.5 lies in the balls of 0 and 1 and 1.5 in those of 1 and 2: four, over k M = 3.
    assert found.density == pytest.approx(4 / 3)
    assert found.coverage == pytest.approx(3 / 4)
    # 0, 1, 2 are within 1 of a sample; 10 is within 88.5 of the last one.
    assert found.recall == pytest.approx(1)


def test_fidelity_tells_lost_variety_from_lost_quality() -> None:
    rng = np.random.default_rng(0)
    reference = rng.standard_normal((300, 4))
    narrow = 0.1 * rng.standard_normal((300, 4))
    wide = 6 * rng.standard_normal((300, 4))
    one_sort, any_sort = fidelity(reference, narrow), fidelity(reference, wide)
    assert one_sort.precision > 0.95
    assert one_sort.recall < 0.2
    assert any_sort.precision < 0.2
    assert any_sort.recall > 0.8
    assert one_sort.coverage < 0.3 < fidelity(reference, rng.standard_normal((300, 4))).coverage


def flat(color: tuple[int, int, int] = (100, 50, 20)) -> NDArray[np.uint8]:
    return np.full((1, 8, 8, 3), color, np.uint8)


def test_colors_are_distinguished_at_five_bits() -> None:
    image = flat((96, 48, 16))
    assert distinct_colors(image).tolist() == [1]
    image[0, 0, 0] += 7
    assert distinct_colors(image).tolist() == [1]
    image[0, 0, 0] += 1
    assert distinct_colors(image).tolist() == [2]


def test_isolated_pixels_are_unlike_all_eight_neighbors() -> None:
    opaque = np.full((1, 8, 8), 255, np.uint8)
    image = flat()
    assert isolated_pixel_rate(image, opaque) == 0
    image[0, 3, 3, 0] += 8  # within the tolerance
    assert isolated_pixel_rate(image, opaque) == 0
    image[0, 3, 3, 0] += 1
    assert isolated_pixel_rate(image, opaque) == 1 / 64
    image[0, 4, 4] = image[0, 3, 3]  # a neighbor across the corner
    assert isolated_pixel_rate(image, opaque) == 0


def test_transparent_pixels_neither_count_nor_keep_company() -> None:
    alpha = np.zeros((1, 8, 8), np.uint8)
    alpha[0, 2, 2] = 255
    assert isolated_pixel_rate(flat(), alpha) == 1
    alpha[0, 2, 3] = 255
    assert isolated_pixel_rate(flat(), alpha) == 0
    assert isolated_pixel_rate(flat(), np.zeros_like(alpha)) == 0


def test_a_pixel_at_the_border_is_not_like_what_is_outside() -> None:
    image, opaque = flat(), np.full((1, 8, 8), 255, np.uint8)
    image[0, 0, 0] = 0
    assert isolated_pixel_rate(image, opaque) == 1 / 64


def test_sharpness_falls_with_blur_and_with_noise() -> None:
    image = flat((255, 255, 255))
    image[:, :, 4:] = 0
    assert edge_sharpness(image) == pytest.approx(1)
    blurred = image.copy()
    blurred[:, :, 3:5] = 128
    assert edge_sharpness(blurred) == pytest.approx(0.5, abs=0.01)
    boiling = image.copy()
    boiling[:, ::2] ^= 8
    assert edge_sharpness(boiling) < 0.9
    assert edge_sharpness(flat()) == 0


def test_the_nearest_sprite_is_found_however_it_is_moved() -> None:
    rng = np.random.default_rng(0)
    others = np.full((600, 12, 12, 3), 255, np.uint8)
    others[:, 2:10, 2:10] = rng.integers(0, 256, (600, 8, 8, 3))
    picked = others[[5, 599, 300]]
    moved = np.stack([np.roll(picked[0], (1, -1), (0, 1)), picked[1][:, ::-1], picked[2]])
    found = nearest_sprites(moved, others)
    assert found.which.tolist() == [5, 599, 300]
    assert found.distance.tolist() == [0, 0, 0]


def test_the_distance_is_that_of_channel_values() -> None:
    images = flat()
    others = np.concatenate([flat((0, 0, 0)), flat((103, 50, 16))])
    found = nearest_sprites(images, others, shift=0)
    assert found.which.tolist() == [1]
    assert found.distance[0] == pytest.approx(np.sqrt((3**2 + 0 + 4**2) / 3))


def test_pixels_that_differ_visibly_are_counted_where_the_sprite_was_moved_to() -> None:
    rng = np.random.default_rng(3)
    other = np.full((16, 16, 3), 255, np.uint8)
    other[4:12, 4:12] = rng.integers(0, 200, (8, 8, 3))
    image = np.roll(other[:, ::-1], (1, -2), (0, 1))
    found = neighbors(image, other[None])
    assert pixels_apart(image, other, bool(found.mirrored[0]), found.shift[0]) == 0
    image[6, 6] += 40
    image[7, 7] += 5  # invisible
    assert pixels_apart(image, other, bool(found.mirrored[0]), found.shift[0]) == 1


def test_what_sprites_have_in_common_is_color_and_shape_wherever_they_are() -> None:
    rng = np.random.default_rng(5)
    others = np.full((30, 12, 12, 3), 255, np.uint8)
    others[:, 2:10, 2:9] = rng.integers(0, 200, (30, 8, 7, 3))
    images = others[:4].copy()
    images[0] = np.roll(images[0, :, ::-1], (1, -1), (0, 1))
    images[1] += np.uint8(20) * (images[1] < 200)
    images[2, 2:6] = 255  # half of it is blank
    images[3, 2:6, 2:9] = (255, 0, 0)
    np.testing.assert_allclose(most_in_common(images, others), [1, 1, 0.5, 0.5])
    assert most_in_common(images, others, least=0.6).tolist() == [1, 1, 0.6, 0.6]
    # Moved by two pixels it is at another place, and having white in common does not count.
    assert most_in_common(np.roll(others[:1], 2, 1), others)[0] < 0.5
    white = np.full((1, 12, 12, 3), 255, np.uint8)
    assert most_in_common(white, np.concatenate([others, white])).tolist() == [0]
    assert most_in_common(others[:1], white).tolist() == [0]


def test_what_is_the_same_again_is_a_copy_even_if_new_drawings_are() -> None:
    assert copy_share(np.array([0.0, 3.0]), np.zeros(20)) == 0.5
    assert copy_share(np.array([0.0, 3.0]), np.empty(0)) == 0.5


def test_equal_rows_are_no_distance_apart_in_spite_of_rounding() -> None:
    """Among many equal sprites, some once lay outside the others' balls, whose radius is 0."""
    rows = np.random.default_rng(0).standard_normal((200, 32)).astype(np.float32)
    assert not squared_distances(rows, rows).diagonal().any()
    found = fidelity(rows[:1].repeat(38, 0), rows[:1].repeat(32, 0))
    assert found.precision == found.recall == found.coverage == 1


def test_copies_are_distinguished_from_new_drawings() -> None:
    rng = np.random.default_rng(0)
    drawings = np.full((400, 12, 12, 3), 255, np.uint8)
    drawings[:, 2:10, 2:10] = rng.integers(0, 256, (400, 8, 8, 3))
    train, validation, new = drawings[:200], drawings[200:300], drawings[300:]
    copies = np.roll(train[:100, :, ::-1], 1, axis=1)
    copies[:, 6, 6] ^= 4

    def share(images: NDArray[np.uint8]) -> float:
        return copy_share(
            nearest_sprites(images, train).distance, nearest_sprites(validation, train).distance
        )

    assert share(copies) == 1
    assert share(validation) == 0.05
    assert share(new) < 0.2
    assert share(np.concatenate([copies[:50], new[:50]])) == pytest.approx(0.55, abs=0.1)
