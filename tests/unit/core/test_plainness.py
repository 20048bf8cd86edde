"""How plain drawings are compared with others."""

import numpy as np
import pytest

from sprite_lab.core.pixels.oklab import oklab
from sprite_lab.core.pixels.plainness import color_spread, plainness


def drawing(*colors: tuple[int, int, int]) -> np.ndarray:
    """A black square filled with rows of the given colors."""
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[2:14, 2:14, 3] = 255
    for row in range(3, 13):
        rgba[row, 3:13, :3] = colors[(row - 3) * len(colors) // 10]
    return rgba


def test_the_spread_is_that_of_the_colors_inside() -> None:
    two = drawing((255, 255, 255), (200, 30, 30))
    lab = oklab(two[3:13, 3:13, :3].reshape(-1, 3)) * [1, 2, 2]
    expected = np.sqrt(((lab - lab.mean(axis=0)) ** 2).sum(axis=1).mean())
    found = color_spread(np.stack([two, drawing((200, 30, 30)), np.zeros_like(two)]))
    assert found == pytest.approx([expected, 0.0, 0.0])


def test_of_a_thin_drawing_all_counts() -> None:
    thin = np.zeros((1, 16, 16, 4), np.uint8)
    thin[0, 4, 2:12] = (255, 0, 0, 255)
    thin[0, 5, 2:12] = (0, 0, 255, 255)
    assert color_spread(thin)[0] > 0.2


def test_plain_is_what_is_plainer_than_ones_own() -> None:
    own = np.stack([drawing((255, 255, 255), (g, 30, 30)) for g in (80, 120, 160, 200)])
    blob, rich = drawing((200, 30, 30)), drawing((255, 255, 255), (0, 0, 0), (0, 200, 0))
    assert plainness(np.stack([blob, rich]), own).tolist() == [1.0, 0.0]
    assert plainness(own, own).min() == 0.0
    assert 0.0 < plainness(own, own).max() < 1.0
