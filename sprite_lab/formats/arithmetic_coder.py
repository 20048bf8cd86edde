"""A binary range coder (Martin 1979): encodes decisions, with more bits for improbable ones.

It is LZMA's, carries included, except that the caller gives the probability of each decision. It
uses plain integers, so that results are the same on every machine.
"""

from __future__ import annotations

#: Probabilities are rounded to this many bits, and are never 0 or 1.
_BITS = 16
_WHOLE = 1 << _BITS
_LEAST_RANGE = 1 << 24
_WORD = (1 << 32) - 1


def _part(width: int, share: float) -> int:
    """The part of the range ``width`` that stands for True."""
    return (width >> _BITS) * min(max(round(share * _WHOLE), 1), _WHOLE - 1)


class Encoder:
    """Encodes decisions."""

    def __init__(self) -> None:
        self._low, self._range = 0, _WORD
        self._written = bytearray()
        self._held, self._waiting = 0, 0  # byte a carry may change, count of 255s after it

    def bit(self, share: float, case: bool | None) -> bool:
        """Encode ``case``, which is True with probability ``share``."""
        part = _part(self._range, share)
        if case:
            self._range = part
        else:
            self._low += part
            self._range -= part
        while self._range < _LEAST_RANGE:
            self._range = self._range << 8 & _WORD
            self._shift()
        return bool(case)

    def finish(self) -> bytes:
        """Complete the code, and return it."""
        for _ in range(5):
            self._shift()
        return bytes(self._written[1:]).rstrip(b"\0")  # a reader goes on with zeros

    def _shift(self) -> None:
        if self._low < 0xFF << 24 or self._low > _WORD:
            carry = self._low >> 32
            self._written.append(self._held + carry & 255)
            self._written.extend(bytes([255 + carry & 255]) * self._waiting)
            self._held, self._waiting = self._low >> 24 & 255, 0
        else:
            self._waiting += 1
        self._low = self._low << 8 & _WORD


class Decoder:
    """Decodes decisions, given the same probabilities in the same order."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)
        self._range, self._code = _WORD, 0
        for _ in range(4):
            self._code = self._code << 8 | next(self._data, 0)

    def bit(self, share: float, case: bool | None = None) -> bool:
        """Decode a decision; ``case`` is ignored, so that the same code can write and read."""
        part = _part(self._range, share)
        found = self._code < part
        if found:
            self._range = part
        else:
            self._code -= part
            self._range -= part
        while self._range < _LEAST_RANGE:
            self._range = self._range << 8 & _WORD
            self._code = (self._code << 8 | next(self._data, 0)) & _WORD
        return found
