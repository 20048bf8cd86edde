"""How unlike the sprites of a batch are, compared with drawn ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sprite_lab.core.results.variety import Yardstick, distances, variety


def drawn(per_class: int = 40, spread: tuple[float, float] = (1.0, 1.0)) -> Yardstick:
    """Two classes far apart, each a cloud."""
    rng = np.random.default_rng(0)
    clouds = [rng.normal(10 * k, spread[k], (per_class, 4)) for k in range(2)]
    labels = np.repeat([0, 1], per_class)
    return Yardstick("", np.concatenate(clouds).astype(np.float32), labels, ("near", "far"))


def cloud(center: float, spread: float, count: int = 60) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(center, spread, (count, 4)).astype(np.float32)


def test_distances_are_euclidean() -> None:
    a, b = cloud(0, 1, 5), cloud(3, 2, 7)
    expected = np.linalg.norm(a[:, None].astype(float) - b[None], axis=2)
    np.testing.assert_allclose(distances(a, b), expected, rtol=1e-6)


def test_a_batch_like_the_drawn_ones_of_its_class_is_as_varied() -> None:
    found = variety(cloud(0, 1.0), ("near",) * 60, drawn())
    assert found.share == pytest.approx(1.0, abs=0.1)
    assert 0 < found.chance < 0.1
    assert found.of_class == found.drawn_of_class == 1.0


def test_half_the_spread_is_half_the_variety_and_sprites_all_alike_have_none() -> None:
    assert variety(cloud(0, 0.5), ("near",) * 60, drawn()).share == pytest.approx(0.5, abs=0.05)
    assert variety(cloud(0, 0.0), ("near",) * 60, drawn()).share == pytest.approx(0.0, abs=1e-6)


def test_it_is_measured_by_drawn_sprites_of_the_same_classes() -> None:
    wide = drawn(400, spread=(1.0, 4.0))
    assert variety(cloud(10, 4.0, 400), ("far",) * 400, wide).share == pytest.approx(1.0, abs=0.1)
    mixed = np.concatenate([cloud(0, 1.0, 30), cloud(10, 1.0, 30)])
    classes = ("near",) * 30 + ("far",) * 30
    assert variety(mixed, classes, drawn()).share == pytest.approx(1.0, abs=0.1)


def test_those_of_another_class_are_not_like_their_own() -> None:
    mixed = np.concatenate([cloud(0, 1.0, 30), cloud(10, 1.0, 10)])
    found = variety(mixed, ("near",) * 40, drawn())
    assert found.of_class == pytest.approx(0.75)
    assert found.of_class_chance == pytest.approx((0.75 * 0.25 / 40) ** 0.5)


@pytest.mark.parametrize("count", [1, 8])
def test_drawn_sprites_that_are_all_alike_are_no_measure(count: int) -> None:
    alike = Yardstick("", np.ones((count, 4), np.float32), np.zeros(count, np.int64), ("near",))
    found = variety(cloud(0, 1.0, 8), ("near",) * 8, alike)
    assert found.share is None
    assert found.chance is None


def test_without_a_class_only_the_variety_is_reported() -> None:
    found = variety(cloud(0, 1.0, 4), (None, "unknown", None, None), drawn())
    assert found.share > 0
    assert found.of_class is None
    assert found.drawn_of_class is None
    assert found.of_class_chance is None
