"""Pixels are read back as written, in fewer bits the more is known about them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sprite_lab.formats.arithmetic_coder import Decoder, Encoder
from sprite_lab.formats.context_coder import Drawn, packed
from sprite_lab.formats.pixel_coder import Answers, PixelCoder, Unwritten
from tests.made import make_sprites

SPRITES = make_sprites(24, seed=3, classes=2)


class Meter(Answers):
    """Adds up the cost of answers, in bits."""

    bits = 0.0

    def bit(self, share: float, case: bool | None) -> bool:
        self.bits -= math.log2(share if case else 1 - share)
        return bool(case)


def written(coder: PixelCoder, rgba: np.ndarray, expected: np.ndarray, labels: np.ndarray) -> None:
    for picture, told, label in zip(rgba, expected, labels, strict=True):
        drawn = Drawn(rgba.shape[2], int(label))
        colors = [color for row in packed(picture[None])[0] for color in row]
        for color, each in zip(colors, told.reshape(-1, told.shape[-1]), strict=True):
            assert coder.pixel(drawn, each, color) == color


def blank(rgba: np.ndarray) -> np.ndarray:
    return np.full(rgba.shape, 128)


def bits(rgba: np.ndarray, expected: np.ndarray, first: np.ndarray | None = None) -> float:
    coder = PixelCoder(Unwritten())
    if first is not None:
        written(coder, first, blank(first), np.zeros(len(first)))
    coder.answers = meter = Meter()
    written(coder, rgba, expected, np.zeros(len(rgba)))
    return meter.bits


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("first", [0, 8])
def test_what_is_written_is_read_again(channels: int, first: int) -> None:
    rgba, labels = SPRITES.rgba[:12].copy(), SPRITES.labels[:12]
    new = rgba[5, :2]  # unknown colors, some transparent
    new[:] = np.random.default_rng(0).integers(0, 256, new.shape)
    expected = np.random.default_rng(1).integers(0, 256, (*rgba.shape[:3], channels))

    def started(answers: Answers) -> PixelCoder:
        coder = PixelCoder(Unwritten())
        written(coder, rgba[:first], expected[:first], labels[:first])
        coder.answers = answers
        return coder

    encoder = Encoder()
    written(started(encoder), rgba, expected, labels)
    coder = started(Decoder(encoder.finish()))
    for picture, told, label in zip(rgba, expected, labels, strict=True):
        drawn = Drawn(rgba.shape[2], int(label))
        wanted = [color for row in packed(picture[None])[0] for color in row]
        assert [coder.pixel(drawn, each, None) for each in told.reshape(-1, channels)] == wanted


def test_bytes_are_the_bits_that_answers_cost() -> None:
    encoder = Encoder()
    written(PixelCoder(encoder), SPRITES.rgba, blank(SPRITES.rgba), SPRITES.labels)
    meter = Meter()
    written(PixelCoder(meter), SPRITES.rgba, blank(SPRITES.rgba), SPRITES.labels)
    assert 8 * len(encoder.finish()) == pytest.approx(meter.bits, rel=0.002, abs=40)


def test_whoever_expects_the_right_thing_pays_less() -> None:
    rgba = SPRITES.rgba
    assert bits(rgba, rgba.astype(np.int64)) < 0.8 * bits(rgba, blank(rgba))


def test_what_was_learned_from_others_need_not_be_told_again() -> None:
    rgba = SPRITES.rgba
    new = rgba[12:]
    assert bits(new, blank(new), rgba[:12]) < 0.9 * bits(new, blank(new))


def test_a_color_near_known_ones_is_cheaper_than_one_far_from_all() -> None:
    rng = np.random.default_rng(0)
    palette = np.array([[200, 40, 40, 255], [40, 200, 40, 255], [40, 40, 200, 255]])
    first = np.stack([np.broadcast_to(color, (4, 4, 4)) for color in palette]).astype(np.uint8)
    near = first + rng.integers(0, 3, (3, 1, 1, 4)) * [1, 1, 1, 0]
    far = rng.permutation(np.array([[120, 230, 7], [3, 99, 131], [240, 250, 12]]))
    far = np.concatenate([far, [[255]] * 3], axis=1)[:, None, None] + np.zeros((1, 4, 4, 1))
    spent = [bits(each.astype(np.uint8), blank(first), first) for each in (near, far)]
    assert spent[0] < spent[1] - 12


def test_a_set_costs_the_bits_that_it_did() -> None:
    """Files are read by the rules that wrote them, so the rules must not change unnoticed."""
    rgba = SPRITES.rgba
    strange = rgba.copy()
    new = strange[5, :8]
    new[:] = np.random.default_rng(0).integers(0, 256, new.shape)
    told = np.random.default_rng(1).integers(0, 256, rgba.shape)
    spent = [
        bits(rgba, blank(rgba)),
        bits(rgba, rgba.astype(np.int64)),
        bits(rgba[12:], blank(rgba[12:]), rgba[:12]),
        bits(strange, told),
    ]
    assert spent == pytest.approx([1684.042, 690.253, 788.267, 6130.837], abs=0.05)
