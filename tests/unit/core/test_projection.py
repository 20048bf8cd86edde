import numpy as np
import pytest

from sprite_lab.core.results.projection import fit_companion, fit_plane


@pytest.fixture
def points() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.standard_normal((200, 6)) * [5, 3, 1, 1, 0.5, 0.1]) @ rng.standard_normal((6, 30))


def test_the_plane_is_that_of_the_singular_values(points: np.ndarray) -> None:
    plane = fit_plane(points.astype(np.float32))
    _, strength, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(np.sum(plane.axes * axes[:2], axis=1)), 1, atol=1e-6)
    np.testing.assert_allclose(plane.explained, strength[:2] ** 2 / (strength**2).sum(), rtol=1e-5)
    # No plane leaves less: the error is the sum over the other singular values.
    left = ((points - plane.lift(plane.coordinates(points))) ** 2).sum()
    assert left == pytest.approx((strength[2:] ** 2).sum(), rel=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5, 300])
def test_many_dimensions_take_no_eigenvectors_of_all_of_them(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sprites of 64x64 have 12,288 numbers; eigenvectors of their covariance would take minutes."""
    sizes, eigh = [], np.linalg.eigh

    def noted(matrix: np.ndarray) -> object:
        sizes.append(matrix.shape)
        return eigh(matrix)

    monkeypatch.setattr(np.linalg, "eigh", noted)
    rng = np.random.default_rng(2)
    # neighbors are alike, as in pictures
    wide = rng.standard_normal((count, 12_288)).cumsum(axis=1)
    plane = fit_plane(wide.astype(np.float32))
    assert set(sizes) == {(16, 16)}
    assert len(sizes) <= 100
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)
    _, strength, axes = np.linalg.svd(wide - wide.mean(axis=0), full_matrices=False)
    total = max((strength**2).sum(), 1e-300)
    for i in range(min(2, count - 1)):
        assert abs(plane.axes[i] @ axes[i]) == pytest.approx(1, abs=1e-6)
        assert plane.explained[i] == pytest.approx(strength[i] ** 2 / total, rel=1e-5)
    assert plane.explained[max(0, count - 1) :] == pytest.approx(0, abs=1e-6)


def test_where_hardly_any_direction_is_stronger_the_search_ends_all_the_same() -> None:
    rng = np.random.default_rng(0)
    rows, columns = (np.linalg.qr(rng.standard_normal((n, 40)))[0] for n in (60, 1100))
    flat = rows * np.linspace(1, 0.96, 40) @ columns.T
    plane = fit_plane(flat)
    strength = np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False)
    assert plane.explained == pytest.approx(strength[:2] ** 2 / (strength**2).sum(), rel=1e-3)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-9)


def test_there_and_back(points: np.ndarray) -> None:
    plane = fit_plane(points)
    places = np.random.default_rng(1).standard_normal((4, 3, 2))
    np.testing.assert_allclose(plane.coordinates(plane.lift(places)), places, atol=1e-12)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(2), atol=1e-12)
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in plane.axes)


def test_equal_points_lie_at_the_origin() -> None:
    plane = fit_plane(np.ones((5, 4)))
    np.testing.assert_array_equal(plane.coordinates(np.ones((5, 4))), 0)
    np.testing.assert_array_equal(plane.explained, 0)


def test_a_companion_is_found_where_it_is_linear(points: np.ndarray) -> None:
    places = fit_plane(points).coordinates(points)
    values = places @ [[1.0, 2, 0], [0, -1, 3]] + [4, 5, 6]
    companion = fit_companion(places, values)
    np.testing.assert_allclose(companion.lift(places), values)
