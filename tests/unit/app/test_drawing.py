"""Configurations for cells, and cells from what they gave."""

from __future__ import annotations

import numpy as np

from sprite_lab.app.drawing import DrawSettings, config_for, finished_cells, suits
from sprite_lab.core.cells import Cell
from sprite_lab.core.sprites import to_model_space
from sprite_lab.core.trajectory import Trajectory

MASK = bytes([1] * 20 + [0] * 236)


def drawn(seed: int = 3) -> Cell:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8).tobytes()
    return Cell(pixels, "hero", MASK, seed)


def trajectory(images: np.ndarray) -> Trajectory:
    x0 = np.stack([to_model_space(images)] * 2).astype(np.float16)
    return Trajectory(
        "reverse", np.array([500, 0], np.float32), np.array([-8, 12], np.float32), x0.copy(), x0
    )


def test_each_source_takes_what_it_needs_and_no_more() -> None:
    cell, settings = drawn(), DrawSettings(start_t=123, steps=7, guidance_scale=3.0)
    plain = config_for(cell, "class", settings, ("hero",))
    assert (plain.classes, plain.seed, plain.steps, plain.guidance_scale) == (("hero",), 3, 7, 3.0)
    assert (plain.drawing, plain.known_mask, plain.start_t) == (None, None, None)
    steered = config_for(cell, "drawing", settings, ("hero",))
    assert (steered.drawing, steered.known_mask, steered.start_t) == (cell.pixels, None, 123)
    around = config_for(cell, "inpaint", settings, ("hero",))
    assert (around.drawing, around.known_mask, around.start_t) == (cell.pixels, MASK, None)


def test_a_class_that_the_model_does_not_know_becomes_any() -> None:
    assert config_for(drawn(), "class", DrawSettings(), ("food",)).classes == ()


def test_which_cells_suit() -> None:
    assert suits(Cell(), "class")
    assert not suits(Cell(), "drawing")
    assert not suits(Cell(drawn().pixels), "inpaint")
    assert suits(drawn(), "drawing")
    assert suits(drawn(), "inpaint")


def test_kept_pixels_are_the_drawing_byte_for_byte_and_the_ground_is_empty() -> None:
    cell = drawn()
    image = np.full((1, 16, 16, 3), 255, np.uint8)
    image[0, 5:11, 5:11] = (40, 80, 120)
    config = config_for(cell, "inpaint", DrawSettings(), ("hero",))
    (made,) = finished_cells([cell], [config], trajectory(image))
    assert made.pixels[: 20 * 4] == cell.pixels[: 20 * 4]
    assert made.rgba[7, 7].tolist() == [40, 80, 120, 255]
    assert made.rgba[15, 15].tolist() == [0, 0, 0, 0]
    assert (made.class_name, made.known_mask, made.seed) == ("hero", MASK, 3)
    assert made.made_by == config


def test_a_part_of_a_trajectory() -> None:
    images = np.stack([np.full((16, 16, 3), i, np.uint8) for i in range(4)])
    part = trajectory(images).take([2, 0])
    assert part.count == 2
    assert np.allclose(part.final()[:, 0, 0, 0], [2 / 127.5 - 1, -1], atol=1e-3)
