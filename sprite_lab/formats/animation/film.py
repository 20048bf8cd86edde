"""A clip as the frames of a file: which pictures, in which order, for how long."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.config_text import config_text
from sprite_lab.core.evenly import evenly
from sprite_lab.core.file_names import safe
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.formats.animation import gif, video
from sprite_lab.formats.animation.animation_files import (
    Encoding,
    encode_animation,
    steps_of,
)
from sprite_lab.formats.animation.annotate import Notes
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.credits_file import credits_beside, writing_credits
from sprite_lab.formats.folders import filling
from sprite_lab.words import tr

#: Up to this many pixels in all frames, the size of a file is computed, not estimated.
SMALL = 6_000_000

#: Number of runs of frames used for an estimate, and frames in each.
_RUNS, _RUN = 4, 3


@dataclass(frozen=True)
class Film:
    """The frames of an animation, made one at a time.

    ``len`` is the number of frames, including the way back of a ping-pong.
    """

    clip: Clip
    config: AnimationConfig

    @cached_property
    def pictures(self) -> list[int]:
        """The picture of the clip that each frame shows."""
        picked = evenly(self.clip.count, self.config.max_frames)
        return [picked[i] for i in self.config.order(len(picked))]

    @cached_property
    def durations_ms(self) -> tuple[int, ...]:
        """How long each frame is shown, in milliseconds, before the format rounds it."""
        picked = evenly(self.clip.count, self.config.max_frames)
        own = self.clip.durations_ms
        return self.config.durations_ms(
            len(picked), None if own is None else [own[k] for k in picked]
        )

    @cached_property
    def _notes(self) -> Notes:
        return Notes(self.clip, self.config)

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; a video may be a pixel larger."""
        return self._notes.size

    def frame(self, i: int) -> NDArray[np.uint8]:
        """Frame ``i``: uint8 (H, W, 3|4)."""
        return self._notes.frame(self.pictures[i])

    def shown_ms(self) -> list[int]:
        """How long each frame is shown in the file, in milliseconds, after rounding."""
        if self.config.format == "gif":
            return [10 * delay for delay in gif.durations(self.durations_ms)]
        if self.config.suffix in video.SUFFIXES:
            rate = video.rate_for(self.durations_ms, self._fps)
            counts = video.frame_counts(self.durations_ms, rate)
            return [round(1000 * count / rate) for count in counts]
        return list(self.durations_ms)

    def write(self, path: Path) -> Run[Path]:
        """Write the file atomically; returns its path."""
        frames = (self.frame(i) for i in range(len(self)))
        total = steps_of(len(self), self.config.suffix)
        with atomic_write(path) as file:
            for done in encode_animation(file, frames, self._encoding(self.durations_ms)):
                yield Progress(done, total, tr("Writing {name}", name=path.name))
        return path

    def estimate(self) -> Run[tuple[int, bool]]:
        """Compute the size of the file in bytes, and whether it is exact.

        Short animations are encoded completely; of long ones, several runs of consecutive frames,
        because the size of a frame depends on the previous one.
        """
        width, height = self.size
        if len(self) <= _RUNS * _RUN or len(self) * width * height <= SMALL:
            size = yield from self._encoded(range(len(self)))
            return size, True
        first = yield from self._encoded([0])
        starts = np.linspace(0, len(self) - _RUN, _RUNS).astype(int)
        more = 0
        for start in starts:
            one = yield from self._encoded([int(start)])
            run = yield from self._encoded(range(int(start), int(start) + _RUN))
            more += max(0, run - one)
        each = more / (_RUNS * (_RUN - 1))
        return round(first + each * (len(self) - 1)), False

    def _encoded(self, which: Sequence[int]) -> Run[int]:
        """Encode some of the frames; returns the number of bytes."""
        frames = (self.frame(i) for i in which)
        encoding = self._encoding([self.durations_ms[i] for i in which])
        with tempfile.TemporaryDirectory(prefix="sprite-lab-") as folder:
            path = Path(folder, f"part{self.config.suffix}")
            with path.open("w+b") as file:
                for _ in encode_animation(file, frames, encoding):
                    yield None
            return path.stat().st_size

    @property
    def _fps(self) -> float | None:
        return self.config.fps if self.clip.durations_ms is None else None

    def _encoding(self, durations_ms: Sequence[int]) -> Encoding:
        config = self.clip.config
        return Encoding(
            self.config.suffix,
            durations_ms,
            loop=self.config.loop,
            fps=self._fps,
            comment="" if config is None else config_text(config),
            attribution=self.clip.attribution,
            colors=self.config.colors,
            shared=self.config.palette == "shared",
        )


def write_clip(path: Path, clip: Clip, config: AnimationConfig) -> Run[list[Path]]:
    """Write a clip as the file ``path``, or its parts, if any, as files in the folder ``path``.

    Returns all files, including that of credits, if any. Files of the same names are replaced. If
    canceled, new files are removed again. Raises FileError if the files cannot be written.
    """
    files = files_of(path, clip, config)
    parts = [replace(part, attribution=clip.attribution) for _, part in clip.parts]
    with ExitStack() as all_of_it:
        ours = all_of_it.enter_context(filling(path)) if parts else []
        if owes_credits(clip):
            all_of_it.enter_context(writing_credits(_named(path, clip), clip.attribution))
        for file, one in zip(files, parts or [clip], strict=False):
            if not file.exists():
                ours.append(file)
            yield from Film(one, config).write(file)
    return files


def files_of(path: Path, clip: Clip, config: AnimationConfig) -> list[Path]:
    """The files that :func:`write_clip` would write: ``path`` or, if the clip has parts, files in
    the folder ``path``; and a credits file if :func:`owes_credits`.
    """
    names = [f"{safe(f'{clip.title}-{name}')}{config.suffix}" for name, _ in clip.parts]
    files = [path / name for name in names] or [path]
    return [*files, credits_beside(_named(path, clip))] if owes_credits(clip) else files


def _named(path: Path, clip: Clip) -> Path:
    """The path that the credits file's name is derived from."""
    return path / safe(clip.title) if clip.parts else path


def owes_credits(clip: Clip) -> bool:
    """Whether a credits file is written beside the clip: only for drawings with credits.

    Drawings, which are clips with their own frame durations, end up in games, which do not show the
    metadata of files.
    """
    one = clip.parts[0][1] if clip.parts else clip
    return one.durations_ms is not None and bool(clip.attribution)
