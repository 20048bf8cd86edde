"""The page's random numbers are numpy's, so that a seed means the same in both."""

from __future__ import annotations

import numpy as np

from tests.node import ask


def test_normal_numbers_and_integers_are_those_of_numpy() -> None:
    seeds = [(0, 0), (1, 7), (12345, 63), (2**32, 1), (2**40 + 5, 2), (2**63 - 1, 9), (7, 3, 1)]
    counts = [1, 2, 3, 10, 1000, 4989, 2**31]
    request = [
        {"entropy": [str(part) for part in seed], "normal": 4097, "below": counts} for seed in seeds
    ]
    for seed, answer in zip(seeds, ask("random.mjs", request), strict=True):
        rng = np.random.default_rng(list(seed))
        assert np.array_equal(
            np.array(answer["normal"], np.float32), rng.standard_normal(4097, np.float32)
        )
        assert answer["below"] == [int(rng.integers(count)) for count in counts]


def test_rare_paths_of_the_ziggurat_are_taken() -> None:
    (answer,) = ask("random.mjs", [{"entropy": ["3", "4"], "normal": 200_000, "below": []}])
    expected = np.random.default_rng([3, 4]).standard_normal(200_000, np.float32)
    assert np.abs(expected).max() > 3.66, "none of them is from the tail"
    assert np.array_equal(np.array(answer["normal"], np.float32), expected)
