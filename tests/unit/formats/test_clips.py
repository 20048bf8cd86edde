"""Clips of races, sheets between noises, walks and drawings."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.core.trajectories.interpolation import Corner, Sheet
from sprite_lab.core.trajectories.race import Lane
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.formats.animation.animation import cells_clip, race_clip, sheet_clip, walk_clip


def reverse(frames: int, count: int, seed: int = 0) -> Trajectory:
    rng = np.random.default_rng(seed)
    log_snr = np.linspace(-8, 8, frames).astype(np.float32)
    x0 = rng.uniform(-1, 1, (frames, count, 8, 8, 3)).astype(np.float16)
    x_t = rng.normal(size=x0.shape).astype(np.float16)
    return Trajectory("reverse", np.linspace(100, 0, frames).astype(np.float32), log_snr, x_t, x0)


def sprites_of(picture: np.ndarray, columns: int, gap: int = 0) -> np.ndarray:
    """The 8x8 cells of a sheet, row by row."""
    step = 8 + gap
    rows = (len(picture) + gap) // step
    cells = [
        picture[row * step : row * step + 8, column * step : column * step + 8]
        for row in range(rows)
        for column in range(columns)
    ]
    return np.stack(cells)


def test_a_race_shows_each_lane_where_it_is_at_one_noise_level() -> None:
    levels = np.linspace(8, -8, 101)
    lanes = [
        ("fast", Lane(reverse(3, 2, 1), 2, 1.0, levels)),
        ("slow", Lane(reverse(9, 2, 2), 8, 1.0, levels)),
    ]
    clip = race_clip(lanes)
    assert clip.rows == ("fast", "slow")
    assert clip.ends == ("noise", "clean")
    assert (clip.labels[0], clip.labels[-1]) == ("t = 100", "t = 0")
    for k, frames in ((0, (0, 0)), (clip.count - 1, (2, 8))):
        found = sprites_of(clip.picture(k), 2, gap=1)
        want = [
            to_pixels(lane.trajectory.x0[f].astype(np.float32))
            for (_, lane), f in zip(lanes, frames, strict=True)
        ]
        assert np.array_equal(found, np.concatenate(want))
    # Halfway, the fast lane shows the last level that it reached.
    middle = sprites_of(clip.picture(clip.count // 2 - 1), 2, gap=1)
    assert np.array_equal(middle[:2], to_pixels(lanes[0][1].trajectory.x0[0].astype(np.float32)))
    with pytest.raises(ConfigError, match="No lane"):
        race_clip([])


SHEET = Sheet(tuple(Corner(seed) for seed in range(4)), 3, 3)


def test_a_sheet_comes_out_of_noise_all_cells_at_once() -> None:
    trajectory = reverse(5, 9)
    clip = sheet_clip(SHEET, trajectory, "x0")
    assert clip.count == 5
    assert clip.config is None, "no one configuration makes a sheet again"
    want = to_pixels(trajectory.x0[-1].astype(np.float32))
    assert np.array_equal(sprites_of(clip.picture(4), 3), want)


def test_a_walk_goes_from_neighbor_to_neighbor() -> None:
    trajectory = reverse(5, 9)
    clip = walk_clip(SHEET, trajectory)
    final = to_pixels(trajectory.x0[-1].astype(np.float32))
    order = [0, 1, 2, 5, 4, 3, 6, 7, 8]
    assert [clip.picture(k).tobytes() for k in range(9)] == [final[i].tobytes() for i in order]
    assert clip.ends == ("A", "D")
    assert walk_clip(Sheet(SHEET.corners[:2], 9, 1), trajectory).ends == ("A", "B")
    even = Sheet(SHEET.corners, 3, 2)
    assert walk_clip(even, reverse(5, 6)).ends == ("A", "C")


def test_drawings_keep_their_alpha_and_durations() -> None:
    images = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 4), np.uint8)
    clip = cells_clip(images, [100, 20, 300], "walk")
    assert clip.durations_ms == (100, 20, 300)
    assert np.array_equal(clip.picture(1), images[1])
    with pytest.raises(ConfigError, match="cannot have 2 durations"):
        cells_clip(images, [100, 20], "walk")


def test_a_clip_of_nothing_is_none() -> None:
    with pytest.raises(ConfigError, match="no frames"):
        Clip("none", 0, lambda k: np.zeros((1, 1, 3), np.uint8))
