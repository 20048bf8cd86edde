import numpy as np
import pytest
import torch
from torch import Tensor

from sprite_lab.core.config import ForwardConfig, ScheduleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.results.sprite_map import GRID
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_model_space, to_pixels
from sprite_lab.core.trajectories.levels import alpha_std
from sprite_lab.engine.measuring import sprite_map
from sprite_lab.engine.measuring.features import load_features
from sprite_lab.engine.sampling.forward import forward_iter
from tests.made import make_sprites


def _map(space: str = "pixels"):
    return drain(sprite_map.map_iter(make_sprites(60), space, RunControl()))


def test_sprites_lie_where_the_plane_has_them() -> None:
    found = _map()
    pixels = to_model_space(found.sprites.images).reshape(60, -1).astype(np.float64)
    _, _, axes = np.linalg.svd(pixels - pixels.mean(axis=0), full_matrices=False)
    expected = (pixels - pixels.mean(axis=0)) @ axes[:2].T
    np.testing.assert_allclose(np.abs(found.points), np.abs(expected), atol=1e-6)


def test_features_are_those_of_the_shipped_network() -> None:
    found = _map("features")
    features = load_features()(found.sprites.images)
    np.testing.assert_allclose(found.points, found.plane.coordinates(features), atol=1e-5)
    assert found.alpha is None


def test_a_blur_is_the_least_squares_mix() -> None:
    found = _map()
    blur = found.blur(found.points)
    assert blur.shape == (60, 16, 16, 4)
    assert np.array_equal(found.blur_pixels(found.points), to_pixels(blur[..., :3]))
    np.testing.assert_allclose(
        found.plane.coordinates(blur[..., :3].reshape(60, -1)), found.points, atol=1e-4
    )
    alpha = to_model_space(found.sprites.rgba)[..., 3].reshape(60, -1)
    left = alpha - blur[..., 3].reshape(60, -1)
    design = np.concatenate([np.ones((60, 1)), found.points], axis=1)
    np.testing.assert_allclose(design.T @ left, 0, atol=1e-2)  # no linear fit leaves less


def test_the_grid_spans_the_points_at_equal_distances() -> None:
    found = _map()
    grid = found.grid()
    x, y = np.unique(grid[:, 0].round(9)), np.unique(grid[:, 1].round(9))
    assert max(len(x), len(y)) == GRID
    np.testing.assert_allclose(np.diff(x), np.diff(x)[0], rtol=1e-6)
    np.testing.assert_allclose(np.diff(y), np.diff(x)[0], rtol=1e-6)
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    np.testing.assert_allclose((grid.min(axis=0) + grid.max(axis=0)) / 2, (low + high) / 2)


def test_paths_are_projections_of_every_frame() -> None:
    found = _map()
    images = found.sprites.images[:3]
    trajectory = drain(
        forward_iter(images, ForwardConfig(schedule=ScheduleConfig(timesteps=40)), RunControl())
    )
    paths = drain(sprite_map.paths_iter(found, trajectory, RunControl()))
    assert paths.x0.shape == paths.x_t.shape == (41, 3, 2)
    np.testing.assert_allclose(paths.x0, np.broadcast_to(found.points[:3], (41, 3, 2)), atol=0.02)
    for k in (0, 17, 40):
        noisy = trajectory.x_t[k].astype(np.float64) / trajectory.signal(k)
        expected = found.plane.coordinates(noisy.reshape(3, -1))
        np.testing.assert_allclose(paths.x_t[k], expected, rtol=1e-4, atol=1e-3)


def test_the_pull_of_a_denoiser_that_knows_one_sprite() -> None:
    """From everywhere, it pulls toward that sprite."""
    found = _map()
    target = torch.from_numpy(to_model_space(found.sprites.images[7])).permute(2, 0, 1)

    def predict(x_t: Tensor, log_snr: Tensor) -> Tensor:
        return target.expand(len(x_t), -1, -1, -1)

    pull = drain(sprite_map.pull_iter(predict, found, -1.0, 3, torch.device("cpu")))
    np.testing.assert_allclose(
        pull.places + pull.arrows, found.points[[7] * len(pull.places)], atol=1e-3
    )


def test_noise_that_is_passed_on_cancels_out() -> None:
    """If a denoiser only scales, x0_hat = x_t / alpha, there is no pull."""
    found = _map()
    alpha = float(alpha_std(-2.0)[0])
    pull = drain(sprite_map.pull_iter(lambda x, _: x / alpha, found, -2.0, 4, torch.device("cpu")))
    np.testing.assert_allclose(pull.arrows, 0, atol=1e-3)


@pytest.mark.parametrize("kind", [None, "food"])
def test_the_pull_of_the_set_against_the_formula(kind: str | None) -> None:
    found = _map()
    pull = drain(sprite_map.optimal_pull_iter(found, -1.5, kind, RunControl()))
    alpha, std = (float(v) for v in alpha_std(-1.5))
    pictures = to_model_space(found.sprites.images).reshape(60, -1).astype(np.float64)
    some = np.ones(60, bool)
    if kind:
        some = found.sprites.labels == found.sprites.class_names.index(kind)
    for place in (0, len(pull.places) // 2, -1):
        clean = found.plane.lift(pull.places[place])
        ends = []
        for noise in sprite_map.noise_pairs((3, 16, 16)):
            x_t = alpha * clean + std * noise.permute(1, 2, 0).numpy().reshape(-1)
            logit = -((x_t - alpha * pictures[some]) ** 2).sum(axis=1) / (2 * std**2)
            weight = np.exp(logit - logit.max())
            ends.append(weight / weight.sum() @ pictures[some])
        expected = found.plane.coordinates(np.mean(ends, axis=0)) - pull.places[place]
        np.testing.assert_allclose(pull.arrows[place], expected, atol=1e-4)


def test_features_have_no_pull_and_other_sizes_no_place() -> None:
    with pytest.raises(ConfigError, match="not a picture"):
        drain(sprite_map.optimal_pull_iter(_map("features"), 0.0, None, RunControl()))
    small = make_sprites(3, size=8).images
    trajectory = drain(
        forward_iter(small, ForwardConfig(schedule=ScheduleConfig(timesteps=5)), RunControl())
    )
    with pytest.raises(ConfigError, match="8×8"):
        drain(sprite_map.paths_iter(_map(), trajectory, RunControl()))
