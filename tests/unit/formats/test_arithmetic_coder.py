"""Everything written is read back, in as many bits as its improbability."""

from __future__ import annotations

import numpy as np
import pytest

from sprite_lab.formats.arithmetic_coder import Decoder, Encoder
from sprite_lab.formats.context_coder import Drawn, packed
from sprite_lab.formats.pixel_coder import PixelCoder
from tests.made import make_sprites


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [0, 1, 7, 2000])
def test_answers_come_back(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    shares = rng.beta(0.2, 0.2, count)  # many near 0 and 1
    cases = rng.random(count) < shares
    encoder = Encoder()
    for share, case in zip(shares.tolist(), cases.tolist(), strict=True):
        assert encoder.bit(share, case) is case
    data = encoder.finish()
    decoder = Decoder(data)
    assert [decoder.bit(share) for share in shares.tolist()] == cases.tolist()
    least = 2.0**-16
    kept = np.clip(shares, least, 1 - least)
    bits = -np.log2(np.where(cases, kept, 1 - kept)).sum()
    assert len(data) * 8 <= bits * 1.002 + 40


def test_a_carry_runs_through_bytes_that_wait() -> None:
    """Nearly certain answers, then improbable ones: low ends just below a power of 256."""
    encoder, answers = Encoder(), []
    for share in (2.0**-16, 1 - 2.0**-16):
        for pattern in (1, 3, 1000):
            answers += [(share, k % pattern == 0) for k in range(2000)]
    for share, case in answers:
        encoder.bit(share, case)
    decoder = Decoder(encoder.finish())
    assert [decoder.bit(share) for share, _ in answers] == [case for _, case in answers]


@pytest.mark.parametrize("channels", [3, 4])
def test_pixels_come_back_whatever_was_expected(channels: int) -> None:
    rng = np.random.default_rng(0)
    rgba = make_sprites(3).rgba
    rgba[1, :3] = rng.integers(0, 256, rgba[1, :3].shape)  # many colors, and all kinds of alpha
    expected = rng.integers(0, 256, (*rgba.shape[:3], channels))
    encoder = Encoder()
    code(PixelCoder(encoder), expected, rgba)
    data = encoder.finish()
    read = code(PixelCoder(Decoder(data)), expected, None)
    assert read == packed(rgba)


def test_what_is_expected_saves_bits() -> None:
    rgba = make_sprites(20).rgba
    sizes = []
    for expected in (rgba, np.full_like(rgba, 128)):
        encoder = Encoder()
        code(PixelCoder(encoder), expected.astype(np.int64), rgba)
        sizes.append(len(encoder.finish()))
    assert sizes[0] < 0.8 * sizes[1]


def code(coder: PixelCoder, expected: np.ndarray, rgba: np.ndarray | None) -> list[list[list[int]]]:
    found = []
    wanted = None if rgba is None else packed(rgba)
    for i, told in enumerate(expected):
        drawn = Drawn(told.shape[1])
        found.append(
            [
                [
                    coder.pixel(drawn, told[y, x], None if wanted is None else wanted[i][y][x])
                    for x in range(told.shape[1])
                ]
                for y in range(told.shape[0])
            ]
        )
    return found
