"""Animation export: format, layout and timing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal, get_args

from sprite_lab.core.config.base import Choice, Config, setting

AnimationFormat = Literal["gif", "png", "webp", "mp4", "webm"]

#: Suffixes of animation files (.png may be an animated PNG), which may carry settings.
ANIMATION_SUFFIXES = (*(f".{name}" for name in get_args(AnimationFormat)), ".apng")

Shown = Literal["x_t", "x0", "both"]


@dataclass(frozen=True)
class AnimationConfig(Config):
    """How an animation is exported, whatever it shows."""

    # fmt: off
    shown: Shown = setting(
        "x_t", "Show", title="Which sprites to show", group="What", flag="--show",
        tip="Noisy sprites, the clean sprites each step predicts, or both side by side.",
        choices=(
            Choice("x_t", "Noisy", "x_t, the noisy sprites"),
            Choice("x0", "Clean", "x̂₀, the clean sprites each step predicts"),
            Choice("both", "Both", "x_t and x̂₀ side by side"),
        ),
    )
    gap: int = setting(
        1, "Gap", group="What", low=0, high=16, unit=" px",
        tip="Space between sprites, in sprite pixels, as See arranges them.",
        help="Space between sprites, in sprite pixels.",
    )
    format: AnimationFormat = setting(
        "gif", "Format", group="File",
        tip="File format",
        choices=(
            Choice("gif", "GIF",
                "Plays everywhere. At most 256 colors per frame and 50 frames per second; times "
                "are rounded to 1/100 s."),
            Choice("png", "Animated PNG",
                "Exact colors and transparency; plays in browsers."),
            Choice("webp", "Animated WebP",
                "Exact colors and transparency; usually the smallest file."),
            Choice("mp4", "MP4 video",
                "For slides and players (H.264). Nearly exact colors on white."),
            Choice("webm", "WebM video",
                "For web pages (VP9). Nearly exact colors on white."),
        ),
    )
    scale: int = setting(
        8, "Scale", group="File", low=1, high=64, usual=(1, 32), unit=" ×",
        tip="File pixels per sprite pixel: 1 for a game, 8 for display.",
    )
    palette: Literal["frame", "shared"] = setting(
        "frame", "Palette", title="Palette of a GIF", group="File",
        tip="For a GIF whose frames have more than 255 colors together.",
        choices=(
            Choice("frame", "Per frame", "Each frame has its own colors"),
            Choice("shared", "Shared", "All frames share the same colors"),
        ),
    )
    colors: int = setting(
        256, "Colors", group="File", low=4, high=256,
        tip="Maximum number of colors per GIF frame; fewer make a smaller file.",
    )
    fps: float = setting(
        20.0, "Speed", group="Time", low=0.1, high=60, usual=(1, 60), unit=" fps",
        tip="Frames per second. Frames from Draw keep their own durations.",
        help="Frames per second.",
    )
    max_frames: int = setting(
        100, "Max. frames", group="Time", low=2, high=5000, usual=(2, 1000), step=10,
        tip=(
            "Longer animations are thinned evenly to this many frames; the first and last are "
            "kept."
        ),
    )
    hold_first_s: float = setting(
        0.0, "Hold first", group="Time", flag="--hold-first", low=0, high=60, usual=(0, 10),
        unit=" s", step=0.1, decimals=1,
        tip="Minimum time to show the first frame, in seconds.",
    )
    hold_last_s: float = setting(
        1.5, "Hold last", group="Time", flag="--hold", low=0, high=60, usual=(0, 10), unit=" s",
        step=0.1, decimals=1,
        tip="Minimum time to show the last frame, in seconds.",
    )
    loop: int = setting(
        0, "Plays", title="How many times to play it", group="Time", low=0, high=65_535,
        usual=(0, 1000), unset="forever", unit=" ×", slider=False,
        tip="How many times to play it; 0 = forever. A video plays once.",
    )
    ping_pong: bool = setting(
        False, "There and back", group="Time",
        tip="Play back to the first frame in reverse (ping-pong).",
    )
    captioned: bool = setting(
        False, "Caption", group="Overlay",
        tip="A line of text above the sprites, and row names",
    )
    caption: str = setting(
        "", title="Words of the caption", group="Overlay", unset="Description", longest=500,
        tip="Caption text; empty = a description of what is shown",
    )
    slider: bool = setting(
        False, "Slider", group="Overlay",
        tip="Shows the noise level or training step of each frame",
        help="Draw a slider of noise levels or training steps below.",
    )
    loss_curve: bool = setting(
        False, "Loss curve", group="Overlay",
        tip="The loss up to each frame",
        help="Draw the loss below (--kind training).",
    )
    # fmt: on

    @property
    def suffix(self) -> str:
        """The file's suffix, with its dot."""
        return f".{self.format}"

    @property
    def noted(self) -> bool:
        """Whether anything is drawn beside the sprites."""
        return self.slider or self.loss_curve or self.captioned

    def order(self, count: int) -> list[int]:
        """The index of the picture that each frame shows: 0 1 2 3 for four pictures.

        With ``ping_pong`` 0 1 2 3 2 1, followed by 0 if it plays only once: neither end is shown
        twice in a row, even when the animation repeats.
        """
        there = list(range(count))
        back = there[-2::-1] if self.loop == 1 else there[-2:0:-1]
        return there + back if self.ping_pong else there

    def durations_ms(self, count: int, pictures_ms: Sequence[int] | None = None) -> tuple[int, ...]:
        """How long each frame of :meth:`order` is shown, in whole milliseconds.

        The sums stay within half a millisecond of the exact times: 30 fps is 33, 34, 33, ...

        ``pictures_ms``: the duration of each of ``count`` pictures, in place of ``fps``.
        """
        order = self.order(count)
        if pictures_ms is not None:
            times = [float(pictures_ms[i]) for i in order]
        else:
            times = [1000 / self.fps] * len(order)
        edges = [math.floor(end + 0.5) for end in accumulate(times, initial=0.0)]
        durations = [b - a for a, b in pairwise(edges)]
        for picture, hold in ((0, self.hold_first_s), (count - 1, self.hold_last_s)):
            durations[picture] = max(durations[picture], round(hold * 1000))
        return tuple(durations)
