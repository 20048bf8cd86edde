"""Bytes as text for a page: five characters for four bytes; base64 needs more than five."""

from __future__ import annotations

import numpy as np

#: Printable characters except those with a meaning in HTML, JSON or JavaScript.
ALPHABET = "".join(c for c in map(chr, range(33, 127)) if c not in "\"$&'/<>\\`")

_POWERS = 85 ** np.arange(4, -1, -1)


def to_text(data: bytes) -> str:
    """Encode bytes in the format of ``resources/web/weights.mjs``. As in Ascii85, the last group
    may be shorter.
    """
    missing = -len(data) % 4
    words = np.frombuffer(data + bytes(missing), ">u4").astype(np.int64)
    digits = words[:, None] // _POWERS % 85
    letters = np.frombuffer(ALPHABET.encode(), np.uint8)[digits].tobytes().decode("ascii")
    return letters[: len(letters) - missing]


def to_bytes(text: str) -> bytes:
    """The inverse of :func:`to_text`."""
    missing = -len(text) % 5
    letters = np.frombuffer((text + ALPHABET[-1] * missing).encode("ascii"), np.uint8)
    digits = np.searchsorted(np.frombuffer(ALPHABET.encode(), np.uint8), letters)
    words = (digits.reshape(-1, 5) * _POWERS).sum(axis=1)
    return words.astype(">u4").tobytes()[: 4 * len(words) - missing]
