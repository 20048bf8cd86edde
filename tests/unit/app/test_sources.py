"""Which sprites are measured."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.app.files.sources import of_cells, of_data, of_trajectory
from sprite_lab.core.config import Conditions, MeasureConfig, SampleConfig
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory

NAMES = ("hero", "creature", "food")


def test_random_sprites_are_those_that_the_command_line_measures(sprites: SpriteSet) -> None:
    got = of_data(sprites, MeasureConfig(count=7, seed=3))
    order = np.random.default_rng(3).permutation(len(sprites))[:7]
    np.testing.assert_array_equal(got.images, sprites.images[order])
    assert got.names.tolist() == [f"sprite {i + 1}" for i in order]


def test_of_one_class_and_in_order(sprites: SpriteSet) -> None:
    of_class = np.flatnonzero(sprites.labels == 2)
    name = sprites.class_names[2]
    got = of_data(sprites, MeasureConfig(class_name=name, count=4, take="in order", first=4))
    np.testing.assert_array_equal(got.images, sprites.images[of_class[3:7]])
    assert set(got.labels.tolist()) == {2}
    random = of_data(sprites, MeasureConfig(class_name=name, count=1000))
    assert len(random) == len(of_class)


def test_cells_that_are_drawn_on_white_with_their_class() -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[3, 4] = (200, 10, 20, 255)
    drawn = Cell(pixels.tobytes(), Conditions.of_class("food"))
    got = of_cells(
        {0: Cell(), 5: drawn, 6: Cell(pixels.tobytes(), Conditions.of_class("plant"))}, NAMES
    )
    assert got is not None
    assert len(got) == 2
    assert got.names.tolist() == ["cell 6", "cell 7"]
    assert got.labels.tolist() == [2, -1]  # the model does not know the class plants
    assert got.images[0, 3, 4].tolist() == [200, 10, 20]
    assert (got.images[0, 0] == 255).all()
    assert got.alpha[0].sum() == 255
    assert of_cells({0: Cell()}, NAMES) is None


@pytest.mark.parametrize("kind", ["forward", "reverse"])
def test_samples_are_the_clean_ends_with_the_classes_they_were_asked_for(kind: str) -> None:
    rng = np.random.default_rng(0)
    x0 = rng.uniform(-1, 1, (2, 3, 16, 16, 3)).astype(np.float16)
    trajectory = Trajectory(
        kind=kind,  # type: ignore[arg-type]
        t=np.array([500, 0], np.float32),
        log_snr=np.array([-9, 13], np.float32),
        x_t=x0,
        x0=x0,
        alpha=np.ones((2, 3, 16, 16), np.float16),
        config=SampleConfig(count=3, first_index=1, classes=("food", "hero")),
    )
    got = of_trajectory(trajectory, NAMES)
    np.testing.assert_array_equal(got.images, trajectory.rgba(1)[..., :3])
    assert got.labels.tolist() == [0, 2, 0]
