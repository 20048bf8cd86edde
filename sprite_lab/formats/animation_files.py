"""Any animation format by its suffix, written or measured with progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config_text import KEY
from sprite_lab.core.credits import ATTRIBUTION_KEY
from sprite_lab.core.errors import FileError
from sprite_lab.formats import video
from sprite_lab.formats.apng import encode_apng
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.gif import encode_gif
from sprite_lab.formats.webp import WebpWriter

#: Suffixes of animations; a .png is an animated one.
SUFFIXES = (".gif", ".png", ".apng", ".webp", *video.SUFFIXES)


@dataclass(frozen=True)
class Encoding:
    """What a format is to do, beside the frames themselves.

    Parameters
    ----------
    suffix : of :data:`SUFFIXES`.
    loop : how often it is played, 0 = for ever. A video is played once.
    fps : pictures a second where they are even; None = their durations decide. For videos.
    comment : the settings that made it, in one line, which the file carries; "" = none.
    attribution : whom to thank, which it carries too; "" = nobody.
    colors, shared : the most colours of a frame, and whether all have one palette; for GIF alone.
    """

    suffix: str
    loop: int = 0
    fps: float | None = None
    comment: str = ""
    attribution: str = ""
    colors: int = 256
    shared: bool = False


def write_animation(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    """Write a file, of which nothing is left unless it is whole; gives how many steps are done.

    Closing the iterator calls it off. See :func:`encode_animation`.
    """
    with atomic_write(path) as file:
        yield from encode_animation(file, frames, durations_ms, encoding)


def steps_of(count: int, suffix: str) -> int:
    """How many steps writing ``count`` frames has: a GIF looks at all of them first."""
    return 2 * count if suffix == ".gif" else count


def encode_animation(
    file: BinaryIO,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    """Write to an open file on the disk; gives how many steps of :func:`steps_of` are done.

    Parameters
    ----------
    frames : uint8 (H, W, 3|4), of one shape, as many as there are durations.
    durations_ms : how long each is shown, in milliseconds. A GIF rounds to hundredths of a
        second, without letting the errors add up; a video to whole frames.

    Raises
    ------
    FileError
        If there are no frames, if they are too large, or the format cannot be written here.
    """
    if not durations_ms:
        raise FileError("There are no frames to make an animation of; record or choose some first.")
    writers = {".gif": _gif, ".png": _apng, ".apng": _apng, ".webp": _webp}
    write = writers.get(encoding.suffix, _video)
    if write is _video and encoding.suffix not in video.SUFFIXES:
        raise FileError(
            f"'{encoding.suffix}' is no animation that can be written; choose one of "
            f"{', '.join(SUFFIXES)}."
        )
    return write(file, frames, durations_ms, encoding)


def _gif(
    file: BinaryIO,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    gathered = []
    for frame in frames:
        gathered.append(frame)
        yield len(gathered)
    # A GIF says how often it is repeated, and nothing where it is played once.
    loop = None if encoding.loop == 1 else max(0, encoding.loop - 1)
    blocks = encode_gif(
        gathered,
        durations_ms=durations_ms,
        loop=loop,
        comment="\n".join(filter(None, (encoding.comment, encoding.attribution))),
        colors=encoding.colors,
        shared=encoding.shared,
    )
    for done, block in enumerate(blocks, 1):
        file.write(block)
        yield min(len(gathered) + done, 2 * len(gathered))


def _apng(
    file: BinaryIO,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    known = {KEY: encoding.comment, ATTRIBUTION_KEY: encoding.attribution}
    texts = {key: value for key, value in known.items() if value}
    blocks = encode_apng(frames, durations_ms, loop=encoding.loop, texts=texts)
    for done, block in enumerate(blocks, 1):
        file.write(block)
        yield min(done, len(durations_ms))


def _webp(
    file: BinaryIO,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    writer = WebpWriter(
        file, loop=encoding.loop, comment=encoding.comment, rights=encoding.attribution
    )
    for done, (frame, duration) in enumerate(zip(frames, durations_ms, strict=True), 1):
        writer.add(frame, duration)
        yield done
    writer.finish()


def _video(
    file: BinaryIO,
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    encoding: Encoding,
) -> Iterator[int]:
    rate = video.rate_for(durations_ms, encoding.fps)
    pictures = iter(frames)
    first = next(pictures, None)
    if first is None:
        raise FileError("There are no frames to make an animation of; record or choose some first.")
    size = first.shape[1], first.shape[0]
    counts = video.frame_counts(durations_ms, rate)
    told = {"comment": encoding.comment, "copyright": encoding.attribution}
    with video.VideoWriter(file, encoding.suffix, size, rate, told) as writer:
        writer.add(first, counts[0])
        yield 1
        for done, (picture, times) in enumerate(zip(pictures, counts[1:], strict=True), 2):
            writer.add(picture, times)
            yield done
        writer.finish()
