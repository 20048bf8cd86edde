"""Encodes animations in the format of a suffix, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import Disposal, PngInfo

from sprite_lab.core.config_text import KEY
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.credits import ATTRIBUTION_KEY
from sprite_lab.formats.animation import video, webp
from sprite_lab.formats.animation.gif import encode_gif

#: uint8 (H, W, 3|4), all of one shape, one for each duration of the encoding.
Frames = Iterable[NDArray[np.uint8]]


@dataclass(frozen=True)
class Encoding:
    """How the frames of an animation are encoded."""

    suffix: str  #: one of :data:`ANIMATION_SUFFIXES`
    #: how long each frame is shown, in milliseconds. A GIF rounds to hundredths of a second, a
    #: video to whole frames; rounding errors do not accumulate.
    durations_ms: Sequence[int]
    loop: int = 0  #: how many times it is played, 0 = endlessly; not for videos
    #: frames per second if evenly spaced; None = derived from the durations. Videos only.
    fps: float | None = None
    comment: str = ""  #: the settings that made it, in one line, embedded in the file; "" = none
    attribution: str = ""  #: credits embedded in the file; "" = none
    #: maximum number of colors in a frame, and whether all frames share a palette; GIF only
    colors: int = 256
    shared: bool = False


def steps_of(count: int, suffix: str) -> int:
    """Number of steps to write ``count`` frames: for a GIF, all of them are examined first."""
    return 2 * count if suffix == ".gif" else count + 1


def encode_animation(file: BinaryIO, frames: Frames, encoding: Encoding) -> Iterator[int]:
    """Write to an open file on disk; yields how many of the :func:`steps_of` steps are done.

    Raises FileError if the frames are too large, or the format cannot be written here.
    """
    writers = {".gif": _gif, ".png": _apng, ".apng": _apng, ".webp": _webp}
    return writers.get(encoding.suffix, _video)(file, frames, encoding)


def _gif(file: BinaryIO, frames: Frames, encoding: Encoding) -> Iterator[int]:
    gathered = []
    for frame in frames:
        gathered.append(frame)
        yield len(gathered)
    # A GIF states its repetitions, or nothing if it is played once.
    loop = None if encoding.loop == 1 else max(0, encoding.loop - 1)
    blocks = encode_gif(
        gathered,
        encoding.durations_ms,
        loop=loop,
        comment="\n".join(filter(None, (encoding.comment, encoding.attribution))),
        colors=encoding.colors,
        shared=encoding.shared,
    )
    for done, block in enumerate(blocks, 1):
        file.write(block)
        yield min(len(gathered) + done, 2 * len(gathered))


def _apng(file: BinaryIO, frames: Frames, encoding: Encoding) -> Iterator[int]:
    texts = PngInfo()
    for key, text in ((KEY, encoding.comment), (ATTRIBUTION_KEY, encoding.attribution)):
        if text:
            texts.add_text(key, text)
    disposal: list[int] = []

    def disposed() -> Iterator[NDArray[np.uint8]]:
        for frame, is_equal in _compared(frames):
            # Pillow merges equal frames with the same disposal. For an equal frame, restoring what
            # was there before changes nothing.
            goes_back = is_equal and disposal[-1] == Disposal.OP_NONE
            disposal.append(Disposal.OP_PREVIOUS if goes_back else Disposal.OP_NONE)
            yield frame

    return _by_pillow(file, disposed(), encoding, pnginfo=texts, disposal=disposal)


def _webp(file: BinaryIO, frames: Frames, encoding: Encoding) -> Iterator[int]:
    runs: list[list[int]] = []

    def checked() -> Iterator[NDArray[np.uint8]]:
        compared = zip(_compared(frames), encoding.durations_ms, strict=True)
        for (frame, is_equal), milliseconds in compared:
            if max(frame.shape) > webp.LONGEST_SIDE:
                raise FileError(
                    "A WebP cannot be {width}×{height} pixels: at most "
                    "{longest_side} a side; choose a smaller scale.",
                    width=frame.shape[1],
                    height=frame.shape[0],
                    longest_side=webp.LONGEST_SIDE,
                )
            if not is_equal:
                runs.append([])
            runs[-1].append(milliseconds)
            yield frame

    options: dict[str, Any] = {"lossless": True, "exact": True, "minimize_size": True}
    # For enlarged pixel art, more effort saves no space, and takes up to a hundred times as long.
    options |= {"quality": 50, "method": 1}
    if encoding.comment or encoding.attribution:
        options["xmp"] = webp.xmp(encoding.comment, encoding.attribution)
    whole = BytesIO()
    yield from _by_pillow(whole, checked(), encoding, **options)
    file.write(webp.with_equal_frames(whole.getvalue(), runs))


def _compared(frames: Frames) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Each frame, and whether it equals the previous one."""
    before: NDArray[np.uint8] | None = None
    for frame in frames:
        yield frame, before is not None and np.array_equal(before, frame)
        before = frame


def _by_pillow(
    file: BinaryIO,
    frames: Frames,
    encoding: Encoding,
    **how: Any,  # options of Pillow's writer
) -> Iterator[int]:
    """Write with imageio's Pillow plugin, which holds all frames in memory and encodes them last.

    Peak memory is about 1.5 times the RGB pixels of all frames for WebP, and 3 times for PNG.
    """
    from imageio.v3 import imopen  # noqa: PLC0415 (the window is there sooner without)

    durations = list(encoding.durations_ms)
    how |= {"duration": durations, "loop": encoding.loop}
    out = imopen(file, "w", plugin="pillow", extension=encoding.suffix)
    try:
        for done, (frame, _) in enumerate(zip(frames, durations, strict=True), 1):
            out.write(frame, **how)
            yield done
        out.close()
    except BaseException:
        out.images_to_write.clear()  # or they would be encoded when ``out`` is garbage-collected
        raise
    yield len(durations) + 1


def _video(file: BinaryIO, frames: Frames, encoding: Encoding) -> Iterator[int]:
    rate = video.rate_for(encoding.durations_ms, encoding.fps)
    pictures = zip(frames, video.frame_counts(encoding.durations_ms, rate), strict=True)
    texts = {"comment": encoding.comment, "copyright": encoding.attribution}
    return video.write_video(Path(file.name), encoding.suffix, pictures, rate, texts)
