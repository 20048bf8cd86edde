"""The judgment about a drawing, in one line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from sprite_lab.app.draw.live.surprise import surprising, words
from sprite_lab.core.results.measured import Verdict
from sprite_lab.words import use_language


@pytest.fixture
def verdict() -> Verdict:
    """One of the 16x16 pixels is improbable."""
    pixels = np.ones((16, 16), np.float32)
    pixels[3, 7] = 1234.6
    return Verdict(pixels, 1.254, 0.05)


@pytest.fixture
def german() -> Iterator[None]:
    use_language("de")
    yield
    use_language("")


def test_the_line_says_all_of_it_or_the_pixel_that_is_pointed_at(verdict: Verdict) -> None:
    # The word joiner keeps a line from breaking within the unit.
    assert words(verdict, None) == "1.25 ± 0.05 bits/\u2060dim, at most 1,235 bits per pixel"
    assert words(verdict, (7, 3)) == "1.25 ± 0.05 bits/\u2060dim, 1,234.6 bits here"
    assert words(verdict, (3, 7)) == "1.25 ± 0.05 bits/\u2060dim, 1.0 bits here", "x comes first"


def test_the_line_is_shown_in_other_languages(german: None, verdict: Verdict) -> None:
    line = words(verdict, None)
    assert line.startswith("1,25 ± 0,05")
    assert "1.235" in line
    assert "bits per pixel" not in line


def test_what_is_redrawn_is_what_the_line_speaks_of(verdict: Verdict) -> None:
    assert np.argwhere(surprising(verdict)).tolist() == [[3, 7]]
