"""Weights in 8 bits take half the space and are nearly the same."""

from __future__ import annotations

import torch

from sprite_lab.engine.models.eight_bits import from_eight_bits, in_eight_bits
from sprite_lab.paths import resource


def test_large_tensors_take_one_byte_a_number() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = {
        "layer.weight": torch.randn(40, 8, 3, 3, generator=generator),
        "layer.bias": torch.randn(40, generator=generator),
        "small": torch.randn(8, 31, generator=generator),
    }
    weights["layer.weight"][3] *= 100
    weights["layer.weight"][4] = 0
    packed = in_eight_bits(weights)
    assert packed["layer.weight"].dtype == torch.int8
    back = from_eight_bits(packed)
    assert back.keys() == weights.keys()
    for name, tensor in weights.items():
        rows, found = tensor.reshape(len(tensor), -1), back[name].float().reshape(len(tensor), -1)
        largest = rows.abs().amax(dim=1, keepdim=True)
        assert ((rows - found).abs() <= 0.51 * largest / 127 + 1e-3 * rows.abs()).all()


def test_others_are_left_as_they_are() -> None:
    weights = {
        "a.scale": torch.ones(3),
        "count": torch.tensor(3),
        "b": torch.ones(2, dtype=torch.int8),
    }
    assert {name: id(t) for name, t in from_eight_bits(weights).items()} == {
        name: id(t) for name, t in weights.items()
    }


def test_all_shipped_weights_take_less_than_60_megabytes() -> None:
    files = resource("models").rglob("*.safetensors")
    assert sum(file.stat().st_size for file in files) < 60_000_000
