"""MP4 (H.264) and WebM (VP9) by ffmpeg: that of the extra ``[video]``, or the system's own."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import reduce
from math import floor, gcd
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sprite_lab import extras
from sprite_lab.core.errors import FileError
from sprite_lab.core.sprites import composite

SUFFIXES = (".mp4", ".webm")

#: Players take this rate; what does not fit into it is rounded.
FASTEST = 60

#: A longer text does not fit onto every system's command line.
LONGEST_TEXT = 20_000

#: Every frame is close to what was given, without being lossless, which few players take.
_CODECS = {
    ".mp4": ["-c:v", "libx264", "-preset", "medium", "-crf", "12", "-movflags", "+faststart"],
    ".webm": ["-c:v", "libvpx-vp9", "-crf", "14", "-b:v", "0", "-cpu-used", "4", "-row-mt", "1"],
}
_KINDS = {".mp4": "mp4", ".webm": "webm"}
_COLOURS = [
    *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"),
    *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
    *("-color_range", "tv"),
]


def rate_for(durations_ms: Sequence[int], fps: float | None) -> Fraction:
    """Frames a second of a video: ``fps``, or as few as show all durations exactly, at most 60."""
    if fps is not None:
        return Fraction(fps).limit_denominator(1000)
    exact = Fraction(1000, reduce(gcd, durations_ms))
    return exact if exact <= FASTEST else Fraction(50)


def frame_counts(durations_ms: Sequence[int], rate: Fraction) -> list[int]:
    """How often each picture is shown; the sums stay within half a frame of the exact times."""
    counts, end, shown = [], 0, 0
    for duration in durations_ms:
        end += duration
        count = max(1, floor(end * rate / 1000 + Fraction(1, 2)) - shown)
        counts.append(count)
        shown += count
    return counts


class VideoWriter:
    """Writes pictures to a file on the disk by a process of ffmpeg, one at a time.

    Use it as a context: where the block raises, or ends without :meth:`finish`, the process is
    ended too.

    Parameters
    ----------
    file : an open file that has a name.
    suffix : ".mp4" or ".webm".
    size : width and height of the pictures; an odd side grows by one pixel, the one beside it.
    rate : frames a second.
    told : metadata by ffmpeg's names; left out where it is too long for a command line.

    Raises
    ------
    FileError
        If there is no ffmpeg.
    """

    def __init__(
        self,
        file: BinaryIO,
        suffix: str,
        size: tuple[int, int],
        rate: Fraction,
        told: Mapping[str, str] | None = None,
    ) -> None:
        self._size = size[0] + size[0] % 2, size[1] + size[1] % 2
        self._errors: Any = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-r", str(rate)]
        entries = [
            part
            for name, text in (told or {}).items()
            if 0 < len(text) <= LONGEST_TEXT
            for part in ("-metadata", f"{name}={text}")
        ]
        command = [_ffmpeg(), "-v", "error", "-y", *raw, "-s", "{}x{}".format(*self._size)]
        command += [
            "-i",
            "-",
            *_COLOURS,
            *_CODECS[suffix],
            *entries,
            "-f",
            _KINDS[suffix],
            file.name,
        ]
        self._process = _started(command, stdin=subprocess.PIPE, stderr=self._errors)

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        self._errors.close()

    def add(self, picture: NDArray[np.uint8], times: int) -> None:
        """Show uint8 (H, W, 3|4) for so many frames; what is transparent is white.

        Raises
        ------
        FileError
            If ffmpeg has given up.
        """
        image = composite(picture) if picture.shape[2] == 4 else picture
        down, across = self._size[1] - image.shape[0], self._size[0] - image.shape[1]
        if down or across:
            image = np.pad(image, ((0, down), (0, across), (0, 0)), mode="edge")
        data = np.ascontiguousarray(image).tobytes()
        assert self._process.stdin is not None
        try:
            for _ in range(times):
                self._process.stdin.write(data)
        except OSError:
            raise FileError(self._complaint()) from None

    def finish(self) -> None:
        """Wait until all is in the file.

        Raises
        ------
        FileError
            If ffmpeg could not write it.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if self._process.wait() != 0:
            raise FileError(self._complaint())

    def _complaint(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        lacking = next((line for line in lines if "Unknown encoder" in line), "")
        if lacking:  # some systems leave out what is patented
            return (
                f"The ffmpeg of this system cannot write such videos ({lacking[-200:].strip()}); "
                "choose another format, or install an ffmpeg that has it."
            )
        why = f" ({lines[-1][:200]})" if lines else ""
        return f"The video could not be written{why}; choose another format or a smaller scale."


def read_comment(path: Path) -> str:
    """The comment that a video carries, or "".

    Raises
    ------
    FileError
        If there is no ffmpeg.
    """
    command = [_ffmpeg(), "-v", "error", "-protocol_whitelist", "file", "-i", str(path)]
    command += ["-f", "ffmetadata", "-"]
    process = _started(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        told, _ = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ""
    return _comment(told.decode("utf-8", "replace"))


def _comment(metadata: str) -> str:
    r"""The value of "comment" in ffmpeg's metadata format, where \ stands before = ; # \ and
    line ends."""
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
        raise FileError(f"{extras.missing('video')}; or choose GIF, PNG or WebP.")
    return program


def _started(command: list[str], **how: Any) -> subprocess.Popen[bytes]:
    # On Windows no console flashes up.
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    how.setdefault("stdin", subprocess.DEVNULL)
    try:
        return subprocess.Popen(command, creationflags=flags, **how)
    except OSError as error:
        raise FileError(
            f"'{command[0]}' does not start ({error.strerror}); install ffmpeg anew, or choose "
            "GIF, PNG or WebP."
        ) from None
