"""How an animation is exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sprite_lab.core.config.base import Config, check_choices, require
from sprite_lab.core.timing import Timing

AnimationFormat = Literal["gif", "png", "webp", "mp4", "webm"]
Shown = Literal["x_t", "x0", "both"]


@dataclass(frozen=True)
class AnimationConfig(Config):
    """How an animation is exported, whatever it shows.

    Parameters
    ----------
    format : "png" is an animated PNG.
    shown : of a trajectory, the noisy sprites, the clean ones that each step predicts, or both
        side by side.
    scale : pixels of the file for each pixel of a sprite, 1 to 64.
    gap : sprite pixels between neighbours, 0 to 16.
    fps, hold_first_s, hold_last_s, ping_pong, loop : see :class:`Timing`; pictures that have
        durations of their own keep them.
    max_frames : longer animations are thinned to so many pictures, evenly spread.
    slider, loss_curve : whether they are drawn below the sprites, where there is one.
    captioned : whether a caption is drawn above them; ``caption``: its words, "" = what it is.
    colors : the most colours of a frame of a GIF, 4 to 256.
    palette : whether each "frame" of a GIF has a palette of its own, where not all colours fit
        into one, or all have a "shared" one.
    """

    format: AnimationFormat = "gif"
    shown: Shown = "x_t"
    scale: int = 8
    gap: int = 0
    fps: float = 20.0
    hold_first_s: float = 0.0
    hold_last_s: float = 1.5
    ping_pong: bool = False
    loop: int = 0
    max_frames: int = 100
    slider: bool = False
    loss_curve: bool = False
    captioned: bool = False
    caption: str = ""
    colors: int = 256
    palette: Literal["frame", "shared"] = "frame"

    def __post_init__(self) -> None:
        check_choices(self)
        require(1 <= self.scale <= 64, f"The scale is {self.scale}, but must be from 1 to 64.")
        require(0 <= self.gap <= 16, f"The gap is {self.gap}, but must be from 0 to 16.")
        require(
            2 <= self.max_frames <= 5000,
            f"An animation of at most {self.max_frames} frames cannot be made; use 2 to 5000.",
        )
        require(4 <= self.colors <= 256, "A GIF frame has from 4 to 256 colours.")
        require(len(self.caption) <= 500, "A caption has at most 500 letters.")
        _ = self.timing  # checks what is left

    @property
    def suffix(self) -> str:
        """Of the file, with its dot."""
        return f".{self.format}"

    @property
    def timing(self) -> Timing:
        """When each frame is shown."""
        return Timing(self.fps, self.hold_first_s, self.hold_last_s, self.ping_pong, self.loop)

    @property
    def noted(self) -> bool:
        """Whether anything is drawn beside the sprites."""
        return self.slider or self.loss_curve or self.captioned
