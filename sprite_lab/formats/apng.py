"""Animated PNG: lossless, with alpha, exact to the millisecond (PNG 3rd edition, section 11.3.6).

Put together here, frame by frame as they come, because ``Image.save`` merges equal frames into
one, and then the count is not what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.formats.changes import Changes, Part
from sprite_lab.formats.png_chunks import SIGNATURE, chunk, header, pixels, text

LONGEST_DELAY_MS = 65_535


def encode_apng(
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    *,
    loop: int = 0,
    texts: dict[str, str] | None = None,
) -> Iterator[bytes]:
    """The bytes of an animated PNG, block by block: a head, one for each frame, a tail.

    Parameters
    ----------
    frames : uint8 (H, W, 3|4), of one shape, as many as there are durations.
    durations_ms : how long each is shown, in milliseconds; at most 65535.
    loop : how often it is played, 0 = for ever.
    texts : text chunks.

    Raises
    ------
    FileError
        If there are no frames, more or fewer than durations, or they are not alike.
    """
    changes, number, done = Changes("an animated PNG"), 0, 0
    for frame in frames:
        part = changes.of(frame)
        if done >= len(durations_ms):
            raise FileError(f"There are more frames than the {len(durations_ms)} durations.")
        blocks = []
        if done == 0:
            height, width, channels = frame.shape
            control = len(durations_ms).to_bytes(4, "big") + loop.to_bytes(4, "big")
            blocks = [SIGNATURE, header(width, height, channels), chunk(b"acTL", control)]
            blocks += [text(key, value) for key, value in (texts or {}).items()]
        blocks.append(chunk(b"fcTL", number.to_bytes(4, "big") + _place(part, durations_ms[done])))
        number += 1
        data = pixels(part.pixels)
        if done == 0:
            blocks.append(chunk(b"IDAT", data))
        else:
            blocks.append(chunk(b"fdAT", number.to_bytes(4, "big") + data))
            number += 1
        done += 1
        yield b"".join(blocks)
    if not durations_ms or done != len(durations_ms):
        raise FileError(f"{done} frames cannot have {len(durations_ms)} durations.")
    yield chunk(b"IEND", b"")


def _place(part: Part, milliseconds: int) -> bytes:
    """Where a frame is drawn and for how long it stays; it replaces what was there."""
    height, width = part.pixels.shape[:2]
    place = b"".join(n.to_bytes(4, "big") for n in (width, height, part.left, part.top))
    delay = min(max(milliseconds, 0), LONGEST_DELAY_MS)
    return place + delay.to_bytes(2, "big") + (1000).to_bytes(2, "big") + bytes([0, 0])
