"""GIF animations: exact frame counts and delays, sharp colors, small files.

Pillow writes the blocks and compresses the pixels, but the file is assembled here, because
``Image.save`` merges equal frames, which changes the frame count.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.GifImagePlugin import getdata

from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.formats.images.quantize import Palette, exact_palette, quantize, shared_palette
from sprite_lab.formats.images.sheet import enlarge

#: Browsers play shorter delays at a tenth of the speed.
SHORTEST_DELAY = 2
LONGEST_DELAY = 65_535
LONGEST_SIDE = 65_535

#: A pixel is not redrawn as long as its error (of 255) exceeds that of a fresh palette by no more
#: than this, or by no more than the palette's mean error in the frame. Errors do not add up, since
#: they are measured against the frame itself. This halves the size of a file.
SLACK = 3.0

_KEEP, _CLEAR = 1, 2  # what happens to a frame before the next one is drawn


def durations(milliseconds: Sequence[int]) -> list[int]:
    """The delays of frames with these durations, in hundredths of a second.

    Running totals stay within half a hundredth of the exact times, unless SHORTEST_DELAY prevents
    it.
    """
    edges = [math.floor(end / 10 + 0.5) for end in accumulate(milliseconds, initial=0)]
    return [min(max(b - a, SHORTEST_DELAY), LONGEST_DELAY) for a, b in pairwise(edges)]


def encode_gif(
    frames: Iterable[NDArray[np.uint8]],
    durations_ms: Sequence[int],
    *,
    loop: int | None = 0,
    comment: str = "",
    colors: int = 256,
    shared: bool = False,
) -> Iterator[bytes]:
    """A GIF with exactly the given frames, in pieces: the head, each frame, the tail.

    If all frames together have few enough colors, every pixel is exact. Otherwise each frame gets
    its own palette, unless ``shared``. There is no dithering. Unchanged pixels are not stored
    again.

    Raises FileError if there are no frames, or a GIF cannot hold them.

    Parameters
    ----------
    frames : uint8 (H, W, 3) or (H, W, 4), of one shape. Alpha of 128 or more counts as opaque, less
        as transparent: a GIF has nothing in between.
    durations_ms : how long each frame is shown, in milliseconds; see :func:`durations`.
    loop : number of repeats, 0 = forever; None = play once.
    comment : text stored in the file, for instance the settings that made it.
    colors : maximum number of colors in a frame, 4 to 256; fewer make a smaller file.
    shared : whether all frames share one palette: colors do not change between frames, but fewer
        pixels are exact.
    """
    if not 4 <= colors <= 256:
        raise ConfigError("A GIF frame has from 4 to 256 colors, not {colors}.", colors=colors)
    shrunk = _Frames.of(frames)
    delays = durations(durations_ms)
    if len(delays) != len(shrunk):
        raise ConfigError(
            "{count} frames cannot have {length} durations.", count=len(shrunk), length=len(delays)
        )
    # One entry is reserved for "unchanged" or transparent pixels.
    exact = exact_palette(shrunk.opaque_pixels(), colors - 1)
    given = exact
    if exact is None and shared:
        given = shared_palette(shrunk.opaque_pixels(), colors - 1)
    clears = shrunk.ever_clears()
    disposal = _CLEAR if clears else _KEEP

    shown: NDArray[np.uint8] | None = None
    for i, delay in enumerate(delays):
        frame = shrunk.frame(i)
        last = i == len(shrunk) - 1
        slack = 0.0 if exact or last else SLACK
        part = _draw(frame, None if clears else shown, given, colors, slack)
        if i == 0:
            yield _head(shrunk.size, part.palette, loop, comment)
        # The palette in the head is that of the first frame or, if ``given``, of all frames.
        own_palette = given is None and i > 0
        yield b"".join(
            getdata(
                part.image(shrunk.scale),
                (part.left * shrunk.scale, part.top * shrunk.scale),
                duration=delay * 10,
                disposal=disposal,
                include_color_table=own_palette,
                **({"transparency": part.hole} if clears or part.has_hole else {}),
            )
        )
        shown = part.shown
    yield b";"


@dataclass(frozen=True, eq=False)
class _Frames:
    """All frames at the smallest lossless size, and the scale to restore them.

    Enlarged frames are shrunk to their own pixels, so that comparing and matching colors takes up
    to a hundred times less work and memory.

    ``frames`` are uint8 RGBA; frame i of the GIF is ``frames[i]``, enlarged ``scales[i] * scale``
    times.
    """

    frames: list[NDArray[np.uint8]]
    scales: list[int]
    scale: int
    size: tuple[int, int]

    @staticmethod
    def of(frames: Iterable[NDArray[np.uint8]]) -> _Frames:
        small: list[NDArray[np.uint8]] = []
        scales: list[int] = []
        shape: tuple[int, ...] | None = None
        for frame in frames:
            shape = shape or frame.shape
            if frame.shape != shape or frame.ndim != 3 or frame.shape[2] not in (3, 4):
                raise FileError(
                    "The frames of a GIF must have one shape, but {shape} follows {before}.",
                    shape=frame.shape,
                    before=shape,
                )
            factor = _own_scale(frame)
            small.append(_with_binary_alpha(frame[::factor, ::factor]))
            scales.append(factor)
        if shape is None:
            raise FileError("There are no frames to make a GIF of; record or choose some first.")
        height, width = shape[:2]
        if max(width, height) > LONGEST_SIDE:
            raise FileError(
                "A GIF cannot be {width}×{height} pixels; choose a smaller scale.",
                width=width,
                height=height,
            )
        common = math.gcd(*scales)
        return _Frames(small, [s // common for s in scales], common, (width, height))

    def __len__(self) -> int:
        return len(self.frames)

    def frame(self, i: int) -> NDArray[np.uint8]:
        """Frame ``i``, uint8 (h, w, 4), where ``scale`` times (h, w) is the size of the GIF."""
        return enlarge(self.frames[i], self.scales[i])

    def opaque_pixels(self) -> Iterator[NDArray[np.uint8]]:
        """The RGB of each frame's opaque pixels, uint8 (n, 3)."""
        for frame in self.frames:
            yield frame[..., :3][frame[..., 3] > 0]

    def ever_clears(self) -> bool:
        """Whether a pixel ever becomes transparent, which requires clearing the whole frame."""
        previous: NDArray[np.bool_] | None = None
        for i in range(len(self)):
            if len(self) > 1 and self.frames[i][..., 3].all():
                opaque = np.ones((1, 1), np.bool_)
            else:
                opaque = self.frame(i)[..., 3] > 0
            if previous is not None and (previous & ~opaque).any():
                return True
            previous = opaque
        return False


@dataclass(frozen=True, eq=False)
class _Part:
    """The stored rectangle of a frame, and what is displayed after it.

    ``hole`` is the index that leaves a pixel unchanged, or transparent.
    """

    indices: NDArray[np.uint8]
    palette: Palette
    hole: int
    left: int
    top: int
    shown: NDArray[np.uint8]

    @property
    def has_hole(self) -> bool:
        return bool((self.indices == self.hole).any())

    def image(self, scale: int) -> Image.Image:
        image = Image.fromarray(enlarge(self.indices, scale))
        image.putpalette(self.palette.padded(), "RGB")
        return image


def _draw(
    frame: NDArray[np.uint8],
    shown: NDArray[np.uint8] | None,
    given: Palette | None,
    colors: int,
    slack: float,
) -> _Part:
    """Choose colors and the pixels to store for ``frame``, uint8 (h, w, 4).

    ``shown``: what is displayed before it, and drawn over; None = nothing: store all opaque pixels.
    """
    opaque = frame[..., 3] > 0
    if shown is None:
        wanted = opaque
        error = None
    else:
        difference = np.abs(frame.astype(np.int16) - shown).max(axis=2)
        wanted = difference > 0
        error = difference[wanted]
    pixels = frame[..., :3][wanted]
    palette, index = quantize(pixels, given, colors - 1)
    drawn = palette.rgb[index]
    if error is not None:
        # Leave pixels that the new palette does not improve.
        missed = np.abs(pixels.astype(np.int16) - drawn).max(axis=1)
        was_shown = shown[..., 3][wanted] > 0  # type: ignore[index]
        if slack and len(missed):
            slack = max(slack, float(missed.mean()))
        stays = was_shown & (error <= missed + slack)
    else:
        stays = np.zeros(len(pixels), np.bool_)

    hole = len(palette.rgb)
    indices = np.full(frame.shape[:2], hole, np.uint8)
    indices[wanted] = np.where(stays, hole, index)
    after = np.zeros_like(frame) if shown is None else shown.copy()
    changed = indices != hole
    after[changed, :3] = palette.rgb[indices[changed]]
    after[changed, 3] = 255

    top, bottom, left, right = 0, frame.shape[0], 0, frame.shape[1]
    if shown is not None:
        rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
        # Nothing changed: store one empty pixel, so that the frame and its duration are kept.
        top, bottom = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, 1)
        left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)
    indices = indices[top:bottom, left:right]
    if given is None:
        palette, indices = _only_used(palette, indices)
    return _Part(indices, palette, len(palette.rgb), left, top, after)


def _only_used(palette: Palette, indices: NDArray[np.uint8]) -> tuple[Palette, NDArray[np.uint8]]:
    """Drop unused colors; the index after the last one still stands for the hole."""
    hole = len(palette.rgb)
    used = np.unique(indices[indices != hole])
    number = np.full(hole + 1, len(used), np.uint8)
    number[used] = np.arange(len(used))
    return Palette(palette.rgb[used]), number[indices]


def _own_scale(frame: NDArray[np.uint8]) -> int:
    """The largest integer by which ``frame`` is a nearest-neighbor enlargement."""
    height, width = frame.shape[:2]
    rows = np.flatnonzero((frame[1:] != frame[:-1]).any(axis=(1, 2))) + 1
    columns = np.flatnonzero((frame[:, 1:] != frame[:, :-1]).any(axis=(0, 2))) + 1
    return math.gcd(height, width, *rows.tolist(), *columns.tolist())


def _with_binary_alpha(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy, uint8 (h, w, 4), in which transparent pixels are all zero."""
    rgba = np.empty((*frame.shape[:2], 4), np.uint8)
    rgba[..., :3] = frame[..., :3]
    rgba[..., 3] = 255
    if frame.shape[2] == 4:
        rgba[frame[..., 3] < 128] = 0
    return rgba


def _head(size: tuple[int, int], palette: Palette, loop: int | None, comment: str) -> bytes:
    """Signature, screen, the file's palette, repeats and comment (GIF89a, sections 17-26)."""
    table = palette.padded()
    bits = (len(table) // 3).bit_length() - 1
    blocks = [
        b"GIF89a",
        size[0].to_bytes(2, "little"),
        size[1].to_bytes(2, "little"),
        bytes([0x80 | 0x70 | (bits - 1), 0, 0]),
        table,
    ]
    if loop is not None:
        if not 0 <= loop <= 65_535:
            raise ConfigError(
                "A GIF cannot repeat {loop} times; choose from 0 to 65535.", loop=loop
            )
        blocks += [b"!\xff\x0bNETSCAPE2.0\x03\x01", loop.to_bytes(2, "little"), b"\0"]
    if comment:
        text = comment.encode("utf-8")
        blocks.append(b"!\xfe")
        for start in range(0, len(text), 255):
            part = text[start : start + 255]
            blocks += [bytes([len(part)]), part]
        blocks.append(b"\0")
    return b"".join(blocks)
