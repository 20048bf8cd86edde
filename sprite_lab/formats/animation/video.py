"""MP4 (H.264) and WebM (VP9) with imageio's plugin for whichever ffmpeg is available."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from fractions import Fraction
from functools import reduce
from math import floor, gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab import extras
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.sprites import composite
from sprite_lab.words import tr

SUFFIXES = (".mp4", ".webm")

#: Maximum frame rate derived from durations: players support it.
FASTEST = 60

#: If less than this is free, in bytes, a failure of ffmpeg is blamed on disk space, since ffmpeg
#: does not say why it failed.
NO_ROOM = 1_000_000

#: Maximum length of a text: a longer one does not fit on every system's command line.
LONGEST_TEXT = 20_000

_CODECS = {".mp4": "libx264", ".webm": "libvpx-vp9"}
#: Settings at which every frame stays close to the original; few players support lossless video.
_QUALITY = {
    ".mp4": ["-preset", "medium", "-crf", "12", "-movflags", "+faststart"],
    ".webm": ["-crf", "14", "-b:v", "0", "-cpu-used", "4", "-row-mt", "1"],
}
_COLORS = [
    *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-color_range", "tv"),
]
_INPUT = ["-protocol_whitelist", "file", "-i"]


def rate_for(durations_ms: Sequence[int], fps: float | None) -> Fraction:
    """Frame rate: ``fps``; if None, the lowest that shows all durations exactly, or 50 if that is
    above FASTEST.
    """
    if fps is not None:
        return Fraction(fps).limit_denominator(1000)
    exact = Fraction(1000, reduce(gcd, durations_ms))
    return exact if exact <= FASTEST else Fraction(50)


def frame_counts(durations_ms: Sequence[int], rate: Fraction) -> list[int]:
    """Number of frames for each picture, at least 1.

    Running totals stay within half a frame of the exact times, unless this minimum prevents it.
    """
    counts, end, shown = [], 0, 0
    for duration in durations_ms:
        end += duration
        count = max(1, floor(end * rate / 1000 + Fraction(1, 2)) - shown)
        counts.append(count)
        shown += count
    return counts


def write_video(
    path: Path,
    suffix: str,
    pictures: Iterable[tuple[NDArray[np.uint8], int]],
    rate: Fraction,
    texts: Mapping[str, str],
) -> Iterator[int]:
    """Write a video; yields the number of pictures done, and once more when it is complete.

    Raises FileError if there is no ffmpeg, or it could not write the video.

    Parameters
    ----------
    path : the file, with any name.
    suffix : ".mp4" or ".webm".
    pictures : uint8 (H, W, 3|4), of one shape, each with the number of frames that show it.
        Transparent pixels become white; an odd side grows by one pixel, a copy of the last one.
    rate : frames per second.
    texts : metadata by ffmpeg's names; a text too long for a command line is left out.
    """
    from imageio.v3 import imopen  # noqa: PLC0415 (the window is there sooner without)

    program = _ffmpeg()
    codec = _CODECS[suffix]
    metadata = [
        part
        for name, text in texts.items()
        if 0 < len(text) <= LONGEST_TEXT
        for part in ("-metadata", f"{name}={text}")
    ]
    done = frames = 0
    # write() of imageio's newer interface would take all pictures at once.
    try:
        opened = imopen(str(path), "w", plugin="FFMPEG", extension=suffix, legacy_mode=True)
    except ImportError:
        raise FileError(
            "{missing}; or choose GIF, PNG or WebP.", missing=extras.missing("video")
        ) from None
    writer = opened.legacy_get_writer(
        fps=float(rate),
        input_params=["-r", str(rate)],
        codec=codec,
        output_params=[*_QUALITY[suffix], *_COLORS, *metadata, "-f", suffix[1:]],
        quality=None,
        macro_block_size=1,
        ffmpeg_log_level="quiet",
    )
    with closing(writer):  # as a context manager, it would stay open after an error
        for done, (picture, times) in enumerate(pictures, 1):
            image = _even(composite(picture) if picture.shape[2] == 4 else picture)
            try:
                with _environment(program):
                    for _ in range(times):
                        writer.append_data(image)
            except OSError as error:
                if error.errno:
                    raise _does_not_start(program, error) from None
                raise FileError(_complaint(program, codec, path)) from None
            frames += times
            yield done
    # imageio ignores the exit code of ffmpeg.
    packets = _output_of(program, *_INPUT, str(path), "-c", "copy", "-f", "framecrc", "-")
    if sum(not line.startswith("#") for line in packets.splitlines()) != frames:
        raise FileError(_complaint(program, codec, path))
    yield done + 1


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


@contextmanager
def _environment(program: str) -> Iterator[None]:
    """Tell imageio which ffmpeg to use. Left alone, it forks to find one, which is unsafe with
    threads.
    """
    own = {"IMAGEIO_FFMPEG_EXE": program, "IMAGEIO_FFMPEG_NO_PREVENT_SIGINT": "1"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _complaint(program: str, codec: str, path: Path) -> str:
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < NO_ROOM:
            return tr("The disk is full, so the video could not be written; free some space.")
    if codec not in _output_of(program, "-encoders"):  # some systems omit patented codecs
        return tr(
            "The ffmpeg of this system cannot write such videos (Unknown encoder '{codec}'); "
            "choose another format, or install an ffmpeg that has it.",
            codec=codec,
        )
    return tr("The video could not be written; choose another format or a smaller scale.")


def read_comment(path: Path) -> str:
    """The comment in a video, or ""; raises FileError if there is no ffmpeg."""
    return _comment(_output_of(_ffmpeg(), *_INPUT, str(path), "-f", "ffmetadata", "-"))


def _comment(metadata: str) -> str:
    r"""The value of "comment" in ffmpeg's metadata format, which escapes = ; # \ and newlines."""
    text = iter(metadata)
    entries: dict[str, str] = {}
    key: str | None = None
    field = ""
    for character in text:
        if character == "\\":
            field += next(text, "")
        elif character == "=" and key is None:
            key, field = field, ""
        elif character == "\n":
            if key is not None:
                entries.setdefault(key.lower(), field)
            field, key = "", None
        else:
            field += character
    return entries.get("comment", "")


def _ffmpeg() -> str:
    program = extras.find_ffmpeg()
    if program is None:
        raise FileError("{missing}; or choose GIF, PNG or WebP.", missing=extras.missing("video"))
    return program


def _output_of(program: str, *arguments: str) -> str:
    """The output of ffmpeg, "" if it fails or takes long."""
    try:
        ended = subprocess.run(
            [program, "-v", "error", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # or a console would flash up
            timeout=60,
        )
    except subprocess.TimeoutExpired:
        return ""
    except OSError as error:
        raise _does_not_start(program, error) from None
    return "" if ended.returncode else ended.stdout.decode("utf-8", "replace")


def _does_not_start(program: str, error: OSError) -> FileError:
    return FileError(
        "'{program}' does not start ({strerror}); reinstall ffmpeg, or choose GIF, PNG or WebP.",
        program=program,
        strerror=error.strerror,
    )
