"""Weights for a page, packed to a few bits per number, for ``resources/web/weights.mjs``."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Tensors with fewer numbers, such as biases, take next to no space and stay float32.
_LEAST_NUMBERS = 4096


@dataclass(frozen=True)
class PackedWeights:
    """Tensors, packed one after the other."""

    #: ``name``, ``shape`` and ``kind`` of each tensor, in order, JSON-ready. "float32" is
    #: little-endian; "float16" has the low bytes of all numbers, then the high ones; "rows8" and
    #: "rows16" have a float32 scale for each index of the first axis, then the integers to multiply
    #: by it: all low bytes, then (for "rows16") the high ones.
    table: Sequence[Mapping[str, object]]
    data: bytes  #: all bytes, gzipped


def pack_weights(
    tensors: Mapping[str, NDArray[np.float32]], bits: Mapping[str, int]
) -> PackedWeights:
    """Round tensors to a number of bits each: 16 = float16, fewer = integers with a scale per row.

    ``bits``: 4 to 16 for every tensor of at least two axes; ignored for small ones.
    """
    table, parts = [], []
    for name, tensor in tensors.items():
        kind, data = _packed(np.ascontiguousarray(tensor, np.float32), bits.get(name, 32))
        table.append({"name": name, "shape": list(tensor.shape), "kind": kind})
        parts.append(data)
    return PackedWeights(table, gzip.compress(b"".join(parts), 9, mtime=0))


def _packed(tensor: NDArray[np.float32], bits: int) -> tuple[str, bytes]:
    if bits > 16 or tensor.ndim < 2 or tensor.size < _LEAST_NUMBERS:
        return "float32", tensor.astype("<f4").tobytes()
    if bits == 16:
        return "float16", _planes(tensor.astype("<f2").view("<u2"), 2)
    rows = tensor.reshape(len(tensor), -1)
    scale = (np.abs(rows).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)).astype("<f4")
    whole = np.rint(rows / np.where(scale > 0, scale, 1)).astype("<i2").view("<u2")
    count = 1 if bits <= 8 else 2
    return f"rows{8 * count}", scale.tobytes() + _planes(whole, count)


def _planes(words: NDArray[np.uint16], count: int) -> bytes:
    """The low bytes of all words and, if ``count`` is 2, the high ones, which compress well."""
    planes = (words & 255, words >> 8)[:count]
    return b"".join(plane.astype(np.uint8).tobytes() for plane in planes)
