"""Weights in 8 bits: half the size of float16, for networks that hardly notice.

In each row of a large tensor (the weights of one output), numbers are rounded to multiples of 1/127
of the largest one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from sprite_lab.engine.models.checkpoint import fitting, load_tensors
from sprite_lab.paths import resource

#: Tensors with fewer numbers are stored in float16.
_LARGE = 1000

_SCALE, _LEVELS = ".scale", 127


def in_eight_bits(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Pack tensors: large ones as int8 with a float16 scale for each row, the others as float16."""
    found = {}
    for name, tensor in tensors.items():
        if tensor.ndim < 2 or tensor.numel() < _LARGE:
            found[name] = tensor.half()
            continue
        rows = tensor.flatten(1).float()
        scale = (rows.abs().amax(dim=1) / _LEVELS).half().clamp_min(torch.finfo(torch.half).tiny)
        levels = (rows / scale[:, None]).round().clamp(-_LEVELS, _LEVELS)
        found[name] = levels.to(torch.int8).view_as(tensor)
        found[name + _SCALE] = scale
    return found


def from_eight_bits(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Unpack the tensors of :func:`in_eight_bits` to float32; others are returned unchanged."""
    found = dict(tensors)
    for name, levels in tensors.items():
        if levels.dtype == torch.int8 and name + _SCALE in tensors:
            scale = found.pop(name + _SCALE).float()
            found[name] = (levels.flatten(1) * scale[:, None]).view_as(levels)
    return found


def shipped_weights(name: str) -> Path:
    """The weights file of a small network that comes with Sprite Lab."""
    return resource("models", name, "weights.safetensors")


def load_shipped(network: nn.Module, name: str) -> Mapping[str, object]:
    """Give a network the shipped weights of that name, and return their metadata.

    Raises FileError if the weights file is missing or damaged.
    """
    path = shipped_weights(name)
    tensors, metadata = load_tensors(path)
    with fitting(path):
        network.load_state_dict(from_eight_bits(tensors))
    network.float().eval().requires_grad_(False)
    return metadata
