import numpy as np

from sprite_lab.core.results.metrics import settling_frames
from sprite_lab.core.sets.sprites import to_model_space


def test_settling_against_a_loop_over_pixels_and_frames() -> None:
    rng = np.random.default_rng(0)
    pixels = np.clip(128 + np.cumsum(rng.integers(-9, 10, (12, 5, 4, 3)), axis=0), 0, 255)
    frames = settling_frames(to_model_space(pixels.astype(np.uint8)).astype(np.float16))
    for row in range(5):
        for column in range(4):
            k = 11
            while k and np.abs(pixels[k - 1, row, column] - pixels[-1, row, column]).max() <= 8:
                k -= 1
            assert frames[row, column] == k
    assert len(np.unique(frames)) > 3  # otherwise the test distinguishes nothing


def test_a_difference_of_eight_is_none_and_of_nine_is_one() -> None:
    pixels = np.full((2, 1, 2, 3), 100, np.uint8)
    pixels[0, 0, 0, 1], pixels[0, 0, 1, 2] = 108, 91
    assert settling_frames(to_model_space(pixels)).tolist() == [[0, 1]]


def test_a_pixel_that_leaves_again_is_not_settled() -> None:
    pixels = np.full((4, 1, 1, 3), 100, np.uint8)
    pixels[2] = 200
    assert settling_frames(to_model_space(pixels)).tolist() == [[3]]
