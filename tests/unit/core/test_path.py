"""The path of a sprite on a plane."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.trajectories.path import plane_of, without_first_noise
from sprite_lab.core.trajectories.race import distance
from sprite_lab.core.trajectories.trajectory import Trajectory


def made(log_snr: list[float]) -> Trajectory:
    """Sprites drawn by DDIM with a network that always predicts the same."""
    rng = np.random.default_rng(0)
    x0, epsilon = rng.uniform(-1, 1, (2, 4, 4, 3)), rng.normal(size=(2, 4, 4, 3))
    levels = np.array(log_snr)
    signal, std = np.sqrt(1 / (1 + np.exp(-levels))), np.sqrt(1 / (1 + np.exp(levels)))
    x_t = np.stack([a * x0 + s * epsilon for a, s in zip(signal, std, strict=True)])
    predicted = np.broadcast_to(x0, x_t.shape)
    t = np.linspace(100, 0, len(levels)).astype(np.float32)
    return Trajectory(
        "reverse",
        t,
        levels.astype(np.float32),
        x_t.astype(np.float32),
        predicted.astype(np.float32),
    )


def test_it_leads_from_nothing_to_the_sprite_and_straight_if_the_guess_stays() -> None:
    trajectory = made([-8.0, -3.0, 0.0, 2.0, 20.0])
    path = without_first_noise(trajectory, 1)
    assert path[0] == pytest.approx(0.0, abs=1e-4)
    sprite = trajectory.x0[-1, 1].astype(np.float64).ravel()
    root = 127.5 / np.sqrt(sprite.size)
    assert path[-1] == pytest.approx(root * sprite, abs=1e-2)
    # All pieces have the same direction: with a constant prediction, DDIM moves straight ahead.
    pieces = np.diff(path, axis=0)
    pieces /= np.linalg.norm(pieces, axis=1)[:, None]
    assert pieces @ pieces[0] == pytest.approx(1.0, abs=1e-4)
    apart = distance(trajectory.x0[-1, 1], trajectory.x0[-1, 0])
    other = without_first_noise(trajectory, 0)
    assert np.linalg.norm(path[-1] - other[-1]) == pytest.approx(apart, rel=1e-3)


def test_a_plane_keeps_straight_lines_and_says_what_it_leaves_out() -> None:
    rng = np.random.default_rng(1)
    flat, _ = np.linalg.qr(rng.normal(size=(30, 3)))
    curve = np.stack([np.cos(np.linspace(0, 2, 200)), np.linspace(0, 3, 200)], axis=1)
    points = curve @ flat[:, :2].T
    plane = plane_of(points)
    assert plane.share == pytest.approx(1.0)
    drawn = plane.project(points)
    assert drawn[-1, 0] > drawn[0, 0], "it ends to the right"
    assert drawn[:, 1].mean() > drawn[[0, -1], 1].mean(), "it bends upward"
    lengths = np.linalg.norm(np.diff(drawn, axis=0), axis=1)
    assert lengths == pytest.approx(np.linalg.norm(np.diff(points, axis=0), axis=1))
    leaves = points + np.outer(np.sin(np.linspace(0, 40, 200)), flat[:, 2])
    assert 0.5 < plane_of(leaves).share < 0.999
